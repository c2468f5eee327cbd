//! The nodes of a file, each with its place in the graph.

use super::links::{Link, acyclic};
use super::open::OpenError;
use super::records::{Kind, LinkRecord, MOST_NODES, NodeRecord};
use super::{Arrangement, LeftOut, metadata::Metadata, node_id};
use crate::model::clause;
use crate::order;
use crate::trace::{Feature, Graph, Node, Recorded, RecordedTarget, Whole};
use std::collections::{BTreeMap, HashMap};

/// Most places in the picture: layers, embeddings included, times tokens.
const MOST_PLACES: u64 = 20_000;
/// Most bytes of a graph's rows.
const LARGEST_ROWS: usize = 256 << 20;

/// The nodes of a file, each with its place in the graph.
pub(super) struct Nodes<'a> {
    pub records: &'a [NodeRecord<'a>],
    /// One a record.
    pub kinds: Vec<Kind>,
    pub positions: Vec<usize>,
    /// Index of each record's node in the graph.
    pub places: Vec<usize>,
    /// Records of each kind: features as the graph has them, the others in the file's order.
    features: Vec<usize>,
    errors: Vec<usize>,
    biases: Vec<usize>,
    logits: Vec<usize>,
    layers: usize,
    /// Tokens of the prompt.
    tokens: usize,
    pub ids: HashMap<&'a str, Owner>,
}

/// The records with one id.
#[derive(Clone, Copy)]
pub(super) struct Owner {
    pub record: usize,
    /// An error with the id of the feature that is `record`.
    pub error: Option<usize>,
}

impl<'a> Nodes<'a> {
    pub fn read(records: &'a [NodeRecord<'a>]) -> Result<Nodes<'a>, OpenError> {
        let mut kinds = Vec::with_capacity(records.len());
        let mut positions = Vec::with_capacity(records.len());
        for (i, record) in records.iter().enumerate() {
            let wrong = |problem: &str| wrong(records, i, problem);
            kinds.push(record.kind().map_err(wrong)?);
            positions.push(record.position().map_err(wrong)?);
        }
        let places = |is: fn(&Kind) -> bool| -> Vec<usize> {
            let all = kinds.iter().enumerate();
            all.filter(|(_, kind)| is(kind)).map(|(i, _)| i).collect()
        };
        let logits = places(|kind| matches!(kind, Kind::Logit { .. }));
        let last = positions[*logits.first().ok_or(OpenError::NoLogits)?];
        for (i, (kind, position)) in kinds.iter().zip(&positions).enumerate() {
            let is_logit = matches!(kind, Kind::Logit { .. });
            if *position > last || (is_logit && *position < last) {
                let problem = format!("is at position {position}, but a logit at {last}");
                return Err(wrong(records, i, &problem));
            }
        }
        let mut nodes = Nodes {
            layers: layers(&kinds),
            tokens: last + 1,
            places: vec![0; records.len()],
            features: places(|kind| matches!(kind, Kind::Feature { .. })),
            errors: places(|kind| matches!(kind, Kind::Error { .. })),
            biases: places(|kind| matches!(kind, Kind::Bias { .. })),
            ids: HashMap::with_capacity(records.len()),
            records,
            kinds,
            positions,
            logits,
        };
        nodes.check_sizes()?;
        nodes.check_alike()?;
        nodes.list_ids()?;
        Ok(nodes)
    }

    /// The first token and the first logit of the graph.
    fn starts(&self) -> [usize; 2] {
        let tokens = self.features.len() + self.errors.len();
        [tokens, tokens + self.tokens + self.biases.len()]
    }

    /// Checks that the graph fits into memory, before anything is made for it.
    fn check_sizes(&self) -> Result<(), OpenError> {
        let (layers, tokens) = (self.layers, self.tokens);
        if (layers as u64 + 1) * tokens as u64 > MOST_PLACES {
            let limit = MOST_PLACES as usize;
            return Err(OpenError::ManyPlaces {
                layers,
                tokens,
                limit,
            });
        }
        let height = (self.features.len() + self.logits.len()) as u64;
        let nodes = (self.starts()[1] + self.logits.len()) as u64;
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

    /// Checks that no feature, token or logit is there twice. Errors may be, as of attention and MLP.
    fn check_alike(&self) -> Result<(), OpenError> {
        let mut seen: HashMap<[usize; 3], usize> = HashMap::new();
        for (i, kind) in self.kinds.iter().enumerate() {
            let position = self.positions[i];
            let key = match *kind {
                Kind::Error { .. } | Kind::Bias { .. } => continue,
                Kind::Token(_) => [0, position, 0],
                Kind::Logit { token, .. } => [1, 0, token as usize],
                Kind::Feature {
                    layer,
                    index,
                    attention,
                } => [2 * (layer + 1) + usize::from(attention), position, index],
            };
            if let Some(other) = seen.insert(key, i) {
                let twin = clause(&self.records[other].id);
                let problem = format!("is the same as node {twin} (nodes[{other}])");
                return Err(wrong(self.records, i, &problem));
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
                _ => {
                    let problem = format!("has the id of nodes[{}]", known.record);
                    return Err(wrong(self.records, i, &problem));
                }
            };
            let owner = Owner {
                record: both.0,
                error: Some(both.1),
            };
            self.ids.insert(&record.id, owner);
        }
        Ok(())
    }

    /// Whether one feature may read from another, by their layers; other sources always may.
    pub fn is_below(&self, source: usize, target: usize) -> bool {
        match (self.kinds[source], self.kinds[target]) {
            (Kind::Feature { layer: low, .. }, Kind::Feature { layer: high, .. }) => low < high,
            _ => true,
        }
    }

    /// Reads the links, and gives each record its place in the graph: features by layer (attention
    /// before the MLP), position and index, as far as none reads from one after it.
    pub fn link(
        &mut self,
        links: &[LinkRecord],
    ) -> Result<(Vec<Option<Link>>, LeftOut), OpenError> {
        let (links, left_out) = super::links::read(self, links)?;
        let key = |record: &usize| match self.kinds[*record] {
            Kind::Feature {
                layer,
                index,
                attention,
            } => (layer, !attention, self.positions[*record], index),
            _ => unreachable!("only features are listed"),
        };
        let mut features = self.features.clone();
        order::sort(&mut features, &|a, b| key(a).cmp(&key(b)));
        self.features = acyclic(self.records, features, &links)?;
        let [tokens, logits] = self.starts();
        for (start, records) in [
            (0, &self.features),
            (self.features.len(), &self.errors),
            (tokens + self.tokens, &self.biases),
            (logits, &self.logits),
        ] {
            for (number, record) in records.iter().enumerate() {
                self.places[*record] = start + number;
            }
        }
        for (i, kind) in self.kinds.iter().enumerate() {
            if let Kind::Token(_) = kind {
                self.places[i] = tokens + self.positions[i];
            }
        }
        Ok((links, left_out))
    }

    /// The graph's rows, [features + logits, nodes].
    pub fn rows(&self, links: &[Option<Link>]) -> Vec<f32> {
        let features = self.features.len();
        let first_logit = self.starts()[1];
        let width = first_logit + self.logits.len();
        let mut rows = vec![0.0; (features + self.logits.len()) * width];
        for link in links.iter().flatten() {
            let row = match self.places[link.target] {
                place if place < features => place,
                place => place - first_logit + features,
            };
            rows[row * width + self.places[link.source]] = link.weight;
        }
        rows
    }

    /// All of it, as `trace` takes it.
    pub fn recorded(&self, rows: Vec<f32>, thresholds: [f32; 2], whole: Option<Whole>) -> Recorded {
        let mut shares = vec![None; self.starts()[1] + self.logits.len()];
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
        let nodes = |records: &[usize]| records.iter().map(|i| self.source(*i)).collect();
        let features = self.features.iter().map(|i| match self.kinds[*i] {
            Kind::Feature {
                layer,
                index,
                attention,
            } => {
                let feature = Feature {
                    layer,
                    position: self.positions[*i],
                    index,
                    activation: self.records[*i].activation().unwrap_or(f32::NAN),
                };
                (feature, attention)
            }
            _ => unreachable!("only features are listed"),
        });
        let (features, attention) = features.unzip();
        Recorded {
            tokens,
            layers: self.layers,
            features,
            attention,
            errors: nodes(&self.errors),
            biases: nodes(&self.biases),
            targets: self.targets(),
            rows,
            shares,
            thresholds,
            whole,
        }
    }

    /// An error or a bias.
    fn source(&self, record: usize) -> Node {
        let position = self.positions[record];
        match self.kinds[record] {
            Kind::Error {
                layer,
                attention: true,
            } => Node::AttentionError { layer, position },
            Kind::Error { layer, .. } => Node::Error { layer, position },
            Kind::Bias { layer } => Node::Bias { layer, position },
            _ => unreachable!("only errors and biases are listed"),
        }
    }

    fn targets(&self) -> Vec<RecordedTarget> {
        let logits = self.logits.iter().map(|i| &self.records[*i]);
        let known: Vec<Option<f32>> = logits.map(NodeRecord::probability).collect();
        let equal = match known.iter().all(Option::is_none) {
            true => 1.0 / known.len() as f32,
            false => 0.0,
        };
        let targets = self.logits.iter().zip(known).map(|(i, probability)| {
            let token = match self.kinds[*i] {
                Kind::Logit { token, .. } => token,
                _ => unreachable!("only logits are listed"),
            };
            let name = self.records[*i].token_text();
            RecordedTarget {
                token,
                name: name.map_or_else(|| format!("#{token}"), str::to_owned),
                probability: probability.unwrap_or(equal),
            }
        });
        targets.collect()
    }

    /// The prompt and the texts of its tokens: as the file lists them, as its embeddings are
    /// labelled, or as the prompt's words if there are as many; else by number.
    pub fn texts(&self, metadata: &Metadata) -> (String, Vec<String>) {
        let mut texts: Vec<Option<String>> = vec![None; self.tokens];
        for (text, listed) in texts.iter_mut().zip(metadata.tokens()) {
            *text = listed.map(str::to_owned);
        }
        for (i, kind) in self.kinds.iter().enumerate() {
            if let Kind::Token(_) = kind {
                let text = &mut texts[self.positions[i]];
                let label = self.records[i].token_text();
                *text = text.take().or_else(|| label.map(str::to_owned));
            }
        }
        let prompt = metadata.prompt.text();
        let words = prompt.map(|prompt| prompt.split_whitespace().take(self.tokens + 1));
        let words: Vec<&str> = words.into_iter().flatten().collect();
        let words = (words.len() == self.tokens).then_some(words);
        let texts = texts.into_iter().enumerate().map(|(position, text)| {
            let word = || words.as_ref().map(|words| words[position].to_owned());
            text.or_else(word)
                .unwrap_or_else(|| format!("token {position}"))
        });
        let texts: Vec<String> = texts.collect();
        let prompt = prompt.map_or_else(|| texts.concat(), str::to_owned);
        (prompt, texts)
    }

    /// One id for each node of the graph: ours, with a number behind it where several errors or
    /// biases stand at one place.
    pub fn own_ids(&self, graph: &Graph) -> Vec<String> {
        let mut times: HashMap<[usize; 3], usize> = HashMap::new();
        let ids = (0..graph.nodes()).map(|node| {
            let id = node_id(graph, node);
            let place = match graph.node(node) {
                Node::Error { layer, position } => [0, layer, position],
                Node::AttentionError { layer, position } => [1, layer, position],
                Node::Bias { layer, position } => [2, layer, position],
                _ => return id,
            };
            let times = times.entry(place).or_default();
            *times += 1;
            match *times {
                1 => id,
                more => format!("{id}_{more}"),
            }
        });
        ids.collect()
    }

    /// The labels of biases, which say in the file's words what they are, each with its node.
    pub fn labels_of_sources(&self) -> Vec<(usize, String)> {
        let biases = self.biases.iter();
        biases
            .map(|i| (self.places[*i], self.records[*i].clerp().to_owned()))
            .filter(|(_, label)| !label.is_empty())
            .collect()
    }

    /// The file's `qParams` and its features' labels, by ids of the file. What names no node is left
    /// out, and what is said of a node without a label.
    pub fn arrangement(&self, parameters: Arrangement) -> Arrangement {
        let is_feature = |record: usize| matches!(self.kinds[record], Kind::Feature { .. });
        let mut labels = BTreeMap::new();
        for (i, record) in self.records.iter().enumerate() {
            if is_feature(i) && !record.clerp().is_empty() {
                labels.insert(record.id.clone().into_owned(), record.clerp().to_owned());
            }
        }
        // What a reader wrote comes later and so counts more.
        for (id, label) in parameters.labels {
            let owner = self.ids.get(id.as_str());
            if owner.is_some_and(|owner| is_feature(owner.record)) {
                labels.insert(id, label);
            }
        }
        Arrangement {
            labels,
            ..parameters
        }
    }
}

/// Layers of the model: the logits' layer is one more than that, and all others are below.
fn layers(kinds: &[Kind]) -> usize {
    let layers = kinds.iter().map(|kind| match *kind {
        Kind::Feature { layer, .. } | Kind::Error { layer, .. } | Kind::Bias { layer } => layer + 1,
        Kind::Logit { layer, .. } => layer.unwrap_or(0).saturating_sub(1),
        Kind::Token(_) => 0,
    });
    layers.max().unwrap_or(0)
}

/// What is wrong with a record.
fn wrong(records: &[NodeRecord], record: usize, problem: &str) -> OpenError {
    OpenError::Node {
        index: record,
        id: clause(&records[record].id),
        problem: problem.to_owned(),
    }
}
