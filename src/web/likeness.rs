//! Whether the prompt of a graph is like the texts that its model learned from.

use super::trace::{Trace, TracedGraph};
use super::{record, thrown};
use crate::study::{self, Allowance, Likeness, Surprise, Unseen};
use crate::wire::LikenessTold;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
impl Trace {
    /// Whether this prompt is like the training texts, and the near form that the model knows, of its
    /// `templates`. `limit` and, after the tokens `after`, `limits` are what the manifest allows, in
    /// nats, and `mean` on average; `unseen` has the first and the last id of each range of tokens that
    /// no training text has. Without a limit and such ranges only the form is told.
    ///
    /// # Errors
    /// The graph comes from a file; an engine that fails.
    #[wasm_bindgen(unchecked_return_type = "wire.LikenessTold")]
    #[expect(clippy::too_many_arguments)]
    pub async fn likeness(
        &self,
        prompt: String,
        templates: Vec<String>,
        limit: Option<f32>,
        after: Vec<u32>,
        limits: Vec<f32>,
        mean: Option<f32>,
        unseen: Vec<u32>,
    ) -> Result<JsValue, JsValue> {
        let TracedGraph { run, runner, .. } = self.traced()?;
        let ranges = unseen.chunks_exact(2).map(|range| (range[0], range[1]));
        let unseen = Unseen::from_iter(ranges);
        let word = unseen.word(&runner.network.model.vocabulary, run.ids());
        let most: Option<Surprise> = match limit.filter(|_| word.is_none()) {
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
        let unlike = word.is_some() || most.is_some_and(|most| most.is_unlike());
        Ok(record(&LikenessTold {
            unlike,
            position: (word.as_ref().map(|word| word.position)).or(most.map(|most| most.position)),
            unseen: word.map(|word| word.text),
            surprise: most.map(|most| most.excess),
            limit: most.map(|most| most.limit),
            near: study::near(&prompt, &templates, unlike),
        }))
    }
}
