//! Graphs as files: JSON for other viewers, safetensors for comparisons.

mod arrangement;
mod json;
mod open;
mod raw;
mod records;

pub use arrangement::Arrangement;
pub use json::{About, json, node_id};
pub use open::{OpenError, Opened, open};
pub use raw::raw;
