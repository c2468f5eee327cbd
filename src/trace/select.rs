//! Which features become nodes when more are active than asked for: circuit-tracer's adaptive
//! ranking by the influence that the rows computed so far show.

/// Below this, a row counts as empty (circuit-tracer has another constant here than in pruning).
const SMALLEST_SUM: f32 = 1e-8;

/// Rows computed so far, over all active features and the other sources.
pub(super) struct Partial<'a> {
    /// [rows, width]
    pub rows: &'a [f32],
    pub width: usize,
    /// The first rows are the targets', with these weights.
    pub weights: &'a [f32],
    /// The feature that each of the further rows belongs to.
    pub owners: &'a [usize],
}

/// The next features to compute, the most influential first: at most `count`, none that has its
/// row already. Among equals the first comes first.
pub(super) fn next(partial: &Partial<'_>, features: usize, count: usize) -> Vec<usize> {
    let influence = influence(partial);
    let mut taken = vec![false; features];
    for owner in partial.owners {
        taken[*owner] = true;
    }
    let mut order: Vec<usize> = (0..features).filter(|feature| !taken[*feature]).collect();
    order.sort_by(|a, b| influence[*b].total_cmp(&influence[*a]));
    order.truncate(count);
    order
}

/// Influence of every source along the rows that are there, [width]. Rows of later layers are not
/// always computed before those of earlier ones, but features stand in the order of their layers.
fn influence(partial: &Partial<'_>) -> Vec<f32> {
    let mut influence = vec![0.0; partial.width];
    let spread = |row: usize, weight: f32, influence: &mut Vec<f32>| {
        let row = &partial.rows[row * partial.width..(row + 1) * partial.width];
        let sum = row.iter().map(|edge| edge.abs()).sum::<f32>();
        let weight = weight / sum.max(SMALLEST_SUM);
        if weight != 0.0 {
            for (influence, edge) in influence.iter_mut().zip(row) {
                *influence += weight * edge.abs();
            }
        }
    };
    for (row, weight) in partial.weights.iter().enumerate() {
        spread(row, *weight, &mut influence);
    }
    let mut order: Vec<usize> = (0..partial.owners.len()).collect();
    order.sort_by_key(|row| std::cmp::Reverse(partial.owners[*row]));
    for row in order {
        let weight = influence[partial.owners[row]];
        spread(partial.weights.len() + row, weight, &mut influence);
    }
    influence
}
