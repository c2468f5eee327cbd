//! Attograph: attribution graphs of small language models, computed live.
//!
//! Arrows run one way: [`study`] -> [`trace`] -> [`engine`] -> [`model`]. [`export`] writes down what
//! `trace` found; `evaluate`, natively, measures a model with all of them.

// Tests in here have the random models of those in `tests/`, which name this crate as everybody does.
#[cfg(test)]
extern crate self as attograph;
#[cfg(test)]
#[path = "../tests/common/random.rs"]
#[allow(dead_code)]
mod random;

mod buffers;
pub mod engine;
#[cfg(all(feature = "cli", not(target_arch = "wasm32")))]
pub mod evaluate;
pub mod export;
pub mod model;
pub mod network;
mod order;
pub mod study;
pub mod trace;
#[cfg(all(feature = "web", target_arch = "wasm32"))]
pub mod web;
pub mod wire;
#[cfg(all(feature = "cli", not(target_arch = "wasm32")))]
pub mod write;
