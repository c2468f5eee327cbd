//! The wasm surface: what `www/app/engine-api.d.ts` describes. Nothing else knows JavaScript.
//!
//! The page loads two modules built from this file: the engine (feature `web-engine`), and later
//! the tokenizer (feature `web-tokenizer`), which is several times its size.

use wasm_bindgen::prelude::*;

/// Runs once when a module is loaded: panics become readable errors on the console.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
}

/// An error's sentence as a JavaScript `Error`.
fn thrown(error: impl std::fmt::Display) -> JsValue {
    js_sys::Error::new(&error.to_string()).into()
}

/// A small record as a plain JavaScript object.
fn record(value: &impl serde::Serialize) -> JsValue {
    serde_wasm_bindgen::to_value(value).unwrap_or_else(thrown)
}

#[cfg(feature = "web-tokenizer")]
mod tokenizer {
    use super::{JsValue, record, thrown};
    use crate::model;
    use serde::Serialize;
    use wasm_bindgen::prelude::*;

    /// Text to tokens and back.
    #[wasm_bindgen]
    pub struct Tokenizer(model::Tokenizer);

    /// Plain data: strings and ids of one text.
    #[derive(Serialize)]
    struct Encoded {
        #[serde(with = "typed")]
        ids: Vec<u32>,
        tokens: Vec<String>,
    }

    /// `ids` as a Uint32Array rather than a list.
    mod typed {
        use serde::Serializer;

        pub fn serialize<S: Serializer>(ids: &[u32], serializer: S) -> Result<S::Ok, S::Error> {
            serde_wasm_bindgen::preserve::serialize(&js_sys::Uint32Array::from(ids), serializer)
        }
    }

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

        /// The tokens of a text, `<bos>` first: `{ ids, tokens }`.
        ///
        /// # Errors
        /// A text that the tokenizer has no tokens for.
        pub fn encode(&self, text: &str) -> Result<JsValue, JsValue> {
            let ids = self.0.encode(text).map_err(thrown)?;
            let tokens = ids.iter().map(|id| self.0.token(*id)).collect();
            Ok(record(&Encoded { ids, tokens }))
        }

        /// The text of tokens.
        pub fn decode(&self, ids: &[u32]) -> String {
            self.0.decode(ids)
        }
    }
}

#[cfg(feature = "web-engine")]
mod engine {
    use super::{JsValue, record, thrown};
    use crate::engine::cpu::Cpu;
    use crate::engine::gpu::Gpu;
    use crate::engine::{Engine as _, Network};
    use crate::export::{self, About};
    use crate::model::{Below, InMemory, Model, TranscoderKind};
    use crate::study::{self, Template};
    use crate::trace::{self, Node, Options, Phase, TraceError, Tracer};
    use serde::{Deserialize, Serialize};
    use std::rc::Rc;
    use std::sync::Arc;
    use wasm_bindgen::prelude::*;

    #[wasm_bindgen]
    extern "C" {
        /// Milliseconds since the worker began.
        #[wasm_bindgen(js_namespace = performance)]
        fn now() -> f64;
    }

    /// A tracer on either engine.
    enum Runner {
        Cpu(Tracer<Cpu>),
        Gpu(Tracer<Gpu>),
    }

    impl Runner {
        fn model(&self) -> &Arc<Model> {
            match self {
                Runner::Cpu(tracer) => &tracer.network.model,
                Runner::Gpu(tracer) => &tracer.network.model,
            }
        }

        async fn trace(
            &self,
            ids: &[u32],
            options: &Options,
            observe: impl FnMut(Phase),
        ) -> Result<trace::Graph, TraceError> {
            match self {
                Runner::Cpu(tracer) => tracer.trace(ids, options, observe).await,
                Runner::Gpu(tracer) => tracer.trace(ids, options, observe).await,
            }
        }
    }

    /// A model on an engine.
    #[wasm_bindgen]
    pub struct Engine(Rc<Runner>);

    #[derive(Serialize)]
    struct Description<'a> {
        engine: &'a str,
        device: &'a str,
        software: bool,
        layers: usize,
        width: usize,
        heads: usize,
        vocabulary: usize,
        context: usize,
        features_per_layer: usize,
        transcoder: &'a str,
    }

    #[derive(Deserialize, Default)]
    #[serde(default)]
    struct TraceOptions {
        max_logits: Option<usize>,
        probability: Option<f32>,
        max_features: Option<usize>,
        batch_size: Option<usize>,
    }

    #[wasm_bindgen]
    impl Engine {
        /// Loads a model: `kind` is "cpu" or "gpu", `files` maps paths in the model folder to bytes.
        ///
        /// # Errors
        /// A file that is missing or wrong, in one sentence; no usable GPU.
        pub async fn load(kind: String, files: js_sys::Object) -> Result<Engine, JsValue> {
            let mut folder = InMemory::new();
            for entry in js_sys::Object::entries(&files).iter() {
                let entry = js_sys::Array::from(&entry);
                let path = entry.get(0).as_string().unwrap_or_default();
                folder.insert(path, js_sys::Uint8Array::new(&entry.get(1)).to_vec());
            }
            let model = Model::load(&folder, &Below::new(&folder, "transcoder")).map_err(thrown)?;
            let model = Arc::new(model);
            let runner = match kind.as_str() {
                "gpu" => {
                    let gpu = Gpu::new().await.map_err(thrown)?;
                    Runner::Gpu(Tracer::new(Network::new(gpu, model)))
                }
                _ => Runner::Cpu(Tracer::new(Network::new(Cpu, model))),
            };
            Ok(Engine(Rc::new(runner)))
        }

        /// What runs, and the model's sizes.
        pub fn describe(&self) -> JsValue {
            let engine = match &*self.0 {
                Runner::Cpu(tracer) => tracer.network.engine.describe(),
                Runner::Gpu(tracer) => tracer.network.engine.describe(),
            };
            let model = self.0.model();
            let config = &model.language.config;
            record(&Description {
                engine: engine.engine,
                device: &engine.device,
                software: engine.software,
                layers: config.layers,
                width: config.width,
                heads: config.heads,
                vocabulary: config.vocabulary,
                context: config.context,
                features_per_layer: model.transcoder.features(),
                transcoder: match model.transcoder.kind {
                    TranscoderKind::CrossLayer => "cross-layer",
                    TranscoderKind::PerLayer => "per-layer",
                },
            })
        }

        /// A token's text.
        pub fn token(&self, id: u32) -> String {
            self.0.model().vocabulary.token(id)
        }

        /// Computes the graph of a prompt.
        ///
        /// # Errors
        /// An impossible prompt or option, in one sentence; an engine that fails.
        pub async fn trace(&self, ids: Vec<u32>, options: JsValue) -> Result<Trace, JsValue> {
            let wanted: TraceOptions = match options.is_undefined() {
                true => TraceOptions::default(),
                false => serde_wasm_bindgen::from_value(options).map_err(thrown)?,
            };
            let default = Options::default();
            let options = Options {
                targets: trace::Targets::Likely {
                    most: wanted.max_logits.unwrap_or(10),
                    probability: wanted.probability.unwrap_or(0.95),
                },
                max_features: wanted.max_features,
                batch_size: wanted.batch_size.unwrap_or(default.batch_size),
                ..default
            };
            let runner = self.0.clone();
            let start = now();
            let mut forward = 0.0;
            let observe = |phase| {
                if phase == Phase::Forward {
                    forward = now() - start;
                }
            };
            let graph = runner
                .trace(&ids, &options, observe)
                .await
                .map_err(thrown)?;
            let total = now() - start;
            Ok(Trace {
                timing: Timing {
                    forward_ms: forward,
                    rows_ms: total - forward,
                    total_ms: total,
                },
                graph,
                runner,
            })
        }

        /// The operand plots of a prompt's template, if it has two operands; nothing is computed yet.
        pub fn operands(&self, ids: Vec<u32>) -> Option<OperandPlots> {
            let (template, a, b) = Template::find(&ids, &self.0.model().vocabulary)?;
            Some(OperandPlots {
                a,
                b,
                plots: study::OperandPlots::new(template),
                runner: self.0.clone(),
            })
        }
    }

    #[derive(Clone, Copy, Serialize)]
    struct Timing {
        forward_ms: f64,
        rows_ms: f64,
        total_ms: f64,
    }

    #[derive(Serialize)]
    struct Answer {
        token: String,
        id: u32,
        probability: f32,
        logit: f32,
    }

    /// The graph of a prompt, unpruned.
    #[wasm_bindgen]
    pub struct Trace {
        graph: trace::Graph,
        timing: Timing,
        runner: Rc<Runner>,
    }

    /// Typed arrays under their names, as one object.
    fn object(entries: &[(&str, JsValue)]) -> JsValue {
        let pairs: js_sys::Array = entries
            .iter()
            .map(|(name, value)| js_sys::Array::of2(&JsValue::from_str(name), value))
            .collect();
        js_sys::Object::from_entries(&pairs).map_or_else(JsValue::from, JsValue::from)
    }

    /// Nodes and weights as `{ nodes, weights }`, the strongest first; zeros left out.
    fn strongest(weights: impl Iterator<Item = (usize, f32)>) -> [(&'static str, JsValue); 2] {
        let mut all: Vec<(usize, f32)> = weights.filter(|(_, weight)| *weight != 0.0).collect();
        all.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        let nodes: Vec<u32> = all.iter().map(|(node, _)| *node as u32).collect();
        let weights: Vec<f32> = all.iter().map(|(_, weight)| *weight).collect();
        [
            ("nodes", js_sys::Uint32Array::from(&nodes[..]).into()),
            ("weights", js_sys::Float32Array::from(&weights[..]).into()),
        ]
    }

    #[wasm_bindgen]
    impl Trace {
        fn nodes<T>(&self, of: impl Fn(Node) -> T) -> Vec<T> {
            (0..self.graph.nodes())
                .map(|node| of(self.graph.node(node)))
                .collect()
        }

        fn name(&self, token: u32) -> String {
            self.runner.model().vocabulary.token(token)
        }

        /// The prompt's tokens.
        #[wasm_bindgen(getter)]
        pub fn tokens(&self) -> Vec<String> {
            self.graph.tokens.iter().map(|id| self.name(*id)).collect()
        }

        /// The most probable next tokens.
        #[wasm_bindgen(getter)]
        pub fn answers(&self) -> JsValue {
            let answers = self.graph.answers.iter().map(|answer| Answer {
                token: self.name(answer.token),
                id: answer.token,
                probability: answer.probability,
                logit: answer.logit,
            });
            record(&answers.collect::<Vec<_>>())
        }

        /// 0 feature, 1 error, 2 token, 3 logit.
        #[wasm_bindgen(getter)]
        pub fn kind(&self) -> Vec<u8> {
            self.nodes(|node| match node {
                Node::Feature(_) => 0,
                Node::Error { .. } => 1,
                Node::Token(_) => 2,
                Node::Logit(_) => 3,
            })
        }

        /// -1 for tokens, the number of layers for logits.
        #[wasm_bindgen(getter)]
        pub fn layer(&self) -> Vec<i32> {
            self.nodes(|node| match node {
                Node::Feature(i) => self.graph.features[i].layer as i32,
                Node::Error { layer, .. } => layer as i32,
                Node::Token(_) => -1,
                Node::Logit(_) => self.graph.layers as i32,
            })
        }

        /// The position of each node's token.
        #[wasm_bindgen(getter)]
        pub fn position(&self) -> Vec<u32> {
            self.nodes(|node| match node {
                Node::Feature(i) => self.graph.features[i].position as u32,
                Node::Error { position, .. } | Node::Token(position) => position as u32,
                Node::Logit(_) => self.graph.tokens.len() as u32 - 1,
            })
        }

        /// Feature index, 0 for errors, token id for tokens and logits.
        #[wasm_bindgen(getter)]
        pub fn index(&self) -> Vec<u32> {
            self.nodes(|node| match node {
                Node::Feature(i) => self.graph.features[i].index as u32,
                Node::Error { .. } => 0,
                Node::Token(position) => self.graph.tokens[position],
                Node::Logit(i) => self.graph.targets[i].token,
            })
        }

        /// Activations of features, probabilities of logits.
        #[wasm_bindgen(getter)]
        pub fn activation(&self) -> Vec<f32> {
            self.nodes(|node| match node {
                Node::Feature(i) => self.graph.features[i].activation,
                Node::Logit(i) => self.graph.targets[i].probability,
                _ => 0.0,
            })
        }

        /// Cumulative share of influence: low is important.
        #[wasm_bindgen(getter)]
        pub fn influence(&self) -> Vec<f32> {
            self.graph.influence().1
        }

        /// Ids, as in the exported JSON.
        #[wasm_bindgen(getter)]
        pub fn id(&self) -> Vec<String> {
            (0..self.graph.nodes())
                .map(|node| export::node_id(&self.graph, node))
                .collect()
        }

        #[wasm_bindgen(getter)]
        pub fn replacement(&self) -> f32 {
            self.graph.scores().replacement
        }

        #[wasm_bindgen(getter)]
        pub fn completeness(&self) -> f32 {
            self.graph.scores().completeness
        }

        #[wasm_bindgen(getter)]
        pub fn active_features(&self) -> usize {
            self.graph.active_features
        }

        #[wasm_bindgen(getter)]
        pub fn timing(&self) -> JsValue {
            record(&self.timing)
        }

        /// What is left after pruning: `{ nodes, sources, targets, weights }`.
        pub fn prune(&self, node_threshold: f32, edge_threshold: f32) -> JsValue {
            let pruned = self.graph.prune(node_threshold, edge_threshold);
            let nodes: Vec<u32> = (0..self.graph.nodes() as u32)
                .filter(|node| pruned.nodes[*node as usize])
                .collect();
            let ends = |of: fn(&trace::Edge) -> usize| {
                let ends: Vec<u32> = pruned.edges.iter().map(|edge| of(edge) as u32).collect();
                js_sys::Uint32Array::from(&ends[..]).into()
            };
            let weights: Vec<f32> = pruned.edges.iter().map(|edge| edge.weight).collect();
            object(&[
                ("nodes", js_sys::Uint32Array::from(&nodes[..]).into()),
                ("sources", ends(|edge| edge.source)),
                ("targets", ends(|edge| edge.target)),
                ("weights", js_sys::Float32Array::from(&weights[..]).into()),
            ])
        }

        /// A node's inputs, the strongest first: `{ nodes, weights, remainder, total }`.
        ///
        /// # Errors
        /// A node that does not exist.
        pub fn inputs(&self, node: usize) -> Result<JsValue, JsValue> {
            self.check(node)?;
            let graph = &self.graph;
            let weights = graph.inputs(node).unwrap_or_default();
            let [nodes, weights] = strongest(weights.iter().copied().enumerate());
            let of_row = |values: &[f32]| graph.row_index(node).map_or(0.0, |row| values[row]);
            Ok(object(&[
                nodes,
                weights,
                ("remainder", of_row(&graph.remainder).into()),
                ("total", of_row(&graph.pre_activations).into()),
            ]))
        }

        /// A node's outputs, the strongest first: `{ nodes, weights }`.
        ///
        /// # Errors
        /// A node that does not exist.
        pub fn outputs(&self, node: usize) -> Result<JsValue, JsValue> {
            self.check(node)?;
            let weights = self.graph.outputs(node).into_iter().enumerate();
            let weights = weights.map(|(row, weight)| (self.graph.row_node(row), weight));
            Ok(object(&strongest(weights)))
        }

        fn check(&self, node: usize) -> Result<(), JsValue> {
            match node < self.graph.nodes() {
                true => Ok(()),
                false => Err(thrown(format!("This graph has no node {node}."))),
            }
        }

        /// The pruned graph as JSON for other viewers.
        pub fn json(
            &self,
            scan: &str,
            prompt: &str,
            node_threshold: f32,
            edge_threshold: f32,
        ) -> String {
            let pruned = self.graph.prune(node_threshold, edge_threshold);
            let about = About {
                scan,
                prompt,
                node_threshold,
                edge_threshold,
            };
            export::json(
                &self.graph,
                &pruned,
                &self.runner.model().vocabulary,
                &about,
            )
        }
    }

    /// The operand plots of one template, computed step by step.
    #[wasm_bindgen]
    pub struct OperandPlots {
        a: usize,
        b: usize,
        plots: study::OperandPlots,
        runner: Rc<Runner>,
    }

    #[wasm_bindgen]
    impl OperandPlots {
        /// The same for every prompt of the template.
        #[wasm_bindgen(getter)]
        pub fn key(&self) -> String {
            self.plots.template().key()
        }

        /// The prompt's first operand.
        #[wasm_bindgen(getter)]
        pub fn a(&self) -> usize {
            self.a
        }

        /// The prompt's second operand.
        #[wasm_bindgen(getter)]
        pub fn b(&self) -> usize {
            self.b
        }

        #[wasm_bindgen(getter)]
        pub fn a_position(&self) -> usize {
            self.plots.template().a_position
        }

        #[wasm_bindgen(getter)]
        pub fn b_position(&self) -> usize {
            self.plots.template().b_position
        }

        /// Steps in all.
        #[wasm_bindgen(getter)]
        pub fn total(&self) -> usize {
            study::OPERANDS
        }

        /// Steps taken.
        #[wasm_bindgen(getter)]
        pub fn done(&self) -> usize {
            self.plots.done()
        }

        /// Takes a step; true once all are taken.
        ///
        /// # Errors
        /// An engine that fails.
        pub async fn step(&mut self) -> Result<bool, JsValue> {
            let done = match &*self.runner {
                Runner::Cpu(tracer) => self.plots.step(&tracer.network).await,
                Runner::Gpu(tracer) => self.plots.step(&tracer.network).await,
            };
            done.map_err(thrown)
        }

        /// A feature's plot: `{ pixels, max }`, row a, column b, 255 = max.
        pub fn plot(&self, layer: usize, position: usize, index: usize) -> JsValue {
            let plot = self.plots.plot(layer, position, index);
            object(&[
                ("pixels", js_sys::Uint8Array::from(&plot.pixels[..]).into()),
                ("max", plot.max.into()),
            ])
        }
    }
}
