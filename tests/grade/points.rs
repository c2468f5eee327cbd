//! Predictions and measurements, and the figures that come of them.

use super::grades::{figure, finish, first_two, grade, graded, last_logits, node};
use crate::common::cases::{Case, ROUNDING, doubles, each, gpu, largest, near, trace};
use crate::common::reference::Reference;
use crate::common::statistics::{divergence, pearson, slope, spearman};
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::study::grade::{Grade, SHARES, Tried};
use attograph::study::{Intervention, Ladder, Mode, Nudge, Rung, StudyError};
use attograph::trace::{EDGE_THRESHOLD, NODE_THRESHOLD, Targets};
use std::collections::BTreeSet;

/// The answer's logit less the runner-up's, and less the mean.
fn along([answer, runner_up]: [u32; 2], logits: &[f64]) -> [f64; 2] {
    let mean = logits.iter().sum::<f64>() / logits.len() as f64;
    let of = |token: u32| logits[token as usize];
    [of(answer) - of(runner_up), of(answer) - mean]
}

fn less(feature: &Tried, share: f32) -> Intervention {
    Intervention {
        layer: feature.layer,
        position: feature.position,
        feature: feature.index,
        value: (1.0 - share) * feature.activation,
    }
}

#[test]
fn predictions_and_measurements_are_those_of_one_feature_at_a_time() {
    each(|| Cpu, &Targets::default(), plain_points);
}

fn plain_points<E: Engine>(case: &Case<E>, about: &str) {
    let grade = grade(&case.tracer, &case.ids);
    let before = last_logits(case, &[], &Mode::Free);
    let pair @ [answer, runner_up] = first_two(&before);
    let names = [answer, runner_up].map(|token| case.model.vocabulary.token(token));
    assert_eq!([&grade.answer, &grade.runner_up], [&names[0], &names[1]]);

    let (token, minus) = (answer, runner_up);
    let difference = Targets::Difference { token, minus };
    let effects = [difference, Targets::Tokens(vec![answer])]
        .map(|targets| trace(&case.tracer, &case.ids, &targets).effects(&[1.0]));
    let reference = Reference::new(&case.model, &case.ids);
    let still = reference.respond(0, 1, 0, 0.0).logits;
    let ladder = Ladder::new(case.run.clone(), &case.graph.features);

    // All features, the most influential first.
    assert_eq!(grade.features.len(), case.graph.features.len());
    assert_eq!(grade.active_features, case.graph.features.len());
    let (influence, _) = case.graph.influence();
    let kept = case.graph.prune(NODE_THRESHOLD, EDGE_THRESHOLD).nodes;
    let tried: BTreeSet<usize> = grade
        .features
        .iter()
        .map(|f| node(&case.graph, f))
        .collect();
    assert_eq!(tried.len(), grade.features.len());
    assert!(
        grade
            .features
            .is_sorted_by(|a, b| a.influence >= b.influence)
    );
    for feature in &grade.features {
        let node = node(&case.graph, feature);
        assert_eq!(feature.activation, case.graph.features[node].activation);
        let found = [f64::from(feature.influence)];
        near(about, &found, &[f64::from(influence[node])], 1e-5, 1e-7);
        assert_eq!(feature.kept, kept[node], "{about}");
        // Divergence, with nothing frozen.
        let after = last_logits(case, &[less(feature, 1.0)], &Mode::Free);
        let expected = divergence(&before, &after);
        near(about, &[feature.divergence], &[expected], 1e-3, 1e-8);
    }

    let order: Vec<(Rung, f32)> = grade.trials.iter().map(|t| (t.rung, t.share)).collect();
    let expected = SHARES.map(|share| Rung::ALL.map(|rung| (rung, share)));
    assert_eq!(order, expected.concat());
    for trial in &grade.trials {
        let mut plain = [Vec::new(), Vec::new()];
        for feature in &grade.features {
            let change = -trial.share * feature.activation;
            let changes: Vec<f64> = match trial.rung {
                Rung::Features => {
                    let nudges = [Nudge {
                        layer: feature.layer,
                        position: feature.position,
                        feature: feature.index,
                        change,
                    }];
                    let changes = ladder.changes(&case.tracer.network, &nudges, trial.rung);
                    doubles(&pollster::block_on(changes).unwrap())
                }
                Rung::Mlps => {
                    let (layer, position, index) = (feature.layer, feature.position, feature.index);
                    let moved = reference.respond(layer, position, index, f64::from(change));
                    let pairs = moved.logits.iter().zip(&still);
                    pairs.map(|(moved, still)| moved - still).collect()
                }
                Rung::Norms | Rung::Everything => {
                    let mode = match trial.rung {
                        Rung::Norms => Mode::PatternsFrozen,
                        _ => Mode::Free,
                    };
                    let after = last_logits(case, &[less(feature, trial.share)], &mode);
                    let pairs = after.iter().zip(&before);
                    pairs.map(|(after, before)| after - before).collect()
                }
            };
            for (plain, value) in plain.iter_mut().zip(along(pair, &changes)) {
                plain.push(value);
            }
        }
        let about = format!("{about}, {:?}, {}", trial.rung, trial.share);
        for (i, points) in [&trial.difference, &trial.answer].into_iter().enumerate() {
            near(&about, &points.measured, &plain[i], 1e-4, ROUNDING);
            let predicted: Vec<f64> = grade
                .features
                .iter()
                .map(|feature| -f64::from(trial.share) * effects[i][node(&case.graph, feature)])
                .collect();
            near(&about, &points.predicted, &predicted, 1e-4, 1e-7);
            assert!(largest(&predicted) > 0.0, "{about}");
        }
    }
}

#[test]
fn figures_are_fits_of_the_points_and_other_plain_sums() {
    each(
        || Cpu,
        &Targets::default(),
        |case, about| {
            let grading = graded(&case.tracer, &case.ids);
            let grade = finish(&grading, &case.tracer, None);
            let mut expected: Vec<(String, f64)> = Vec::new();
            let mut expect = |id: String, value: f64| expected.push((id, value));
            let scores = case.graph.scores();
            expect("score/replacement".into(), f64::from(scores.replacement));
            expect("score/completeness".into(), f64::from(scores.completeness));
            expect("path/length".into(), case.graph.path_length());
            for layer in 0..case.graph.layers {
                let share = 100.0 * grade.errors.layer(layer);
                expect(format!("errors/layer/{layer}"), share);
            }
            for (trial, percent) in grade.trials.iter().zip([5, 5, 5, 5, 100, 100, 100, 100]) {
                let rung = match trial.rung {
                    Rung::Features => "all-frozen",
                    Rung::Mlps => "mlps-free",
                    Rung::Norms => "norms-free",
                    Rung::Everything => "everything-free",
                };
                for (what, points) in [("difference", &trial.difference), ("answer", &trial.answer)]
                {
                    let id = format!("faithful/{rung}/{percent}/{what}");
                    let (x, y) = (&points.predicted, &points.measured);
                    if trial.rung == Rung::Features {
                        let apart: Vec<f64> = x.iter().zip(y).map(|(x, y)| x - y).collect();
                        expect(format!("{id}/deviation"), largest(&apart) / largest(x));
                        continue;
                    }
                    for (id, x) in [(id.clone(), x), (format!("{id}/live"), &points.live)] {
                        expect(id.clone(), pearson(x, y));
                        expect(format!("{id}/rank"), spearman(x, y));
                        expect(format!("{id}/slope"), slope(x, y));
                    }
                }
            }
            for (id, all) in [("influence/all", true), ("influence/kept", false)] {
                let features = grade.features.iter().filter(|one| all || one.kept);
                let (x, y): (Vec<f64>, Vec<f64>) = features
                    .map(|one| (f64::from(one.influence), one.divergence))
                    .unzip();
                expect(id.into(), spearman(&x, &y));
            }
            for travel in &grade.travels {
                let rung = match travel.rung {
                    Rung::Mlps => "mlps-free",
                    Rung::Everything => "everything-free",
                    _ => continue,
                };
                let id = format!("travels/{rung}/{}", travel.layers_on);
                expect(format!("{id}/cosine"), travel.cosine);
                expect(format!("{id}/error"), travel.error);
            }
            let found: Vec<&str> = grade.figures.iter().map(|one| one.id.as_str()).collect();
            let ids: Vec<&str> = expected.iter().map(|(id, _)| id.as_str()).collect();
            assert_eq!(found, ids, "{about}");
            for (id, expected) in &expected {
                near(id, &[figure(&grade, id)], &[*expected], 1e-6, 1e-9);
            }
            // The scores are known before any experiment.
            assert_eq!(grading.scores(), grade.figures[..2]);
        },
    );
}

#[test]
fn grades_on_the_gpu_are_those_on_the_cpu() {
    for number in [1, 3] {
        let on_gpu = Case::new(gpu(), number, &Targets::default());
        let on_gpu = grade(&on_gpu.tracer, &on_gpu.ids);
        let on_cpu = Case::new(Cpu, number, &Targets::default());
        let on_cpu = grade(&on_cpu.tracer, &on_cpu.ids);
        let ids = |grade: &Grade| -> Vec<String> {
            let figures = grade.figures.iter();
            figures.map(|figure| figure.id.clone()).collect()
        };
        assert_eq!(ids(&on_gpu), ids(&on_cpu));
        for id in ids(&on_cpu) {
            let [a, b] = [&on_gpu, &on_cpu].map(|grade| [figure(grade, &id)]);
            // Effects that differ in rounding alone may change their ranks.
            let tolerance = if id.ends_with("/rank") { 0.05 } else { 2e-3 };
            near(&id, &a, &b, tolerance, 1e-4);
        }
        for (a, b) in on_gpu.trials.iter().zip(&on_cpu.trials) {
            for (a, b) in [(&a.difference, &b.difference), (&a.answer, &b.answer)] {
                near(
                    &number.to_string(),
                    &a.measured,
                    &b.measured,
                    1e-4,
                    ROUNDING,
                );
            }
        }
        let place = |one: &Tried| (one.layer, one.position, one.index);
        let places = |grade: &Grade| grade.features.iter().map(place).collect::<BTreeSet<_>>();
        assert_eq!(places(&on_gpu), places(&on_cpu));
    }
}

#[test]
fn one_features_rungs_are_its_points_of_all_trials() {
    each(
        || Cpu,
        &Targets::default(),
        |case, about| rungs(case, about, 3),
    );
    rungs(&Case::new(gpu(), 1, &Targets::default()), "on the GPU", 7);
}

fn rungs<E: Engine>(case: &Case<E>, about: &str, every: usize) {
    let grading = graded(&case.tracer, &case.ids);
    let grade = finish(&grading, &case.tracer, None);
    let network = &case.tracer.network;
    for (i, feature) in grade.features.iter().enumerate().step_by(every) {
        let place = (feature.layer, feature.position, feature.index);
        for share in SHARES {
            let rungs = pollster::block_on(grading.rungs(network, place, share)).unwrap();
            let trials = grade.trials.iter().filter(|trial| trial.share == share);
            let order: Vec<Rung> = rungs.iter().map(|trial| trial.rung).collect();
            assert_eq!(order, Rung::ALL);
            for (found, trial) in rungs.iter().zip(trials) {
                assert_eq!((found.rung, found.share), (trial.rung, share));
                for (found, points) in [
                    (&found.difference, &trial.difference),
                    (&found.answer, &trial.answer),
                ] {
                    assert_eq!(found.predicted, [points.predicted[i]], "{about}");
                    near(
                        about,
                        &found.measured,
                        &[points.measured[i]],
                        1e-4,
                        ROUNDING,
                    );
                }
            }
        }
    }
    let refused = |place: (usize, usize, usize)| {
        let rungs = grading.rungs(network, place, 1.0);
        pollster::block_on(rungs).unwrap_err()
    };
    let node = case.graph.features[0];
    // The first position has no nodes.
    let error = refused((node.layer, 0, node.index));
    let expected = StudyError::NotInGraph {
        layer: node.layer,
        position: 0,
        feature: node.index,
    };
    assert_eq!(error, expected);
    let (layer, feature) = (node.layer, node.index);
    assert_eq!(
        error.to_string(),
        format!(
            "Feature {feature} of layer {layer} is no node of the graph at position 0: it is not active there."
        )
    );
    assert!(matches!(
        refused((99, 1, 0)),
        StudyError::NotInGraph { layer: 99, .. }
    ));
}
