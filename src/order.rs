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

/// The first `most` of [`largest_first`], without sorting the others.
pub(crate) fn largest(values: &[f32], most: usize) -> Vec<usize> {
    let mut found: Vec<usize> = Vec::with_capacity(most.min(values.len()) + 1);
    for (place, value) in values.iter().enumerate() {
        if found.len() == most
            && found
                .last()
                .is_none_or(|last| value.total_cmp(&values[*last]).is_le())
        {
            continue;
        }
        let after = found.partition_point(|other| values[*other].total_cmp(value).is_ge());
        found.insert(after, place);
        found.truncate(most);
    }
    found
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

    #[test]
    fn the_largest_are_the_first_of_all() {
        let values: Vec<f32> = (0..60).map(|i| ((i * 37) % 23) as f32).collect();
        for most in [0, 1, 7, 59, 60, 70] {
            let all = largest_first(&values);
            assert_eq!(largest(&values, most), all[..most.min(60)]);
        }
    }
}
