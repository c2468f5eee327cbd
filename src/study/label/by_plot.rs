//! A feature's name by its operand plot: the simplest rule that describes it, in the words of the
//! addition circuits of "On the Biology of a Large Language Model" (2025).

use super::condition::{Condition, condition, digits, peaks};
use super::groups::{Groups, Seen, pairs};
use super::{Label, MOST_LISTED};
use crate::order;
use crate::study::{OPERANDS, Plot};

/// Least share of a plot's variance that a rule must explain, and of what the best rule explains.
pub const LEAST_EXPLAINED: f32 = 0.5;
pub const LEAST_OF_BEST: f32 = 0.7;
/// Most digits, numbers or bands of each condition in a rule with two; of pairs, before the sign that there are more.
const MOST_OF_BOTH: usize = 2;

/// What an operand plot shows, in few words, such as `sum = _5`, `a ~ 36` or `_6 + _9`: an
/// underscore is any digits, a tilde a band by its centre. None where no simple rule does, or where
/// the feature is the same for all operands.
pub fn operand_label(plot: &Plot) -> Option<Label> {
    let seen = Seen::new(plot)?;
    if let Some(share) = seen.mostly_active() {
        return Some(Label {
            words: "mostly active".into(),
            fit: share,
        });
    }
    let rules = rules(&seen);
    let best = rules.iter().map(|rule| rule.explains).fold(0.0, f32::max);
    let least = LEAST_EXPLAINED.max(LEAST_OF_BEST * best);
    rules
        .into_iter()
        .filter(|rule| rule.explains >= least)
        .find_map(|rule| {
            let fit = rule.explains;
            rule.words.map(|words| Label { words, fit })
        })
}

/// A description of a plot.
struct Rule {
    /// Share of the variance, less what a rule of its size explains of noise.
    explains: f32,
    /// None where its words would be too many.
    words: Option<String>,
}

/// All that are tried, the simplest first.
fn rules(seen: &Seen) -> [Rule; 10] {
    let ones_digit = |number| number % 10;
    let one = |name, groups: &Groups| one(seen, name, groups);
    [
        one("a", &seen.by_a.fold(10, ones_digit)),
        one("b", &seen.by_b.fold(10, ones_digit)),
        one("sum", &seen.by_sum.fold(10, ones_digit)),
        one("a", &seen.by_a),
        one("b", &seen.by_b),
        one("sum", &seen.by_sum),
        one(
            "ones sum",
            &seen.by_ones.fold(19, |ones| ones / 10 + ones % 10),
        ),
        both(seen),
        ones(seen),
        sum_in_part(seen),
    ]
}

/// One number decides.
fn one(seen: &Seen, name: &str, groups: &Groups) -> Rule {
    let condition = match groups.means.len() {
        10 => digits(&groups.means),
        _ => condition(groups, MOST_LISTED),
    };
    Rule {
        explains: seen.all.by_group(groups),
        words: condition.map(|it| format!("{name} {} {}", it.sign, it.text)),
    }
}

/// A condition on a and one on b: a function of a times a function of b.
fn both(seen: &Seen) -> Rule {
    let left = seen.values.chunks_exact(OPERANDS).zip(&seen.by_a.means);
    let left: f32 = left
        .map(|(row, a)| {
            let factor = a / seen.all.mean;
            let errors = row
                .iter()
                .zip(&seen.by_b.means)
                .map(|(x, b)| x - factor * b);
            errors.map(|x| x * x).sum::<f32>()
        })
        .sum();
    let short = |groups| condition(groups, MOST_OF_BOTH).map(Condition::short);
    let words = short(&seen.by_a).zip(short(&seen.by_b));
    Rule {
        explains: seen.all.explains(left, 2 * OPERANDS),
        words: words.map(|(a, b)| format!("{a} + {b}")),
    }
}

/// The two ones digits decide, whatever function of them; the strongest pairs are named.
fn ones(seen: &Seen) -> Rule {
    let means = &seen.by_ones.means;
    let mut pairs = peaks(means);
    order::sort(&mut pairs, &|a, b| means[*b].total_cmp(&means[*a]));
    let more = pairs.len() > MOST_LISTED;
    pairs.truncate(if more { MOST_OF_BOTH } else { MOST_LISTED });
    let names = pairs
        .iter()
        .map(|pair| format!("_{} + _{}", pair / 10, pair % 10));
    let names = names.collect::<Vec<_>>().join(", ");
    Rule {
        explains: seen.all.by_group(&seen.by_ones),
        words: Some(if more { format!("{names}, …") } else { names }),
    }
}

/// The sum decides, but not everywhere: a function of the sum times one of how far apart the
/// operands are. The words leave the latter out.
fn sum_in_part(seen: &Seen) -> Rule {
    let by_sum = &seen.by_sum;
    let apart = |a: usize, b: usize| a.abs_diff(b);
    let (mut found, mut expected) = (vec![0.0; OPERANDS], vec![1e-9; OPERANDS]);
    for ((a, b), value) in pairs().zip(&seen.values) {
        found[apart(a, b)] += value;
        expected[apart(a, b)] += by_sum.means[a + b];
    }
    let left: f32 = pairs()
        .zip(&seen.values)
        .map(|((a, b), value)| {
            let factor = found[apart(a, b)] / expected[apart(a, b)];
            value - by_sum.means[a + b] * factor
        })
        .map(|error| error * error)
        .sum();
    // Large means of few pairs describe nothing.
    let high = peaks(&by_sum.means);
    let held: f32 = high.iter().map(|at| by_sum.mass((*at, *at))).sum();
    let words = one(seen, "sum", by_sum).words;
    Rule {
        explains: seen.all.explains(left, 3 * OPERANDS),
        words: words.filter(|_| 2.0 * held >= seen.all.mean * seen.all.count),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::study::drawn::{band, if_so, plot};

    /// The words for a plot of this function of the operands.
    fn label(value: impl Fn(i32, i32) -> f32) -> Option<String> {
        operand_label(&plot(value)).map(|label| label.words)
    }

    #[test]
    fn a_bound_that_leaves_next_to_nothing_out_is_none() {
        let text = |value: fn(i32) -> bool| {
            let seen = Seen::new(&plot(|_, b| if_so(value(b)))).unwrap();
            condition(&seen.by_b, MOST_LISTED).map(Condition::short)
        };
        assert_eq!(text(|b| b <= 12).unwrap(), "≤12");
        assert_eq!(text(|b| b >= 20).unwrap(), "≥20");
        assert_eq!(text(|b| b <= 95), None);
        assert_eq!(text(|b| b >= 4), None);
        assert_eq!(text(|b| (3..=97).contains(&b)), None);
    }

    #[test]
    fn one_operand() {
        assert_eq!(label(|a, _| if_so(a % 10 == 6)).unwrap(), "a = _6");
        assert_eq!(label(|_, b| if_so(b % 10 == 9)).unwrap(), "b = _9");
        let two = |_, b| if_so(b % 10 == 9 || b % 10 == 4);
        assert_eq!(label(two).unwrap(), "b = _4, _9");
        assert_eq!(label(|a, _| if_so(a % 2 == 1)).unwrap(), "a is odd");
        let run = |a, _| if_so([7, 8, 9, 0].contains(&(a % 10)));
        assert_eq!(label(run).unwrap(), "a = _7 to _0");
        assert_eq!(label(|a, _| if_so(a == 36)).unwrap(), "a = 36");
        assert_eq!(label(|_, b| if_so(b == 0)).unwrap(), "b = 0");
        assert_eq!(label(|a, _| band(a, 36, 5)).unwrap(), "a ~ 36");
        assert_eq!(label(|a, _| if_so(a / 10 == 3)).unwrap(), "a = 3_");
        assert_eq!(label(|a, _| if_so(a >= 50)).unwrap(), "a ≥ 50");
        assert_eq!(label(|_, b| if_so(b <= 12)).unwrap(), "b ≤ 12");
        assert_eq!(label(|a, _| if_so(a % 25 == 12)).unwrap(), "a = 12 mod 25");
        assert_eq!(
            label(|a, _| if_so(a == 36 || a == 63)).unwrap(),
            "a = 36, 63"
        );
        let bands = |a, _| band(a, 20, 4).max(band(a, 70, 4));
        assert_eq!(label(bands).unwrap(), "a ~ 20, ~70");
        let comb = |a, _| if_so(a % 10 == 6 && a >= 40);
        assert_eq!(label(comb).unwrap(), "a = _6 in 46 to 96");
    }

    #[test]
    fn the_sum() {
        assert_eq!(label(|a, b| if_so((a + b) % 10 == 5)).unwrap(), "sum = _5");
        assert_eq!(
            label(|a, b| if_so((a + b) % 100 == 95)).unwrap(),
            "sum = _95"
        );
        assert_eq!(label(|a, b| if_so(a + b == 95)).unwrap(), "sum = 95");
        assert_eq!(label(|a, b| band(a + b, 92, 4)).unwrap(), "sum ~ 92");
        assert_eq!(label(|a, b| if_so(a + b >= 100)).unwrap(), "sum ≥ 100");
        let fifty = |a, b| if_so((a + b) % 50 == 20);
        assert_eq!(label(fifty).unwrap(), "sum = 20 mod 50");
        let carry = |a: i32, b: i32| if_so(a % 10 + b % 10 >= 10);
        assert_eq!(label(carry).unwrap(), "ones sum ≥ 10");
        let part = |a: i32, b: i32| band(a + b, 92, 3) * if_so((a - b).abs() > 30);
        assert_eq!(label(part).unwrap(), "sum ~ 92");
    }

    #[test]
    fn both_operands() {
        let ones = |a, b| if_so(a % 10 == 6 && b % 10 == 9);
        assert_eq!(label(ones).unwrap(), "_6 + _9");
        assert_eq!(label(|a, b| if_so(a == 36 && b == 59)).unwrap(), "36 + 59");
        let tens = |a, b| if_so(a / 10 == 3 && b / 10 == 5);
        assert_eq!(label(tens).unwrap(), "3_ + 5_");
        let blob = |a, b| band(a, 36, 6) * band(b, 59, 6);
        assert_eq!(label(blob).unwrap(), "~36 + ~59");
        let mixed = |a, b| band(a, 36, 6) * if_so(b % 10 == 9);
        assert_eq!(label(mixed).unwrap(), "~36 + _9");
        let large = |a, b| if_so(a >= 50 && b >= 90);
        assert_eq!(label(large).unwrap(), "≥50 + ≥90");
        let either = |a: i32, b: i32| {
            let ones = (a % 10, b % 10);
            if_so(ones == (6, 9)) + 0.8 * if_so(ones == (9, 6))
        };
        assert_eq!(label(either).unwrap(), "_6 + _9, _9 + _6");
    }

    #[test]
    fn what_has_no_simple_rule_has_no_label() {
        assert_eq!(label(|_, _| 1.0), None);
        assert_eq!(
            label(|a, b| if_so((a * 37 + b * 101 + a * b) % 13 < 2)),
            None
        );
        let empty = Plot {
            pixels: vec![0; OPERANDS * OPERANDS],
            max: 0.0,
        };
        assert_eq!(operand_label(&empty), None);
        let most = |a: i32, _| if a % 10 == 3 { 0.8 } else { 1.0 };
        assert_eq!(label(most).unwrap(), "mostly active");
    }

    #[test]
    fn a_rule_need_not_be_exact() {
        // The same every time, and looks like noise.
        let noise = |a: i32, b: i32| ((a * 7919 + b * 104_729) % 97) as f32 / 97.0;
        let noisy = |a, b| if_so((a + b) % 10 == 5) * (0.6 + 0.4 * noise(a, b));
        assert_eq!(label(noisy).unwrap(), "sum = _5");
    }

    /// The label of a plot of this function with so much noise added, the same every time.
    fn noisy(value: impl Fn(i32, i32) -> f32, strength: f32) -> Option<Label> {
        let noise = |a: i32, b: i32| {
            let mut bits = (a * 100 + b) as u32 ^ 0x9e37_79b9;
            for _ in 0..3 {
                bits = (bits ^ (bits >> 15)).wrapping_mul(0x85eb_ca6b) ^ (bits >> 13);
            }
            (bits % 1000) as f32 / 1000.0
        };
        operand_label(&plot(|a, b| {
            value(a, b) * (1.0 - strength) + strength * noise(a, b)
        }))
    }

    #[test]
    fn every_kind_is_found_in_noise_and_the_fit_falls_with_it() {
        type Value = Box<dyn Fn(i32, i32) -> f32>;
        let kinds: [(&str, Value); 8] = [
            ("a = _6", Box::new(|a, _| if_so(a % 10 == 6))),
            ("b ~ 59", Box::new(|_, b| band(b, 59, 12))),
            ("a = 36", Box::new(|a, _| if_so(a == 36))),
            ("sum = _5", Box::new(|a, b| if_so((a + b) % 10 == 5))),
            ("sum ~ 95", Box::new(|a, b| band(a + b, 95, 12))),
            (
                "_6 + _9",
                Box::new(|a, b| if_so(a % 10 == 6 && b % 10 == 9)),
            ),
            (
                "~36 + ~59",
                Box::new(|a, b| band(a, 36, 14) * band(b, 59, 14)),
            ),
            (
                "ones sum ≥ 10",
                Box::new(|a, b| if_so(a % 10 + b % 10 >= 10)),
            ),
        ];
        for (words, kind) in kinds {
            let clean = noisy(&kind, 0.0).unwrap();
            let some = noisy(&kind, 0.15).unwrap();
            assert_eq!((&*clean.words, &*some.words), (words, words));
            assert!(
                clean.fit > 0.95 && some.fit < clean.fit,
                "{words}: {} {}",
                clean.fit,
                some.fit
            );
        }
        assert_eq!(noisy(|_, _| 0.0, 1.0), None, "noise alone");
        assert_eq!(
            noisy(|a, b| if_so((a * b) % 7 == 3), 0.1),
            None,
            "no rule of ours"
        );
    }
}
