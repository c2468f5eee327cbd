//! The lowest rung: what is measured is what was predicted.

use super::grades::{figure, grade};
use crate::common::cases::{Case, ROUNDING, each, gpu, largest, near};
use crate::common::fixtures::{Fixture, load, root};
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::network::Network;
use attograph::study::grade::Grade;
use attograph::study::{self, Rung};
use attograph::trace::{Targets, Tracer};

/// On the lowest rung what is measured is what was predicted, but for rounding.
pub fn exact(grade: &Grade, about: &str, logits: f64) {
    let rounding = ROUNDING * logits.max(1.0);
    for trial in grade.trials.iter().filter(|t| t.rung == Rung::Features) {
        for points in [&trial.difference, &trial.answer] {
            assert!(largest(&points.predicted) > 10.0 * rounding, "{about}");
            near(about, &points.measured, &points.predicted, 1e-4, rounding);
        }
    }
    for about in ["difference", "answer"] {
        let id = format!("faithful/all-frozen/100/{about}/deviation");
        assert!(figure(grade, &id) <= 1e-4, "{id}: {}", figure(grade, &id));
    }
}

#[test]
fn the_lowest_rung_is_exact_on_random_models() {
    each(
        || Cpu,
        &Targets::default(),
        |case, about| {
            exact(&grade(&case.tracer, &case.ids), about, 1.0);
        },
    );
    let case = Case::new(gpu(), 0, &Targets::default());
    exact(&grade(&case.tracer, &case.ids), "on the GPU", 1.0);
}

/// The largest logit after a prompt.
pub fn loudest<E: Engine>(tracer: &Tracer<E>, ids: &[u32]) -> f64 {
    let answers = pollster::block_on(study::next(tracer, ids)).unwrap();
    f64::from(answers[0].logit)
}

#[test]
fn the_lowest_rung_is_exact_on_the_shipped_addition_model() {
    let fixture = Fixture::shipped("addition");
    let folder = root().join("www/models/addition");
    let per_layer = load(&folder, &folder.join("per-layer"));
    for model in [fixture.model.clone(), per_layer] {
        let tracer = Tracer::new(Network::new(Cpu, model));
        for prompt in [
            "calc: 36+59=",
            "calc: 99+1=",
            "Add 47 and 38. Answer:",
            "pen $36, ink $59, total $",
        ] {
            let ids = fixture.ids(prompt);
            exact(&grade(&tracer, &ids), prompt, loudest(&tracer, &ids));
        }
    }
}
