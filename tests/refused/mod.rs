//! What is said of models and transcoders that do not load: one clear sentence that names the file and
//! the tensor, and no panic whatever the damage.

mod damage;
mod files;
mod settings;
mod tensors;
mod transcoders;
