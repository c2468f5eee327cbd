//! A model on an engine: what the worker loads and calls.

use super::operands::OperandPlots;
use super::trace::{Trace, TracedGraph, answer_records};
use super::{record, thrown};
use crate::engine::Engine as _;
use crate::engine::cpu::Cpu;
use crate::engine::either::Either;
use crate::engine::gpu::Gpu;
use crate::model::{Below, InMemory, Model};
use crate::network::Network;
use crate::study::{self, Begun, Template};
use crate::trace::{self, Options, Tracer};
use crate::wire::{EngineDescription, Timing, TraceOptions};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen]
extern "C" {
    /// Milliseconds since the worker began.
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;

    /// Calls after so many milliseconds.
    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(then: &js_sys::Function, milliseconds: i32);
}

/// Waits by the worker's clock.
fn wait(milliseconds: i32) -> Pin<Box<dyn Future<Output = ()>>> {
    let passed = js_sys::Promise::new(&mut |resolve, _| set_timeout(&resolve, milliseconds));
    Box::pin(async {
        // It is never rejected.
        let _ = JsFuture::from(passed).await;
    })
}

/// A tracer on either engine.
pub(super) type Runner = Tracer<Either>;

/// A model on an engine.
#[wasm_bindgen]
pub struct Engine(pub(super) Rc<Runner>);

impl TraceOptions {
    fn targets(&mut self) -> Result<trace::Targets, &'static str> {
        let Some(wanted) = self.targets.take() else {
            return Ok(trace::Targets::Likely {
                most: self.max_logits.unwrap_or(trace::MAX_LOGITS),
                probability: self.probability.unwrap_or(trace::PROBABILITY),
            });
        };
        match (wanted.tokens, wanted.token, wanted.minus) {
            (Some(tokens), None, None) => Ok(trace::Targets::Tokens(tokens)),
            (None, Some(token), Some(minus)) => Ok(trace::Targets::Difference { token, minus }),
            _ => Err("The targets of a trace must be { tokens } or { token, minus }."),
        }
    }
}

#[wasm_bindgen]
impl Engine {
    /// Loads a model onto the CPU engine: `files` maps paths in the model folder to bytes.
    ///
    /// # Errors
    /// A file that is missing or wrong, in one sentence.
    pub fn load(files: js_sys::Object) -> Result<Engine, JsValue> {
        let mut folder = InMemory::new();
        for entry in js_sys::Object::entries(&files).iter() {
            let entry = js_sys::Array::from(&entry);
            let path = entry.get(0).as_string().unwrap_or_default();
            folder.insert(path, js_sys::Uint8Array::new(&entry.get(1)).to_vec());
        }
        let model = Model::load(&folder, &Below::new(&folder, "transcoder")).map_err(thrown)?;
        let network = Network::new(Either::Cpu(Cpu), Arc::new(model));
        Ok(Engine(Rc::new(Tracer::new(network))))
    }

    /// The same model on the GPU engine. All models of this module are on one device.
    ///
    /// # Errors
    /// No usable GPU, in one sentence.
    pub async fn on_gpu(&self) -> Result<Engine, JsValue> {
        let model = self.0.network.model.clone();
        let gpu = Gpu::shared(Some(wait)).await.map_err(thrown)?;
        let network = Network::new(Either::Gpu(gpu), model);
        Ok(Engine(Rc::new(Tracer::new(network))))
    }

    /// What runs, and the model's sizes.
    #[wasm_bindgen(unchecked_return_type = "wire.EngineDescription")]
    pub fn describe(&self) -> JsValue {
        let engine = self.0.network.engine.describe();
        let model = &self.0.network.model;
        let config = &model.language.config;
        record(&EngineDescription {
            engine: engine.engine,
            device: engine.device,
            software: engine.software,
            layers: config.layers,
            width: config.width,
            heads: config.heads,
            vocabulary: config.vocabulary,
            context: config.context,
            features_per_layer: model.transcoder.features(),
            transcoder: model.transcoder.kind.name(),
            bos: config.bos,
        })
    }

    /// Computes the graph of a prompt.
    ///
    /// # Errors
    /// An impossible prompt or option, in one sentence; an engine that fails.
    pub async fn trace(
        &self,
        ids: Vec<u32>,
        #[wasm_bindgen(unchecked_optional_param_type = "wire.TraceOptions")] options: JsValue,
    ) -> Result<Trace, JsValue> {
        let mut wanted: TraceOptions = match options.is_undefined() {
            true => TraceOptions::default(),
            false => serde_wasm_bindgen::from_value(options).map_err(thrown)?,
        };
        let default = Options::default();
        let options = Options {
            targets: wanted.targets().map_err(thrown)?,
            max_features: wanted.max_features,
            unconnected: false,
            batch_size: wanted.batch_size.unwrap_or(default.batch_size),
            reading: match &wanted.hold {
                Some(hold) => hold.parse().map_err(thrown)?,
                None => default.reading,
            },
            ..default
        };
        let runner = self.0.clone();
        let start = now();
        let run = runner.run(&ids).await.map_err(thrown)?;
        let forward = now() - start;
        let graph = runner.graph(&run, &options, |_| {}).await.map_err(thrown)?;
        let timing = Timing {
            forward_ms: forward,
            rows_ms: now() - start - forward,
            total_ms: now() - start,
        };
        Ok(Trace::new(TracedGraph {
            graph,
            run,
            runner,
            timing,
        }))
    }

    /// The most probable next tokens after a prompt, without its graph.
    ///
    /// # Errors
    /// An impossible prompt, in one sentence; an engine that fails.
    #[wasm_bindgen(unchecked_return_type = "wire.Answer[]")]
    pub async fn next(&self, ids: Vec<u32>) -> Result<JsValue, JsValue> {
        let runner = self.0.clone();
        let ids = runner.network.model.with_bos(ids);
        let answers = study::next(&runner, &ids).await.map_err(thrown)?;
        let vocabulary = &runner.network.model.vocabulary;
        let token = |token| vocabulary.token(token);
        Ok(answer_records(&answers, token, |token| {
            vocabulary.name(token)
        }))
    }

    /// What is known of the answer that tokens begin: see [`study::begun`]. All of it, the place among the next tokens of
    /// the one that it goes on with, -1 where these are to be asked for, or nothing.
    #[wasm_bindgen(unchecked_return_type = "wire.WholeAnswer | number | undefined")]
    pub fn begun(
        &self,
        known: Vec<String>,
        tokens: Vec<u32>,
        probabilities: Vec<f32>,
        next: Option<Vec<u32>>,
    ) -> JsValue {
        let tokens: Vec<(u32, f32)> = tokens.into_iter().zip(probabilities).collect();
        let vocabulary = &self.0.network.model.vocabulary;
        match study::begun(vocabulary, &known, &tokens, next.as_deref()) {
            Begun::Nothing => JsValue::UNDEFINED,
            Begun::Whole(whole) => record(&whole),
            Begun::On(place) => JsValue::from(place as u32),
            Begun::Ask => JsValue::from(-1),
        }
    }

    /// The id of the token that a text names: `#12`, or its text.
    pub fn token(&self, text: &str) -> Option<u32> {
        study::token(&self.0.network.model, text)
    }

    /// Whether a token is a special one, such as ends a text.
    pub fn is_special(&self, id: u32) -> bool {
        self.0.network.model.vocabulary.is_special(id)
    }

    /// A run of tokens as texts that cut no character.
    #[wasm_bindgen(unchecked_return_type = "wire.Piece[]")]
    pub fn pieces(&self, ids: Vec<u32>) -> JsValue {
        record(&self.0.network.model.vocabulary.pieces(&ids))
    }

    /// Texts of tokens.
    pub fn texts(&self, ids: Vec<u32>) -> Vec<String> {
        let vocabulary = &self.0.network.model.vocabulary;
        ids.into_iter().map(|id| vocabulary.token(id)).collect()
    }

    /// The operand plots of a prompt's template, if it has two operands; nothing is computed yet. `texts` are templates
    /// that the model knows: see [`Template::find`].
    pub fn operands(&self, ids: Vec<u32>, texts: Vec<String>) -> Option<OperandPlots> {
        let ids = self.0.network.model.with_bos(ids);
        self.0.check(&ids).ok()?;
        let (template, a, b) = Template::find(&ids, &self.0.network.model.vocabulary, &texts)?;
        Some(OperandPlots::new(template, a, b, self.0.clone()))
    }
}
