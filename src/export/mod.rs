//! Graphs as files: JSON for other viewers, out and in again; safetensors for comparisons.

mod arrangement;
mod json;
mod lenient;
mod links;
mod metadata;
mod no_graph;
mod nodes;
mod open;
mod own;
mod raw;
mod records;
mod resave;
mod rewrite;

pub use arrangement::Arrangement;
pub use json::{About, json, node_id};
pub use links::LeftOut;
pub use open::{OpenError, Opened, open};
pub use own::{Origin, Own};
pub use raw::raw;
pub use resave::Original;
