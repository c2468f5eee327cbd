//! What must hold of a number, in words: a digit, a number, a band, a run of them or what a division leaves.

use super::MOST_LISTED;
use super::groups::Groups;

/// What must hold of a number: `= 36`, `~ 36`, `≥ 50`.
pub struct Condition {
    pub sign: &'static str,
    pub text: String,
}

impl Condition {
    fn new(sign: &'static str, text: impl ToString) -> Option<Condition> {
        Some(Condition {
            sign,
            text: text.to_string(),
        })
    }

    /// Without the number's name before it.
    pub fn short(self) -> String {
        match self.sign {
            "=" => self.text,
            "~" => format!("~{}", self.text),
            sign => format!("{sign}{}", self.text),
        }
    }
}

/// A condition on the ones digit; `means` are of the ten digits.
pub fn digits(means: &[f32]) -> Option<Condition> {
    let found = peaks(means);
    let name = |digit: &usize| format!("_{digit}");
    if found.len() <= MOST_LISTED {
        return Condition::new("=", found.iter().map(name).collect::<Vec<_>>().join(", "));
    }
    if found.len() == 5 && found.iter().all(|digit| digit % 2 == found[0] % 2) {
        return Condition::new("is", ["even", "odd"][found[0] % 2]);
    }
    // A run of digits, which may go on from 9 to 0.
    let has = |digit: usize| found.contains(&(digit % 10));
    let starts: Vec<usize> = (0..10).filter(|d| has(*d) && !has(d + 9)).collect();
    match starts[..] {
        [first] => {
            let last = (first + found.len() - 1) % 10;
            Condition::new("=", format!("_{first} to _{last}"))
        }
        _ => None,
    }
}

/// A condition on a number.
pub fn condition(groups: &Groups, most: usize) -> Option<Condition> {
    let found = peaks(&groups.means);
    if found.is_empty() || found.len() == groups.means.len() {
        return None;
    }
    if let Some(modular) = modular(&found, 0, groups.means.len() - 1) {
        return Some(modular);
    }
    let mut runs = runs(&found);
    let largest = runs.iter().map(|run| groups.mass(*run)).fold(0.0, f32::max);
    runs.retain(|run| groups.mass(*run) >= largest / 10.0);
    let (first, last) = (runs[0].0, runs[runs.len() - 1].1);
    let end = groups.means.len() - 1;
    match runs[..] {
        // What holds of nearly all says nothing.
        [(low, high)] if 10 * (high - low) >= 9 * end => None,
        [(low, high)] if low == high => Condition::new("=", low),
        [(0, high)] => Condition::new("≤", high),
        [(low, high)] if high == end => Condition::new("≥", low),
        [(low, high)] if low % 10 == 0 && high == low + 9 && end < 100 => {
            Condition::new("=", format!("{}_", low / 10))
        }
        [run] => Condition::new("~", groups.centre(run)),
        _ if runs.len() > most => {
            // A comb on a part of the numbers.
            let comb = modular(&found, first, last).filter(|_| last - first >= 30)?;
            Condition::new(comb.sign, format!("{} in {first} to {last}", comb.text))
        }
        _ => {
            let single = runs.iter().all(|(low, high)| low == high);
            let centres = runs.iter().map(|run| groups.centre(*run).to_string());
            let (sign, between) = if single { ("=", ", ") } else { ("~", ", ~") };
            Condition::new(sign, centres.collect::<Vec<_>>().join(between))
        }
    }
}

/// Numbers that share their last digits, or what they leave when divided: most of those that do
/// from `first` to `last`.
fn modular(found: &[usize], first: usize, last: usize) -> Option<Condition> {
    let possible = |modulus: usize, rest: usize| {
        (first..=last)
            .filter(move |number| number % modulus == rest)
            .count()
    };
    let all = |modulus: usize| {
        let rest = found[0] % modulus;
        let same = found.iter().all(|number| number % modulus == rest);
        (found.len() > 1 && same && 4 * found.len() >= 3 * possible(modulus, rest)).then_some(rest)
    };
    if let Some(rest) = all(100) {
        return Condition::new("=", format!("_{rest:02}"));
    }
    // By digit, the share of the numbers that end in it.
    let by_digit: Vec<f32> = (0..10)
        .map(|digit| {
            let here = found
                .iter()
                .filter(|number| (first..=last).contains(*number));
            let ends = here.filter(|number| *number % 10 == digit).count();
            ends as f32 / possible(10, digit).max(1) as f32
        })
        .collect();
    let often = by_digit.iter().filter(|share| **share >= 0.7).count();
    let rare = by_digit.iter().filter(|share| **share <= 0.2).count();
    if (1..=5).contains(&often) && often + rare == 10 {
        return digits(&by_digit);
    }
    [50, 25, 20].iter().find_map(|modulus| {
        let rest = all(*modulus).filter(|_| found.len() > 2)?;
        Condition::new("=", format!("{rest} mod {modulus}"))
    })
}

/// Runs of numbers (first, last); a gap of one or two does not end a run.
fn runs(found: &[usize]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for number in found {
        match runs.last_mut() {
            Some(run) if *number <= run.1 + 3 => run.1 = *number,
            _ => runs.push((*number, *number)),
        }
    }
    runs
}

/// Where values are above half of the largest.
pub fn peaks(values: &[f32]) -> Vec<usize> {
    let largest = values.iter().copied().fold(0.0, f32::max);
    (0..values.len())
        .filter(|at| values[*at] > largest / 2.0)
        .collect()
}
