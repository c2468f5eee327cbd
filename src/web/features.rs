//! Features whatever the prompt: what their weights say, and what sample texts say.

use super::engine::{Engine, Runner};
use super::{object, record, thrown};
use crate::model::{Model, Vocabulary};
use crate::study;
use serde::Serialize;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

#[derive(Serialize)]
struct Effect {
    token: String,
    id: u32,
    value: f32,
}

#[derive(Serialize)]
struct Connection {
    layer: usize,
    index: usize,
    weight: f32,
}

fn effects(vocabulary: &Vocabulary, effects: &[study::Effect]) -> JsValue {
    let named = effects.iter().map(|effect| Effect {
        token: vocabulary.token(effect.token),
        id: effect.token,
        value: effect.value,
    });
    record(&named.collect::<Vec<_>>())
}

fn connections(connections: &[study::Connection]) -> JsValue {
    let found = connections.iter().map(|connection| Connection {
        layer: connection.layer,
        index: connection.index,
        weight: connection.weight,
    });
    record(&found.collect::<Vec<_>>())
}

fn floats(values: &[f32]) -> JsValue {
    js_sys::Float32Array::from(values).into()
}

fn example(model: &Model, example: &study::Example) -> JsValue {
    let tokens = example.tokens.iter().map(|id| model.vocabulary.token(*id));
    object(&[
        ("context", example.context.into()),
        ("prompt", example.prompt.into()),
        ("position", example.position.into()),
        ("tokens", record(&tokens.collect::<Vec<_>>())),
        ("activations", floats(&example.activations)),
    ])
}

#[wasm_bindgen]
impl Engine {
    /// What the weights say of a feature, whatever the prompt: `{ top, bottom, numbers?, reads,
    /// inputs, outputs }`; see [`study::FeatureFacts`].
    ///
    /// # Errors
    /// A feature that does not exist.
    pub fn feature(&self, layer: usize, index: usize) -> Result<JsValue, JsValue> {
        let model = &self.0.network.model;
        let facts = study::feature_facts(model, layer, index).map_err(thrown)?;
        let vocabulary = &model.vocabulary;
        let mut entries = vec![
            ("top", effects(vocabulary, &facts.top)),
            ("bottom", effects(vocabulary, &facts.bottom)),
            ("reads", effects(vocabulary, &facts.reads)),
            ("inputs", connections(&facts.inputs)),
            ("outputs", connections(&facts.outputs)),
        ];
        if let Some(numbers) = &facts.numbers {
            entries.push(("numbers", floats(numbers)));
        }
        Ok(object(&entries))
    }

    /// Sample texts: of each prompt its context and its length, and all ids in a row. Nothing is
    /// computed yet.
    ///
    /// # Errors
    /// Arrays that do not fit together, or a prompt that cannot be run.
    pub fn samples(
        &self,
        contexts: Vec<u32>,
        lengths: Vec<u32>,
        ids: Vec<u32>,
    ) -> Result<Samples, JsValue> {
        let long = lengths.iter().map(|length| u64::from(*length)).sum::<u64>();
        if contexts.len() != lengths.len() || long != ids.len() as u64 {
            return Err(thrown(
                "The sample texts are damaged: their contexts, lengths and tokens do not fit together.",
            ));
        }
        let mut rest = &ids[..];
        let mut texts = Vec::with_capacity(lengths.len());
        for (context, length) in contexts.into_iter().zip(lengths) {
            let (text, after) = rest.split_at(length as usize);
            rest = after;
            let text = self.0.network.model.with_bos(text.to_vec());
            self.0.check(&text).map_err(thrown)?;
            texts.push((context, text));
        }
        Ok(Samples {
            samples: study::Samples::new(&self.0.network.model, texts),
            runner: self.0.clone(),
        })
    }
}

/// Activations of all features over sample texts, computed step by step.
#[wasm_bindgen]
pub struct Samples {
    samples: study::Samples,
    runner: Rc<Runner>,
}

#[wasm_bindgen]
impl Samples {
    /// Steps in all.
    #[wasm_bindgen(getter)]
    pub fn total(&self) -> usize {
        self.samples.total()
    }

    /// Steps taken.
    #[wasm_bindgen(getter)]
    pub fn done(&self) -> usize {
        self.samples.done()
    }

    /// Takes a step; true once all are taken.
    ///
    /// # Errors
    /// An engine that fails.
    pub async fn step(&mut self) -> Result<bool, JsValue> {
        self.samples
            .step(&self.runner.network)
            .await
            .map_err(thrown)
    }

    /// What has been found of a feature: `{ active, tokens, max, histogram, examples, label }`; see
    /// [`study::SampleFacts`].
    ///
    /// # Errors
    /// A feature that does not exist.
    pub fn feature(&self, layer: usize, index: usize) -> Result<JsValue, JsValue> {
        let model = &self.runner.network.model;
        let facts = self.samples.feature(model, layer, index).map_err(thrown)?;
        let examples: js_sys::Array = facts.examples.iter().map(|e| example(model, e)).collect();
        let histogram = js_sys::Uint32Array::from(&facts.histogram[..]);
        Ok(object(&[
            ("active", facts.active.into()),
            ("tokens", facts.tokens.into()),
            ("max", facts.max.into()),
            ("histogram", histogram.into()),
            ("examples", examples.into()),
            ("label", facts.label.into()),
        ]))
    }

    /// Share of the tokens on which each feature is active, [layers, features].
    #[wasm_bindgen(unchecked_return_type = "Float32Array<ArrayBuffer>")]
    pub fn frequencies(&self) -> Vec<f32> {
        self.samples.frequencies()
    }
}
