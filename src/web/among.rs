//! Some nodes of a graph taken together, and two graphs beside each other.

use super::record;
use super::trace::Trace;
use crate::study;
use crate::wire::{Aligned, Among, Numbers, StoryRecord, SuggestionRecord};
use wasm_bindgen::prelude::*;

fn indices(nodes: &[u32]) -> Vec<usize> {
    nodes.iter().map(|node| *node as usize).collect()
}

#[wasm_bindgen]
impl Trace {
    /// All edges among some nodes, pruned or not: `{ sources, targets, weights }`; see [`study::edges_among`].
    ///
    /// # Errors
    /// A node that does not exist.
    #[wasm_bindgen(unchecked_return_type = "wire.Among")]
    pub fn among(&self, nodes: &[u32]) -> Result<JsValue, JsValue> {
        let nodes = indices(nodes);
        nodes.iter().try_for_each(|node| self.check(*node))?;
        let edges = study::edges_among(self.graph(), &nodes);
        Ok(record(&Among {
            sources: edges.iter().map(|edge| edge.source).collect(),
            targets: edges.iter().map(|edge| edge.target).collect(),
            weights: Numbers(edges.iter().map(|edge| edge.weight).collect()),
        }))
    }

    /// A subgraph to start from, of what pruning leaves: `{ nodes, groups, leaders }`; see [`study::suggest`].
    /// `named[i]` is called `labels[i]`.
    ///
    /// # Errors
    /// A node that does not exist.
    #[expect(clippy::too_many_arguments)]
    #[wasm_bindgen(unchecked_return_type = "wire.Suggestion")]
    pub fn suggest(
        &self,
        node_threshold: f32,
        edge_threshold: f32,
        density: f32,
        frequencies: Option<Vec<f32>>,
        chosen: &[u32],
        named: &[u32],
        labels: Vec<String>,
    ) -> Result<JsValue, JsValue> {
        let chosen = indices(chosen);
        chosen.iter().try_for_each(|node| self.check(*node))?;
        let pruned = self.left(node_threshold, edge_threshold, density, frequencies);
        let label = |node: usize| {
            let place = named.iter().position(|each| *each as usize == node)?;
            labels.get(place).map(String::as_str)
        };
        let found = study::suggest(self.graph(), &pruned, &chosen, label);
        let groups = found.groups.into_iter();
        Ok(record(&SuggestionRecord {
            nodes: found.nodes.into_iter().collect(),
            groups: groups.map(|group| group.into_iter().collect()).collect(),
            leaders: found.leaders.into_iter().collect(),
        }))
    }

    /// The graph that pruning leaves, told in few items; see [`study::story`]. `named[i]` is called `words[i]` and has `parts[i]` in an
    /// addition, or none where that is empty.
    ///
    /// # Errors
    /// A node that does not exist.
    #[expect(clippy::too_many_arguments)]
    #[wasm_bindgen(unchecked_return_type = "wire.Story")]
    pub fn story(
        &self,
        node_threshold: f32,
        edge_threshold: f32,
        density: f32,
        frequencies: Option<Vec<f32>>,
        named: &[u32],
        words: Vec<String>,
        parts: Vec<String>,
    ) -> Result<JsValue, JsValue> {
        let pruned = self.left(node_threshold, edge_threshold, density, frequencies);
        let mut called = vec![None; self.graph().nodes()];
        let names = words.into_iter().zip(parts);
        for (node, (words, part)) in indices(named).into_iter().zip(names) {
            self.check(node)?;
            called[node] = Some(study::Called {
                words,
                fit: 0.0,
                part: part.parse().ok(),
            });
        }
        let texts = self.tokens();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let story = study::story(self.graph(), &pruned, &texts, |node| called[node].clone());
        Ok(record(&StoryRecord::new(story, |node| node)))
    }

    /// What of it can be the same in another graph: see [`study::Outline`]. It holds nothing of the engine.
    pub fn outline(&self) -> Outline {
        Outline(study::Outline::new(self.graph(), self.tokens()))
    }
}

/// What of a graph can be the same in another.
#[wasm_bindgen]
pub struct Outline(study::Outline);

#[wasm_bindgen]
impl Outline {
    /// The nodes that this graph and a second one have in common, in pairs: `{ first, second }`; see [`study::Outline::align`].
    #[wasm_bindgen(unchecked_return_type = "wire.Aligned")]
    pub fn align(&self, second: &Outline) -> JsValue {
        let pairs = self.0.align(&second.0);
        record(&Aligned {
            first: pairs.iter().map(|pair| pair.0).collect(),
            second: pairs.iter().map(|pair| pair.1).collect(),
        })
    }
}
