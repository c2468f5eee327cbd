//! Features switched off at every token where they fire, with attention patterns held: does the answer change, does the explanation?

use super::explanations::{Active, Feature, Text};
use super::{Studies, rounded};
use crate::engine::cpu::Cpu;
use crate::evaluate::experiments::pick::Random;
use crate::evaluate::experiments::run::{Change, OFF, Place, active};
use crate::evaluate::{EvaluateError, Subject, top};
use crate::study::{Mode, Outcome, Steering};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What changes where one of these sets is switched off.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Off {
    /// Features that are active where the answer is said, and nowhere where a number of the explanation is.
    pub answer_only: SwitchedOff,
    /// The other way round.
    pub explanation_only: SwitchedOff,
    /// Active at both.
    pub shared: SwitchedOff,
    /// As many as are shared, of all others that are active on the text, at random.
    pub random: SwitchedOff,
}

/// What changes without a set of features; the text stands as it would be said with them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct SwitchedOff {
    /// How many features the set has in the mean.
    pub features: f32,
    /// Share of the sums whose answer, the most probable token, is another one.
    pub answer_changes: f32,
    /// Share of the sums where the most probable token at one or more of the explanation's numbers is another one.
    pub explanation_changes: f32,
    /// Share of the explanations' numbers that are others.
    pub numbers_change: f32,
}

/// What changed in one text.
#[derive(Clone, Copy)]
struct Changed {
    features: usize,
    answer: bool,
    numbers: usize,
    of: usize,
}

/// Switches sets of features off in every text.
pub(super) fn off(
    subject: &Subject<'_>,
    studies: &Studies,
    texts: &[Text],
) -> Result<Off, EvaluateError> {
    let done = AtomicUsize::new(0);
    let changed = texts.par_iter().enumerate().map(|(i, text)| {
        let steering = subject.steering(&text.ids)?;
        let sets = sets(&studies.active_in(text)?, i);
        let changed = sets.map(|set| without(subject, &steering, text, &set));
        (subject.observe)(
            "features off",
            1 + done.fetch_add(1, Ordering::Relaxed),
            texts.len(),
        );
        changed.into_iter().collect::<Result<Vec<Changed>, _>>()
    });
    let changed = changed.collect::<Result<Vec<_>, EvaluateError>>()?;
    let outcome =
        |set: usize| switched_off(&changed.iter().map(|all| all[set]).collect::<Vec<_>>());
    Ok(Off {
        answer_only: outcome(0),
        explanation_only: outcome(1),
        shared: outcome(2),
        random: outcome(3),
    })
}

/// The sets of one text, given by its number, in the order of [`Off`].
fn sets(active: &Active, text: usize) -> [BTreeSet<Feature>; 4] {
    let shared: BTreeSet<Feature> = &active.answer & &active.explanation;
    let others: Vec<Feature> = active.anywhere.difference(&shared).copied().collect();
    let random = Random::new(0, text).choose(&others, shared.len());
    [
        &active.answer - &active.explanation,
        &active.explanation - &active.answer,
        shared,
        random.into_iter().collect(),
    ]
}

fn without(
    subject: &Subject<'_>,
    steering: &Steering<Cpu>,
    text: &Text,
    set: &BTreeSet<Feature>,
) -> Result<Changed, EvaluateError> {
    let wanted = |place: &Place| set.contains(&(place.layer, place.feature));
    let places = active(&steering.before, text.ids.len()).into_iter();
    let steers = places
        .filter(wanted)
        .map(|place| Change::Away(place).steer(OFF));
    let steers: Vec<_> = steers.collect();
    let run = steering.run(subject.network(), &steers, &Mode::PatternsFrozen);
    let after = pollster::block_on(run)?.after;
    let vocabulary = subject.network().config().vocabulary;
    let changes = |place: usize| -> Result<bool, EvaluateError> {
        let said =
            |outcome: &Outcome| top(&outcome.logits[(place - 1) * vocabulary..place * vocabulary]);
        Ok(said(&steering.before)? != said(&after)?)
    };
    let mut numbers = 0;
    for place in &text.numbers {
        numbers += usize::from(changes(*place)?);
    }
    Ok(Changed {
        features: set.len(),
        answer: changes(text.given)?,
        numbers,
        of: text.numbers.len(),
    })
}

fn switched_off(changed: &[Changed]) -> SwitchedOff {
    let sum = |value: fn(&Changed) -> usize| changed.iter().map(value).sum::<usize>() as f64;
    let mean = |value: fn(&Changed) -> usize| rounded(sum(value) / changed.len() as f64);
    SwitchedOff {
        features: mean(|it| it.features),
        answer_changes: mean(|it| usize::from(it.answer)),
        explanation_changes: mean(|it| usize::from(it.numbers > 0)),
        numbers_change: rounded(sum(|it| it.numbers) / sum(|it| it.of)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_is_in_one_set_and_random_ones_are_no_shared_ones() {
        let active = Active {
            answer: [(0, 1), (0, 2)].into(),
            explanation: [(0, 2), (1, 3)].into(),
            anywhere: [(0, 1), (0, 2), (1, 3), (2, 4)].into(),
        };
        let [answer, explanation, shared, random] = sets(&active, 5);
        assert_eq!((answer, explanation), ([(0, 1)].into(), [(1, 3)].into()));
        assert_eq!(shared, [(0, 2)].into());
        assert!(random.len() == 1 && !random.contains(&(0, 2)));
    }
}
