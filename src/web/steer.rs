//! Steering a traced prompt: features set to values, and what comes of it.

use super::trace::{Trace, TracedGraph, answer_records};
use super::{record, thrown};
use crate::engine::either::Either;
use crate::study::{Mode, Report, Steer, Steering, steered_next};
use crate::trace::HeadAt;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// A prompt, run without interventions.
pub(super) type Base = Steering<Either>;

/// Settings and a mode as the command line has them: `0/153@6=x-1`, `constrained:1-3`.
fn parse(settings: &[String], mode: &str) -> Result<(Vec<Steer>, Mode), JsValue> {
    // JavaScript's reader of numbers is there anyway.
    let number = |text: &str| {
        let value = JsValue::from_str(text).unchecked_into_f64();
        (value.is_finite() && !text.trim().is_empty()).then_some(value as f32)
    };
    let steers: Result<Vec<Steer>, String> = settings
        .iter()
        .map(|text| Steer::parse(text, &number))
        .collect();
    Ok((steers.map_err(thrown)?, mode.parse().map_err(thrown)?))
}

#[wasm_bindgen]
impl Trace {
    /// What the model does with features set: see [`Report`]. `settings` are as `0/153@6=x-1`, the
    /// mode `direct`, `constrained:1-3`, `patterns` or `free`.
    ///
    /// # Errors
    /// A graph from a file, a setting or a mode that is none, a feature that does not exist, or an
    /// engine that fails.
    #[wasm_bindgen(unchecked_return_type = "wire.SteerReport")]
    pub async fn steer(&self, settings: Vec<String>, mode: String) -> Result<JsValue, JsValue> {
        let (steers, mode) = parse(&settings, &mode)?;
        let TracedGraph { runner, .. } = self.traced()?;
        let base = self.base().await?;
        let (graph, vocabulary) = (self.graph(), &runner.network.model.vocabulary);
        let steered = base.run(&runner.network, &steers, &mode).await;
        let report = Report::new(&base, &steered.map_err(thrown)?, &mode, graph, vocabulary);
        Ok(record(&report))
    }

    /// How much a head looks at each token with features set, [tokens]; settings and mode as in
    /// [`Trace::steer`].
    ///
    /// # Errors
    /// As [`Trace::steer`], and a layer, head or token that does not exist.
    pub async fn steered_pattern(
        &self,
        layer: usize,
        head: usize,
        query: usize,
        settings: Vec<String>,
        mode: String,
    ) -> Result<Vec<f32>, JsValue> {
        let (steers, mode) = parse(&settings, &mode)?;
        let TracedGraph { runner, .. } = self.traced()?;
        let base = self.base().await?;
        let at = HeadAt { layer, head, query };
        let row = base.pattern(&runner.network, &steers, &mode, at).await;
        row.map_err(thrown)
    }

    /// The most probable tokens after the prompt and `more` tokens, with features set in the prompt.
    ///
    /// # Errors
    /// As [`Trace::steer`], and a text that is too long.
    #[wasm_bindgen(unchecked_return_type = "wire.Answer[]")]
    pub async fn steered_next(
        &self,
        more: Vec<u32>,
        settings: Vec<String>,
        mode: String,
    ) -> Result<JsValue, JsValue> {
        let (steers, mode) = parse(&settings, &mode)?;
        let TracedGraph { runner, .. } = self.traced()?;
        let base = self.base().await?;
        let mut ids = self.graph().tokens.clone();
        ids.extend(more);
        let set = base.interventions(&runner.network, &steers);
        let answers = steered_next(runner, &ids, &set.map_err(thrown)?, &mode).await;
        let vocabulary = &runner.network.model.vocabulary;
        let answers = answers.map_err(thrown)?;
        let token = |token| vocabulary.token(token);
        Ok(answer_records(&answers, token, |token| {
            vocabulary.name(token)
        }))
    }

    /// What the model does without interventions, kept for the next setting.
    async fn base(&self) -> Result<Rc<Base>, JsValue> {
        if let Some(base) = self.steering.get() {
            return Ok(base.clone());
        }
        let TracedGraph { run, runner, .. } = self.traced()?;
        let base = Steering::new(&runner.network, run.clone()).await;
        let base = Rc::new(base.map_err(thrown)?);
        Ok(self.steering.get_or_init(|| base).clone())
    }
}
