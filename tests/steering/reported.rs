//! What is reported: answers, features before and after, those that woke, and the fit.

use super::steered::{SUM, run, settings_of, silent, steer, steering, tokens};
use crate::common::cases::{doubles, each, near, trace};
use crate::common::fixtures::Fixture;
use crate::common::statistics;
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::model::Vocabulary;
use attograph::study::{Mode, Report, Setting, Steer, Steered, Steering};
use attograph::trace::{Graph, Targets, Tracer};
use std::collections::BTreeSet;

/// A shipped or random model's prompt with features far from what they were.
fn reported<E: Engine>(
    tracer: &Tracer<E>,
    ids: &[u32],
    mode: &Mode,
    more: &[Steer],
) -> (Steering<E>, Steered, Graph, Report) {
    let steering = steering(tracer, ids);
    let graph = trace(tracer, ids, &Targets::default());
    let last = silent(&steering, 0);
    let mut steers: Vec<Steer> = graph
        .features
        .iter()
        .step_by(5) // enough to move answers in every mode
        .map(|feature| steer(feature, Setting::Times(-4.0)))
        .collect();
    steers.push(steer(&last, Setting::To(3.0)));
    steers.extend(more);
    let steered = run(tracer, &steering, &steers, mode).unwrap();
    let vocabulary = &tracer.network.model.vocabulary;
    let report = Report::new(&steering, &steered, mode, &graph, vocabulary);
    (steering, steered, graph, report)
}

#[test]
fn a_report_lists_answers_logits_and_features() {
    let fixture = Fixture::shipped("addition");
    let (tracer, ids) = (fixture.tracer(Cpu), fixture.ids(SUM));
    check_report(&tracer, &ids, &Mode::Free);
    check_report(&tracer, &ids, &Mode::Constrained(1..3));
    each(
        || Cpu,
        &tokens(),
        |case, _| check_report(&case.tracer, &case.ids, &Mode::Free),
    );
}

fn check_report<E: Engine>(tracer: &Tracer<E>, ids: &[u32], mode: &Mode) {
    let (steering, steered, graph, report) = reported(tracer, ids, mode, &[]);
    let vocabulary: &Vocabulary = &tracer.network.model.vocabulary;
    let size = tracer.network.config().vocabulary;
    let logits = [&steering.before, &steered.after].map(|one| doubles(one.last_logits(size)));
    let shares = [&logits[0], &logits[1]].map(|logits| statistics::shares(logits));

    // Answers: what is among the first ten before or after, sorted by what comes after.
    let first = |logits: &[f64]| -> BTreeSet<u32> {
        let above = |id: &u32| logits.iter().filter(|x| **x > logits[*id as usize]).count();
        (0..size as u32).filter(|id| above(id) < 10).collect()
    };
    let expected: BTreeSet<u32> = &first(&logits[0]) | &first(&logits[1]);
    let listed: BTreeSet<u32> = report.answers.iter().map(|answer| answer.id).collect();
    assert_eq!(listed, expected);
    assert_eq!(report.answers.len(), expected.len());
    assert!(expected.len() > 10, "nothing new is among the answers");
    assert!(report.answers.is_sorted_by(|a, b| a.after >= b.after));
    for answer in &report.answers {
        let id = answer.id as usize;
        assert_eq!(answer.token, vocabulary.token(answer.id));
        let found = [answer.logit_before, answer.logit_after];
        assert_eq!(doubles(&found), [logits[0][id], logits[1][id]]);
        let found = doubles(&[answer.before, answer.after]);
        near(
            "a share",
            &found,
            &[shares[0][id], shares[1][id]],
            1e-5,
            1e-7,
        );
    }

    // Logits: every one, the largest change first.
    let mut ids_listed: Vec<u32> = report.logits.iter().map(|one| one.id).collect();
    ids_listed.sort_unstable();
    assert!(ids_listed.into_iter().eq(0..size as u32));
    let changes = report.logits.iter();
    assert!(changes.is_sorted_by(|a, b| a.change.abs() >= b.change.abs()));
    for one in &report.logits {
        let id = one.id as usize;
        assert_eq!(one.token, vocabulary.token(one.id));
        let change = logits[1][id] - logits[0][id];
        near("a change", &[f64::from(one.change)], &[change], 1e-5, 1e-6);
    }

    // Features before and after, and those that were set.
    let features = steering.before.activations[0].len() / ids.len();
    let at = |layer: usize, position: usize, index: usize| {
        let at = position * features + index;
        [&steering.before, &steered.after].map(|one| one.activations[layer][at])
    };
    assert_eq!(report.features.len(), graph.features.len());
    for (moved, feature) in report.features.iter().zip(&graph.features) {
        let (layer, position, index) = (feature.layer, feature.position, feature.index);
        assert_eq!(
            (moved.layer, moved.position, moved.index),
            (layer, position, index)
        );
        assert_eq!([moved.before, moved.after], at(layer, position, index));
        assert_eq!(moved.before, feature.activation);
    }
    assert_eq!(report.set.len(), steered.interventions.len());
    for (moved, set) in report.set.iter().zip(&steered.interventions) {
        let place = (set.layer, set.position, set.feature);
        assert_eq!((moved.layer, moved.position, moved.index), place);
        assert_eq!(moved.before, at(set.layer, set.position, set.feature)[0]);
        assert_eq!(moved.after, set.value);
    }

    // Features that woke: all there are, or the twenty strongest.
    let set: BTreeSet<(usize, usize, usize)> = steered
        .interventions
        .iter()
        .map(|set| (set.layer, set.position, set.feature))
        .collect();
    let mut active = Vec::new();
    for layer in 0..graph.layers {
        for position in 1..ids.len() {
            for index in 0..features {
                let [before, after] = at(layer, position, index);
                if before == 0.0 && after != 0.0 && !set.contains(&(layer, position, index)) {
                    active.push(after);
                }
            }
        }
    }
    active.sort_by(|a, b| b.total_cmp(a));
    assert!(
        graph.layers < 2 || !active.is_empty(),
        "nothing is newly active"
    );
    assert_eq!(
        steering.newly_active(&steered, usize::MAX).len(),
        active.len()
    );
    active.truncate(20);
    let found: Vec<f32> = report
        .newly_active
        .iter()
        .map(|one| one.activation)
        .collect();
    assert_eq!(found, active);
    for one in &report.newly_active {
        assert_eq!(
            at(one.layer, one.position, one.index),
            [0.0, one.activation]
        );
        assert!(!set.contains(&(one.layer, one.position, one.index)));
    }

    let names: Vec<&str> = graph.targets.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(report.targets, names);
    // One of the features set is silent, hence no node.
    assert_eq!(report.predicted, None);
    assert_eq!(report.measured.len(), graph.features.len() + names.len());
}

#[test]
fn what_is_set_is_not_newly_active() {
    let fixture = Fixture::shipped("addition");
    let (tracer, ids) = (fixture.tracer(Cpu), fixture.ids(SUM));
    let (.., before) = reported(&tracer, &ids, &Mode::Free, &[]);
    let strongest = before.newly_active[0];
    let set = Steer {
        layer: strongest.layer,
        position: strongest.position,
        feature: strongest.index,
        set: Setting::To(strongest.activation),
    };
    let (steering, steered, ..) = reported(&tracer, &ids, &Mode::Free, &[set]);
    let place = (set.layer, set.position, set.feature);
    // It would be active all the same.
    let features = steering.before.activations[0].len() / ids.len();
    let at = set.position * features + set.feature;
    assert!(steered.after.activations[set.layer][at] > 0.0);
    let active = steering.newly_active(&steered, usize::MAX);
    assert!(!active.is_empty());
    let is_set = |layer, position, index| (layer, position, index) == place;
    assert!(
        !active
            .iter()
            .any(|one| is_set(one.layer, one.position, one.index))
    );
}

#[test]
fn a_reports_fit_is_over_what_was_not_set_and_should_move() {
    let fixture = Fixture::shipped("addition");
    let (tracer, ids) = (fixture.tracer(Cpu), fixture.ids(SUM));
    let graph = trace(&tracer, &ids, &Targets::default());
    let steering = steering(&tracer, &ids);
    let several = settings_of(&graph, 1).pop().unwrap();
    let early = vec![steer(&graph.features[0], Setting::Times(0.0))];
    for (steers, mode) in [
        (&several, Mode::Free),
        (&several, Mode::Constrained(1..3)),
        (&early, Mode::PatternsFrozen),
    ] {
        let steered = run(&tracer, &steering, steers, &mode).unwrap();
        let vocabulary = &tracer.network.model.vocabulary;
        let report = Report::new(&steering, &steered, &mode, &graph, vocabulary);
        let foretold = steering.foretold(&graph, &steered, &mode);
        assert_eq!(report.predicted, foretold.predicted);
        assert_eq!(report.measured, foretold.measured);
        let predicted = foretold.predicted.unwrap();
        let (mut x, mut y) = (Vec::new(), Vec::new());
        for (row, predicted) in predicted.iter().enumerate() {
            let is_set = graph.features.get(row).is_some_and(|feature| {
                let place = (feature.layer, feature.position, feature.index);
                let mut set = steers.iter();
                set.any(|s| (s.layer, s.position, s.feature) == place)
            });
            if *predicted != 0.0 && !is_set {
                x.push(*predicted);
                y.push(foretold.measured[row]);
            }
        }
        assert!(x.len() > 10 && x.len() < predicted.len());
        let found = [report.pearson.unwrap(), report.slope.unwrap()];
        let expected = [statistics::pearson(&x, &y), statistics::slope(&x, &y)];
        near("the fit", &found, &expected, 1e-9, 1e-12);
    }
    // With everything frozen it is perfect.
    let steered = run(&tracer, &steering, &several, &Mode::Direct).unwrap();
    let vocabulary = &tracer.network.model.vocabulary;
    let report = Report::new(&steering, &steered, &Mode::Direct, &graph, vocabulary);
    let found = [report.pearson.unwrap(), report.slope.unwrap()];
    near("the direct fit", &found, &[1.0, 1.0], 1e-5, 0.0);
}
