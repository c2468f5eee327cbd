//! The next token as a number, and what is asked of it.

use super::Spread;
use crate::model::Vocabulary;
use crate::trace::{answers, probabilities};

/// How far an answer of about the right magnitude may be from the sum: less than ten, within which
/// every ones digit has its place.
const NEAR: f64 = 9.0;
/// The answer smears where the deviation of its numbers is within these: from that of 3 to 4 equally
/// probable neighbours (1) to that of about 35 (10), which is no range any more.
const SMEARS: [f64; 2] = [1.0, 10.0];
/// The right answer is lost below this probability.
const LOST: f64 = 0.5;

/// What must hold of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Criterion {
    /// The most probable token is a number with another ones digit, or no number.
    OnesGo,
    /// It is a number with the ones digit of the sum.
    OnesStay,
    /// It is a number at most 9 from the sum.
    MagnitudeStays,
    /// It is a number farther from the sum, or no number.
    MagnitudeGoes,
    /// The sum has a probability below one half.
    Lost,
    /// The numbers' standard deviation is from 1 to 10.
    Smears,
    /// Their mean is at most 9 from the sum.
    Around,
    /// The most probable token is the expected number.
    Wins,
}

impl Criterion {
    /// In words, for results.
    pub fn words(self) -> &'static str {
        match self {
            Criterion::OnesGo => {
                "the top answer has another ones digit than the sum, or is no number"
            }
            Criterion::OnesStay => "the top answer has the sum's ones digit",
            Criterion::MagnitudeStays => "the top answer is at most 9 from the sum",
            Criterion::MagnitudeGoes => "the top answer is 10 or more from the sum, or no number",
            Criterion::Lost => "the sum's probability is below one half",
            Criterion::Smears => "the answer's standard deviation as a number is from 1 to 10",
            Criterion::Around => "its mean is at most 9 from the sum",
            Criterion::Wins => "the top answer is the other sum",
        }
    }
}

/// A distribution of the next token, as one of numbers.
pub struct Answer {
    /// The number that the most probable token is.
    top: Option<u32>,
    pub spread: Spread,
    /// What the right answer is, and what the swapped one would be.
    sum: u32,
    expected: u32,
}

impl Answer {
    /// `logits` are of the next token, [vocabulary]; tokens that are no numbers are left out of the
    /// mean and the deviation.
    pub fn new(logits: &[f32], vocabulary: &Vocabulary, sum: u32, expected: u32) -> Answer {
        let probabilities = probabilities(logits);
        let numbers = probabilities.iter().enumerate().filter_map(|(id, chance)| {
            let number = vocabulary.number(id as u32)?;
            Some((f64::from(number), f64::from(*chance)))
        });
        let numbers: Vec<(f64, f64)> = numbers.collect();
        let total: f64 = numbers.iter().map(|(_, chance)| chance).sum();
        let mean_of = |value: &dyn Fn(f64) -> f64| {
            let terms = numbers
                .iter()
                .map(|(number, chance)| value(*number) * chance);
            terms.sum::<f64>() / total
        };
        let mean = mean_of(&|number| number);
        let right = numbers
            .iter()
            .filter(|(number, _)| *number == f64::from(sum));
        Answer {
            top: vocabulary.number(answers(logits, 1)[0].token),
            spread: Spread {
                sum: right.map(|(_, chance)| chance).sum(),
                mean,
                deviation: mean_of(&|number| (number - mean).powi(2)).sqrt(),
            },
            sum,
            expected,
        }
    }

    /// Whether it does so.
    pub fn meets(&self, criterion: Criterion) -> bool {
        let digit = self.top.is_some_and(|top| top % 10 == self.sum % 10);
        let near = |number: f64| (number - f64::from(self.sum)).abs() <= NEAR;
        let top_near = self.top.is_some_and(|top| near(f64::from(top)));
        match criterion {
            Criterion::OnesGo => !digit,
            Criterion::OnesStay => digit,
            Criterion::MagnitudeStays => top_near,
            Criterion::MagnitudeGoes => !top_near,
            Criterion::Lost => self.spread.sum < LOST,
            Criterion::Smears => (SMEARS[0]..=SMEARS[1]).contains(&self.spread.deviation),
            Criterion::Around => near(self.spread.mean),
            Criterion::Wins => self.top == Some(self.expected),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Criterion::{
        Around, Lost, MagnitudeGoes, MagnitudeStays, OnesGo, OnesStay, Smears, Wins,
    };
    use super::*;

    const ALL: [Criterion; 8] = [
        OnesGo,
        OnesStay,
        MagnitudeStays,
        MagnitudeGoes,
        Lost,
        Smears,
        Around,
        Wins,
    ];

    /// The answer with these chances of numbers to 199, or of a word (200), after 36+59=; swapped, it
    /// would be 98.
    fn answer(chances: &[(usize, f32)]) -> Answer {
        let tokens: Vec<String> = (0..200).map(|n| format!("\"{n}\": {n}")).collect();
        let file = format!(
            "{{\"model\": {{\"vocab\": {{{}, \"x\": 200}}}}}}",
            tokens.join(",")
        );
        let vocabulary = Vocabulary::parse("tokenizer.json", file.as_bytes()).unwrap();
        let mut logits = vec![f32::NEG_INFINITY; 201];
        for (token, chance) in chances {
            logits[*token] = chance.ln();
        }
        Answer::new(&logits, &vocabulary, 95, 98)
    }

    fn met(chances: &[(usize, f32)]) -> Vec<Criterion> {
        let answer = answer(chances);
        ALL.into_iter().filter(|one| answer.meets(*one)).collect()
    }

    #[test]
    fn answers_are_judged_by_ones_digit_magnitude_and_spread() {
        assert_eq!(met(&[(95, 1.0)]), [OnesStay, MagnitudeStays, Around]);
        assert_eq!(
            met(&[(98, 1.0)]),
            [OnesGo, MagnitudeStays, Lost, Around, Wins]
        );
        assert_eq!(met(&[(35, 1.0)]), [OnesStay, MagnitudeGoes, Lost]);
        let range: Vec<(usize, f32)> = (93..98).map(|number| (number, 0.2)).collect();
        assert!(met(&range).ends_with(&[Lost, Smears, Around]));
        // As likely as not to be far off: spread too wide to be a range.
        let apart = [(95, 0.45), (5, 0.55)];
        assert_eq!(met(&apart), [OnesStay, MagnitudeGoes, Lost]);
        assert_eq!(
            met(&[(200, 0.6), (95, 0.4)]),
            [OnesGo, MagnitudeGoes, Lost, Around]
        );
    }

    #[test]
    fn words_are_left_out_of_the_mean() {
        let spread = answer(&[(200, 0.5), (90, 0.25), (100, 0.25)]).spread;
        assert!((spread.mean - 95.0).abs() < 1e-4 && (spread.deviation - 5.0).abs() < 1e-4);
        assert!(spread.sum.abs() < 1e-6);
    }
}
