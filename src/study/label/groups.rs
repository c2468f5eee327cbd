//! An operand plot in numbers: its values, their means by what pairs of operands have in common, and how much these explain.

use crate::study::{OPERANDS, Plot};

/// A feature that is more than half active on so many of the pairs tells none of them apart.
const MOSTLY: f32 = 0.9;

/// A plot that is not the same everywhere, and its means by what may decide.
pub struct Seen {
    /// [100, 100], from 0 to 1.
    pub values: Vec<f32>,
    pub all: Spread,
    pub by_a: Groups,
    pub by_b: Groups,
    pub by_sum: Groups,
    /// By both ones digits, 10 times the first and the second.
    pub by_ones: Groups,
}

impl Seen {
    /// None where, rounding apart, the plot is the same everywhere.
    pub fn new(plot: &Plot) -> Option<Seen> {
        let values: Vec<f32> = plot.pixels.iter().map(|x| f32::from(*x) / 255.0).collect();
        let all = Spread::new(&values);
        if all.squares <= 1e-4 * values.iter().map(|x| x * x).sum::<f32>() {
            return None;
        }
        Some(Seen {
            by_a: Groups::new(OPERANDS, &values, |a, _| a),
            by_b: Groups::new(OPERANDS, &values, |_, b| b),
            by_sum: Groups::new(2 * OPERANDS - 1, &values, |a, b| a + b),
            by_ones: Groups::new(100, &values, |a, b| 10 * (a % 10) + b % 10),
            all,
            values,
        })
    }

    /// The share of the pairs on which it is more than half active, where it so tells hardly any apart.
    pub fn mostly_active(&self) -> Option<f32> {
        let high = self.values.iter().filter(|value| **value > 0.5).count();
        let share = high as f32 / self.values.len() as f32;
        (share >= MOSTLY).then_some(share)
    }
}

/// How much there is to explain.
pub struct Spread {
    /// The mean of all values.
    pub mean: f32,
    /// Sum of squares around the mean.
    squares: f32,
    /// How many values there are.
    pub count: f32,
}

impl Spread {
    fn new(values: &[f32]) -> Spread {
        let count = values.len() as f32;
        let mean = values.iter().sum::<f32>() / count;
        Spread {
            mean,
            squares: values.iter().map(|x| (x - mean) * (x - mean)).sum(),
            count,
        }
    }

    /// The adjusted share for a rule of so many numbers that leaves this sum of squares.
    pub fn explains(&self, left: f32, numbers: usize) -> f32 {
        let adjusted = (self.count - 1.0) / (self.count - numbers as f32);
        1.0 - adjusted * left / self.squares
    }

    /// The share of the variance that any function of what the groups have in common explains.
    pub fn by_group(&self, groups: &Groups) -> f32 {
        let squares = groups.means.iter().zip(&groups.counts);
        let explained: f32 = squares
            .map(|(mean, count)| count * (mean - self.mean) * (mean - self.mean))
            .sum();
        self.explains(self.squares - explained, groups.means.len())
    }
}

/// Pairs that have a number in common: per number the mean of their values, and how many they are.
pub struct Groups {
    pub means: Vec<f32>,
    counts: Vec<f32>,
}

impl Groups {
    fn new(size: usize, values: &[f32], number_of: impl Fn(usize, usize) -> usize) -> Groups {
        let numbers = pairs().map(|(a, b)| number_of(a, b));
        Groups::sum(size, numbers.zip(values.iter().map(|value| (*value, 1.0))))
    }

    /// Of (number, (sum, count)).
    fn sum(size: usize, parts: impl Iterator<Item = (usize, (f32, f32))>) -> Groups {
        let (mut sums, mut counts) = (vec![0.0; size], vec![0.0; size]);
        for (number, (sum, count)) in parts {
            sums[number] += sum;
            counts[number] += count;
        }
        let means = sums.iter().zip(&counts).map(|(sum, count)| sum / count);
        Groups {
            means: means.collect(),
            counts,
        }
    }

    /// The same by a number that follows from this one.
    pub fn fold(&self, size: usize, folded: impl Fn(usize) -> usize) -> Groups {
        let parts = self.means.iter().zip(&self.counts);
        let parts = parts.map(|(mean, count)| (mean * count, *count));
        Groups::sum(
            size,
            parts
                .enumerate()
                .map(|(number, part)| (folded(number), part)),
        )
    }

    /// What these numbers, both ends included, hold of all values.
    pub fn mass(&self, (low, high): (usize, usize)) -> f32 {
        (low..=high)
            .map(|at| self.means[at] * self.counts[at])
            .sum()
    }

    /// The centre of mass of these numbers.
    pub fn centre(&self, (low, high): (usize, usize)) -> usize {
        let moment = (low..=high).map(|at| at as f32 * self.means[at] * self.counts[at]);
        (moment.sum::<f32>() / self.mass((low, high))).round() as usize
    }
}

/// All (a, b), in the order of a plot's pixels.
pub fn pairs() -> impl Iterator<Item = (usize, usize)> {
    (0..OPERANDS).flat_map(|a| (0..OPERANDS).map(move |b| (a, b)))
}
