//! What the graph predicts of it, against what comes.

use super::steered::{SUM, run, settings_of, silent, steer, steering, tokens};
use crate::common::cases::{Case, DIFFERENCE, ROUNDING, doubles, each, gpu, largest, near, trace};
use crate::common::fixtures::{Fixture, load, root};
use crate::common::random::VOCABULARY;
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::network::Network;
use attograph::study::{Ladder, Mode, Nudge, Report, Rung, Setting, Steer};
use attograph::trace::{Feature, Graph, Targets, Tracer};
use std::collections::HashMap;

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
    fn row_change(
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
                None if answers(feature.layer) => {
                    row_change(source, graph, changes, answers, known)
                }
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
        .map(|row| row_change(row, graph, &changes, answers, &mut known))
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
