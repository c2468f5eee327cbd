//! Steering: what features are set to, what the graph predicts of it against what comes, and what is
//! reported.

mod common;

use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::model::Vocabulary;
use attograph::network::Network;
use attograph::study::{
    self, Intervention, Ladder, Mode, Nudge, Report, Rung, Setting, Steer, Steered, Steering,
    StudyError, intervene, steered_next,
};
use attograph::trace::{Answer, Feature, Graph, HeadAt, Look, Targets, TraceError, Tracer};
use common::cases::{
    self, ANSWER, Case, DIFFERENCE, OTHER, ROUNDING, doubles, each, gpu, largest, near, trace,
};
use common::fixtures::{Fixture, load, root};
use common::random::{CONTEXT, VOCABULARY};
use common::statistics;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

const SUM: &str = "calc: 36+59=";

fn tokens() -> Targets {
    Targets::Tokens(vec![ANSWER, OTHER])
}

fn steering<E: Engine>(tracer: &Tracer<E>, ids: &[u32]) -> Steering<E> {
    pollster::block_on(Steering::new(&tracer.network, cases::run(tracer, ids))).unwrap()
}

fn run<E: Engine>(
    tracer: &Tracer<E>,
    steering: &Steering<E>,
    steers: &[Steer],
    mode: &Mode,
) -> Result<Steered, StudyError> {
    pollster::block_on(steering.run(&tracer.network, steers, mode))
}

fn steer(feature: &Feature, set: Setting) -> Steer {
    Steer {
        layer: feature.layer,
        position: feature.position,
        feature: feature.index,
        set,
    }
}

/// A feature that is silent, at the last token but not the first.
fn silent<E: Engine>(steering: &Steering<E>, layer: usize) -> Feature {
    let (position, activations) = (
        steering.ids().len() - 1,
        &steering.before.activations[layer],
    );
    let features = activations.len() / steering.ids().len();
    let row = &activations[position * features..];
    Feature {
        layer,
        position,
        index: row.iter().position(|value| *value == 0.0).unwrap(),
        activation: 0.0,
    }
}

fn intervention(feature: &Feature, value: f32) -> Intervention {
    Intervention {
        layer: feature.layer,
        position: feature.position,
        feature: feature.index,
        value,
    }
}

#[test]
fn settings_become_activations_on_the_cpu() {
    each(|| Cpu, &DIFFERENCE, settings);
}

#[test]
fn settings_become_activations_on_the_gpu() {
    each(gpu, &DIFFERENCE, settings);
}

fn settings<E: Engine>(case: &Case<E>, about: &str) {
    let steering = steering(&case.tracer, &case.ids);
    assert_eq!(steering.ids(), case.ids);
    let (one, two) = (case.graph.features[0], case.graph.features[1]);
    let silent = silent(&steering, case.graph.layers - 1);
    let first = Feature { position: 0, ..one };
    let steers = [
        steer(&one, Setting::To(7.0)),
        steer(&two, Setting::Times(-1.5)),
        steer(&silent, Setting::Times(3.0)),
        steer(&first, Setting::Times(2.0)),
        // Of two on one feature the later counts.
        steer(&one, Setting::Times(2.0)),
        steer(&silent, Setting::To(0.75)),
    ];
    let expected = [
        intervention(&two, -1.5 * two.activation),
        intervention(&first, 0.0),
        intervention(&one, 2.0 * one.activation),
        intervention(&silent, 0.75),
    ];
    let network = &case.tracer.network;
    assert_eq!(steering.interventions(network, &steers).unwrap(), expected);
    for mode in [Mode::Free, Mode::PatternsFrozen, Mode::Direct] {
        let steered = run(&case.tracer, &steering, &steers, &mode).unwrap();
        assert_eq!(steered.interventions, expected);
        let plain = intervene(network, &case.ids, &expected, &mode);
        let plain = pollster::block_on(plain).unwrap();
        assert_eq!(steered.after.logits, plain.logits, "{about}, {mode:?}");
        assert_eq!(steered.after.activations, plain.activations);
        assert_ne!(steered.after.logits, steering.before.logits, "{about}");
    }
    // What is silent can be set, and then speaks.
    let only = [steer(&silent, Setting::To(0.75))];
    let steered = run(&case.tracer, &steering, &only, &Mode::Free).unwrap();
    assert_ne!(steered.after.logits, steering.before.logits, "{about}");
    // A multiple of it is silence.
    let only = [steer(&silent, Setting::Times(5.0))];
    let steered = run(&case.tracer, &steering, &only, &Mode::Free).unwrap();
    let still = [&steered.after, &steering.before].map(|one| doubles(&one.logits));
    near(about, &still[0], &still[1], 0.0, ROUNDING);
}

#[test]
fn impossible_settings_are_refused_in_a_sentence() {
    let case = Case::new(Cpu, 0, &DIFFERENCE);
    let steering = steering(&case.tracer, &case.ids);
    let good = case.graph.features[0];
    let (layer, position, feature) = (good.layer, good.position, good.index);
    let complaint = |steer: Steer, mode: &Mode| {
        let found = run(&case.tracer, &steering, &[steer], mode);
        found.unwrap_err().to_string()
    };
    let off = steer(&good, Setting::To(0.0));
    for (bad, says) in [
        (
            Steer { layer: 3, ..off },
            format!("There is no feature {feature} at layer 3, position {position}: "),
        ),
        (
            Steer { position: 7, ..off },
            format!("There is no feature {feature} at layer {layer}, position 7: "),
        ),
        (
            Steer { feature: 25, ..off },
            format!("There is no feature 25 at layer {layer}, position {position}: "),
        ),
    ] {
        let end = "the model has 3 layers with 25 features, and the prompt 7 tokens.";
        assert_eq!(complaint(bad, &Mode::Free), format!("{says}{end}"));
    }
    for set in [
        Setting::To(f32::NAN),
        Setting::To(f32::INFINITY),
        Setting::Times(f32::NAN),
        Setting::Times(f32::NEG_INFINITY),
    ] {
        let expected =
            format!("The value of feature {feature} at layer {layer} must be a finite number.");
        assert_eq!(complaint(steer(&good, set), &Mode::Free), expected);
    }
    let huge = steer(&good, Setting::To(3e38));
    assert_eq!(
        complaint(huge, &Mode::Direct),
        "With these settings the model's logits are no finite numbers: the values are too large."
    );
    let huge = [intervention(&good, 3e38)];
    let next = steered_next(&case.tracer, &case.ids, &huge, &Mode::Direct);
    assert_eq!(pollster::block_on(next), Err(StudyError::TooLarge));
    assert_eq!(
        complaint(off, &Mode::Constrained(1..5)),
        "There is no layer 4: the model has 3 layers, from 0 on."
    );
    let bad = pollster::block_on(case.tracer.run(&[0, 99]));
    let error = bad.map(|_| ()).unwrap_err();
    let unknown = TraceError::UnknownToken {
        name: "99".into(),
        vocabulary: VOCABULARY,
    };
    assert_eq!(error, unknown);
}

/// Settings that are tried: every feature alone (or every few), off, turned round, and louder; and
/// several together.
fn settings_of(graph: &Graph, every: usize) -> Vec<Vec<Steer>> {
    let sets = [
        Setting::Times(0.0),
        Setting::Times(-1.0),
        Setting::Times(2.5),
        Setting::To(1.25),
    ];
    let features = graph.features.iter();
    let alone = features
        .step_by(every)
        .enumerate()
        .map(|(i, feature)| vec![steer(feature, sets[i % sets.len()])]);
    // From early to late, so that some lead to others.
    let some = |first: usize, step: usize| -> Vec<Steer> {
        let some = graph.features.iter().skip(first).step_by(step).enumerate();
        some.map(|(i, feature)| steer(feature, sets[i % sets.len()]))
            .collect()
    };
    let count = graph.features.len();
    alone
        .chain([
            some(0, 1),
            some(1, 3),
            some(0, count / 2),
            some(count / 3, 4),
        ])
        .collect()
}

/// Everything frozen: the direct edges are what comes.
#[test]
fn direct_effects_are_foretold_on_the_cpu() {
    each(|| Cpu, &tokens(), |case, about| direct(case, about, 1));
    each(|| Cpu, &DIFFERENCE, |case, about| direct(case, about, 3));
}

#[test]
fn direct_effects_are_foretold_on_the_gpu() {
    each(gpu, &tokens(), |case, about| direct(case, about, 9));
}

fn direct<E: Engine>(case: &Case<E>, about: &str, every: usize) {
    let (tracer, ids) = (&case.tracer, &case.ids);
    directly(tracer, ids, &case.graph, about, every);
}

fn directly<E: Engine>(tracer: &Tracer<E>, ids: &[u32], graph: &Graph, about: &str, every: usize) {
    let steering = steering(tracer, ids);
    let layers = graph.layers;
    // f32 rounds large numbers more.
    let rounding = ROUNDING * largest(&doubles(&steering.before.logits)).max(1.0);
    let (mut changed, mut pairs) = (0, 0);
    for steers in settings_of(graph, every) {
        for mode in [Mode::Direct, Mode::Constrained(0..layers)] {
            let steered = run(tracer, &steering, &steers, &mode).unwrap();
            let foretold = steering.foretold(graph, &steered, &mode);
            let predicted = foretold.predicted.unwrap();
            assert_eq!(predicted.len(), graph.features.len() + graph.targets.len());
            near(about, &foretold.measured, &predicted, 1e-4, rounding);
            changed += usize::from(largest(&predicted) > 100.0 * rounding);
            pairs += 1;
        }
    }
    assert!(2 * changed > pairs, "{about}: {changed} of {pairs} move");
}

#[test]
fn direct_effects_are_foretold_in_the_shipped_model() {
    let addition = Fixture::shipped("addition");
    let ids = addition.ids(SUM);
    let folder = root().join("www/models/addition");
    let per_layer = load(&folder, &folder.join("per-layer"));
    for model in [addition.model.clone(), per_layer] {
        let about = format!("{:?}", model.transcoder.kind);
        let tracer = Tracer::new(Network::new(Cpu, model));
        let graph = trace(&tracer, &ids, &Targets::default());
        assert!(graph.features.len() > 30, "{about}");
        directly(&tracer, &ids, &graph, &about, 1);
    }
}

/// How features and targets respond, from the definition: each takes its edges from what was changed
/// and from the features that answer, in proportion to how these change.
fn respond(graph: &Graph, changes: &[(usize, f32)], answers: &dyn Fn(usize) -> bool) -> Vec<f64> {
    fn of(
        row: usize,
        graph: &Graph,
        changes: &HashMap<usize, f64>,
        answers: &dyn Fn(usize) -> bool,
        known: &mut HashMap<usize, f64>,
    ) -> f64 {
        if let Some(known) = known.get(&row) {
            return *known;
        }
        let mut sum = 0.0;
        for (source, feature) in graph.features.iter().enumerate() {
            let edge = f64::from(graph.rows[row * graph.nodes() + source]);
            if edge == 0.0 {
                continue;
            }
            let change = match changes.get(&source) {
                Some(change) => *change,
                None if answers(feature.layer) => of(source, graph, changes, answers, known),
                None => 0.0,
            };
            sum += edge * change / f64::from(feature.activation);
        }
        known.insert(row, sum);
        sum
    }
    let changes: HashMap<usize, f64> = changes.iter().map(|(i, x)| (*i, f64::from(*x))).collect();
    let mut known = HashMap::new();
    // From the last, so that nothing is known before it is asked for.
    let rows = (0..graph.features.len() + graph.targets.len()).rev();
    let mut found: Vec<f64> = rows
        .map(|row| of(row, graph, &changes, answers, &mut known))
        .collect();
    found.reverse();
    found
}

#[test]
fn predictions_are_sums_over_paths_through_the_layers_that_are_free() {
    each(
        || Cpu,
        &tokens(),
        |case, about| {
            let graph = &case.graph;
            let steering = steering(&case.tracer, &case.ids);
            let row = |steer: &Steer| {
                let place = (steer.layer, steer.position, steer.feature);
                let mut features = graph.features.iter();
                features
                    .position(|f| (f.layer, f.position, f.index) == place)
                    .unwrap()
            };
            let layers = graph.layers;
            let free = |from: usize, to: usize| move |layer: usize| !(from..to).contains(&layer);
            let mut differ = false;
            for steers in settings_of(graph, 5) {
                let mut predictions = Vec::new();
                for (mode, answers) in [
                    (Mode::Free, free(0, 0)),
                    (Mode::PatternsFrozen, free(0, 0)),
                    (Mode::Constrained(1..1), free(0, 0)),
                    (Mode::Constrained(0..1), free(0, 1)),
                    (
                        Mode::Constrained(layers - 1..layers),
                        free(layers - 1, layers),
                    ),
                    (Mode::Constrained(1..layers), free(1, layers)),
                    (Mode::Direct, free(0, layers)),
                ] {
                    let steered = run(&case.tracer, &steering, &steers, &mode).unwrap();
                    let changes: Vec<(usize, f32)> = steers
                        .iter()
                        .zip(&steered.interventions)
                        .map(|(steer, set)| {
                            let row = row(steer);
                            (row, set.value - graph.features[row].activation)
                        })
                        .collect();
                    let foretold = steering.foretold(graph, &steered, &mode);
                    let predicted = foretold.predicted.unwrap();
                    let expected = respond(graph, &changes, &answers);
                    let about = format!("{about}, {mode:?}");
                    near(&about, &predicted, &expected, 1e-6, 1e-9);
                    predictions.push(predicted);
                }
                differ |= predictions[0] != predictions[6] && layers > 2;
            }
            assert!(
                differ || layers < 3,
                "{about}: no path is longer than an edge"
            );
        },
    );
}

/// All paths together are the ladder's lowest rung: the graph's features answer, and nothing else.
#[test]
fn all_paths_are_what_the_ladders_lowest_rung_measures_on_the_cpu() {
    each(|| Cpu, &tokens(), |case, about| lowest_rung(case, about, 1));
    each(
        || Cpu,
        &DIFFERENCE,
        |case, about| lowest_rung(case, about, 1),
    );
}

#[test]
fn all_paths_are_what_the_ladders_lowest_rung_measures_on_the_gpu() {
    each(gpu, &tokens(), |case, about| lowest_rung(case, about, 6));
}

fn lowest_rung<E: Engine>(case: &Case<E>, about: &str, every: usize) {
    let (network, graph) = (&case.tracer.network, &case.graph);
    let steering = steering(&case.tracer, &case.ids);
    let ladder = Ladder::new(case.run.clone(), &graph.features);
    for (i, feature) in graph.features.iter().enumerate().step_by(every) {
        let steers = [steer(feature, Setting::Times(-0.5))];
        let nudges = [Nudge {
            layer: feature.layer,
            position: feature.position,
            feature: feature.index,
            change: -1.5 * feature.activation,
        }];
        let changes = ladder.changes(network, &nudges, Rung::Features);
        let changes = doubles(&pollster::block_on(changes).unwrap());
        let expected: Vec<f64> = graph
            .targets
            .iter()
            .map(|target| match target.pair {
                Some((a, b)) => changes[a as usize] - changes[b as usize],
                None => {
                    let mean = changes.iter().sum::<f64>() / VOCABULARY as f64;
                    changes[target.token as usize] - mean
                }
            })
            .collect();
        let along: Vec<f64> = graph.targets.iter().map(|t| t.along(&changes)).collect();
        assert_eq!(along, expected, "{about}");
        let responses = graph.responses(&[(i, nudges[0].change)], |_| true);
        let targets = &responses[graph.features.len()..];
        near(about, targets, &expected, 1e-4, ROUNDING);
        for mode in [Mode::Free, Mode::PatternsFrozen] {
            let steered = run(&case.tracer, &steering, &steers, &mode).unwrap();
            let foretold = steering.foretold(graph, &steered, &mode).predicted.unwrap();
            near(about, &foretold, &responses, 1e-9, 0.0);
        }
    }
}

#[test]
fn a_feature_that_is_no_node_leaves_nothing_foretold() {
    each(
        || Cpu,
        &tokens(),
        |case, about| {
            let steering = steering(&case.tracer, &case.ids);
            let node = case.graph.features[0];
            let first = Feature {
                position: 0,
                ..node
            };
            for other in [silent(&steering, node.layer), first] {
                let steers = [
                    steer(&node, Setting::To(0.0)),
                    steer(&other, Setting::To(2.0)),
                ];
                for mode in [Mode::Direct, Mode::Free] {
                    let steered = run(&case.tracer, &steering, &steers, &mode).unwrap();
                    let foretold = steering.foretold(&case.graph, &steered, &mode);
                    assert_eq!(foretold.predicted, None, "{about}");
                    assert!(largest(&foretold.measured) > 0.0, "{about}");
                    let vocabulary = &case.model.vocabulary;
                    let report = Report::new(&steering, &steered, &mode, &case.graph, vocabulary);
                    assert_eq!((report.pearson, report.slope), (None, None));
                    assert_eq!(report.predicted, None);
                    assert_eq!(report.measured, foretold.measured);
                }
            }
        },
    );
}

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
        .step_by(graph.features.len() / 4)
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

#[test]
fn without_interventions_the_next_tokens_are_the_models() {
    let fixture = Fixture::shipped("addition");
    let (tracer, ids) = (fixture.tracer(Cpu), fixture.ids(SUM));
    for mode in [Mode::Free, Mode::Direct] {
        next_as_ever(&tracer, &ids, &mode);
    }
    each(
        || Cpu,
        &tokens(),
        |case, _| next_as_ever(&case.tracer, &case.ids, &Mode::Free),
    );
    each(gpu, &tokens(), |case, _| {
        next_as_ever(&case.tracer, &case.ids, &Mode::Free)
    });
}

fn next_as_ever<E: Engine>(tracer: &Tracer<E>, ids: &[u32], mode: &Mode) {
    let steered = pollster::block_on(steered_next(tracer, ids, &[], mode)).unwrap();
    let plain = pollster::block_on(study::next(tracer, ids)).unwrap();
    let tokens =
        |answers: &[Answer]| -> Vec<u32> { answers.iter().map(|answer| answer.token).collect() };
    assert_eq!(tokens(&steered), tokens(&plain));
    for (steered, plain) in steered.iter().zip(&plain) {
        let pair = |answer: &Answer| doubles(&[answer.probability, answer.logit]);
        near("an answer", &pair(steered), &pair(plain), 1e-5, 1e-6);
    }
}

/// Settings stay at their positions while the text grows.
#[test]
fn text_goes_on_as_interventions_on_the_longer_prompt_say() {
    each(|| Cpu, &tokens(), goes_on);
    each(gpu, &tokens(), goes_on);
}

fn goes_on<E: Engine>(case: &Case<E>, about: &str) {
    let network = &case.tracer.network;
    let features = case.graph.features.iter().step_by(2);
    let set: Vec<Intervention> = features
        .map(|feature| intervention(feature, -3.0 * feature.activation))
        .collect();
    for mode in [Mode::Free, Mode::PatternsFrozen] {
        let (mut ids, mut without) = (case.ids.clone(), case.ids.clone());
        while ids.len() <= CONTEXT {
            let next = steered_next(&case.tracer, &ids, &set, &mode);
            let next = pollster::block_on(next).unwrap();
            let outcome = pollster::block_on(intervene(network, &ids, &set, &mode)).unwrap();
            let logits = doubles(outcome.last_logits(VOCABULARY));
            let best = statistics::largest(&logits);
            assert_eq!(next[0].token as usize, best, "{about}, {mode:?}");
            let share = statistics::shares(&logits)[best];
            let found = f64::from(next[0].probability);
            near(about, &[found], &[share], 1e-5, 1e-7);
            assert_eq!(next.len(), 10);
            ids.push(next[0].token);
            let plain = pollster::block_on(study::next(&case.tracer, &without)).unwrap();
            without.push(plain[0].token);
        }
        assert_ne!(ids, without, "{about}: nothing is said differently");
        let full = pollster::block_on(steered_next(&case.tracer, &ids, &set, &mode));
        let too_long = TraceError::TooLong {
            tokens: CONTEXT + 1,
            limit: CONTEXT,
        };
        assert_eq!(full, Err(StudyError::Trace(too_long)));
    }
}

#[test]
fn settings_are_read_from_texts() {
    let steer = |layer, feature, position, set| Steer {
        layer,
        position,
        feature,
        set,
    };
    for (text, expected) in [
        ("0/153@6=0", steer(0, 153, 6, Setting::To(0.0))),
        ("3/7@12=2.5", steer(3, 7, 12, Setting::To(2.5))),
        ("3/7@12=-2.5", steer(3, 7, 12, Setting::To(-2.5))),
        ("1/2@3=x2", steer(1, 2, 3, Setting::Times(2.0))),
        ("1/2@3=x-1", steer(1, 2, 3, Setting::Times(-1.0))),
        ("1/2@3=x0.5", steer(1, 2, 3, Setting::Times(0.5))),
        ("1/2@3=1e-3", steer(1, 2, 3, Setting::To(1e-3))),
    ] {
        assert_eq!(text.parse::<Steer>().as_ref(), Ok(&expected), "{text}");
    }
    for text in [
        "",
        "0/153@6",
        "0/153=1",
        "153@6=1",
        "0@6/153=1",
        "0/153@6=",
        "0/153@6=x",
        "0/153@6=2x",
        "0/153@6=xx2",
        "0/153@6=loud",
        "0/153@6=1=2",
        "0/153@6@7=1",
        "0/1/2@6=1",
        "-1/153@6=1",
        "0/1.5@6=1",
        "0/153@six=1",
        "0/ 153@6=1",
        "99999999999999999999/1@1=1",
    ] {
        let error = text.parse::<Steer>().unwrap_err();
        let expected = format!(
            "{text:?} sets no feature: write LAYER/FEATURE@POSITION=VALUE, with a multiple as x2"
        );
        assert_eq!(error, expected);
    }
}

#[test]
fn modes_are_read_from_texts() {
    for (text, expected) in [
        ("direct", Mode::Direct),
        ("patterns", Mode::PatternsFrozen),
        ("free", Mode::Free),
        ("constrained:1-3", Mode::Constrained(1..4)),
        ("constrained:2-2", Mode::Constrained(2..3)),
        ("constrained:0", Mode::Constrained(0..1)),
    ] {
        assert_eq!(text.parse::<Mode>().as_ref(), Ok(&expected), "{text}");
    }
    for text in [
        "",
        "Direct",
        "frozen",
        "constrained",
        "constrained:",
        "constrained:3-1",
        "constrained:-1",
        "constrained:1-",
        "constrained:1-2-3",
        "constrained:a-b",
        "constrained: 1-2",
        "constrained:0-18446744073709551615",
        "direct:1-2",
    ] {
        let error = text.parse::<Mode>().unwrap_err();
        let expected =
            format!("{text:?} is no mode: use direct, constrained:1-3, patterns or free");
        assert_eq!(error, expected);
    }
}

#[test]
fn a_head_looks_where_a_model_that_writes_the_same_looks_on_the_cpu() {
    each(|| Cpu, &DIFFERENCE, moved_patterns);
}

#[test]
fn a_head_looks_where_a_model_that_writes_the_same_looks_on_the_gpu() {
    each(gpu, &DIFFERENCE, moved_patterns);
}

/// A feature of the first layer that is more active by the same everywhere writes the same everywhere: so
/// does a model of which the MLPs' biases have that in them.
fn moved_patterns<E: Engine>(case: &Case<E>, about: &str) {
    const MORE: f32 = 0.75;
    const INDEX: usize = 4;
    let tokens = case.ids.len();
    let config = &case.model.language.config;
    let (layers, width) = (config.layers, config.width);
    let steering = steering(&case.tracer, &case.ids);
    let features = case.model.transcoder.features();
    let steers: Vec<Steer> = (0..tokens)
        .map(|position| Steer {
            layer: 0,
            position,
            feature: INDEX,
            set: Setting::To(MORE + steering.before.activations[0][position * features + INDEX]),
        })
        .collect();

    let mut twin = (*case.model).clone();
    let written = twin.transcoder.layers[0].decoder.row(INDEX).to_vec();
    for (block, written) in twin.language.blocks.iter_mut().zip(written.chunks(width)) {
        let before = block.mlp_out.bias.as_ref();
        let bias = written.iter().enumerate();
        let bias = bias.map(|(i, x)| MORE * x + before.map_or(0.0, |bias| bias[i]));
        block.mlp_out.bias = Some(bias.collect());
    }
    let twin = Tracer::new(Network::new(Cpu, Arc::new(twin)));
    let expected = trace(&twin, &case.ids, &DIFFERENCE);
    let twin_run = cases::run(&twin, &case.ids);

    let mut moved: f64 = 0.0;
    for layer in 0..layers {
        for head in 0..config.heads {
            let query = tokens - 1 - head.min(tokens - 1);
            let at = HeadAt { layer, head, query };
            let look = Look {
                at,
                key: 0,
                minus: None,
            };
            let pattern = |mode: &Mode| {
                let found = steering.pattern(&case.tracer.network, &steers, mode, at);
                doubles(&pollster::block_on(found).unwrap())
            };
            let held =
                pollster::block_on(case.tracer.look(&case.run, &case.graph, look, 0)).unwrap();
            let other = pollster::block_on(twin.look(&twin_run, &expected, look, 0)).unwrap();
            let [held, other] = [&held, &other].map(|found| doubles(&found.pattern));
            near(about, &pattern(&Mode::Free), &other, 1e-4, 1e-6);
            near(about, &pattern(&Mode::PatternsFrozen), &held, 1e-6, 1e-7);
            let changes = held.iter().zip(&other).map(|(a, b)| (a - b).abs());
            moved = changes.fold(moved, f64::max);
        }
    }
    assert!(layers < 2 || moved > 1e-3, "{about}: no pattern moves");

    let nowhere = HeadAt {
        layer: layers,
        head: 0,
        query: 0,
    };
    let refused = steering.pattern(&case.tracer.network, &steers, &Mode::Free, nowhere);
    let refused = pollster::block_on(refused).unwrap_err().to_string();
    assert!(refused.starts_with("There is no layer"), "{refused}");
}
