//! What a reader did to a graph, as its file keeps it.

use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Pinned nodes, their groups and places, and labels: the schema's `qParams`, and the `clerp` of
/// features. Nodes go by their ids; see [`super::node_id`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
#[serde(default)]
pub struct Arrangement {
    pub pinned: Vec<String>,
    /// Each a name, then its nodes.
    pub supernodes: Vec<Vec<String>>,
    /// The selected node, or nothing.
    pub clicked: String,
    /// Places in the subgraph, as the viewer that wrote them spells them.
    pub positions: String,
    /// By feature node: its label.
    pub labels: BTreeMap<String, String>,
}

impl Arrangement {
    /// The same by other ids. Nodes without one are left out, and groups without a node.
    pub fn renamed(&self, id: &dyn Fn(&str) -> Option<String>) -> Arrangement {
        let all = |ids: &[String]| -> Vec<String> { ids.iter().filter_map(|i| id(i)).collect() };
        let supernodes = self.supernodes.iter().filter_map(|group| {
            let (name, nodes) = group.split_first()?;
            let nodes = all(nodes);
            let named = std::iter::once(name.clone());
            (!nodes.is_empty()).then(|| named.chain(nodes).collect())
        });
        // One by one: a map that is collected sorts first, and a sort of its own is dear to download.
        let mut labels = BTreeMap::new();
        for (node, label) in &self.labels {
            if let Some(node) = id(node) {
                labels.insert(node, label.clone());
            }
        }
        Arrangement {
            pinned: all(&self.pinned),
            supernodes: supernodes.collect(),
            clicked: id(&self.clicked).unwrap_or_default(),
            positions: self.positions.clone(),
            labels,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_that_are_gone_leave_the_arrangement() {
        let texts = |texts: &[&str]| texts.iter().map(|text| text.to_string()).collect();
        let arrangement = Arrangement {
            pinned: texts(&["a", "b"]),
            supernodes: vec![
                texts(&["sums", "a", "b"]),
                texts(&["gone", "b"]),
                texts(&["empty"]),
                texts(&[]),
            ],
            clicked: "b".into(),
            positions: "1 2".into(),
            labels: [("a", "of a"), ("b", "of b")]
                .map(|(id, label)| (id.into(), label.into()))
                .into(),
        };
        let renamed = arrangement.renamed(&|id| (id == "a").then(|| "A".into()));
        assert_eq!(renamed.pinned, ["A"]);
        assert_eq!(renamed.supernodes, [["sums", "A"]]);
        assert_eq!(renamed.clicked, "");
        assert_eq!(renamed.positions, "1 2");
        assert_eq!(renamed.labels.len(), 1);
        assert_eq!(renamed.labels["A"], "of a");
    }
}
