//! The experiment on vignettes: without the features that tell the leading condition, does the model
//! ask what the runner-up would have it ask? The features are found on vignettes with even numbers,
//! and steered on the others, at every position where they fire.

use super::Experiment;
use super::pick::Random;
use super::run::{Attempt, Change, Design, Place, STEERED, active, run};
use crate::engine::cpu::Cpu;
use crate::evaluate::conditions::telling;
use crate::evaluate::sweep::Sweep;
use crate::evaluate::{EvaluateError, Subject};
use crate::study::Steering;
use crate::trace::answers;
use std::collections::{BTreeMap, BTreeSet};

/// The question that is asked, and the one whose second answer is the runner-up.
const ASK: &str = "ask";
const DIAGNOSIS: &str = "diagnosis";

const FEATURES: &str = "features that fire on the answering token where the leading condition leads, \
                        with an F1 of 0.8 or more on other vignettes, at every position";
const OTHERS: &str = "as many of the other active features at the same positions, at random";
const CHANGES: &str = "the top answer is another one than before";
const SUITS: &str = "the top answer is the best question of some vignette that the runner-up leads";

fn designs() -> [Design; 2] {
    let design = |id, name, criteria| Design {
        id,
        name,
        features: FEATURES,
        control: OTHERS,
        criteria,
        factor: STEERED,
    };
    [
        design(
            "condition",
            "features of the leading condition inhibited: the model asks something else",
            vec![CHANGES],
        ),
        design(
            "runner-up",
            "features of the leading condition inhibited: the model asks what the runner-up would",
            vec![CHANGES, SUITS],
        ),
    ]
}

/// A vignette.
struct Case<'a> {
    ids: &'a [u32],
    /// Features that tell its leading condition, as layer x features + index.
    features: &'a [u32],
    /// Best questions where its runner-up leads, as the text of their first token.
    questions: &'a BTreeSet<&'a str>,
}

/// Runs the experiment on at most so many vignettes. Nothing where the questions are not asked, and
/// no condition has a feature of its own.
///
/// # Errors
/// Logits that are no finite numbers.
pub fn run_cases(
    subject: &Subject<'_>,
    sweep: &Sweep,
    prompts: usize,
    all: bool,
) -> Result<Vec<Experiment>, EvaluateError> {
    let exam = subject.exam;
    let Some(question) = exam.group(ASK) else {
        return Ok(Vec::new());
    };
    let telling = telling(exam, sweep, question);
    // By the first token of a condition's name.
    let mut questions: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for chances in &exam.chances {
        if let (Some(ask), Some(diagnosis)) = (chances.get(ASK), chances.get(DIAGNOSIS)) {
            let of_condition = questions.entry(&*diagnosis[0].0).or_default();
            of_condition.insert(&*ask[0].0);
        }
    }
    let order = exam.spread_in(question);
    let cases = order.iter().filter_map(|i| {
        let vignette = i - question * exam.leading.len();
        let (runner_up, _) = exam.chances[vignette].get(DIAGNOSIS)?.get(1)?;
        let case = Case {
            ids: &exam.prompts[*i].ids,
            features: telling.get(&exam.leading[vignette])?,
            questions: questions.get(&**runner_up)?,
        };
        (vignette % 2 == 1).then_some(case)
    });
    let cases: Vec<Case<'_>> = cases.take(prompts).collect();
    let vocabulary = &subject.network().model.vocabulary;
    let prepare = |i: usize, steering: &Steering<Cpu>| {
        let case = &cases[i];
        let size = subject.network().config().vocabulary;
        let before = answers(steering.before.last_logits(size), 1)[0].token;
        let (steered, control) = away(subject, steering, case.features, Random::new(0, i));
        let attempts = designs().into_iter().map(|design| Attempt {
            steered: steered.clone(),
            control: control.clone(),
            expected: case.questions.iter().map(ToString::to_string).collect(),
            judge: Box::new(move |logits: &[f32]| {
                let answer = answers(logits, 1)[0].token;
                let suits = case.questions.contains(&*vocabulary.token(answer));
                let holds = design.criteria.iter().map(|criterion| match *criterion {
                    CHANGES => answer != before,
                    _ => suits,
                });
                (None, holds.collect())
            }),
        });
        Ok(attempts.collect())
    };
    let ids: Vec<&[u32]> = cases.iter().map(|case| case.ids).collect();
    run(subject, &designs(), &ids, all, prepare)
}

/// These features wherever they fire, and at each position as many others.
fn away(
    subject: &Subject<'_>,
    steering: &Steering<Cpu>,
    features: &[u32],
    mut random: Random,
) -> (Vec<Change>, Vec<Change>) {
    let size = subject.network().model.transcoder.features();
    let active = active(&steering.before, steering.ids().len());
    let tells = |place: &Place| features.contains(&((place.layer * size + place.feature) as u32));
    let (found, others): (Vec<Place>, Vec<Place>) = active.into_iter().partition(tells);
    let mut control = Vec::new();
    for position in 0..steering.ids().len() {
        let here = |place: &&Place| place.position == position;
        let others: Vec<Place> = others.iter().filter(here).copied().collect();
        control.extend(random.choose(&others, found.iter().filter(here).count()));
    }
    let changes = |places: Vec<Place>| places.into_iter().map(Change::Away).collect();
    (changes(found), changes(control))
}
