//! One sort for all: each kind of thing that is sorted by itself adds 6 KB to the page's download.

use std::cmp::Ordering;

/// The indices below `count` in the order of `compare`; equal ones as they were.
pub(crate) fn indices(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|a, b| compare(*a, *b));
    order
}

/// The indices of values, the largest first; equal ones as they were.
pub(crate) fn largest_first(values: &[f32]) -> Vec<usize> {
    indices(values.len(), &|a, b| values[b].total_cmp(&values[a]))
}

/// Sorts; equal ones stay as they were.
pub(crate) fn sort<T>(things: &mut Vec<T>, compare: &dyn Fn(&T, &T) -> Ordering) {
    let order = indices(things.len(), &|a, b| compare(&things[a], &things[b]));
    let mut taken: Vec<Option<T>> = things.drain(..).map(Some).collect();
    things.extend(order.into_iter().filter_map(|i| taken[i].take()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_ones_stay_as_they_were() {
        let mut pairs = vec![(1, 'a'), (0, 'b'), (1, 'c'), (0, 'd')];
        sort(&mut pairs, &|a, b| a.0.cmp(&b.0));
        assert_eq!(pairs, [(0, 'b'), (0, 'd'), (1, 'a'), (1, 'c')]);
        assert_eq!(largest_first(&[1.0, 3.0, 1.0, -2.0]), [1, 0, 2, 3]);
    }
}
