//! A graph as a story: few items, each of features that do the same for this prompt, and what flows between them ("Circuit Tracing",
//! 2025, section on supernodes; there they were made by hand). Found by rule from names, places and influence, never by hand.

mod flows;
mod items;
mod runs;
mod scores;

use super::{Precision, Reads};
use crate::trace::{Graph, Pruned, Scores};
use std::fmt;
use std::str::FromStr;

/// Most items of features; more cannot be read at a glance.
pub const MOST_ITEMS: usize = 12;

/// The part that a feature has in an addition: which number it reads, and what of it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub reads: Reads,
    pub precision: Precision,
}

const READS: [(Reads, &str); 4] = [
    (Reads::First, "first"),
    (Reads::Second, "second"),
    (Reads::Lookup, "both"),
    (Reads::Sum, "sum"),
];
const PRECISION: [(Precision, &str); 3] = [
    (Precision::Ones, "ones"),
    (Precision::Magnitude, "magnitude"),
    (Precision::Exact, "exact"),
];

impl fmt::Display for Part {
    /// Such as `sum ones`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reads = READS.iter().find(|(reads, _)| *reads == self.reads);
        let precision = PRECISION.iter().find(|(it, _)| *it == self.precision);
        let [reads, precision] = [reads.map(|it| it.1), precision.map(|it| it.1)];
        write!(f, "{} {}", reads.unwrap_or(""), precision.unwrap_or(""))
    }
}

impl FromStr for Part {
    type Err = ();

    fn from_str(text: &str) -> Result<Part, ()> {
        let (reads, precision) = text.split_once(' ').ok_or(())?;
        let reads = READS.iter().find(|(_, name)| *name == reads);
        let precision = PRECISION.iter().find(|(_, name)| *name == precision);
        match (reads, precision) {
            (Some((reads, _)), Some((precision, _))) => Ok(Part {
                reads: *reads,
                precision: *precision,
            }),
            _ => Err(()),
        }
    }
}

/// What a feature is called.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Called {
    pub words: String,
    /// How well the words fit, 0 to 1.
    pub fit: f32,
    /// Where its operand plot says so.
    pub part: Option<Part>,
}

/// What an item of a story is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Tokens, and where the text is read phrase by phrase the features over them.
    Tokens,
    Features,
    Answer,
}

/// One item of a story.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub kind: Kind,
    /// Of features, where they have one in common.
    pub part: Option<Part>,
    /// From the tokens, 0, up to the answers.
    pub row: usize,
    /// What it is called: after its most influential feature, or the phrase that it reads.
    pub words: String,
    /// In the graph's order.
    pub nodes: Vec<usize>,
    /// The most influential of them.
    pub leader: usize,
    /// The sum of their influence on the targets; of an answer its probability.
    pub influence: f32,
}

/// What one item does to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flow {
    /// Places among the items.
    pub source: usize,
    pub target: usize,
    /// The influence that passes, with the sign of what is added: each edge is its share of its target's inputs, times the target's
    /// influence.
    pub weight: f32,
}

/// A graph told in few items.
#[derive(Clone, Debug, PartialEq)]
pub struct Story {
    /// By row; of each the most influential first.
    pub items: Vec<Item>,
    /// Strongest first.
    pub flows: Vec<Flow>,
    /// With what stands in no item counted as an error.
    pub scores: Scores,
    /// The same of all that pruning leaves.
    pub pruned: Scores,
    /// Features that pruning leaves and that stand in no item.
    pub left_out: usize,
    /// Tokens that stand in no item, and their share of what all tokens add.
    pub idle: (usize, f32),
}

/// Tells a graph as a story. `texts` are its tokens, `called` says what a feature is called, by its node.
///
/// # Panics
/// If there are not as many texts as tokens.
pub fn story(
    graph: &Graph,
    pruned: &Pruned,
    texts: &[&str],
    called: impl Fn(usize) -> Option<Called>,
) -> Story {
    assert_eq!(texts.len(), graph.tokens.len(), "a text a token");
    let items = items::of(graph, pruned, texts, &called);
    let told: Vec<usize> = items
        .iter()
        .flat_map(|item| item.nodes.iter().copied())
        .collect();
    let mut in_item = vec![false; graph.nodes()];
    for node in &told {
        in_item[*node] = true;
    }
    let features = 0..graph.features.len();
    Story {
        flows: flows::between(graph, &items),
        scores: scores::with(graph, &in_item),
        pruned: scores::with(graph, &pruned.nodes),
        left_out: features
            .filter(|node| pruned.nodes[*node] && !in_item[*node])
            .count(),
        idle: items::idle(graph, &in_item),
        items,
    }
}
