//! Graphs as files: JSON for other viewers, safetensors for comparisons.

mod arrangement;
mod json;
mod raw;

pub use arrangement::Arrangement;
pub use json::{About, json, node_id};
pub use raw::raw;
