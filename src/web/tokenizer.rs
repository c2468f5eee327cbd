//! Text to tokens, in JavaScript's terms.

use super::thrown;
use crate::model;
use wasm_bindgen::prelude::*;

/// Text to tokens.
#[wasm_bindgen]
pub struct Tokenizer(model::Tokenizer);

#[wasm_bindgen]
impl Tokenizer {
    /// Reads a `tokenizer.json`.
    ///
    /// # Errors
    /// One sentence that names the file.
    #[wasm_bindgen(constructor)]
    pub fn new(json: &[u8]) -> Result<Tokenizer, JsValue> {
        model::Tokenizer::from_bytes(json)
            .map(Tokenizer)
            .map_err(thrown)
    }

    /// The tokens of a text.
    ///
    /// # Errors
    /// A text that the tokenizer has no tokens for.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, JsValue> {
        self.0.encode(text).map_err(thrown)
    }
}
