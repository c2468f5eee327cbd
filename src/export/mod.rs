//! Graphs as files: JSON for other viewers, safetensors for comparisons.

mod json;
mod raw;

pub use json::{About, json, node_id};
pub use raw::raw;
