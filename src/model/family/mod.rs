//! Architecture families: one folder each, which says how a family's `config.json` and tensors are named and
//! how they fill the parts of a [`super::LanguageModel`].

mod gpt2;

pub use gpt2::{CHECKPOINT_TENSORS, CONFIG_FIELDS, HEAD_TENSORS, INDEX_FIELDS, load};
