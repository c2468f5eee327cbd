//! Graphs from JSON files of the shared schema: ours, circuit-tracer's, Anthropic's, Neuronpedia's.

use super::records::{File, Kind, LinkRecord, NodeRecord, number};
use super::{Arrangement, node_id};
use crate::model::clause;
use crate::order;
use crate::trace::{Feature, Graph, Recorded, RecordedTarget};
use serde_json::Value;
use std::collections::{BTreeMap, HashMap};

/// The largest file that is read, in bytes.
const LARGEST_FILE: usize = 64 << 20;
/// Most nodes of a graph, with the errors of every layer and position.
const MOST_NODES: usize = 20_000;
/// Most bytes of its rows.
const LARGEST_ROWS: usize = 256 << 20;

/// What keeps a file from being opened.
#[derive(Clone, Debug, thiserror::Error, PartialEq)]
pub enum OpenError {
    #[error("This file has {megabytes} MB; a graph of at most {limit} MB can be opened: prune it.")]
    LargeFile { megabytes: usize, limit: usize },
    #[error("This file is no graph: {0}.")]
    Syntax(String),
    #[error(
        "This graph would have {nodes} nodes, with an error at every layer and position; at most {limit} can be opened: prune it."
    )]
    ManyNodes { nodes: u64, limit: usize },
    #[error(
        "This graph's edges would take {megabytes} MB; at most {limit} can be opened: prune it."
    )]
    ManyEdges { megabytes: u64, limit: usize },
    #[error("This graph has no logit node, so it explains nothing.")]
    NoLogits,
    /// A node and what is wrong with it.
    #[error("Node {id} {problem}.")]
    Node { id: String, problem: String },
    /// A link and what is wrong with it.
    #[error("The link from {source_id} to {target_id} {problem}.")]
    Link {
        source_id: String,
        target_id: String,
        problem: &'static str,
    },
}

/// A graph from a file, and what the file says of it.
#[derive(Clone, Debug)]
pub struct Opened {
    /// What is in the file, in our order of nodes: see [`Graph::recorded`]. Errors that are not in
    /// it have no edges, activations that are not in it are NaN.
    pub graph: Graph,
    /// Texts of the prompt's tokens.
    pub tokens: Vec<String>,
    /// The model's name, or nothing.
    pub scan: String,
    pub prompt: String,
    /// The thresholds that the graph was pruned with before it was written; 1 where none is told.
    pub node_threshold: f32,
    pub edge_threshold: f32,
    /// By our ids.
    pub arrangement: Arrangement,
}

/// Reads a graph.
///
/// In circuit-tracer 0.5.0 the error of layer `l` has the id `0_l_position`, which is also that of
/// feature `l` of layer 0. Where a file has both, links to the id lead to the feature, since errors
/// have no inputs. A link from it comes from the feature; a second one to the same target comes
/// from the error, which circuit-tracer writes after the feature.
///
/// A logit without a probability counts as 0, unless none has one: then all are equal.
///
/// # Errors
/// What is no graph, is too large, or contradicts itself, in a sentence that names the node.
pub fn open(json: &str) -> Result<Opened, OpenError> {
    if json.len() > LARGEST_FILE {
        return Err(OpenError::LargeFile {
            megabytes: json.len().div_ceil(1 << 20),
            limit: LARGEST_FILE >> 20,
        });
    }
    let json = json.trim_start_matches('\u{FEFF}');
    let file: File =
        serde_json::from_str(json).map_err(|error| OpenError::Syntax(clause(error)))?;
    let nodes = Nodes::read(&file.nodes)?;
    let rows = nodes.rows(&file.links)?;
    let (prompt, tokens) = nodes.texts(&file.metadata);
    let graph = Graph::recorded(nodes.recorded(rows));
    let metadata = &file.metadata;
    let share = |name: &str| {
        let own = number(&metadata[name]);
        let share = own.or_else(|| number(&metadata["pruning_settings"][name]));
        share.filter(|share| (0.0..=1.0).contains(share))
    };
    Ok(Opened {
        arrangement: nodes.arrangement(&file.parameters, &graph),
        graph,
        tokens,
        scan: metadata["scan"].as_str().unwrap_or_default().into(),
        prompt,
        node_threshold: share("node_threshold").unwrap_or(1.0),
        edge_threshold: share("edge_threshold").unwrap_or(1.0),
    })
}

/// The nodes of a file, each with its place in the graph.
struct Nodes<'a> {
    records: &'a [NodeRecord],
    /// One a record.
    kinds: Vec<Kind>,
    positions: Vec<usize>,
    /// Index of each record's node in the graph.
    places: Vec<usize>,
    /// By layer, position and index.
    features: Vec<Feature>,
    /// Records of the logits, in the file's order.
    logits: Vec<usize>,
    layers: usize,
    /// Tokens of the prompt.
    tokens: usize,
    ids: HashMap<&'a str, Owner>,
}

/// The records with one id.
#[derive(Clone, Copy)]
struct Owner {
    record: usize,
    /// An error with the id of the feature that is `record`.
    error: Option<usize>,
}

impl<'a> Nodes<'a> {
    fn read(records: &'a [NodeRecord]) -> Result<Nodes<'a>, OpenError> {
        let mut kinds = Vec::with_capacity(records.len());
        let mut positions = Vec::with_capacity(records.len());
        for record in records {
            kinds.push(record.kind().map_err(|why| wrong(record, why))?);
            positions.push(record.position().map_err(|why| wrong(record, why))?);
        }
        let logits: Vec<usize> = (0..records.len())
            .filter(|i| matches!(kinds[*i], Kind::Logit { .. }))
            .collect();
        let last = positions[*logits.first().ok_or(OpenError::NoLogits)?];
        for (record, (kind, position)) in records.iter().zip(kinds.iter().zip(&positions)) {
            let is_logit = matches!(kind, Kind::Logit { .. });
            if *position > last || (is_logit && *position < last) {
                let problem = format!("is at position {position}, but a logit at {last}");
                return Err(wrong(record, &problem));
            }
        }
        let mut nodes = Nodes {
            layers: layers(&kinds),
            tokens: last + 1,
            places: vec![0; records.len()],
            features: Vec::new(),
            ids: HashMap::with_capacity(records.len()),
            records,
            kinds,
            positions,
            logits,
        };
        nodes.check_sizes()?;
        nodes.place()?;
        nodes.list_ids()?;
        Ok(nodes)
    }

    /// Checks that the graph fits into memory, before anything is made for it.
    fn check_sizes(&self) -> Result<(), OpenError> {
        let is_feature = |kind: &&Kind| matches!(kind, Kind::Feature { .. });
        let features = self.kinds.iter().filter(is_feature).count();
        let height = (features + self.logits.len()) as u64;
        let nodes = height + (self.layers as u64 + 1) * self.tokens as u64;
        let nodes = nodes.max(self.records.len() as u64);
        if nodes > MOST_NODES as u64 {
            let limit = MOST_NODES;
            return Err(OpenError::ManyNodes { nodes, limit });
        }
        let bytes = 4 * height * nodes;
        if bytes > LARGEST_ROWS as u64 {
            return Err(OpenError::ManyEdges {
                megabytes: bytes.div_ceil(1 << 20),
                limit: LARGEST_ROWS >> 20,
            });
        }
        Ok(())
    }

    /// Gives each record its place in the graph.
    fn place(&mut self) -> Result<(), OpenError> {
        let mut features: Vec<(Feature, usize)> = Vec::new();
        for (i, kind) in self.kinds.iter().enumerate() {
            if let Kind::Feature { layer, index } = *kind {
                let feature = Feature {
                    layer,
                    position: self.positions[i],
                    index,
                    activation: self.records[i].activation().unwrap_or(f32::NAN),
                };
                features.push((feature, i));
            }
        }
        let place =
            |(feature, _): &(Feature, usize)| (feature.layer, feature.position, feature.index);
        order::sort(&mut features, &|a, b| place(a).cmp(&place(b)));
        let errors = features.len();
        let tokens = errors + self.layers * self.tokens;
        let logits = tokens + self.tokens;
        for (place, (feature, i)) in features.iter().enumerate() {
            self.places[*i] = place;
            self.features.push(*feature);
        }
        for (logit, i) in self.logits.iter().enumerate() {
            self.places[*i] = logits + logit;
        }
        let mut seen: HashMap<(usize, usize, usize), usize> = HashMap::new();
        for (i, kind) in self.kinds.iter().enumerate() {
            let position = self.positions[i];
            let key = match *kind {
                Kind::Feature { layer, index } => (layer + 1, position, index + 1),
                Kind::Error { layer } => {
                    self.places[i] = errors + layer * self.tokens + position;
                    (layer + 1, position, 0)
                }
                Kind::Token(_) => {
                    self.places[i] = tokens + position;
                    (0, position, 0)
                }
                Kind::Logit { token, .. } => (usize::MAX, 0, token as usize),
            };
            if let Some(other) = seen.insert(key, i) {
                let problem = format!("is the same as node {}", clause(&self.records[other].id));
                return Err(wrong(&self.records[i], &problem));
            }
        }
        Ok(())
    }

    /// Lists whose each id is.
    fn list_ids(&mut self) -> Result<(), OpenError> {
        for (i, record) in self.records.iter().enumerate() {
            let new = Owner {
                record: i,
                error: None,
            };
            let Some(known) = self.ids.insert(&record.id, new) else {
                continue;
            };
            let both = match (known.error, self.kinds[known.record], self.kinds[i]) {
                (None, Kind::Feature { .. }, Kind::Error { .. }) => (known.record, i),
                (None, Kind::Error { .. }, Kind::Feature { .. }) => (i, known.record),
                _ => return Err(wrong(record, "is there twice")),
            };
            let owner = Owner {
                record: both.0,
                error: Some(both.1),
            };
            self.ids.insert(&record.id, owner);
        }
        Ok(())
    }

    /// The graph's rows, [features + logits, nodes].
    fn rows(&self, links: &[LinkRecord]) -> Result<Vec<f32>, OpenError> {
        let features = self.features.len();
        let first_logit = features + (self.layers + 1) * self.tokens;
        let width = first_logit + self.logits.len();
        let mut rows = vec![0.0; (features + self.logits.len()) * width];
        for link in links {
            let wrong = |problem| OpenError::Link {
                source_id: clause(&link.source),
                target_id: clause(&link.target),
                problem,
            };
            let source = self.ids.get(link.source.as_str());
            let source = source.ok_or_else(|| wrong("has a source that is no node of the file"))?;
            let target = self.ids.get(link.target.as_str());
            let target = target.ok_or_else(|| wrong("has a target that is no node of the file"))?;
            let weight = link.weight as f32;
            if !weight.is_finite() {
                return Err(wrong("has a weight that is no finite number"));
            }
            let row = match self.places[target.record] {
                place if place < features => place,
                place if place >= first_logit => place - first_logit + features,
                _ => return Err(wrong("leads to an error or a token, which have no inputs")),
            };
            // Whether a link may come from a node, and from it alone.
            let free = |record: usize| -> Result<usize, &'static str> {
                let place = self.places[record];
                if place >= first_logit {
                    return Err("comes from a logit, which has no outputs");
                }
                if place < features && row < features && place >= row {
                    return Err("leads down to an earlier layer or stays where it is");
                }
                match rows[row * width + place] {
                    0.0 => Ok(place),
                    _ => Err("is there twice"),
                }
            };
            let place = free(source.record).or_else(|problem| match source.error {
                Some(error) => free(error),
                None => Err(problem),
            });
            rows[row * width + place.map_err(wrong)?] = weight;
        }
        Ok(rows)
    }

    /// All of it, as `trace` takes it.
    fn recorded(&self, rows: Vec<f32>) -> Recorded {
        let nodes = self.features.len() + (self.layers + 1) * self.tokens + self.logits.len();
        let mut shares = vec![None; nodes];
        let mut tokens = vec![0; self.tokens];
        for (i, kind) in self.kinds.iter().enumerate() {
            match *kind {
                Kind::Token(id) => tokens[self.positions[i]] = id,
                // A logit's influence starts with it; files have none or its probability.
                Kind::Logit { .. } => continue,
                _ => {}
            }
            shares[self.places[i]] = self.records[i].influence();
        }
        let logits = self.logits.iter().map(|i| &self.records[*i]);
        let known: Vec<Option<f32>> = logits.map(NodeRecord::probability).collect();
        let equal = match known.iter().all(Option::is_none) {
            true => 1.0 / known.len() as f32,
            false => 0.0,
        };
        let targets = self.logits.iter().zip(known).map(|(i, probability)| {
            let token = match self.kinds[*i] {
                Kind::Logit { token, .. } => token,
                _ => 0,
            };
            let name = self.records[*i].quoted();
            RecordedTarget {
                token,
                name: name.map_or_else(|| format!("#{token}"), str::to_owned),
                probability: probability.unwrap_or(equal),
            }
        });
        Recorded {
            tokens,
            layers: self.layers,
            features: self.features.clone(),
            targets: targets.collect(),
            rows,
            shares,
        }
    }

    /// The prompt and the texts of its tokens: as the file lists them, as its embeddings are
    /// labelled, or as the prompt's words if there are as many; else by number.
    fn texts(&self, metadata: &Value) -> (String, Vec<String>) {
        let mut texts: Vec<Option<String>> = vec![None; self.tokens];
        let listed = metadata["prompt_tokens"].as_array();
        for (text, listed) in texts.iter_mut().zip(listed.into_iter().flatten()) {
            *text = listed.as_str().map(str::to_owned);
        }
        for (i, kind) in self.kinds.iter().enumerate() {
            if let Kind::Token(_) = kind {
                let text = &mut texts[self.positions[i]];
                let label = self.records[i].quoted();
                *text = text.take().or_else(|| label.map(str::to_owned));
            }
        }
        let prompt = metadata["prompt"].as_str();
        let words = prompt.map(|prompt| prompt.split_whitespace().collect::<Vec<_>>());
        let words = words.filter(|words| words.len() == self.tokens);
        let texts = texts.into_iter().enumerate().map(|(position, text)| {
            let word = || words.as_ref().map(|words| words[position].to_owned());
            text.or_else(word)
                .unwrap_or_else(|| format!("token {position}"))
        });
        let texts: Vec<String> = texts.collect();
        let prompt = prompt.map_or_else(|| texts.concat(), str::to_owned);
        (prompt, texts)
    }

    /// The file's `qParams` and its features' labels, by our ids. Lists may also be written as text,
    /// as in the URLs of viewers. What is of another form or names no node is left out.
    fn arrangement(&self, parameters: &Value, graph: &Graph) -> Arrangement {
        let text = |name: &str| parameters[name].as_str().unwrap_or_default().to_owned();
        let strings = |list: &[Value]| -> Vec<String> {
            let strings = list.iter().filter_map(Value::as_str);
            strings.map(str::to_owned).collect()
        };
        let lists = |name: &str| -> Vec<Vec<String>> {
            let parsed = match &parameters[name] {
                Value::String(text) => serde_json::from_str(text).unwrap_or(Value::Null),
                other => other.clone(),
            };
            let lists = parsed.as_array().into_iter().flatten();
            lists
                .filter_map(|list| Some(strings(list.as_array()?)))
                .collect()
        };
        let labelled = self.records.iter().zip(&self.kinds);
        let labels: BTreeMap<String, String> = labelled
            .filter(|(record, kind)| {
                matches!(kind, Kind::Feature { .. }) && !record.clerp().is_empty()
            })
            .map(|(record, _)| (record.id.clone(), record.clerp().to_owned()))
            // What a reader wrote comes later and so counts more.
            .chain(lists("clerps").into_iter().filter_map(|pair| {
                let [id, label] = <[String; 2]>::try_from(pair).ok()?;
                let is_feature =
                    |owner: &Owner| matches!(self.kinds[owner.record], Kind::Feature { .. });
                self.ids
                    .get(id.as_str())
                    .filter(|owner| is_feature(owner))?;
                Some((id, label))
            }))
            .collect();
        let arrangement = Arrangement {
            pinned: match &parameters["pinnedIds"] {
                Value::Array(ids) => strings(ids),
                Value::String(ids) => ids.split(',').map(|id| id.trim().to_owned()).collect(),
                _ => Vec::new(),
            },
            supernodes: lists("supernodes"),
            clicked: text("clickedId"),
            positions: text("sg_pos"),
            labels,
        };
        arrangement.renamed(|id| {
            let owner = self.ids.get(id)?;
            Some(node_id(graph, self.places[owner.record]))
        })
    }
}

/// Layers of the model: the logits' layer is one more than that, and all others are below.
fn layers(kinds: &[Kind]) -> usize {
    let layers = kinds.iter().map(|kind| match *kind {
        Kind::Feature { layer, .. } | Kind::Error { layer } => layer + 1,
        Kind::Logit { layer, .. } => layer.unwrap_or(0).saturating_sub(1),
        Kind::Token(_) => 0,
    });
    layers.max().unwrap_or(0)
}

fn wrong(record: &NodeRecord, problem: &str) -> OpenError {
    OpenError::Node {
        id: clause(&record.id),
        problem: problem.to_owned(),
    }
}
