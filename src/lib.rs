//! Attograph: attribution graphs of small language models, computed live.
//!
//! Arrows run one way: [`study`] -> [`trace`] -> [`engine`] -> [`model`].

pub mod engine;
pub mod model;
pub mod study;
pub mod trace;
