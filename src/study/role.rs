//! What a feature does in an addition, from its operand plot: how precise it is about the numbers,
//! and which of them it reads. The roles are those of "Circuit Tracing" (2025, section on addition):
//! add-function features read one operand, lookup-table features both, sum features the sum.

use super::label::{LEAST_EXPLAINED, LEAST_OF_BEST, Seen};
use super::{OPERANDS, Plot};

/// A moving average over so many numbers forgets the ones digit.
const WINDOW: usize = 10;

/// What a plot that is not nearly the same everywhere is a function of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Role {
    pub precision: Precision,
    pub reads: Reads,
    /// Share of the plot's variance that functions of the two ones digits explain, adjusted for
    /// their hundred values; at most 1.
    pub ones: f32,
    /// Share of the variance that a multiple of the plot's moving average over 10 x 10 pairs
    /// explains, 0 to 1.
    pub magnitude: f32,
}

/// What of the numbers counts: the kind that explains half of the variance or more, and the larger
/// share where both do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precision {
    /// The ones digits: `_6`, `_6 + _9`, `sum = _5`, a carry.
    Ones,
    /// About how large they are: `~30`, `~36 + ~60`, `sum ~ 92`.
    Magnitude,
    /// Both together, as in `36` or `sum = 95`, or something else.
    Exact,
}

/// Which number a plot is a function of: that which explains half of the variance or more, and most
/// of what the best explanation does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    First,
    Second,
    Sum,
    /// None of them alone: a condition on both operands.
    Lookup,
}

/// A feature's role by its plot. None where it tells hardly any prompts apart: it is the same for
/// all operands, or mostly active.
pub fn role(plot: &Plot) -> Option<Role> {
    let seen = Seen::new(plot).filter(|seen| seen.mostly_active().is_none())?;
    let ones = seen.all.by_group(&seen.by_ones);
    let magnitude = smooth(&seen.values);
    let precision = if ones.max(magnitude) < LEAST_EXPLAINED {
        Precision::Exact
    } else if ones >= magnitude {
        Precision::Ones
    } else {
        Precision::Magnitude
    };
    let numbers = [
        (Reads::First, seen.all.by_group(&seen.by_a)),
        (Reads::Second, seen.all.by_group(&seen.by_b)),
        (Reads::Sum, seen.all.by_group(&seen.by_sum)),
    ];
    let best = numbers.iter().map(|(_, explains)| *explains);
    let best = best.fold(ones.max(magnitude), f32::max);
    let least = LEAST_EXPLAINED.max(LEAST_OF_BEST * best);
    let number = numbers.iter().find(|(_, explains)| *explains >= least);
    Some(Role {
        precision,
        reads: number.map_or(Reads::Lookup, |(reads, _)| *reads),
        ones,
        magnitude,
    })
}

/// The squared correlation of a plot, [100, 100], with its moving average.
fn smooth(values: &[f32]) -> f32 {
    let average = transposed(&averaged(&transposed(&averaged(values))));
    let mean = |values: &[f32]| values.iter().sum::<f32>() / values.len() as f32;
    let (x, y) = (mean(values), mean(&average));
    let (mut xx, mut xy, mut yy) = (0.0, 0.0, 0.0);
    for (value, average) in values.iter().zip(&average) {
        let (dx, dy) = (value - x, average - y);
        xx += dx * dx;
        xy += dx * dy;
        yy += dy * dy;
    }
    // Where the average is the same everywhere, it explains nothing.
    if yy > 0.0 { xy * xy / (xx * yy) } else { 0.0 }
}

/// Each value's mean over the ten around it in its row; at the ends over those that there are.
fn averaged(values: &[f32]) -> Vec<f32> {
    let half = WINDOW / 2;
    let rows = values.chunks_exact(OPERANDS).flat_map(|row| {
        (0..OPERANDS).map(move |at| {
            let around = &row[at.saturating_sub(half)..(at + half).min(OPERANDS)];
            around.iter().sum::<f32>() / around.len() as f32
        })
    });
    rows.collect()
}

fn transposed(values: &[f32]) -> Vec<f32> {
    let places = (0..OPERANDS).flat_map(|column| (0..OPERANDS).map(move |row| (row, column)));
    places
        .map(|(row, column)| values[OPERANDS * row + column])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::Precision::{Exact, Magnitude, Ones};
    use super::Reads::{First, Lookup, Second, Sum};
    use super::*;
    use crate::study::drawn::{band, if_so, plot};

    /// The role of a plot of this function of the operands, from 0 to 1.
    fn role_by(value: impl Fn(i32, i32) -> f32) -> Option<Role> {
        role(&plot(value))
    }

    fn found(value: impl Fn(i32, i32) -> f32) -> (Precision, Reads) {
        let role = role_by(value).unwrap();
        (role.precision, role.reads)
    }

    #[test]
    fn ones_digits() {
        assert_eq!(found(|a, _| if_so(a % 10 == 6)), (Ones, First));
        assert_eq!(found(|_, b| if_so(b % 10 >= 8)), (Ones, Second));
        assert_eq!(found(|a, b| if_so((a + b) % 10 == 5)), (Ones, Sum));
        let pair = |a, b| if_so(a % 10 == 6 && b % 10 == 9);
        assert_eq!(found(pair), (Ones, Lookup));
        // A carry is no function of the sum.
        let carry = |a: i32, b: i32| if_so(a % 10 + b % 10 >= 10);
        assert_eq!(found(carry), (Ones, Lookup));
        let exact = role_by(pair).unwrap();
        assert!(exact.ones > 0.999 && exact.magnitude < 0.01, "{exact:?}");
    }

    #[test]
    fn magnitudes() {
        assert_eq!(found(|a, _| band(a, 36, 10)), (Magnitude, First));
        assert_eq!(found(|_, b| if_so(b >= 87)), (Magnitude, Second));
        assert_eq!(found(|a, b| band(a + b, 92, 12)), (Magnitude, Sum));
        let blob = |a, b| band(a, 36, 10) * band(b, 59, 10);
        assert_eq!(found(blob), (Magnitude, Lookup));
        let smooth = role_by(|a, _| a as f32 / 99.0).unwrap();
        assert!(smooth.magnitude > 0.98 && smooth.ones < 0.02, "{smooth:?}");
    }

    #[test]
    fn exact_numbers_are_neither() {
        assert_eq!(found(|a, _| if_so(a == 36)), (Exact, First));
        assert_eq!(found(|a, b| if_so(a + b == 95)), (Exact, Sum));
        assert_eq!(found(|a, b| if_so(a == 36 && b == 59)), (Exact, Lookup));
        let comb = |a, b| if_so((a + b) % 10 == 5) * band(a + b, 95, 10);
        assert_eq!(found(comb), (Exact, Sum));
    }

    #[test]
    fn what_tells_hardly_any_prompts_apart_has_no_role() {
        assert_eq!(role_by(|_, _| 1.0), None);
        assert_eq!(role_by(|_, _| 0.0), None);
        assert_eq!(role_by(|a, _| if a % 10 == 3 { 0.8 } else { 1.0 }), None);
    }
}
