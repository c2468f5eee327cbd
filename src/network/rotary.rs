//! Rotary positions: queries and keys are turned by where their tokens stand, so that a score depends
//! on how far apart two tokens are. A rotation is pulled back by its inverse.

use crate::engine::{Engine, Rotation};

/// The turns of every position.
pub(crate) struct Rotary<T> {
    /// Of each position the cosines of its pairs of lanes and then their sines, [positions, head_width].
    table: T,
}

impl<T> Rotary<T> {
    /// The turns of so many positions, with the frequencies of [`crate::model::Config::rotary`].
    pub fn new<E: Engine<Tensor = T>>(engine: &E, frequencies: &[f32], positions: usize) -> Self {
        let mut table = Vec::with_capacity(positions * 2 * frequencies.len());
        for position in 0..positions {
            // In f64: an angle may be many turns.
            let turns = frequencies
                .iter()
                .map(|frequency| turn(position as f64 * f64::from(*frequency)));
            let turns: Vec<[f64; 2]> = turns.collect();
            for part in [0, 1] {
                table.extend(turns.iter().map(|turn| turn[part] as f32));
            }
        }
        Rotary {
            table: engine.upload(&table),
        }
    }

    /// Turns queries and keys, in place.
    pub fn run<E: Engine<Tensor = T>>(&self, engine: &E, x: &mut T, sizes: Rotation) {
        engine.rotate(
            x,
            &self.table,
            Rotation {
                back: false,
                ..sizes
            },
        );
    }

    /// Makes gradients by turned queries and keys those by what was turned, in place.
    pub fn pull_back<E: Engine<Tensor = T>>(&self, engine: &E, gradient: &mut T, sizes: Rotation) {
        engine.rotate(
            gradient,
            &self.table,
            Rotation {
                back: true,
                ..sizes
            },
        );
    }
}

/// Cosine and sine of an angle, to 10^-11 up to 10,000: by their series for a small part of it, which is then doubled. What the standard
/// library has is larger than the rest of this file by far, in a page's download.
fn turn(angle: f64) -> [f64; 2] {
    let (mut part, mut doublings) = (angle, 0);
    while part.abs() > 0.5 {
        part /= 2.0;
        doublings += 1;
    }
    // 1 - x^2 / n (n + 1) (1 - x^2 / (n + 2) (n + 3) (1 - ...))
    let series = |first: u32| {
        (0..7).rev().fold(1.0, |sum, term| {
            let n = f64::from(first + 2 * term);
            1.0 - part * part / (n * (n + 1.0)) * sum
        })
    };
    let (mut cosine, mut sine) = (series(1), part * series(2));
    for _ in 0..doublings {
        (cosine, sine) = (cosine * cosine - sine * sine, 2.0 * cosine * sine);
    }
    [cosine, sine]
}

#[cfg(test)]
mod tests {
    use super::turn;

    #[test]
    fn turns_are_cosines_and_sines() {
        for step in -2_000..2_000 {
            let angle = f64::from(step) * f64::from(step).abs() / 400.0;
            let [cosine, sine] = turn(angle);
            assert!((cosine - angle.cos()).abs() < 1e-11, "{angle}");
            assert!((sine - angle.sin()).abs() < 1e-11, "{angle}");
        }
    }
}
