//! What is said of models and transcoders that do not load: one clear sentence that names the file and
//! the tensor, and no panic whatever the damage.

#[path = "../common/mod.rs"]
mod common;
mod damage;
mod files;
mod settings;
mod tensors;
mod transcoders;
