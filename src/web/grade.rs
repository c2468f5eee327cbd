//! The grade of a prompt's graph, in slices.

use super::engine::{Engine, Runner};
use super::{record, thrown};
use crate::engine::cpu::Cpu;
use crate::engine::gpu::Gpu;
use crate::study::grade;
use crate::trace::Tracer;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

enum State {
    Cpu(grade::Grading<Cpu>),
    Gpu(grade::Grading<Gpu>),
}

/// A graph that is being graded: see [`grade::Grading`].
#[wasm_bindgen]
pub struct Grading {
    runner: Rc<Runner>,
    state: State,
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
        let ids = runner.model().with_bos(ids);
        let state = match &*runner {
            Runner::Cpu(tracer) => {
                State::Cpu(grade::Grading::new(tracer, &ids).await.map_err(thrown)?)
            }
            Runner::Gpu(tracer) => {
                State::Gpu(grade::Grading::new(tracer, &ids).await.map_err(thrown)?)
            }
        };
        Ok(Grading {
            runner,
            state,
            second: None,
        })
    }
}

#[wasm_bindgen]
impl Grading {
    /// Steps in all.
    #[wasm_bindgen(getter)]
    pub fn total(&self) -> usize {
        match &self.state {
            State::Cpu(grading) => grading.total(),
            State::Gpu(grading) => grading.total(),
        }
    }

    /// Steps taken.
    #[wasm_bindgen(getter)]
    pub fn done(&self) -> usize {
        match &self.state {
            State::Cpu(grading) => grading.done(),
            State::Gpu(grading) => grading.done(),
        }
    }

    /// Asks a second opinion: the same language model with the other kind of transcoder, on the CPU.
    pub fn ask_also(&mut self, engine: &Engine) {
        self.second = Some(engine.0.clone());
    }

    /// Gives a batch away: see [`grade::Grading::give`].
    pub fn give(&mut self) -> Option<usize> {
        match &mut self.state {
            State::Cpu(grading) => grading.give(),
            State::Gpu(grading) => grading.give(),
        }
    }

    /// See [`grade::Grading::take_back`].
    pub fn take_back(&mut self) {
        match &mut self.state {
            State::Cpu(grading) => grading.take_back(),
            State::Gpu(grading) => grading.take_back(),
        }
    }

    /// Has a batch tried that another grading gave away: see [`grade::Grading::receive`].
    pub fn receive(&mut self, batch: usize) {
        match &mut self.state {
            State::Cpu(grading) => grading.receive(batch),
            State::Gpu(grading) => grading.receive(batch),
        }
    }

    /// What came of a batch that was received: see [`grade::Grading::results`].
    pub fn results(&self, batch: usize) -> Vec<f64> {
        match &self.state {
            State::Cpu(grading) => grading.results(batch),
            State::Gpu(grading) => grading.results(batch),
        }
    }

    /// Adds what came of a batch given away: see [`grade::Grading::add`].
    pub fn add(&mut self, results: &[f64]) -> bool {
        match &mut self.state {
            State::Cpu(grading) => grading.add(results),
            State::Gpu(grading) => grading.add(results),
        }
    }

    /// Takes the next step; true once none is left to begin.
    ///
    /// # Errors
    /// An engine that fails.
    pub async fn step(&mut self) -> Result<bool, JsValue> {
        let done = match (&*self.runner, &mut self.state) {
            (Runner::Cpu(tracer), State::Cpu(grading)) => grading.step(&tracer.network).await,
            (Runner::Gpu(tracer), State::Gpu(grading)) => grading.step(&tracer.network).await,
            _ => return Err(other_engine()),
        };
        done.map_err(thrown)
    }

    /// What the steps showed: see [`grade::Grade`].
    ///
    /// # Errors
    /// Steps that are left, or an engine that fails.
    pub async fn finish(&self) -> Result<JsValue, JsValue> {
        if self.done() < self.total() {
            return Err(thrown("The grade is not complete: steps are left."));
        }
        let second: Option<&Tracer<Cpu>> = match self.second.as_deref() {
            Some(Runner::Cpu(tracer)) => Some(tracer),
            _ => None,
        };
        let grade = match (&*self.runner, &self.state) {
            (Runner::Cpu(tracer), State::Cpu(grading)) => {
                grading.finish(&tracer.network, second).await
            }
            (Runner::Gpu(tracer), State::Gpu(grading)) => {
                grading.finish(&tracer.network, second).await
            }
            _ => return Err(other_engine()),
        };
        Ok(record(&grade.map_err(thrown)?))
    }

    /// One feature on every rung: see [`grade::Grading::rungs`].
    ///
    /// # Errors
    /// A feature that is no node of the graph, or an engine that fails.
    pub async fn rungs(
        &self,
        layer: usize,
        position: usize,
        index: usize,
        share: f32,
    ) -> Result<JsValue, JsValue> {
        let place = (layer, position, index);
        let trials = match (&*self.runner, &self.state) {
            (Runner::Cpu(tracer), State::Cpu(grading)) => {
                grading.rungs(&tracer.network, place, share).await
            }
            (Runner::Gpu(tracer), State::Gpu(grading)) => {
                grading.rungs(&tracer.network, place, share).await
            }
            _ => return Err(other_engine()),
        };
        Ok(record(&trials.map_err(thrown)?))
    }
}

fn other_engine() -> JsValue {
    thrown("The grade was begun on another engine.")
}
