//! A file that was opened, written again: as it was, but for what its reader changed.

use super::{Arrangement, rewrite};
use crate::trace::Pruned;
use serde::Serialize;
use serde_json::value::RawValue;
use std::collections::{HashMap, HashSet};

/// A file that was opened, and whose each of its records is.
#[derive(Debug)]
pub struct Original {
    pub(super) text: String,
    /// The graph's node of each record.
    pub(super) places: Vec<usize>,
    /// The id of each record, as the file has it.
    pub(super) names: Vec<String>,
    /// Source and target of each link; none for those that are no part of the graph.
    pub(super) links: Vec<Option<(usize, usize)>>,
    /// The graph's ids, and what was arranged by them when it was opened.
    pub(super) ids: Vec<String>,
    pub(super) opened: Arrangement,
    /// The same as the file has it, unknown ids included.
    pub(super) given: Arrangement,
    /// Of nodes and edges, as the file tells them.
    pub(super) thresholds: [f32; 2],
}

impl Original {
    /// The file with what a reader changed: nodes and links that pruning leaves out are gone, and
    /// its thresholds, where these are lower, are these; pins, groups, labels and places are those
    /// of `arrangement`, by the ids of [`super::Opened`]. All else is as it was, in its order, what
    /// is not understood here included.
    pub fn json(&self, pruned: &Pruned, thresholds: [f32; 2], arrangement: &Arrangement) -> String {
        let lower = [0, 1].map(|i| Some(thresholds[i]).filter(|own| *own < self.thresholds[i]));
        let kept: Vec<bool> = self
            .places
            .iter()
            .map(|place| pruned.nodes[*place])
            .collect();
        let edges = pruned.edges.iter().map(|edge| (edge.source, edge.target));
        let edges: HashSet<(usize, usize)> = edges.collect();
        let pruned_edges = lower.iter().any(Option::is_some);
        let relabelled = self.relabelled(arrangement);
        let mut out = String::with_capacity(self.text.len() + 1000);
        let text = self.text.trim_start_matches('\u{FEFF}');
        let changes = self.parameters(arrangement, &kept, &relabelled);
        // Where there is no place for them, one is made.
        let added: &[(&str, String)] = match changes.is_empty() {
            true => &[],
            false => &[("qParams", "null".to_owned())],
        };
        let mut parts = |key: &str, raw: &RawValue, out: &mut String| match key {
            "metadata" => self.metadata(raw, lower, out),
            "qParams" => with(raw, &changes, out),
            "nodes" => rewrite::list(raw, out, &mut |i, node, out| {
                match relabelled.get(i).and_then(Option::as_ref) {
                    _ if !kept.get(i).copied().unwrap_or(true) => return false,
                    Some(label) => with(node, &[("clerp", text_of(label))], out),
                    None => out.push_str(node.get()),
                }
                true
            }),
            "links" => rewrite::list(raw, out, &mut |i, link, out| {
                let ends = self.links.get(i).copied().flatten();
                let stays = ends.is_none_or(|(source, target)| {
                    let both = pruned.nodes[source] && pruned.nodes[target];
                    both && (!pruned_edges || edges.contains(&(source, target)))
                });
                if stays {
                    out.push_str(link.get());
                }
                stays
            }),
            _ => out.push_str(raw.get()),
        };
        rewrite::object(text, added, &mut out, &mut parts);
        out
    }

    /// The metadata with lower thresholds.
    fn metadata(&self, raw: &RawValue, lower: [Option<f32>; 2], out: &mut String) {
        if lower == [None; 2] {
            return out.push_str(raw.get());
        }
        let names = ["node_threshold", "edge_threshold"];
        let thresholds = [0, 1].map(|i| lower[i].unwrap_or(self.thresholds[i]));
        let all = names.into_iter().zip(thresholds);
        let all: Vec<(&str, String)> = all.map(|(name, share)| (name, text_of(&share))).collect();
        let added = [all[0].clone(), ("pruning_settings", "null".into())];
        rewrite::object(raw.get(), &added, out, &mut |key, value, out| match key {
            "pruning_settings" => with(value, &all, out),
            "edge_threshold" => out.push_str(&all[1].1),
            "node_threshold" => out.push_str(&all[0].1),
            _ => out.push_str(value.get()),
        });
    }

    /// The label of each record, where it is another now.
    fn relabelled(&self, arrangement: &Arrangement) -> Vec<Option<String>> {
        let changed = self.places.iter().map(|place| {
            let label =
                |arrangement: &Arrangement| arrangement.labels.get(&self.ids[*place]).cloned();
            let new = label(arrangement);
            (new != label(&self.opened)).then(|| new.unwrap_or_default())
        });
        changed.collect()
    }

    /// The fields of `qParams` that are others now.
    fn parameters(
        &self,
        now: &Arrangement,
        kept: &[bool],
        relabelled: &[Option<String>],
    ) -> Vec<(&'static str, String)> {
        let records = self.places.iter().enumerate();
        let by_id: HashMap<&str, usize> = records
            .filter(|(record, _)| kept[*record])
            .map(|(record, place)| (self.ids[*place].as_str(), record))
            .collect();
        let name = |id: &str| by_id.get(id).map(|record| self.names[*record].clone());
        let names = self.names.iter().enumerate();
        let known: HashMap<&str, usize> = names.map(|(record, id)| (id.as_str(), record)).collect();
        let opened = self.opened.renamed(&name);
        let renamed = now.renamed(&name);
        let all_kept = kept.iter().all(|kept| *kept);
        let same = |same: bool| same && all_kept;
        let mut changes = Vec::new();
        if !same(now.pinned == self.opened.pinned) {
            let unknown = self.given.pinned.iter();
            let unknown = unknown.filter(|id| !known.contains_key(id.as_str()));
            let pinned: Vec<&String> = renamed.pinned.iter().chain(unknown).collect();
            changes.push(("pinnedIds", text_of(&pinned)));
        }
        if !same(now.supernodes == self.opened.supernodes) {
            let none_known = |group: &&Vec<String>| {
                let mut ids = group.iter().skip(1);
                ids.all(|id| !known.contains_key(id.as_str()))
            };
            let unknown = self.given.supernodes.iter().filter(none_known);
            let groups: Vec<&Vec<String>> = renamed.supernodes.iter().chain(unknown).collect();
            changes.push(("supernodes", text_of(&groups)));
        }
        if !same(now.clicked == self.opened.clicked) && renamed.clicked != opened.clicked {
            changes.push(("clickedId", text_of(&renamed.clicked)));
        }
        if now.positions != self.opened.positions {
            changes.push(("sg_pos", text_of(&now.positions)));
        }
        let renamed = |id: &String| {
            let mut all = relabelled.iter().zip(&self.names);
            all.any(|(label, name)| label.is_some() && name == id)
        };
        if self.given.labels.keys().any(renamed) {
            let others = self.given.labels.iter().filter(|(id, _)| !renamed(id));
            changes.push(("clerps", text_of(&others.collect::<Vec<_>>())));
        }
        changes
    }
}

/// An object with these fields instead of its own; nothing else is one, and becomes one.
fn with(raw: &RawValue, fields: &[(&str, String)], out: &mut String) {
    let own = |key: &str| fields.iter().find(|(name, _)| *name == key);
    rewrite::object(raw.get(), fields, out, &mut |key, value, out| {
        out.push_str(own(key).map_or(value.get(), |(_, text)| text));
    });
}

fn text_of(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("texts and finite numbers")
}
