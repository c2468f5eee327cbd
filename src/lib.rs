//! Attograph: attribution graphs of small language models, computed live.
//!
//! Arrows run one way: [`study`] -> [`trace`] -> [`engine`] -> [`model`]. [`export`] writes down what
//! `trace` found.

pub mod engine;
pub mod export;
pub mod model;
pub mod study;
pub mod trace;
#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub mod web;
