//! `attograph record`: all that the page draws of each of a model's examples, as one file. The page shows it while its engine
//! is still on its way: the build makes it.

use super::console::Console;
use super::open::{EngineName, OnEngine, on_engine, write_json};
use attograph::engine::Engine;
use attograph::evaluate::{Known, Names, Plotted};
use attograph::export::node_id;
use attograph::model::{Files, Folder, Model};
use attograph::study::{Story, next, operand_label, story, whole_answer};
use attograph::trace::{
    EDGE_THRESHOLD, Graph, NODE_THRESHOLD, Node, Options, Pruned, TraceError, Tracer,
};
use attograph::wire::StoryRecord;
use clap::Args;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;

/// As the page's worker asks for a graph: see `www/worker/questions.js`.
const MOST_FEATURES: usize = 512;
const BATCH: usize = 128;
#[derive(Args)]
pub struct Arguments {
    /// Model folder with a manifest.json whose examples are recorded
    #[arg(long, value_name = "FOLDER")]
    model: PathBuf,
    /// Where to compute
    #[arg(long, value_enum, default_value_t = EngineName::Cpu)]
    engine: EngineName,
    /// Leave out the first of them
    #[arg(long, value_name = "EXAMPLES", default_value_t = 0)]
    skip: usize,
    /// Record no more than so many
    #[arg(long, value_name = "EXAMPLES", default_value_t = usize::MAX, hide_default_value = true)]
    take: usize,
    /// The file that is written; - for the standard output
    #[arg(long, value_name = "FILE")]
    json: PathBuf,
}

#[derive(Deserialize)]
struct Manifest {
    examples: Vec<Example>,
}

#[derive(Deserialize)]
struct Example {
    prompt: String,
    ids: Vec<u32>,
}

/// Nodes are those on show and every token and answer, in the graph's order; the page's `Graph` has the same fields.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Recording {
    prompt: String,
    transcoder: &'static str,
    thresholds: [f32; 2],
    bare: bool,
    tokens: Vec<String>,
    answers: Vec<Candidate>,
    whole: Option<Vec<Whole>>,
    targets: Vec<String>,
    layers: usize,
    nodes: Vec<NodeRecord>,
    /// Source and target, as places among the nodes, and the weight: the strongest first.
    edges: Vec<(usize, usize, f32)>,
    replacement: f32,
    completeness: f32,
    active_features: usize,
    operands: Option<Operands>,
    /// What features are called by the sample texts, as `layer_index`.
    labels: BTreeMap<String, String>,
    story: StoryRecord,
}

#[derive(Serialize)]
struct Candidate {
    token: String,
    name: String,
    id: u32,
    probability: f32,
    logit: f32,
}

#[derive(Serialize)]
struct Whole {
    id: u32,
    token: String,
    text: String,
    tokens: usize,
    probability: f32,
}

#[derive(Serialize)]
struct NodeRecord {
    id: String,
    kind: u8,
    layer: i64,
    position: usize,
    index: u32,
    activation: f32,
    influence: f32,
    shown: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Operands {
    a: usize,
    b: usize,
    a_position: usize,
    b_position: usize,
    plots: Vec<PlotRecord>,
}

#[derive(Serialize)]
struct PlotRecord {
    layer: usize,
    position: usize,
    index: usize,
    max: f32,
    label: Option<String>,
    /// Row a, column b; 255 is the largest activation.
    pixels: Vec<u8>,
}

/// Traces every example, with its plots and labels, and writes what the page draws of them, in their order.
///
/// # Errors
/// A file that cannot be read or written, a manifest without examples, or a prompt that cannot be traced.
pub fn run(arguments: &Arguments, _console: Console) -> Result<String, Box<dyn Error>> {
    let files = Folder::new(&arguments.model);
    let named = |file: &str, error: serde_json::Error| {
        format!(
            "{} is not as it should be: {error}.",
            arguments.model.join(file).display()
        )
    };
    let manifest: Manifest = serde_json::from_slice(&files.read("manifest.json")?)
        .map_err(|error| named("manifest.json", error))?;
    let transcoder = Folder::new(arguments.model.join("transcoder"));
    let model = Arc::new(Model::load(&files, &transcoder)?);
    let wanted = (arguments.skip, arguments.take);
    let task = Task {
        folder: &files,
        examples: manifest.examples,
        known: Known::load(&arguments.model)?,
        wanted,
    };
    let recordings = on_engine(arguments.engine, &model, task)?;
    write_json(&arguments.json, &recordings)?;
    Ok(String::new())
}

struct Task<'a> {
    folder: &'a Folder,
    examples: Vec<Example>,
    known: Known,
    /// How many examples are left out, and recorded.
    wanted: (usize, usize),
}

impl OnEngine for Task<'_> {
    type Output = Vec<Recording>;

    fn run<E: Engine>(self, tracer: &Tracer<E>) -> Result<Vec<Recording>, Box<dyn Error>> {
        if self.examples.is_empty() {
            return Err("The manifest has no example to record.".into());
        }
        let mut recorder = Recorder {
            tracer,
            answers: self.known.answers.clone(),
            names: Names::new(tracer, self.folder, self.known)?,
        };
        let (skip, take) = self.wanted;
        let examples = self.examples.iter().skip(skip).take(take);
        examples.map(|example| recorder.record(example)).collect()
    }
}

/// What the examples of a model share.
struct Recorder<'a, E: Engine> {
    tracer: &'a Tracer<E>,
    answers: Vec<String>,
    names: Names<'a, E>,
}

impl<E: Engine> Recorder<'_, E> {
    fn record(&mut self, example: &Example) -> Result<Recording, Box<dyn Error>> {
        let tracer = self.tracer;
        let model = &tracer.network.model;
        let ids = model.with_bos(example.ids.clone());
        let options = Options {
            max_features: Some(MOST_FEATURES),
            unconnected: false,
            batch_size: BATCH,
            ..Options::default()
        };
        let graph = pollster::block_on(tracer.trace(&ids, &options, |_| {}))?;
        let pruned = graph.prune(NODE_THRESHOLD, EDGE_THRESHOLD);
        let nodes = records(&graph, &pruned.nodes);
        let place: BTreeMap<usize, usize> = nodes
            .iter()
            .enumerate()
            .map(|(i, (node, _))| (*node, i))
            .collect();
        let mut edges = pruned.edges.clone();
        edges.sort_by(|a, b| b.weight.abs().total_cmp(&a.weight.abs()));
        let scores = graph.scores();
        let nodes: Vec<NodeRecord> = nodes.into_iter().map(|(_, record)| record).collect();
        let operands = self.operands(&graph, &nodes)?;
        let labels = self.labels(&nodes, graph.tokens.len())?;
        let story = self.story(&graph, &pruned)?;
        let text = |id: &u32| model.vocabulary.token(*id);
        Ok(Recording {
            prompt: example.prompt.clone(),
            transcoder: model.transcoder.kind.name(),
            thresholds: [NODE_THRESHOLD, EDGE_THRESHOLD],
            bare: model.language.config.bos.is_none(),
            tokens: ids.iter().map(text).collect(),
            answers: graph
                .answers
                .iter()
                .map(|answer| Candidate {
                    token: text(&answer.token),
                    name: model.vocabulary.name(answer.token),
                    id: answer.token,
                    probability: answer.probability,
                    logit: answer.logit,
                })
                .collect(),
            whole: whole(tracer, &ids, &graph, &self.answers)?,
            targets: graph.targets.iter().map(|one| one.name.clone()).collect(),
            layers: graph.layers,
            edges: edges
                .iter()
                .map(|edge| (place[&edge.source], place[&edge.target], edge.weight))
                .collect(),
            replacement: scores.replacement,
            completeness: scores.completeness,
            active_features: graph.active_features,
            labels,
            story: StoryRecord::new(story, |node| place[&node]),
            operands,
            nodes,
        })
    }

    /// The plots of the features, in their template.
    fn operands(
        &mut self,
        graph: &Graph,
        nodes: &[NodeRecord],
    ) -> Result<Option<Operands>, Box<dyn Error>> {
        let Some(Plotted { plots, a, b }) = self.names.plotted(graph)? else {
            return Ok(None);
        };
        let template = plots.template();
        let (a_position, b_position) = (template.a_position, template.b_position);
        let record = |(layer, position, index)| {
            let plot = plots.plot(layer, position, index);
            PlotRecord {
                layer,
                position,
                index,
                max: plot.max,
                label: operand_label(&plot).map(|label| label.words),
                pixels: plot.pixels,
            }
        };
        Ok(Some(Operands {
            a,
            b,
            a_position,
            b_position,
            plots: features(nodes).map(record).collect(),
        }))
    }

    /// The graph in few items.
    fn story(&mut self, graph: &Graph, pruned: &Pruned) -> Result<Story, Box<dyn Error>> {
        let called = self.names.called(graph, |node| pruned.nodes[node])?;
        let vocabulary = &self.tracer.network.model.vocabulary;
        let tokens = graph.tokens.iter();
        let texts: Vec<String> = tokens.map(|id| vocabulary.token(*id)).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        Ok(story(graph, pruned, &texts, |node| called[node].clone()))
    }

    /// What the features are called without their plots: at the answering token after what they follow there, if that is known, else
    /// after the sample texts.
    fn labels(
        &mut self,
        nodes: &[NodeRecord],
        tokens: usize,
    ) -> Result<BTreeMap<String, String>, Box<dyn Error>> {
        let mut labels = BTreeMap::new();
        for (layer, position, index) in features(nodes) {
            let followed = self.names.at_answer(layer, index);
            let words = match followed.filter(|_| position + 1 == tokens) {
                Some(words) => words.to_owned(),
                None => self.names.by_samples(layer, index)?.words.clone(),
            };
            if !words.is_empty() {
                labels.insert(format!("{layer}_{index}"), words);
            }
        }
        Ok(labels)
    }
}

/// The nodes on show, and all tokens and answers, each with its place in the graph.
fn records(graph: &Graph, shown: &[bool]) -> Vec<(usize, NodeRecord)> {
    let (_, influence) = graph.influence();
    let last = graph.tokens.len() - 1;
    let wanted = (0..graph.nodes()).filter(|node| {
        shown[*node] || matches!(graph.node(*node), Node::Token(_) | Node::Logit(_))
    });
    let record = |node: usize| {
        let (kind, layer, position, index, activation) = match graph.node(node) {
            Node::Feature(i) => {
                let it = graph.features[i];
                (
                    0,
                    it.layer as i64,
                    it.position,
                    it.index as u32,
                    it.activation,
                )
            }
            Node::Error { layer, position } => (1, layer as i64, position, 0, 0.0),
            Node::Token(position) => (2, -1, position, graph.tokens[position], 0.0),
            Node::Logit(i) => {
                let target = &graph.targets[i];
                (
                    3,
                    graph.layers as i64,
                    last,
                    target.token,
                    target.probability,
                )
            }
            Node::AttentionFeature(_) | Node::AttentionError { .. } | Node::Bias { .. } => {
                unreachable!("only files have such nodes")
            }
        };
        NodeRecord {
            id: node_id(graph, node),
            kind,
            layer,
            position,
            index,
            activation,
            influence: influence[node],
            shown: shown[node],
        }
    };
    wanted.map(|node| (node, record(node))).collect()
}

/// Places of the features among the nodes: layer, position, index.
fn features(nodes: &[NodeRecord]) -> impl Iterator<Item = (usize, usize, usize)> {
    let features = nodes.iter().filter(|node| node.kind == 0);
    features.map(|node| (node.layer as usize, node.position, node.index as usize))
}

/// The answers that the targets and the most probable tokens begin, each once; none where the model has no known answers.
fn whole<E: Engine>(
    tracer: &Tracer<E>,
    ids: &[u32],
    graph: &Graph,
    known: &[String],
) -> Result<Option<Vec<Whole>>, Box<dyn Error>> {
    if known.is_empty() {
        return Ok(None);
    }
    let vocabulary = &tracer.network.model.vocabulary;
    let targets = graph.targets.iter().map(|one| (one.token, one.probability));
    let answers = graph.answers.iter().map(|one| (one.token, one.probability));
    let mut found: Vec<Whole> = Vec::new();
    let mut asked = Vec::new();
    for first in targets.chain(answers) {
        if asked.contains(&first.0) {
            continue;
        }
        asked.push(first.0);
        let more = async |more: &[u32]| match next(tracer, &[ids, more].concat()).await {
            Err(TraceError::TooLong { .. }) => Ok(Vec::new()),
            next => next,
        };
        let whole = pollster::block_on(whole_answer(vocabulary, known, first, more))?;
        found.extend(whole.map(|whole| Whole {
            id: first.0,
            token: vocabulary.token(first.0),
            text: whole.text,
            tokens: whole.tokens,
            probability: whole.probability,
        }));
    }
    Ok(Some(found))
}
