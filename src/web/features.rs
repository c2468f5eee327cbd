//! Features whatever the prompt: what their weights say, and what sample texts say.

use super::engine::{Engine, Runner};
use super::{record, thrown};
use crate::model::{Model, Vocabulary};
use crate::study;
use crate::wire::{
    ConnectionRecord, EffectRecord, FeatureFactsRecord, Numbers, SampleExample, SampleFactsRecord,
};
use std::rc::Rc;
use wasm_bindgen::prelude::*;

fn effects(vocabulary: &Vocabulary, effects: &[study::Effect]) -> Vec<EffectRecord> {
    let named = effects.iter().map(|effect| EffectRecord {
        token: vocabulary.token(effect.token),
        id: effect.token,
        value: effect.value,
    });
    named.collect()
}

fn connections(connections: &[study::Connection]) -> Vec<ConnectionRecord> {
    let found = connections.iter().map(|connection| ConnectionRecord {
        layer: connection.layer,
        index: connection.index,
        weight: connection.weight,
    });
    found.collect()
}

fn example(model: &Model, example: study::Example) -> SampleExample {
    let tokens = example.tokens.iter().map(|id| model.vocabulary.token(*id));
    SampleExample {
        context: example.context,
        prompt: example.prompt,
        position: example.position,
        tokens: tokens.collect(),
        activations: example.activations.into(),
    }
}

#[wasm_bindgen]
impl Engine {
    /// What the weights say of a feature, whatever the prompt: `{ top, bottom, numbers?, reads,
    /// inputs, outputs }`; see [`study::FeatureFacts`].
    ///
    /// # Errors
    /// A feature that does not exist.
    #[wasm_bindgen(unchecked_return_type = "wire.FeatureFacts")]
    pub fn feature(&self, layer: usize, index: usize) -> Result<JsValue, JsValue> {
        let model = &self.0.network.model;
        let facts = study::feature_facts(model, layer, index).map_err(thrown)?;
        let vocabulary = &model.vocabulary;
        Ok(record(&FeatureFactsRecord {
            top: effects(vocabulary, &facts.top),
            bottom: effects(vocabulary, &facts.bottom),
            numbers: facts.numbers.map(Numbers),
            reads: effects(vocabulary, &facts.reads),
            inputs: connections(&facts.inputs),
            outputs: connections(&facts.outputs),
        }))
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
    #[wasm_bindgen(unchecked_return_type = "wire.SampleFacts")]
    pub fn feature(&self, layer: usize, index: usize) -> Result<JsValue, JsValue> {
        let model = &self.runner.network.model;
        let facts = self.samples.feature(model, layer, index).map_err(thrown)?;
        let examples = facts.examples.into_iter();
        Ok(record(&SampleFactsRecord {
            active: facts.active,
            tokens: facts.tokens,
            max: facts.max,
            histogram: facts.histogram.into(),
            examples: examples.map(|each| example(model, each)).collect(),
            fits: facts.label.fit >= study::FITS,
            label: facts.label.words,
        }))
    }

    /// Share of the tokens on which each feature is active, [layers, features].
    #[wasm_bindgen(unchecked_return_type = "Float32Array<ArrayBuffer>")]
    pub fn frequencies(&self) -> Vec<f32> {
        self.samples.frequencies()
    }
}
