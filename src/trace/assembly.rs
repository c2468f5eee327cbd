//! The rows of a graph, put together from rows over all that is active.

/// Rows of the nodes that were selected, then of the targets; they may come in any order.
pub(super) struct Assembly<'s> {
    /// Indices among the active features.
    selected: &'s [usize],
    active: usize,
    /// Of a whole row of the graph.
    nodes: usize,
    adds_up: bool,
    /// [selected + targets, nodes]
    pub rows: Vec<f32>,
    /// [selected + targets]
    pub remainder: Vec<f32>,
}

impl<'s> Assembly<'s> {
    /// Of so many active features, `others` that are no features, and targets.
    pub fn new(
        selected: &'s [usize],
        [active, others, targets]: [usize; 3],
        adds_up: bool,
    ) -> Self {
        let rows = selected.len() + targets;
        let nodes = selected.len() + others + targets;
        Assembly {
            selected,
            active,
            nodes,
            adds_up,
            rows: vec![0.0; rows * nodes],
            remainder: vec![0.0; rows],
        }
    }

    /// Takes up one row, of `edges` [active + others]. Where rows add up, what features that are not selected write becomes part of the
    /// remainder.
    pub fn keep(&mut self, row: usize, edges: &[f32], mut remainder: f32) {
        let (features, others) = edges.split_at(self.active);
        let to = &mut self.rows[row * self.nodes..][..self.selected.len() + others.len()];
        let (to, to_others) = to.split_at_mut(self.selected.len());
        to_others.copy_from_slice(others);
        if self.selected.len() == self.active {
            to.copy_from_slice(features);
        } else {
            for (to, feature) in to.iter_mut().zip(self.selected) {
                *to = features[*feature];
            }
            if self.adds_up {
                let mut left = features.to_vec();
                self.selected.iter().for_each(|i| left[*i] = 0.0);
                remainder += left.iter().sum::<f32>();
            }
        }
        self.remainder[row] = remainder;
    }
}
