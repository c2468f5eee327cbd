//! What a grade has beside fits: how perturbations travel, shares through errors, the replaced model.

use super::grades::{first_two, grade, last_logits};
use crate::common::cases::{Case, doubles, each, gpu, largest, near};
use crate::common::fixtures::Fixture;
use crate::common::reference;
use crate::common::statistics;
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::study::{Ladder, Mode, Nudge, Rung};
use attograph::trace::Targets;

#[test]
fn perturbations_are_followed_for_three_layers() {
    each(|| Cpu, &Targets::default(), travels);
    let case = Case::new(gpu(), 3, &Targets::default());
    travels(&case, "on the GPU");
}

fn travels<E: Engine>(case: &Case<E>, about: &str) {
    let grade = grade(&case.tracer, &case.ids);
    let network = &case.tracer.network;
    let ladder = Ladder::new(case.run.clone(), &case.graph.features);
    let streams = |nudge: Nudge, rung: Rung| -> Vec<Vec<f64>> {
        let nudges = [nudge];
        let batch = ladder.batch(network, &nudges, rung, true);
        let streams = pollster::block_on(batch).unwrap().streams;
        streams.iter().map(|stream| doubles(stream)).collect()
    };
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let mut seen = 0;
    for rung in [Rung::Mlps, Rung::Norms, Rung::Everything] {
        let mut cosines = vec![Vec::new(); 3];
        let (mut errors, mut squares) = ([0.0; 3], [0.0; 3]);
        for nudge in case.nudges(1.0) {
            let predicted = streams(nudge, Rung::Features);
            let measured = streams(nudge, rung);
            // Where the feature writes, nothing has responded yet.
            let on = predicted.iter().zip(&measured).skip(nudge.layer + 1);
            for (on, (predicted, measured)) in on.take(3).enumerate() {
                let apart: Vec<f64> = predicted.iter().zip(measured).map(|(p, m)| p - m).collect();
                let lengths = dot(predicted, predicted).sqrt() * dot(measured, measured).sqrt();
                cosines[on].push(dot(predicted, measured) / lengths);
                errors[on] += dot(&apart, &apart);
                squares[on] += dot(measured, measured);
            }
        }
        for (on, cosines) in cosines.iter().enumerate() {
            let mut found = grade.travels.iter();
            let found = found.find(|t| t.rung == rung && t.layers_on == on + 1);
            assert_eq!(found.is_some(), !cosines.is_empty(), "{about}, {rung:?}");
            let Some(found) = found else { continue };
            seen += 1;
            assert_eq!(found.count, cosines.len(), "{about}, {rung:?}, {on}");
            let mean = cosines.iter().sum::<f64>() / cosines.len() as f64;
            near(about, &[found.cosine], &[mean], 1e-4, 1e-5);
            near(
                about,
                &[found.error],
                &[errors[on] / squares[on]],
                1e-3,
                1e-6,
            );
        }
    }
    assert_eq!(grade.travels.len(), seen, "{about}");
    // Features of the last layer have nowhere to go.
    assert_eq!(seen, 3 * (case.graph.layers - 1), "{about}");
}

#[test]
fn shares_through_errors_are_what_the_replacement_score_leaves() {
    each(
        || Cpu,
        &Targets::default(),
        |case, about| {
            let grade = grade(&case.tracer, &case.ids);
            let graph = &case.graph;
            let [errors, tokens, logits] = graph.starts();
            let influence = doubles(graph.influence().0);
            let total: f64 = influence[errors..logits].iter().sum();
            let all: f64 = influence[errors..tokens].iter().sum();
            let replacement = f64::from(graph.scores().replacement);
            near(about, &[grade.errors.all], &[1.0 - replacement], 1e-5, 0.0);
            near(about, &[grade.errors.all], &[all / total], 1e-5, 0.0);
            assert_eq!(grade.errors.shares.len(), graph.layers);
            for (layer, row) in grade.errors.shares.iter().enumerate() {
                let start = errors + layer * case.ids.len();
                let here = &influence[start..start + case.ids.len()];
                let expected: Vec<f64> = here.iter().map(|share| share / total).collect();
                near(about, row, &expected, 1e-5, 1e-9);
                let sum = expected.iter().sum::<f64>();
                near(about, &[grade.errors.layer(layer)], &[sum], 1e-5, 1e-9);
            }
            let layers = (0..graph.layers).map(|layer| grade.errors.layer(layer));
            near(about, &[layers.sum()], &[grade.errors.all], 1e-9, 0.0);
            let (layer, position, share) = grade.errors.largest();
            assert_eq!(grade.errors.shares[layer][position], share);
            assert_eq!(share, largest(&grade.errors.shares.concat()));
        },
    );
}

#[test]
fn the_replaced_models_answer_is_a_plain_computations() {
    each(
        || Cpu,
        &Targets::default(),
        |case, about| {
            let replaced = grade(&case.tracer, &case.ids).replaced;
            let logits = reference::replaced(&case.model, &case.ids);
            let top = statistics::largest(&logits);
            assert_eq!(
                replaced.token,
                case.model.vocabulary.token(top as u32),
                "{about}"
            );
            let share = statistics::shares(&logits)[top];
            near(
                about,
                &[f64::from(replaced.probability)],
                &[share],
                1e-4,
                0.0,
            );
            let answer = first_two(&last_logits(case, &[], &Mode::Free))[0];
            assert_eq!(replaced.same, answer as usize == top, "{about}");
        },
    );
    // The shipped one says the same as the original; a random one, something else.
    let fixture = Fixture::shipped("addition");
    let (tracer, ids) = (fixture.tracer(Cpu), fixture.ids("calc: 36+59="));
    assert!(grade(&tracer, &ids).replaced.same);
    let case = Case::new(Cpu, 0, &Targets::default());
    assert!(!grade(&case.tracer, &case.ids).replaced.same);
}
