//! Two graphs beside each other: which of their nodes are the same, the same feature at the same place of the text, as far as the texts
//! agree.

use crate::order;
use crate::trace::{Graph, Node};

/// What of a graph can be the same in another: its tokens as texts, and what each of its nodes is, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Outline {
    texts: Vec<String>,
    nodes: Vec<Place>,
}

/// What a node is: its kind, of features the layer and the index within it, of errors and biases the layer, of answers the token; and
/// its position in its own text, nothing of answers, which are the same wherever they stand.
type Place = ([usize; 3], Option<usize>);

impl Outline {
    /// That of a graph whose tokens are these texts.
    pub fn new(graph: &Graph, texts: Vec<String>) -> Outline {
        let feature = |kind, i: usize| {
            let feature = &graph.features[i];
            let what = [kind, feature.layer, feature.index];
            (what, Some(feature.position))
        };
        let place = |node| match graph.node(node) {
            Node::Feature(i) => feature(0, i),
            Node::AttentionFeature(i) => feature(1, i),
            Node::Error { layer, position } => ([2, layer, 0], Some(position)),
            Node::AttentionError { layer, position } => ([3, layer, 0], Some(position)),
            Node::Bias { layer, position } => ([4, layer, 0], Some(position)),
            Node::Token(position) => ([5, 0, 0], Some(position)),
            Node::Logit(i) => ([6, graph.targets[i].token as usize, 0], None),
        };
        let nodes = (0..graph.nodes()).map(place).collect();
        Outline { texts, nodes }
    }

    /// The nodes that this graph and a second one have in common: pairs of a node of this and one of the second, in the order of the
    /// second's. Answers are the same by their token, errors and tokens by their place. Where a graph has several nodes of one kind at
    /// one place, as files may, the last of this one stands for all.
    pub fn align(&self, second: &Outline) -> Vec<(usize, usize)> {
        let places = align_tokens(&self.texts, &second.texts);
        let sorted = order::indices(self.nodes.len(), &|a, b| self.nodes[a].cmp(&self.nodes[b]));
        let mut pairs = Vec::new();
        for (node, (what, position)) in second.nodes.iter().enumerate() {
            let here = position.and_then(|position| places[position]);
            if position.is_some() && here.is_none() {
                continue;
            }
            let wanted = (*what, here);
            let behind = sorted.partition_point(|same| self.nodes[*same] <= wanted);
            let last = behind.checked_sub(1).map(|before| sorted[before]);
            if let Some(same) = last.filter(|same| self.nodes[*same] == wanted) {
                pairs.push((same, node));
            }
        }
        pairs
    }
}

/// For each token of the second text, its place in the first: the same place where both are of one length, and else along their longest
/// common subsequence. The last tokens answer, whatever they are, so they are the same where the last is not in that.
/// [tokens of the second]
fn align_tokens<T: PartialEq>(first: &[T], second: &[T]) -> Vec<Option<usize>> {
    if first.len() == second.len() {
        return (0..second.len()).map(Some).collect();
    }
    // From the ends of both texts: the length of the longest common subsequence of what follows.
    let across = second.len() + 1;
    let mut lengths = vec![0u16; (first.len() + 1) * across];
    for i in (0..first.len()).rev() {
        for j in (0..second.len()).rev() {
            let (below, beside) = (lengths[(i + 1) * across + j], lengths[i * across + j + 1]);
            lengths[i * across + j] = match first[i] == second[j] {
                true => lengths[(i + 1) * across + j + 1].saturating_add(1),
                false => below.max(beside),
            };
        }
    }
    let mut places = vec![None; second.len()];
    let (mut i, mut j) = (0, 0);
    while i < first.len() && j < second.len() {
        if first[i] == second[j] {
            places[j] = Some(i);
            (i, j) = (i + 1, j + 1);
        } else if lengths[(i + 1) * across + j] >= lengths[i * across + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    if let Some(last) = places.last_mut() {
        *last = last.or(first.len().checked_sub(1));
    }
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::small::{feature, graph};

    #[test]
    fn texts_of_one_length_agree_place_by_place() {
        assert_eq!(align_tokens(&["a", "b"], &["c", "d"]), [Some(0), Some(1)]);
        assert_eq!(align_tokens::<u32>(&[], &[]), []);
    }

    #[test]
    fn other_texts_agree_along_their_longest_common_subsequence() {
        let first = ["calc", ":", " ", "3", "+", "5", "="];
        let second = ["3", "+", "5", "="];
        let wanted = [Some(3), Some(4), Some(5), Some(6)];
        assert_eq!(align_tokens(&first, &second), wanted);
        let back = align_tokens(&second, &first);
        assert_eq!(back[..3], [None; 3]);
        assert_eq!(back[3..], [Some(0), Some(1), Some(2), Some(3)]);
    }

    #[test]
    fn what_one_text_has_more_has_no_place() {
        let (short, long) = (["a", "b", "c", "="], ["a", "x", "b", "c", "="]);
        let places = [Some(0), None, Some(1), Some(2), Some(3)];
        assert_eq!(align_tokens(&short, &long), places);
        let places = [Some(0), Some(2), Some(3)];
        assert_eq!(
            align_tokens(&["a", "x", "b", "="], &["a", "b", "="]),
            places
        );
    }

    #[test]
    fn the_last_tokens_answer_whatever_they_are() {
        assert_eq!(
            align_tokens(&["x", "y"], &["p", "q", "r"]),
            [None, None, Some(1)]
        );
        assert_eq!(
            align_tokens(&["a", "b", "is"], &["a", "="]),
            [Some(0), Some(2)]
        );
        assert_eq!(align_tokens(&[], &["p"]), [None]);
        assert_eq!(align_tokens(&["p"], &[]), []);
    }

    #[test]
    fn places_only_go_on() {
        // Every pair of texts of up to four letters of two: places rise, and are of equal letters but for the last.
        let texts: Vec<Vec<u8>> = (0..=4u32)
            .flat_map(|length| {
                (0..1 << length)
                    .map(move |bits| (0..length).map(|i| (bits >> i & 1) as u8).collect())
            })
            .collect();
        for first in &texts {
            for second in &texts {
                let places = align_tokens(first, second);
                let found: Vec<usize> = places.iter().flatten().copied().collect();
                assert!(
                    found.windows(2).all(|pair| pair[0] <= pair[1]),
                    "{first:?} {second:?}: {places:?}"
                );
                if first.len() == second.len() {
                    continue;
                }
                for (j, place) in places.iter().enumerate().rev().skip(1) {
                    assert!(place.is_none_or(|i| first[i] == second[j]));
                }
            }
        }
    }

    fn outline(graph: &Graph, texts: &[&str]) -> Outline {
        Outline::new(graph, texts.iter().map(|text| text.to_string()).collect())
    }

    #[test]
    fn a_graph_is_the_same_as_itself() {
        let graph = graph(3, &[feature(0, 1, 4), feature(1, 2, 4)], &[5, 6], &[]);
        let all: Vec<(usize, usize)> = (0..graph.nodes()).map(|node| (node, node)).collect();
        let outline = outline(&graph, &["a", "b", "c"]);
        assert_eq!(outline.align(&outline), all);
    }

    #[test]
    fn features_agree_by_layer_index_and_place() {
        let first = graph(3, &[feature(0, 2, 4), feature(1, 2, 7)], &[5, 6], &[]);
        let second = graph(2, &[feature(0, 0, 4), feature(0, 1, 4)], &[6], &[]);
        let outlines = [
            outline(&first, &["a", "b", "c"]),
            outline(&second, &["b", "c"]),
        ];
        let pairs = outlines[0].align(&outlines[1]);
        // The feature at “c” is the same; that at “b” is not active in the first.
        let features: Vec<_> = pairs.iter().filter(|pair| pair.1 < 2).collect();
        assert_eq!(features, [&(0, 1)]);
        let (of_first, of_second) = (first.starts(), second.starts());
        assert!(pairs.contains(&(of_first[1] + 2, of_second[1] + 1)));
        assert!(pairs.contains(&(of_first[2] + 1, of_second[2])));
        // Each node has one twin, whichever graph is the first.
        let mut back = outlines[1].align(&outlines[0]);
        back.sort_by_key(|pair| pair.0);
        assert_eq!(back.iter().map(|&(a, b)| (b, a)).collect::<Vec<_>>(), pairs);
    }

    #[test]
    fn without_tokens_there_is_nothing_in_common() {
        let some = graph(1, &[], &[], &[]);
        let none = Outline {
            texts: Vec::new(),
            nodes: Vec::new(),
        };
        assert_eq!(none.align(&outline(&some, &["a"])), []);
        assert_eq!(outline(&some, &["a"]).align(&none), []);
        assert_eq!(none.align(&none), []);
    }
}
