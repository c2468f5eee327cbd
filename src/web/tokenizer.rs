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
        model::Tokenizer::with_forms(json, normal_form)
            .map(Tokenizer)
            .map_err(thrown)
    }

    /// The tokens of a text, for a model that reads so many.
    ///
    /// # Errors
    /// A text that is far too long, or that the tokenizer has no tokens for.
    pub fn encode(&self, text: &str, limit: usize) -> Result<Vec<u32>, JsValue> {
        self.0.encode(text, limit).map_err(thrown)
    }

    /// What to write after a prompt so that these tokens follow its own, which are `ids`; nothing where no text
    /// does so, as after a part of a character.
    pub fn going_on(
        &self,
        prompt: &str,
        ids: &[u32],
        more: &[u32],
        limit: usize,
    ) -> Option<String> {
        self.0.going_on(prompt, ids, more, limit)
    }
}

/// A text in a normal form of Unicode: the browser has the tables.
fn normal_form(form: &str, text: &str) -> String {
    js_sys::JsString::from(text).normalize(form).into()
}
