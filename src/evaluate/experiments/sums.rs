//! Experiments on held-out sums. Features are found by their roles, which their operand plots tell;
//! all active ones of a role are steered, those that pruning would drop as well, because what is left
//! of a role would go on doing its work.

use super::Experiment;
use super::numbers::Answer;
use super::pick::Random;
use super::plans::{What, is_lookup_of_ones, plans};
use super::run::{Attempt, Change, Design, Place, activation, active, run};
use crate::engine::cpu::Cpu;
use crate::evaluate::{EvaluateError, Subject};
use crate::study::{OperandPlots, Role, Steering, Template, role};
use rayon::prelude::*;
use std::collections::HashMap;

/// The context that the prompts are of.
const CONTEXT: &str = "calc";
/// How far the first operand moves for another ones digit: from `_6 + _9` to `_9 + _9`.
const STEP: usize = 3;

/// A prompt: its operands, and the first one of the prompt that it is swapped with.
struct Sum<'a> {
    ids: &'a [u32],
    a: usize,
    b: usize,
    other: usize,
}

/// Runs all experiments on at most so many held-out prompts. Nothing where the context's prompts are
/// no sums of two numbers below 100.
///
/// # Errors
/// Logits that are no finite numbers.
pub fn run_sums(
    subject: &Subject<'_>,
    prompts: usize,
    all: bool,
) -> Result<Vec<Experiment>, EvaluateError> {
    let Some((template, sums)) = find(subject, prompts) else {
        return Ok(Vec::new());
    };
    let a_position = template.a_position;
    let roles = roles(subject, template)?;
    let plans = plans();
    let vocabulary = &subject.network().model.vocabulary;
    let prepare = |i: usize, steering: &Steering<Cpu>| {
        let sum = &sums[i];
        let mut ids = sum.ids.to_vec();
        let number = vocabulary.id_of_number(sum.other as u32);
        ids[a_position] = number.expect("a template has a token for each operand");
        let other = subject.steering(&ids)?;
        let attempts = plans.iter().enumerate().map(|(experiment, plan)| {
            let (right, mut expected) = ((sum.a + sum.b) as u32, (sum.a + sum.b) as u32);
            let random = Random::new(experiment, i);
            let (steered, control) = match plan.what {
                What::Away(wanted) => away(&roles, steering, wanted, random),
                What::Swap => {
                    expected = (sum.other + sum.b) as u32;
                    swap(&roles, steering, &other, random)
                }
            };
            Attempt {
                steered,
                control,
                expected: vec![expected.to_string()],
                judge: Box::new(move |logits| {
                    let answer = Answer::new(logits, vocabulary, right, expected);
                    let holds = plan.criteria.iter().map(|one| answer.meets(*one));
                    (Some(answer.spread), holds.collect())
                }),
            }
        });
        Ok(attempts.collect())
    };
    let designs: Vec<Design> = plans.iter().map(|plan| plan.design.clone()).collect();
    let ids: Vec<&[u32]> = sums.iter().map(|sum| sum.ids).collect();
    run(subject, &designs, &ids, all, prepare)
}

/// No text has to be known: both operands stand in the prompt, and no other number.
const KNOWN: &[&str] = &[];

/// Held-out prompts of one template.
fn find<'a>(subject: &Subject<'a>, prompts: usize) -> Option<(Template, Vec<Sum<'a>>)> {
    let (exam, vocabulary) = (subject.exam, &subject.network().model.vocabulary);
    let order = exam.spread_in(exam.group(CONTEXT)?);
    let (template, ..) = Template::find(&exam.prompts[*order.first()?].ids, vocabulary, KNOWN)?;
    let sums = order.iter().filter_map(|i| {
        let ids = &exam.prompts[*i].ids;
        let (its, a, b) = Template::find(ids, vocabulary, KNOWN)?;
        // The tens digit stays, so that the other sum is just 3 away, and the nearest number with
        // its ones digit.
        let other = if a % 10 + STEP < 10 {
            a + STEP
        } else {
            a - STEP
        };
        (its == template).then_some(Sum { ids, a, b, other })
    });
    let sums: Vec<Sum<'_>> = sums.take(prompts).collect();
    Some((template, sums))
}

/// The role of each feature at each position of a template's prompts.
fn roles(subject: &Subject<'_>, template: Template) -> Result<HashMap<Place, Role>, EvaluateError> {
    let mut plots = OperandPlots::new(template);
    while !pollster::block_on(plots.step(subject.network()))? {}
    let places = plots.places();
    let roles = places.par_iter().filter_map(|(layer, position, feature)| {
        let place = Place {
            layer: *layer,
            position: *position,
            feature: *feature,
        };
        Some((place, role(&plots.plot(*layer, *position, *feature))?))
    });
    Ok(roles.collect())
}

/// The active features of a role, and as many others.
fn away(
    roles: &HashMap<Place, Role>,
    steering: &Steering<Cpu>,
    wanted: fn(&Role) -> bool,
    mut random: Random,
) -> (Vec<Change>, Vec<Change>) {
    let active = active(&steering.before, steering.ids().len());
    let is_wanted = |place: &Place| roles.get(place).is_some_and(wanted);
    let (found, others): (Vec<Place>, Vec<Place>) = active.into_iter().partition(is_wanted);
    let control = random.choose(&others, found.len());
    let changes = |places: Vec<Place>| places.into_iter().map(Change::Away).collect();
    (changes(found), changes(control))
}

/// Lookups of ones digits as they are in another prompt, and as many others that differ.
fn swap(
    roles: &HashMap<Place, Role>,
    here: &Steering<Cpu>,
    there: &Steering<Cpu>,
    mut random: Random,
) -> (Vec<Change>, Vec<Change>) {
    let tokens = here.ids().len();
    let mut places = active(&here.before, tokens);
    places.extend(active(&there.before, tokens));
    places.sort_unstable();
    places.dedup();
    let strength = |steering: &Steering<Cpu>, place| activation(&steering.before, tokens, place);
    places.retain(|place| strength(here, *place) != strength(there, *place));
    let is_lookup = |place: &Place| roles.get(place).is_some_and(is_lookup_of_ones);
    let (found, others): (Vec<Place>, Vec<Place>) = places.into_iter().partition(is_lookup);
    let control = random.choose(&others, found.len());
    let changes = |places: Vec<Place>| {
        let each = places
            .into_iter()
            .map(|place| match strength(there, place) {
                0.0 => Change::Away(place),
                value => Change::To(place, value),
            });
        each.collect()
    };
    (changes(found), changes(control))
}
