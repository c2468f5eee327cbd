//! Some nodes of a graph taken together: the edges among them, and a subgraph to start from.

use crate::order;
use crate::trace::{Edge, Graph, Node, Pruned};

/// How many features a suggestion begins with.
const MOST_SUGGESTED: usize = 24;

/// All edges among some nodes, pruned or not: by target in the order of these nodes, each target's strongest first. Nodes without
/// inputs are no targets.
///
/// # Panics
/// If there is no such node.
pub fn edges_among(graph: &Graph, nodes: &[usize]) -> Vec<Edge> {
    let among = marked(graph, nodes);
    let mut all = Vec::new();
    for &target in nodes {
        let inputs = graph.inputs(target).unwrap_or_default();
        let edge = |(source, &weight)| Edge {
            target,
            source,
            weight,
        };
        let sources = inputs.iter().enumerate();
        let sources = sources.filter(|(source, weight)| **weight != 0.0 && among[*source]);
        let mut edges: Vec<Edge> = sources.map(edge).collect();
        order::sort(&mut edges, &|a, b| {
            b.weight.abs().total_cmp(&a.weight.abs())
        });
        all.extend(edges);
    }
    all
}

/// A subgraph to start from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Suggestion {
    /// Its nodes.
    pub nodes: Vec<usize>,
    /// Those of them that become one supernode, at least two each, in the order of the nodes.
    pub groups: Vec<Vec<usize>>,
    /// The most influential of each group, which it is called after.
    pub leaders: Vec<usize>,
}

/// A subgraph to start from: the nodes that are `chosen`, or where that are fewer than two, the most influential features that pruning
/// left, the tokens that feed them directly, and the first answer. Features at one token with labels of one kind become a supernode:
/// `label` says how a feature is called, nothing where it is to stay by itself. Bands about nearby numbers, which say so with a `~`,
/// are of one kind.
pub fn suggest<'a>(
    graph: &Graph,
    pruned: &Pruned,
    chosen: &[usize],
    label: impl Fn(usize) -> Option<&'a str>,
) -> Suggestion {
    let nodes = match chosen {
        [] | [_] => influential(graph, pruned),
        chosen => chosen.to_vec(),
    };
    let mut groups: Vec<Vec<usize>> = Vec::new();
    let mut kinds: Vec<(usize, String)> = Vec::new();
    for &node in &nodes {
        let Some(feature) = feature_of(graph, node) else {
            continue;
        };
        let Some(label) = label(node) else { continue };
        let kind = (graph.features[feature].position, kind_of_label(label));
        match kinds.iter().position(|each| *each == kind) {
            Some(number) => groups[number].push(node),
            None => {
                kinds.push(kind);
                groups.push(vec![node]);
            }
        }
    }
    groups.retain(|group| group.len() > 1);
    let shares = graph.influence().1;
    let leader = |group: &Vec<usize>| {
        let nodes = group.iter().copied();
        nodes.reduce(|best, node| match shares[node] < shares[best] {
            true => node,
            false => best,
        })
    };
    let leaders = groups.iter().filter_map(leader).collect();
    Suggestion {
        nodes,
        groups,
        leaders,
    }
}

/// Whether each node is one of these, [nodes].
fn marked(graph: &Graph, nodes: &[usize]) -> Vec<bool> {
    let mut marks = vec![false; graph.nodes()];
    for &node in nodes {
        marks[node] = true;
    }
    marks
}

fn feature_of(graph: &Graph, node: usize) -> Option<usize> {
    match graph.node(node) {
        Node::Feature(feature) | Node::AttentionFeature(feature) => Some(feature),
        _ => None,
    }
}

/// The most influential features that are left, the tokens that feed them, and the first answer.
fn influential(graph: &Graph, pruned: &Pruned) -> Vec<usize> {
    let shares = graph.influence().1;
    let left = || (0..graph.nodes()).filter(|node| pruned.nodes[*node]);
    let mut features: Vec<usize> = left()
        .filter(|node| feature_of(graph, *node).is_some())
        .collect();
    order::sort(&mut features, &|a, b| shares[*a].total_cmp(&shares[*b]));
    features.truncate(MOST_SUGGESTED);
    let fed = marked(graph, &features);
    let feeds =
        |edge: &&Edge| matches!(graph.node(edge.source), Node::Token(_)) && fed[edge.target];
    let mut edges: Vec<Edge> = pruned.edges.iter().filter(feeds).copied().collect();
    order::sort(&mut edges, &|a, b| {
        b.weight.abs().total_cmp(&a.weight.abs())
    });
    let mut nodes = Vec::new();
    for edge in edges {
        if !nodes.contains(&edge.source) {
            nodes.push(edge.source);
        }
    }
    nodes.extend(features);
    nodes.extend(left().find(|node| matches!(graph.node(*node), Node::Logit(_))));
    nodes
}

/// Bands about nearby numbers are one kind; digits are what they are.
fn kind_of_label(label: &str) -> String {
    if !label.contains('~') {
        return label.to_owned();
    }
    let mut kind = String::new();
    let mut in_number = false;
    for sign in label.chars() {
        let digit = sign.is_ascii_digit();
        if !(digit && in_number) {
            kind.push(if digit { '#' } else { sign });
        }
        in_number = digit;
    }
    kind
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::small::{feature, graph};

    // Two tokens, three features, four errors (3 to 6), tokens 7 and 8, a logit 9.
    const LOGIT: usize = 9;

    fn three() -> Graph {
        let features = [feature(0, 1, 0), feature(0, 1, 1), feature(1, 1, 2)];
        let edges = [
            (0, 7, 1.0),
            (0, 8, -3.0),
            (1, 7, 2.0),
            (2, 0, 0.5),
            (2, 1, -2.0),
            (LOGIT, 1, 1.0),
            (LOGIT, 2, 4.0),
        ];
        graph(2, &features, &[11], &edges)
    }

    #[test]
    fn edges_among_nodes_are_theirs_alone_strongest_first() {
        let graph = three();
        let edge = |target, source, weight| Edge {
            target,
            source,
            weight,
        };
        let wanted = [
            edge(LOGIT, 2, 4.0),
            edge(LOGIT, 1, 1.0),
            edge(2, 1, -2.0),
            edge(2, 0, 0.5),
        ];
        assert_eq!(edges_among(&graph, &[LOGIT, 2, 0, 1]), wanted);
        assert_eq!(edges_among(&graph, &[0, 8]), [edge(0, 8, -3.0)]);
        assert_eq!(edges_among(&graph, &[]), []);
        assert_eq!(edges_among(&graph, &[7, 8]), []);
    }

    #[test]
    fn edges_as_strong_stay_in_the_order_of_their_sources() {
        let edges = [(0, 2, 1.0), (0, 3, -1.0), (0, 1, 0.0)];
        let graph = graph(2, &[feature(1, 1, 0)], &[], &edges);
        let sources: Vec<usize> = edges_among(&graph, &[3, 2, 1, 0])
            .iter()
            .map(|edge| edge.source)
            .collect();
        assert_eq!(sources, [2, 3]);
    }

    #[test]
    fn a_suggestion_has_the_features_what_feeds_them_and_the_answer() {
        let graph = three();
        let found = suggest(&graph, &graph.prune(1.0, 1.0), &[], |_| None);
        assert_eq!(found.nodes.len(), 6);
        // The token with the strongest edge is first, then features by influence, then the answer.
        assert_eq!(found.nodes[..2], [8, 7]);
        assert_eq!(found.nodes[2..], [1, 2, 0, LOGIT]);
        assert!(found.groups.is_empty());
        // One node that is pinned is no choice; two are.
        let one = suggest(&graph, &graph.prune(1.0, 1.0), &[0], |_| None);
        assert_eq!(one, found);
        let two = suggest(&graph, &graph.prune(1.0, 1.0), &[0, LOGIT], |_| None);
        assert_eq!(two.nodes, [0, LOGIT]);
    }

    #[test]
    fn an_empty_graph_suggests_nothing() {
        let graph = graph(1, &[], &[], &[]);
        let found = suggest(&graph, &graph.prune(1.0, 1.0), &[], |_| Some("x"));
        assert_eq!(found, Suggestion::default());
    }

    #[test]
    fn as_many_features_as_can_be_read() {
        let features: Vec<_> = (0..40).map(|i| feature(0, 0, i)).collect();
        let logit = 40 + 2 + 1;
        let edges: Vec<_> = (0..40).map(|i| (logit, i, 1.0 + i as f32)).collect();
        let graph = graph(1, &features, &[3], &edges);
        let found = suggest(&graph, &graph.prune(1.0, 1.0), &[], |_| None);
        assert_eq!(found.nodes.len(), 25);
        assert_eq!(found.nodes[0], 39);
        assert_eq!(found.nodes[24], logit);
    }

    #[test]
    fn labels_of_one_kind_at_one_token_are_a_group() {
        let features = [
            feature(0, 0, 0),
            feature(0, 1, 1),
            feature(0, 1, 2),
            feature(1, 1, 3),
        ];
        let logit = 4 + 4 + 2;
        let edges = [
            (logit, 0, 1.0),
            (logit, 1, 1.0),
            (logit, 2, 3.0),
            (logit, 3, 2.0),
        ];
        let graph = graph(2, &features, &[3], &edges);
        let labels = ["sum ~36", "sum ~36", "sum ~105", "sum ~7"];
        let all = [0, 1, 2, 3, logit];
        let pruned = graph.prune(1.0, 1.0);
        let found = suggest(&graph, &pruned, &all, |node| labels.get(node).copied());
        assert_eq!(found.groups, [vec![1, 2, 3]]);
        assert_eq!(found.leaders, [2]);
        // Digits without a `~` are what they are; who has no label stays alone.
        let labels = [None, Some("_6"), Some("_7"), Some("_6")];
        let found = suggest(&graph, &pruned, &all, |node| labels.get(node).copied()?);
        assert_eq!((found.groups, found.leaders), (vec![vec![1, 3]], vec![3]));
    }

    #[test]
    fn of_equal_influence_the_first_leads() {
        let features = [feature(0, 0, 0), feature(0, 0, 1)];
        let graph = graph(1, &features, &[], &[]);
        let found = suggest(&graph, &graph.prune(1.0, 1.0), &[1, 0], |_| Some("same"));
        assert_eq!((found.groups, found.leaders), (vec![vec![1, 0]], vec![1]));
    }
}
