//! Grades, and what they are of.

use crate::common::cases::{Case, doubles, run};
use crate::common::statistics;
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::study::grade::{Grade, Grading, Tried};
use attograph::study::{Intervention, Mode, intervene};
use attograph::trace::{Graph, Tracer};

/// Takes every step, and counts them.
pub fn graded<E: Engine>(tracer: &Tracer<E>, ids: &[u32]) -> Grading<E> {
    let mut grading = pollster::block_on(Grading::new(tracer, run(tracer, ids))).unwrap();
    let total = grading.total();
    for step in 0..total {
        assert_eq!((grading.done(), grading.total()), (step, total));
        let done = pollster::block_on(grading.step(&tracer.network)).unwrap();
        assert_eq!(done, step + 1 == total);
    }
    // There is nothing left to do.
    assert!(pollster::block_on(grading.step(&tracer.network)).unwrap());
    assert_eq!(grading.done(), total);
    grading
}

/// The grade of a grading whose steps are taken.
pub fn finish<E: Engine>(
    grading: &Grading<E>,
    tracer: &Tracer<E>,
    second: Option<&Tracer<Cpu>>,
) -> Grade {
    pollster::block_on(grading.finish(&tracer.network, second)).unwrap()
}

/// The grade of a prompt without a second opinion.
pub fn grade<E: Engine>(tracer: &Tracer<E>, ids: &[u32]) -> Grade {
    finish(&graded(tracer, ids), tracer, None)
}

/// A model's answer and runner-up.
pub fn first_two(logits: &[f64]) -> [u32; 2] {
    let answer = statistics::largest(logits);
    let mut others = logits.to_vec();
    others[answer] = f64::NEG_INFINITY;
    [answer, statistics::largest(&others)].map(|token| token as u32)
}

/// A figure that must be there.
pub fn figure(grade: &Grade, id: &str) -> f64 {
    grade.figure(id).unwrap_or_else(|| panic!("no figure {id}"))
}

/// The logits after the last token, with interventions.
pub fn last_logits<E: Engine>(
    case: &Case<E>,
    interventions: &[Intervention],
    mode: &Mode,
) -> Vec<f64> {
    let network = &case.tracer.network;
    let outcome = pollster::block_on(intervene(network, &case.ids, interventions, mode)).unwrap();
    doubles(outcome.last_logits(network.config().vocabulary))
}

/// Where a feature of a grade is among a graph's.
pub fn node(graph: &Graph, tried: &Tried) -> usize {
    let place = (tried.layer, tried.position, tried.index);
    let mut features = graph.features.iter();
    features
        .position(|f| (f.layer, f.position, f.index) == place)
        .unwrap()
}
