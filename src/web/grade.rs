//! The grade of a prompt's graph, in slices.

use super::engine::{Engine, Runner};
use super::{record, thrown};
use crate::engine::either::Either;
use crate::study::grade;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// A graph that is being graded: see [`grade::Grading`].
#[wasm_bindgen]
pub struct Grading {
    runner: Rc<Runner>,
    grading: grade::Grading<Either>,
    /// The same language model with the other kind of transcoder.
    second: Option<Rc<Runner>>,
}

#[wasm_bindgen]
impl Engine {
    /// Begins to grade a prompt's graph.
    ///
    /// # Errors
    /// An impossible prompt, in one sentence; an engine that fails.
    pub async fn grade(&self, ids: Vec<u32>) -> Result<Grading, JsValue> {
        let runner = self.0.clone();
        let run = runner.run(&ids).await.map_err(thrown)?;
        let grading = grade::Grading::new(&runner, run).await.map_err(thrown)?;
        Ok(Grading {
            runner,
            grading,
            second: None,
        })
    }
}

#[wasm_bindgen]
impl Grading {
    /// Steps in all.
    #[wasm_bindgen(getter)]
    pub fn total(&self) -> usize {
        self.grading.total()
    }

    /// Steps taken.
    #[wasm_bindgen(getter)]
    pub fn done(&self) -> usize {
        self.grading.done()
    }

    /// Asks a second opinion: the same language model with the other kind of transcoder, on the CPU.
    pub fn ask_also(&mut self, engine: &Engine) {
        self.second = Some(engine.0.clone());
    }

    /// Gives a batch away: see [`grade::Grading::give`].
    pub fn give(&mut self) -> Option<usize> {
        self.grading.give()
    }

    /// See [`grade::Grading::take_back`].
    pub fn take_back(&mut self) {
        self.grading.take_back()
    }

    /// Has a batch tried that another grading gave away: see [`grade::Grading::receive`].
    pub fn receive(&mut self, batch: usize) {
        self.grading.receive(batch)
    }

    /// What came of a batch that was received: see [`grade::Grading::results`].
    pub fn results(&self, batch: usize) -> Vec<f64> {
        self.grading.results(batch)
    }

    /// Adds what came of a batch given away: see [`grade::Grading::add`].
    pub fn add(&mut self, results: &[f64]) -> bool {
        self.grading.add(results)
    }

    /// Takes the next step; true once none is left to begin.
    ///
    /// # Errors
    /// An engine that fails.
    pub async fn step(&mut self) -> Result<bool, JsValue> {
        self.grading
            .step(&self.runner.network)
            .await
            .map_err(thrown)
    }

    /// What the steps showed: see [`grade::Grade`].
    ///
    /// # Errors
    /// Steps that are left, or an engine that fails.
    #[wasm_bindgen(unchecked_return_type = "wire.Grade")]
    pub async fn finish(&self) -> Result<JsValue, JsValue> {
        if self.done() < self.total() {
            return Err(thrown("The grade is not complete: steps are left."));
        }
        let second = self.second.as_deref();
        let grade = self.grading.finish(&self.runner.network, second).await;
        Ok(record(&grade.map_err(thrown)?))
    }

    /// One feature on every rung: see [`grade::Grading::rungs`].
    ///
    /// # Errors
    /// A feature that is no node of the graph, or an engine that fails.
    #[wasm_bindgen(unchecked_return_type = "wire.Trial[]")]
    pub async fn rungs(
        &self,
        layer: usize,
        position: usize,
        index: usize,
        share: f32,
    ) -> Result<JsValue, JsValue> {
        let place = (layer, position, index);
        let trials = self.grading.rungs(&self.runner.network, place, share).await;
        Ok(record(&trials.map_err(thrown)?))
    }
}
