//! Names of features that fire on a token after numbers in a range, such as `on “weeks” after 27 to 37`: the range is chosen on one half
//! of the sample texts and judged on the other.

use super::label::Label;
use crate::order;

/// Places that a range has to hold in each half.
const LEAST_OFTEN: usize = 4;

/// A place of the token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// The number that stands before it.
    pub number: u32,
    /// Of the feature there; 0 where it is silent.
    pub activation: f32,
    /// Whether its text is one of the half that judges.
    pub judges: bool,
}

/// The range of numbers after which the feature fires on a token, with the F1 of its activation there, against all of it (`totals`, of the
/// half that chooses and of that which judges), and of the places in the range on which it fires.
pub(super) fn after_numbers(token: &str, places: &[Place], totals: [f32; 2]) -> Option<Label> {
    let half = |judges| places.iter().filter(move |place| place.judges == judges);
    let mut numbers: Vec<u32> = half(false).map(|place| place.number).collect();
    order::sort(&mut numbers, &|a, b| a.cmp(b));
    numbers.dedup();
    let fit = |judges: bool, first: u32, last: u32| -> Option<f32> {
        let inside = half(judges).filter(|place| (first..=last).contains(&place.number));
        let (mut held, mut active, mut all) = (0.0, 0, 0);
        for place in inside {
            held += place.activation;
            active += usize::from(place.activation > 0.0);
            all += 1;
        }
        if all < LEAST_OFTEN {
            return None;
        }
        let (precise, whole) = (
            held / totals[usize::from(judges)].max(f32::MIN_POSITIVE),
            active as f32 / all as f32,
        );
        Some(2.0 * precise * whole / (precise + whole).max(f32::MIN_POSITIVE))
    };
    let mut best: Option<(f32, u32, u32)> = None;
    for (at, first) in numbers.iter().enumerate() {
        for last in &numbers[at..] {
            if let Some(found) = fit(false, *first, *last)
                && best.is_none_or(|(known, ..)| found > known)
            {
                best = Some((found, *first, *last));
            }
        }
    }
    let (_, first, last) = best?;
    // A range that is all of them tells nothing of the numbers.
    let all = first == numbers[0] && last == *numbers.last()?;
    let fit = fit(true, first, last).filter(|_| !all)?;
    Some(Label {
        words: format!("on “{token}” after {first} to {last}"),
        fit,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::FITS;

    /// Places after 0 to 39 in both halves, on which the feature is as strong as this says.
    fn places(activation: impl Fn(u32) -> f32) -> (Vec<Place>, [f32; 2]) {
        let all: Vec<Place> = (0..80)
            .map(|i| Place {
                number: i / 2,
                activation: activation(i / 2),
                judges: i % 2 == 1,
            })
            .collect();
        let total = all.iter().map(|place| place.activation).sum::<f32>() / 2.0;
        (all, [total, total])
    }

    #[test]
    fn a_range_is_found() {
        let (all, totals) = places(|number| {
            if (27..=37).contains(&number) {
                2.0
            } else {
                0.0
            }
        });
        let label = after_numbers("weeks", &all, totals).unwrap();
        assert_eq!(label.words, "on “weeks” after 27 to 37");
        assert!(label.fit > 0.99);
    }

    #[test]
    fn what_has_no_range_gets_no_good_name() {
        // Without order, and the same everywhere.
        let (all, totals) = places(|number| if number * 7 % 3 == 0 { 1.0 } else { 0.0 });
        let label = after_numbers("weeks", &all, totals);
        assert!(label.is_none_or(|label| label.fit < FITS));
        let (all, totals) = places(|_| 1.0);
        assert!(after_numbers("weeks", &all, totals).is_none());
        assert!(after_numbers("weeks", &[], [0.0, 0.0]).is_none());
    }

    #[test]
    fn what_fires_elsewhere_too_fits_less() {
        let (all, totals) = places(|number| if number < 20 { 1.0 } else { 0.0 });
        let label = after_numbers("year", &all, totals.map(|total| 3.0 * total)).unwrap();
        assert!(label.fit < 0.6);
    }
}
