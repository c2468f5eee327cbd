//! Whether the prompt of a graph is like the texts that its model learned from.

use super::trace::{Trace, TracedGraph};
use super::{record, thrown};
use crate::study::{self, Allowance, Likeness, Surprise};
use crate::wire::LikenessTold;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
impl Trace {
    /// Whether this prompt is like the training texts, and the near form that the model knows, of its
    /// `templates`. `limit` and, after the tokens `after`, `limits` are what the manifest allows, in
    /// nats, and `mean` on average; without a limit only the form is told.
    ///
    /// # Errors
    /// The graph comes from a file; an engine that fails.
    #[wasm_bindgen(unchecked_return_type = "wire.LikenessTold")]
    pub async fn likeness(
        &self,
        prompt: String,
        templates: Vec<String>,
        limit: Option<f32>,
        after: Vec<u32>,
        limits: Vec<f32>,
        mean: Option<f32>,
    ) -> Result<JsValue, JsValue> {
        let TracedGraph { run, runner, .. } = self.traced()?;
        let most: Option<Surprise> = match limit {
            None => None,
            Some(surprise) => {
                let excess = study::surprises(&runner.network, run)
                    .await
                    .map_err(thrown)?;
                let pairs = after.into_iter().zip(limits);
                let after = pairs
                    .map(|(token, surprise)| Allowance { token, surprise })
                    .collect();
                let likeness = Likeness {
                    surprise,
                    after,
                    mean,
                };
                likeness.most(run.ids(), &excess)
            }
        };
        let unlike = most.is_some_and(|most| most.is_unlike());
        Ok(record(&LikenessTold {
            unlike,
            position: most.map(|most| most.position),
            surprise: most.map(|most| most.excess),
            limit: most.map(|most| most.limit),
            near: study::near(&prompt, &templates, unlike),
        }))
    }
}
