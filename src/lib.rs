//! Attograph: attribution graphs of small language models, computed live.
//!
//! Arrows run one way: [`study`] -> [`trace`] -> [`engine`] -> [`model`]. [`export`] writes down what
//! `trace` found; `evaluate`, natively, measures a model with all of them.

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
