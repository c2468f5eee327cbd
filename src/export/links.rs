//! The links of a file: whose they are, and an order of the nodes in which all lead forwards.

use super::nodes::Nodes;
use super::open::OpenError;
use super::records::{Kind, LinkRecord, NodeRecord};
use crate::model::clause;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashSet};

/// A link between two records of nodes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Link {
    pub source: usize,
    pub target: usize,
    pub weight: f32,
}

/// How many links of a file are no part of its graph. They stay in it when it is saved.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LeftOut {
    /// From or to a node that is not in the file, as of one that was pruned away.
    pub of_missing_nodes: usize,
    /// There already, between the same two nodes; the first counts.
    pub repeated: usize,
}

/// Finds the nodes of each link; none for those that are left out.
pub(super) fn read(
    nodes: &Nodes,
    links: &[LinkRecord],
) -> Result<(Vec<Option<Link>>, LeftOut), OpenError> {
    let mut left_out = LeftOut::default();
    let mut seen: HashSet<(usize, usize)> = HashSet::with_capacity(links.len());
    let mut read = Vec::with_capacity(links.len());
    for (index, link) in links.iter().enumerate() {
        let wrong = |problem| OpenError::Link {
            index,
            source_id: clause(&link.source),
            target_id: clause(&link.target),
            problem,
        };
        let owner = |id: &str| nodes.ids.get(id);
        let (Some(source), Some(target)) = (owner(&link.source), owner(&link.target)) else {
            left_out.of_missing_nodes += 1;
            read.push(None);
            continue;
        };
        let weight = link.weight;
        if !weight.is_finite() {
            return Err(wrong("has a weight that is no finite number"));
        }
        let target = target.record;
        if !matches!(
            nodes.kinds[target],
            Kind::Feature { .. } | Kind::Logit { .. }
        ) {
            let problem = "leads to an error, a token or a bias, which have no inputs";
            return Err(wrong(problem));
        }
        if matches!(nodes.kinds[source.record], Kind::Logit { .. }) {
            return Err(wrong("comes from a logit, which has no outputs"));
        }
        // Of two nodes with one id, the feature comes first.
        let new = |record: usize| !seen.contains(&(record, target));
        let source = match source.error {
            Some(error) if !(nodes.is_below(source.record, target) && new(source.record)) => error,
            _ => source.record,
        };
        read.push(match seen.insert((source, target)) {
            true => Some(Link {
                source,
                target,
                weight,
            }),
            false => {
                left_out.repeated += 1;
                None
            }
        });
    }
    Ok((read, left_out))
}

/// The features in an order in which each link leads forwards, and otherwise as they come.
///
/// # Errors
/// Links that go round in a circle, with its nodes.
pub(super) fn acyclic(
    records: &[NodeRecord],
    features: Vec<usize>,
    links: &[Option<Link>],
) -> Result<Vec<usize>, OpenError> {
    let mut numbers = vec![None; records.len()];
    for (number, record) in features.iter().enumerate() {
        numbers[*record] = Some(number);
    }
    let mut outputs: Vec<Vec<usize>> = vec![Vec::new(); features.len()];
    let mut waiting = vec![0usize; features.len()];
    for link in links.iter().flatten() {
        if let (Some(source), Some(target)) = (numbers[link.source], numbers[link.target]) {
            outputs[source].push(target);
            waiting[target] += 1;
        }
    }
    let free = (0..features.len()).filter(|feature| waiting[*feature] == 0);
    let mut free: BinaryHeap<Reverse<usize>> = free.map(Reverse).collect();
    let mut ordered = Vec::with_capacity(features.len());
    while let Some(Reverse(feature)) = free.pop() {
        ordered.push(features[feature]);
        for target in &outputs[feature] {
            waiting[*target] -= 1;
            if waiting[*target] == 0 {
                free.push(Reverse(*target));
            }
        }
    }
    match ordered.len() == features.len() {
        true => Ok(ordered),
        false => {
            let ids = circle(&outputs, &waiting).into_iter();
            let ids = ids.map(|feature| clause(&records[features[feature]].id));
            Err(OpenError::circle(ids.collect()))
        }
    }
}

/// A circle among the features that still wait for an input, each before those that it feeds.
fn circle(outputs: &[Vec<usize>], waiting: &[usize]) -> Vec<usize> {
    let waits = |feature: &usize| waiting[*feature] > 0;
    // One that waits is fed by another that does, so this walks back until one comes again.
    let mut fed_by = vec![None; outputs.len()];
    for source in (0..outputs.len()).filter(waits) {
        for target in &outputs[source] {
            fed_by[*target] = Some(source);
        }
    }
    let mut path: Vec<usize> = Vec::new();
    let mut next = (0..outputs.len()).find(waits);
    while let Some(feature) = next {
        if let Some(start) = path.iter().position(|seen| *seen == feature) {
            path.drain(..start);
            path.reverse();
            return path;
        }
        path.push(feature);
        next = fed_by[feature];
    }
    path
}
