//! The wasm surface: what `www/lab/engine-api.d.ts` and `wire.d.ts` describe. Nothing outside it knows JavaScript.
//!
//! The page loads two modules built from this file: the engine (feature `web-engine`), and later
//! the tokenizer (feature `web-tokenizer`), which is several times its size.

#[cfg(feature = "web-engine")]
mod among;
#[cfg(feature = "web-engine")]
mod engine;
#[cfg(feature = "web-engine")]
mod features;
#[cfg(feature = "web-engine")]
mod grade;
#[cfg(feature = "web-engine")]
mod likeness;
#[cfg(feature = "web-engine")]
mod open;
#[cfg(feature = "web-engine")]
mod operands;
#[cfg(feature = "web-engine")]
mod steer;
#[cfg(feature = "web-tokenizer")]
mod tokenizer;
#[cfg(feature = "web-engine")]
mod trace;

use wasm_bindgen::prelude::*;

/// Where the types that cross are: see [`crate::wire`].
#[cfg(feature = "web-engine")]
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"import type * as wire from "../lab/wire.js";"#;

/// Runs once when a module is loaded: panics become readable errors on the console.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// An error's sentence as a JavaScript `Error`.
fn thrown(error: impl std::fmt::Display) -> JsValue {
    js_sys::Error::new(&error.to_string()).into()
}

/// A record (see [`crate::wire`]) as a plain JavaScript object.
#[cfg(feature = "web-engine")]
fn record(value: &impl serde::Serialize) -> JsValue {
    serde_wasm_bindgen::to_value(value).unwrap_or_else(thrown)
}
