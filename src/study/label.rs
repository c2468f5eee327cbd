//! Automatic names of features: from an operand plot the simplest rule that describes it, in the
//! words of the addition circuits of "On the Biology of a Large Language Model" (2025); without a
//! plot, what a feature is active on and what it says.

use super::{FeatureFacts, OPERANDS, Plot};
use crate::model::Model;
use crate::order;

/// Least share of a plot's variance that a rule must explain, and of what the best rule explains.
pub(super) const LEAST_EXPLAINED: f32 = 0.5;
pub(super) const LEAST_OF_BEST: f32 = 0.7;
/// A feature that is more than half active on so many of the pairs tells none of them apart.
const MOSTLY: f32 = 0.9;
/// Most digits, numbers or bands that are listed; in a rule with two conditions, of each.
const MOST_LISTED: usize = 3;
const MOST_OF_BOTH: usize = 2;

/// From this fit on a label says what a feature does.
pub const FITS: f32 = 0.8;

/// A name that was found by a rule, and how well the rule fits.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Label {
    pub words: String,
    /// 0 to 1: of an operand plot the share of its variance that the rule explains, adjusted for the rule's size; by sample texts the
    /// F1 of the named tokens.
    pub fit: f32,
}

/// What an operand plot shows, in few words, such as `sum = _5`, `a ~ 36` or `_6 + _9`: an
/// underscore is any digits, a tilde a band by its centre. None where no simple rule does, or where
/// the feature is the same for all operands.
pub fn operand_label(plot: &Plot) -> Option<Label> {
    let seen = Seen::of(plot)?;
    if let Some(share) = seen.mostly_active() {
        return Some(Label {
            words: "mostly active".into(),
            fit: share,
        });
    }
    let Seen {
        values,
        all,
        by_a,
        by_b,
        by_sum,
        by_ones,
    } = &seen;
    let ones_digit = |number| number % 10;
    // The simplest first.
    let rules = [
        all.one("a", &by_a.fold(10, ones_digit)),
        all.one("b", &by_b.fold(10, ones_digit)),
        all.one("sum", &by_sum.fold(10, ones_digit)),
        all.one("a", by_a),
        all.one("b", by_b),
        all.one("sum", by_sum),
        all.one("ones sum", &by_ones.fold(19, |ones| ones / 10 + ones % 10)),
        all.both(values, by_a, by_b),
        all.ones(by_ones),
        all.sum_in_part(values, by_sum),
    ];
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

/// A plot that is not the same everywhere, and its means by what may decide.
pub(super) struct Seen {
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
    pub fn of(plot: &Plot) -> Option<Seen> {
        let values: Vec<f32> = plot.pixels.iter().map(|x| f32::from(*x) / 255.0).collect();
        let all = Spread::of(&values);
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

/// A description of a plot.
struct Rule {
    /// Share of the variance, less what a rule of its size explains of noise.
    explains: f32,
    /// None where its words would be too many.
    words: Option<String>,
}

/// How much there is to explain.
pub(super) struct Spread {
    mean: f32,
    /// Sum of squares around the mean.
    squares: f32,
    count: f32,
}

impl Spread {
    fn of(values: &[f32]) -> Spread {
        let count = values.len() as f32;
        let mean = values.iter().sum::<f32>() / count;
        Spread {
            mean,
            squares: values.iter().map(|x| (x - mean) * (x - mean)).sum(),
            count,
        }
    }

    /// The adjusted share for a rule of so many numbers that leaves this sum of squares.
    fn explains(&self, left: f32, numbers: usize) -> f32 {
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

    /// One number decides.
    fn one(&self, name: &str, groups: &Groups) -> Rule {
        let condition = match groups.means.len() {
            10 => digits(&groups.means),
            _ => condition(groups, MOST_LISTED),
        };
        Rule {
            explains: self.by_group(groups),
            words: condition.map(|it| format!("{name} {} {}", it.sign, it.text)),
        }
    }

    /// A condition on a and one on b: a function of a times a function of b.
    fn both(&self, values: &[f32], by_a: &Groups, by_b: &Groups) -> Rule {
        let left = values.chunks_exact(OPERANDS).zip(&by_a.means);
        let left: f32 = left
            .map(|(row, a)| {
                let factor = a / self.mean;
                let errors = row.iter().zip(&by_b.means).map(|(x, b)| x - factor * b);
                errors.map(|x| x * x).sum::<f32>()
            })
            .sum();
        let short = |groups| condition(groups, MOST_OF_BOTH).map(Condition::short);
        let words = short(by_a).zip(short(by_b));
        Rule {
            explains: self.explains(left, 2 * OPERANDS),
            words: words.map(|(a, b)| format!("{a} + {b}")),
        }
    }

    /// The two ones digits decide, whatever function of them; the strongest pairs are named.
    fn ones(&self, by_ones: &Groups) -> Rule {
        let mut pairs = peaks(&by_ones.means);
        order::sort(&mut pairs, &|a, b| {
            by_ones.means[*b].total_cmp(&by_ones.means[*a])
        });
        let more = pairs.len() > MOST_LISTED;
        pairs.truncate(if more { MOST_OF_BOTH } else { MOST_LISTED });
        let names = pairs
            .iter()
            .map(|pair| format!("_{} + _{}", pair / 10, pair % 10));
        let names = names.collect::<Vec<_>>().join(", ");
        Rule {
            explains: self.by_group(by_ones),
            words: Some(if more { format!("{names}, …") } else { names }),
        }
    }

    /// The sum decides, but not everywhere: a function of the sum times one of how far apart the
    /// operands are. The words leave the latter out.
    fn sum_in_part(&self, values: &[f32], by_sum: &Groups) -> Rule {
        let apart = |a: usize, b: usize| a.abs_diff(b);
        let (mut found, mut expected) = (vec![0.0; OPERANDS], vec![1e-9; OPERANDS]);
        for ((a, b), value) in pairs().zip(values) {
            found[apart(a, b)] += value;
            expected[apart(a, b)] += by_sum.means[a + b];
        }
        let left: f32 = pairs()
            .zip(values)
            .map(|((a, b), value)| {
                let factor = found[apart(a, b)] / expected[apart(a, b)];
                value - by_sum.means[a + b] * factor
            })
            .map(|error| error * error)
            .sum();
        // Large means of few pairs describe nothing.
        let high = peaks(&by_sum.means);
        let held: f32 = high.iter().map(|at| by_sum.mass((*at, *at))).sum();
        let words = self.one("sum", by_sum).words;
        Rule {
            explains: self.explains(left, 3 * OPERANDS),
            words: words.filter(|_| 2.0 * held >= self.mean * self.count),
        }
    }
}

/// Pairs that have a number in common: per number the mean of their values, and how many they are.
pub(super) struct Groups {
    means: Vec<f32>,
    counts: Vec<f32>,
}

impl Groups {
    fn new(size: usize, values: &[f32], of: impl Fn(usize, usize) -> usize) -> Groups {
        let numbers = pairs().map(|(a, b)| of(a, b));
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
    fn fold(&self, size: usize, of: impl Fn(usize) -> usize) -> Groups {
        let parts = self.means.iter().zip(&self.counts);
        let parts = parts.map(|(mean, count)| (mean * count, *count));
        Groups::sum(
            size,
            parts.enumerate().map(|(number, part)| (of(number), part)),
        )
    }

    /// What these numbers, both ends included, hold of all values.
    fn mass(&self, (low, high): (usize, usize)) -> f32 {
        (low..=high)
            .map(|at| self.means[at] * self.counts[at])
            .sum()
    }

    /// The centre of mass of these numbers.
    fn centre(&self, (low, high): (usize, usize)) -> usize {
        let moment = (low..=high).map(|at| at as f32 * self.means[at] * self.counts[at]);
        (moment.sum::<f32>() / self.mass((low, high))).round() as usize
    }
}

fn pairs() -> impl Iterator<Item = (usize, usize)> {
    (0..OPERANDS).flat_map(|a| (0..OPERANDS).map(move |b| (a, b)))
}

/// Where values are above half of the largest.
fn peaks(values: &[f32]) -> Vec<usize> {
    let largest = values.iter().copied().fold(0.0, f32::max);
    (0..values.len())
        .filter(|at| values[*at] > largest / 2.0)
        .collect()
}

/// What must hold of a number: `= 36`, `~ 36`, `≥ 50`.
struct Condition {
    sign: &'static str,
    text: String,
}

impl Condition {
    fn new(sign: &'static str, text: impl ToString) -> Option<Condition> {
        Some(Condition {
            sign,
            text: text.to_string(),
        })
    }

    /// Without the number's name before it.
    fn short(self) -> String {
        match self.sign {
            "=" => self.text,
            "~" => format!("~{}", self.text),
            sign => format!("{sign}{}", self.text),
        }
    }
}

/// A condition on the ones digit; `means` are of the ten digits.
fn digits(means: &[f32]) -> Option<Condition> {
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
fn condition(groups: &Groups, most: usize) -> Option<Condition> {
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

/// What stands where a feature is active.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trigger {
    pub token: u32,
    pub before: u32,
    /// None at the end of a text.
    pub after: Option<u32>,
    pub activation: f32,
}

/// Longest label, in characters.
const LONGEST: usize = 48;
/// Most tokens that a feature is named after where no few hold its activation: those that have no room in the name are counted there.
const MOST_ON: usize = 8;
/// Share of the activation that the named tokens must hold.
const NAMED: f32 = 0.7;
/// Share of a token's places that a feature must be active on for the token to be the reason.
const SPECIFIC: f32 = 0.5;
/// A feature says the one token whose effect is so many times the third largest, or else some.
const CLEARLY: f32 = 1.5;

/// What each token holds, in the order of tokens, from parts by their tokens.
pub(super) fn by_token(mut parts: Vec<(u32, f32)>) -> Vec<(u32, f32)> {
    order::sort(&mut parts, &|a, b| a.0.cmp(&b.0));
    let of_one = parts.chunk_by(|a, b| a.0 == b.0);
    of_one
        .map(|parts| (parts[0].0, parts.iter().map(|part| part.1).sum()))
        .collect()
}

/// A feature's name by what it is active on (`on “fever”`), and by what it says where its effect on
/// one logit stands out (`says “pneumonia”`), with the F1 of the tokens that it names, their share of its activation against the
/// share of their places; 0 where it names none. `occurs` is how often a token stands in the texts.
pub fn sample_label(
    model: &Model,
    layer: usize,
    triggers: &[Trigger],
    occurs: impl Fn(u32) -> usize,
    facts: &FeatureFacts,
) -> Label {
    let top = &facts.top;
    let said = |count: usize| {
        let tokens = top.iter().take(count).map(|effect| effect.token);
        format!("says {}", quoted(model, tokens))
    };
    let clear = top.len() > 2 && top[0].value >= CLEARLY * top[2].value.max(0.0);
    let says = clear.then(|| said(1));
    if triggers.is_empty() {
        let words = says.unwrap_or_else(|| "never active in the samples".into());
        return Label { words, fit: 0.0 };
    }
    let total: f32 = triggers.iter().map(|trigger| trigger.activation).sum();
    // The fewest tokens, up to a limit, that hold most of the activation, and whether they do.
    let most = |of: fn(&Trigger) -> Option<u32>, limit: usize| {
        let held = triggers.iter();
        let mut held = by_token(
            held.filter_map(|trigger| Some((of(trigger)?, trigger.activation)))
                .collect(),
        );
        order::sort(&mut held, &|a, b| b.1.total_cmp(&a.1));
        let (mut named, mut sum) = (Vec::new(), 0.0);
        for (token, mass) in held.into_iter().take(limit) {
            if sum < NAMED * total {
                named.push(token);
                sum += mass;
            }
        }
        (named, sum >= NAMED * total)
    };
    let (few, is_few) = most(|trigger| Some(trigger.token), MOST_LISTED);
    let (many, enough) = most(|trigger| Some(trigger.token), MOST_ON);
    let tokens = if is_few || !enough { few } else { many };
    let on = listed(model, &tokens);
    // Early features have many ways to the logits; of late ones what they say is the point.
    let late = 2 * (layer + 1) > model.language.config.layers;
    // Where no few tokens hold it, one beside it may, and is the shorter name.
    if !enough || tokens.len() > MOST_LISTED {
        let near = [
            ("after", most(|trigger| Some(trigger.before), 1)),
            ("before", most(|trigger| trigger.after, 1)),
        ];
        let near = near.into_iter().find(|(_, (_, enough))| *enough);
        let near = near.map(|(where_, (token, _))| format!("{where_} {}", quoted(model, token)));
        if !enough || near.is_some() {
            let words = shorten(near.or(says).unwrap_or_else(|| format!("on {on}…")));
            return Label { words, fit: 0.0 };
        }
    }
    let held: f32 = triggers
        .iter()
        .filter(|one| tokens.contains(&one.token))
        .map(|one| one.activation)
        .sum();
    let active = triggers.iter().filter(|one| tokens.contains(&one.token));
    let places: usize = tokens.iter().map(|token| occurs(*token)).sum();
    let share = active.count() as f32 / places.max(1) as f32;
    let specific = share >= SPECIFIC;
    let fit = 2.0 * (held / total) * share / (held / total + share);
    // What is active on some places of a token is there for another reason than the token.
    let says = says.or_else(|| (late && !specific).then(|| said(2)));
    let both = |says: &String| match late {
        true => Some(format!("on {on} → {says}")).filter(|label| length(label) <= LONGEST),
        false => None,
    };
    let words = shorten(match says {
        Some(says) if specific => both(&says).unwrap_or_else(|| format!("on {on}")),
        Some(says) => both(&says).filter(|_| tokens.len() == 1).unwrap_or(says),
        None if specific => format!("on {on}"),
        None => format!("on some {on}"),
    });
    Label { words, fit }
}

/// As many tokens as a name has room for, and how many more there are.
fn listed(model: &Model, tokens: &[u32]) -> String {
    let all = quoted(model, tokens.iter().copied());
    if tokens.len() <= MOST_LISTED {
        return all;
    }
    let with = |shown: usize| {
        let more = tokens.len() - shown;
        format!(
            "{} or {more} more",
            quoted(model, tokens.iter().take(shown).copied())
        )
    };
    let room = (1..=MOST_LISTED)
        .rev()
        .find(|shown| length(&with(*shown)) + "on some ".len() <= LONGEST);
    with(room.unwrap_or(1))
}

fn quoted(model: &Model, tokens: impl IntoIterator<Item = u32>) -> String {
    let name = |token| match model.vocabulary.token(token).trim() {
        "" => "“␣”".to_string(),
        text => format!("“{text}”"),
    };
    let names: Vec<String> = tokens.into_iter().map(name).collect();
    names.join(", ")
}

fn length(label: &str) -> usize {
    label.chars().count()
}

fn shorten(label: String) -> String {
    match length(&label) <= LONGEST {
        true => label,
        false => label.chars().take(LONGEST - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The label of a plot of this function of the operands.
    fn label(of: impl Fn(i32, i32) -> f32) -> Option<String> {
        let values: Vec<f32> = pairs().map(|(a, b)| of(a as i32, b as i32)).collect();
        let max = values.iter().copied().fold(0.0, f32::max);
        let pixels = values.iter().map(|x| (255.0 * x / max).round() as u8);
        let found = operand_label(&Plot {
            pixels: pixels.collect(),
            max,
        });
        found.map(|label| label.words)
    }

    fn if_so(condition: bool) -> f32 {
        f32::from(u8::from(condition))
    }

    /// A band of this half width.
    fn band(number: i32, centre: i32, half: i32) -> f32 {
        (1.0 - (number - centre).abs() as f32 / (2 * half) as f32).max(0.0)
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
    fn noisy(of: impl Fn(i32, i32) -> f32, strength: f32) -> Option<Label> {
        let noise = |a: i32, b: i32| {
            let mut bits = (a * 100 + b) as u32 ^ 0x9e37_79b9;
            for _ in 0..3 {
                bits = (bits ^ (bits >> 15)).wrapping_mul(0x85eb_ca6b) ^ (bits >> 13);
            }
            (bits % 1000) as f32 / 1000.0
        };
        let value = |(a, b): (usize, usize)| {
            let (a, b) = (a as i32, b as i32);
            of(a, b) * (1.0 - strength) + strength * noise(a, b)
        };
        operand_label(&Plot {
            pixels: pairs()
                .map(|pair| (255.0 * value(pair)).round() as u8)
                .collect(),
            max: 1.0,
        })
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
