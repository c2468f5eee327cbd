//! Graphs from JSON files of the shared schema: ours, circuit-tracer's, Anthropic's, Neuronpedia's.

use super::metadata::{self, Metadata};
use super::nodes::Nodes;
use super::own::Own;
use super::records::File;
use super::resave::Original;
use super::{Arrangement, LeftOut, no_graph};
use crate::model::clause;
use crate::trace::Graph;
use std::fmt::Display;

/// The largest file that is read, in bytes.
const LARGEST_FILE: usize = 64 << 20;
/// Most nodes of a circle that an error names.
const MOST_NAMED: usize = 4;

/// What keeps a file from being opened.
#[derive(Clone, Debug, thiserror::Error, PartialEq)]
pub enum OpenError {
    #[error("This file has {megabytes} MB; a graph of at most {limit} MB can be opened: prune it.")]
    LargeFile { megabytes: usize, limit: usize },
    #[error("This file is no graph: {0}.")]
    Syntax(String),
    #[error("This graph has {nodes} nodes; at most {limit} can be opened: prune it.")]
    ManyNodes { nodes: u64, limit: usize },
    #[error(
        "This graph spans {layers} layers and {tokens} tokens; nodes at {limit} places can be opened, so one of the two is too many."
    )]
    ManyPlaces {
        layers: usize,
        tokens: usize,
        limit: usize,
    },
    #[error(
        "This graph's edges would take {megabytes} MB; at most {limit} can be opened: prune it."
    )]
    ManyEdges { megabytes: u64, limit: usize },
    #[error("This graph has no logit node, so it explains nothing.")]
    NoLogits,
    /// A node and what is wrong with it.
    #[error("Node {id} (nodes[{index}]) {problem}.")]
    Node {
        index: usize,
        id: String,
        problem: String,
    },
    /// A link and what is wrong with it.
    #[error("The link from {source_id} to {target_id} (links[{index}]) {problem}.")]
    Link {
        index: usize,
        source_id: String,
        target_id: String,
        problem: &'static str,
    },
    #[error(
        "The links go round in a circle, {0}; influence can only be told where none comes back to where it began."
    )]
    Circle(String),
}

impl OpenError {
    /// JSON that is none, or not as the schema has it.
    pub(super) fn syntax(error: impl Display) -> OpenError {
        let error = clause(error);
        OpenError::Syntax(match error.contains("EOF while parsing") {
            true => format!("it ends too early, as one whose download broke off ({error})"),
            false => error,
        })
    }

    /// Nodes that feed each other in this order, and the last the first.
    pub(super) fn circle(mut ids: Vec<String>) -> OpenError {
        let first = ids[0].clone();
        if ids.len() > MOST_NAMED {
            ids.truncate(MOST_NAMED);
            ids.push("…".into());
        }
        ids.push(first);
        OpenError::Circle(ids.join(" → "))
    }
}

/// A graph from a file, and what the file says of it.
#[derive(Debug)]
pub struct Opened {
    /// What is in the file, in our order of nodes: see [`Graph::recorded`]. Activations that are
    /// not in it are NaN.
    pub graph: Graph,
    /// One for each node: as [`super::node_id`] spells them, whatever the file does.
    pub ids: Vec<String>,
    /// What biases are called in the file: nodes, each with its label.
    pub biases: Vec<(usize, String)>,
    /// Texts of the prompt's tokens.
    pub tokens: Vec<String>,
    /// The model's name, or nothing.
    pub scan: String,
    pub prompt: String,
    /// The thresholds that the graph was pruned with before it was written; 1 where none is told.
    pub node_threshold: f32,
    pub edge_threshold: f32,
    /// By `ids`.
    pub arrangement: Arrangement,
    /// What this project's files say besides.
    pub own: Option<Own>,
    pub left_out: LeftOut,
    /// The file, to be saved again.
    pub original: Original,
}

/// Reads a graph.
///
/// In circuit-tracer 0.5.0 the error of layer `l` has the id `0_l_position`, which is also that of
/// feature `l` of layer 0. Where a file has both, links to the id lead to the feature, since errors
/// have no inputs. A link from it comes from the feature; a second one to the same target comes
/// from the error, which circuit-tracer writes after the feature.
///
/// A logit without a probability counts as 0, unless none has one: then all are equal. Links of
/// nodes that are not there, and the second of two between the same nodes, are left out.
///
/// Memory stays within a small multiple of the file, whatever it holds.
///
/// # Errors
/// What is no graph, is too large, or contradicts itself, in a sentence that names the node.
pub fn open(file: Vec<u8>) -> Result<Opened, OpenError> {
    if file.len() > LARGEST_FILE {
        return Err(OpenError::LargeFile {
            megabytes: file.len().div_ceil(1 << 20),
            limit: LARGEST_FILE >> 20,
        });
    }
    let text = no_graph::text(file)?;
    let json = text.trim_start_matches('\u{FEFF}');
    let file = File::read(json)?;
    let mut metadata = Metadata::read(file.metadata);
    let mut nodes = Nodes::read(&file.nodes)?;
    let (links, left_out) = nodes.link(&file.links)?;
    let (prompt, tokens) = nodes.texts(&metadata);
    let thresholds = metadata.thresholds();
    let own = metadata.own.take();
    let whole = own.as_ref().map(Own::whole);
    let graph = Graph::recorded(nodes.recorded(nodes.rows(&links), thresholds, whole));
    let ids = nodes.own_ids(&graph);
    let in_file = nodes.arrangement(metadata::arrangement(file.parameters));
    let arrangement = in_file.renamed(&|id| {
        let owner = nodes.ids.get(id)?;
        Some(ids[nodes.places[owner.record]].clone())
    });
    let links = links.iter().map(|link| {
        let link = link.as_ref()?;
        Some((nodes.places[link.source], nodes.places[link.target]))
    });
    let links: Vec<Option<(usize, usize)>> = links.collect();
    let places = nodes.places.clone();
    let names = file.nodes.iter().map(|node| node.id.to_string());
    let names: Vec<String> = names.collect();
    let [node_threshold, edge_threshold] = thresholds;
    let (biases, scan) = (nodes.labels_of_sources(), metadata.scan.text());
    let scan = scan.unwrap_or_default().to_owned();
    Ok(Opened {
        original: Original {
            places,
            links,
            names,
            opened: arrangement.clone(),
            given: metadata::arrangement(file.parameters),
            thresholds,
            ids: ids.clone(),
            text,
        },
        graph,
        ids,
        biases,
        tokens,
        scan,
        prompt,
        node_threshold,
        edge_threshold,
        arrangement,
        own,
        left_out,
    })
}
