//! What is graded of a prompt: the features tried, the runner-up, batches given away; what cannot be graded.

use super::grades::{figure, finish, grade, graded, node};
use super::lowest::{exact, loudest};
use crate::common::cases::{Case, doubles, near, trace};
use crate::common::fixtures::{Fixture, root};
use attograph::engine::cpu::Cpu;
use attograph::study::grade::{Grading, MOST_TRIED};
use attograph::trace::{EDGE_THRESHOLD, NODE_THRESHOLD, Targets};

/// More features are active than are tried.
#[test]
fn the_most_influential_features_of_a_vignette_are_tried() {
    let fixture = Fixture::shipped("diagnosis");
    let manifest = std::fs::read(root().join("www/models/diagnosis/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    // Its vignette twice: of one alone fewer features are active.
    let asked = manifest["examples"][1]["prompt"].as_str().unwrap();
    let (vignette, _) = asked.rsplit_once('.').unwrap();
    let prompt = format!("{vignette}. {asked}");
    let ids = fixture.ids(&prompt);
    let tracer = fixture.tracer(Cpu);
    let grade = grade(&tracer, &ids);
    exact(&grade, &prompt, loudest(&tracer, &ids));

    let graph = trace(&tracer, &ids, &Targets::default());
    assert!(
        graph.features.len() > MOST_TRIED + 50,
        "{}",
        graph.features.len()
    );
    assert_eq!(grade.active_features, graph.active_features);
    assert_eq!(grade.features.len(), MOST_TRIED);
    for trial in &grade.trials {
        for points in [&trial.difference, &trial.answer] {
            assert_eq!(
                (points.predicted.len(), points.measured.len()),
                (MOST_TRIED, MOST_TRIED)
            );
        }
    }
    let mut influence = graph.influence().0[..graph.features.len()].to_vec();
    influence.sort_by(|a, b| b.total_cmp(a));
    let found: Vec<f32> = grade.features.iter().map(|one| one.influence).collect();
    near(
        "influence",
        &doubles(&found),
        &doubles(&influence[..MOST_TRIED]),
        1e-5,
        0.0,
    );
}

/// The runner-up is measured, but scores, influence and pruning are those of the default graph.
#[test]
fn the_runner_up_changes_nothing_else() {
    let fixture = Fixture::shipped("addition");
    let (tracer, ids) = (fixture.tracer(Cpu), fixture.ids("calc: 36+59="));
    let default = trace(&tracer, &ids, &Targets::default());
    assert_eq!(default.targets.len(), 1, "the answer is certain");
    let grading = graded(&tracer, &ids);
    let grade = finish(&grading, &tracer, None);
    let targets = &grading.graph().targets;
    assert_eq!(targets.len(), 2);
    assert_eq!(targets[0], default.targets[0]);
    assert_eq!(targets[1].probability, 0.0);
    assert_eq!(grade.answer, "95");
    let second = default.answers[1].token;
    assert_eq!(grade.runner_up, fixture.model.vocabulary.token(second));
    let scores = default.scores();
    for (id, expected) in [
        ("score/replacement", scores.replacement),
        ("score/completeness", scores.completeness),
    ] {
        assert!(
            (figure(&grade, id) - f64::from(expected)).abs() < 1e-6,
            "{id}"
        );
    }
    let length = default.path_length();
    assert!((figure(&grade, "path/length") - length).abs() < 1e-6 * length);
    let (influence, _) = default.influence();
    let kept = default.prune(NODE_THRESHOLD, EDGE_THRESHOLD).nodes;
    for feature in &grade.features {
        let node = node(&default, feature);
        // The matrix has a row more, so sums come in another order.
        let expected = influence[node];
        assert!((feature.influence - expected).abs() <= 1e-5 * expected.abs() + 1e-9);
        assert_eq!(feature.kept, kept[node]);
    }
    let some = grade.features.iter().filter(|feature| feature.kept).count();
    assert!(some > 5 && some < grade.features.len());
}

/// Another grading of the prompt may try some of the batches: the grade is the same.
#[test]
fn batches_can_be_given_away() {
    let case = Case::new(Cpu, 3, &Targets::default());
    let network = &case.tracer.network;
    let alone = grade(&case.tracer, &case.ids);
    let begin = || pollster::block_on(Grading::new(&case.tracer, case.run.clone())).unwrap();
    let (mut first, mut second) = (begin(), begin());
    let step = |grading: &mut Grading<Cpu>| pollster::block_on(grading.step(network)).unwrap();
    let try_all = |grading: &mut Grading<Cpu>| while !step(grading) {};

    step(&mut first);
    let (lost, given) = (first.give().unwrap(), first.give().unwrap());
    second.receive(given);
    try_all(&mut second);
    let results = second.results(given);
    // What is not whole, or of another batch, is not taken.
    assert!(!first.add(&[]));
    assert!(!first.add(&results[..results.len() - 1]));
    assert!(!first.add(&second.results(0)));
    let done = first.done();
    assert!(first.add(&results));
    assert!(!first.add(&results), "only once");
    assert_eq!(first.done(), done + alone.trials.len());

    try_all(&mut first);
    assert_eq!(first.give(), None);
    assert!(first.done() < first.total(), "batch {lost} is still out");
    first.take_back();
    try_all(&mut first);
    assert_eq!(first.done(), first.total());
    let shared = finish(&first, &case.tracer, None);
    for (a, b) in shared.trials.iter().zip(&alone.trials) {
        assert_eq!(a.difference.measured, b.difference.measured);
        assert_eq!(a.answer.measured, b.answer.measured);
    }
    for (a, b) in shared.features.iter().zip(&alone.features) {
        assert_eq!(a.divergence, b.divergence);
    }
    for (a, b) in shared.travels.iter().zip(&alone.travels) {
        assert_eq!(a.count, b.count);
        near(
            "travels",
            &[a.cosine, a.error],
            &[b.cosine, b.error],
            1e-9,
            0.0,
        );
    }
    assert_eq!(shared.travels.len(), alone.travels.len());
}

/// Nothing is active after the BOS alone: what can be said without experiments is said.
#[test]
fn a_prompt_without_features_has_a_grade() {
    let case = Case::new(Cpu, 0, &Targets::default());
    let grade = grade(&case.tracer, &[0]);
    assert!(grade.features.is_empty() && grade.travels.is_empty());
    assert_eq!(figure(&grade, "path/length"), 1.0);
    assert_eq!(figure(&grade, "score/replacement"), 1.0);
    assert_eq!(grade.errors.all, 0.0);
    let about: Vec<&str> = grade.findings.iter().map(|one| one.about).collect();
    assert_eq!(about, ["errors", "replaced"]);
    assert!(grade.figures.iter().all(|figure| figure.value.is_finite()));
}

#[test]
fn prompts_that_cannot_be_traced_are_refused() {
    let case = Case::new(Cpu, 0, &Targets::default());
    let refused = |ids: &[u32]| {
        let run = pollster::block_on(case.tracer.run(ids));
        run.map(|_| ()).unwrap_err().to_string()
    };
    assert!(refused(&[]).contains("empty"));
    assert!(refused(&[0; 10]).contains("10 tokens"));
    assert!(refused(&[0, 77]).contains("Token 77"));
}
