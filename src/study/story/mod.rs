//! A graph as a story: few items, each of features that do the same for this prompt, and what flows between them ("Circuit Tracing",
//! 2025, section on supernodes; there they were made by hand). Found by rule from names, places and influence, never by hand.

mod flows;
mod items;
mod runs;

pub use flows::flows_among;

use super::{Plot, Precision, Reads, role};
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

/// The part that a plot shows; none where it tells hardly any prompts apart.
pub fn part(plot: &Plot) -> Option<Part> {
    role(plot).map(|role| Part {
        reads: role.reads,
        precision: role.precision,
    })
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

impl Kind {
    /// Its text form.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Tokens => "tokens",
            Kind::Features => "features",
            Kind::Answer => "answer",
        }
    }
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
    let items = items::grouped(graph, pruned, texts, &called);
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
        scores: graph.scores_told(&in_item),
        pruned: graph.scores_told(&pruned.nodes),
        left_out: features
            .filter(|node| pruned.nodes[*node] && !in_item[*node])
            .count(),
        idle: items::idle(graph, &in_item),
        items,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::small::{feature, graph};

    fn called(words: &str, part: &str) -> Option<Called> {
        Some(Called {
            words: words.into(),
            fit: 1.0,
            part: part.parse().ok(),
        })
    }

    fn all(graph: &Graph) -> Pruned {
        graph.prune(1.0, 1.0)
    }

    #[test]
    fn a_part_is_said_and_read() {
        for (reads, _) in READS {
            for (precision, _) in PRECISION {
                let part = Part { reads, precision };
                assert_eq!(part.to_string().parse(), Ok(part));
            }
        }
        assert_eq!("sum".parse::<Part>(), Err(()));
        assert_eq!("sum many".parse::<Part>(), Err(()));
    }

    // Three tokens, four features: two read the first number's last digit, one the sum's; one has no part.
    fn sum() -> Graph {
        let features = [
            feature(0, 1, 0),
            feature(0, 1, 1),
            feature(1, 2, 2),
            feature(0, 2, 3),
        ];
        let tokens = 4 + 6;
        let logit = tokens + 3;
        let edges = [
            (0, tokens + 1, 1.0),
            (1, tokens + 1, 2.0),
            (2, 0, 1.0),
            (2, 1, 3.0),
            (3, tokens + 2, 1.0),
            (logit, 2, 3.0),
            (logit, 3, -1.0),
        ];
        graph(3, &features, &[7], &edges)
    }

    #[test]
    fn features_of_one_part_are_one_item_and_their_edges_add_up() {
        let graph = sum();
        let names = [
            called("a = _5", "first ones"),
            called("a = _6", "first ones"),
            called("sum = _5", "sum ones"),
            called("", ""),
        ];
        let told = story(&graph, &all(&graph), &["<bos>", "36", "="], |node| {
            names[node].clone()
        });
        let seen: Vec<(Kind, usize, &str, usize)> = told
            .items
            .iter()
            .map(|item| (item.kind, item.row, item.words.as_str(), item.nodes.len()))
            .collect();
        assert_eq!(
            seen,
            [
                (Kind::Tokens, 0, "36", 1),
                (Kind::Tokens, 0, "=", 1),
                // After the more influential of the two.
                (Kind::Features, 1, "a = _6", 2),
                (Kind::Features, 2, "at “=”", 1),
                (Kind::Features, 3, "sum = _5", 1),
                (Kind::Answer, 4, "7", 1),
            ]
        );
        // The answer has a probability of 0.5: three quarters of it come from the sum, and all of these from the first number.
        let flow = |source: usize, target: usize| {
            let found = told
                .flows
                .iter()
                .find(|flow| (flow.source, flow.target) == (source, target));
            found.map(|flow| flow.weight)
        };
        assert_eq!(flow(4, 5), Some(0.375));
        assert_eq!(flow(3, 5), Some(-0.125));
        assert_eq!(flow(2, 4), Some(0.375));
        assert_eq!(flow(0, 2), Some(0.375));
        assert_eq!(flow(0, 5), None);
        assert_eq!(
            (told.scores.replacement, told.scores.completeness),
            (1.0, 1.0)
        );
        assert_eq!((told.left_out, told.idle.0), (0, 1));
    }

    #[test]
    fn what_is_not_told_counts_as_an_error() {
        let graph = sum();
        let mut pruned = all(&graph);
        pruned.retain(|node| node != 3);
        let told = story(&graph, &pruned, &["<bos>", "36", "="], |_| {
            called("x", "sum ones")
        });
        assert_eq!(told.scores.replacement, 0.75);
        assert_eq!(told.scores, told.pruned);
    }

    #[test]
    fn what_ends_a_phrase_is_told_where_much_begins_there() {
        let texts = ["<bos>", " how", "?"];
        let (tokens, logit) = (1 + 2 * texts.len(), 1 + 3 * texts.len());
        for (weight, told) in [(1.0, vec!["how", "?", "7"]), (0.1, vec!["how", "7"])] {
            let edges = [
                (0, tokens + 1, 1.0),
                (logit, 0, 1.0),
                (logit, tokens + 2, weight),
            ];
            let graph = graph(texts.len(), &[feature(0, 1, 0)], &[7], &edges);
            let story = story(&graph, &all(&graph), &texts, |_| called("on “how”", ""));
            let words: Vec<&str> = story.items.iter().map(|item| item.words.as_str()).collect();
            assert_eq!(words, told);
        }
    }

    #[test]
    fn a_text_is_read_phrase_by_phrase_and_concluded_by_name() {
        let texts = [
            "<bos>",
            " mild",
            " headache",
            ",",
            " and",
            " nausea",
            ".",
            " asks",
        ];
        let features = [
            feature(0, 2, 0),
            feature(0, 5, 1),
            feature(1, 7, 2),
            feature(1, 7, 3),
            feature(1, 7, 4),
            feature(0, 7, 5),
            feature(0, 7, 6),
        ];
        let tokens = 7 + 2 * texts.len();
        let logit = tokens + texts.len();
        let edges = [
            (0, tokens + 2, 1.0),
            (1, tokens + 5, 1.0),
            (2, 0, 1.0),
            (3, 1, 1.0),
            (4, 1, 1.0),
            (5, tokens + 2, 1.0),
            (6, tokens + 5, 1.0),
            (logit, 2, 2.0),
            (logit, 3, 1.0),
            (logit, 4, 1.0),
            (logit, 5, 2.0),
            (logit, 6, 1.0),
        ];
        let graph = graph(texts.len(), &features, &[7], &edges);
        let names = [
            "on “headache”",
            "on “nausea”",
            "migraine",
            "mostly migraine",
            "",
            "gout or migraine",
            "mostly migraine or gout",
        ];
        let told = story(&graph, &all(&graph), &texts, |node| called(names[node], ""));
        let seen: Vec<(usize, &str, usize)> = told
            .items
            .iter()
            .map(|item| (item.row, item.words.as_str(), item.nodes.len()))
            .collect();
        assert_eq!(
            seen,
            [
                (0, "mild headache", 3),
                (0, "nausea", 2),
                (0, "asks", 1),
                // What stands over the last token is combined there, and not read; features are one item that follow the same.
                (2, "gout or migraine", 2),
                (3, "migraine", 2),
                (3, "no simple name", 1),
                (4, "7", 1),
            ]
        );
    }

    #[test]
    fn never_more_than_can_be_read() {
        let features: Vec<_> = (0..40).map(|i| feature(1, 0, i)).collect();
        let logit = 40 + 2 + 1;
        let edges: Vec<_> = (0..40).map(|i| (logit, i, 1.0 + i as f32)).collect();
        let graph = graph(1, &features, &[3], &edges);
        let names: Vec<String> = (0..40).map(|i| i.to_string()).collect();
        let told = story(&graph, &all(&graph), &["x"], |node| {
            called(&names[node], "")
        });
        let of_features = |item: &&Item| item.kind == Kind::Features;
        let items = told.items.iter().filter(of_features);
        assert_eq!(items.clone().count(), 8);
        // The least influential ones joined some, and follow nothing that these name.
        for item in items {
            let joined = item.nodes.len() > 1;
            assert_eq!(item.words.ends_with(", and others"), joined, "{item:?}");
        }
        let told_nodes: usize = told.items.iter().map(|item| item.nodes.len()).sum();
        assert_eq!(told_nodes + told.left_out, 40 + 1 + 1);
    }
}
