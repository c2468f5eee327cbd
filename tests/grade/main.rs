//! The grade of a graph: its figures against plain computations, made one feature at a time.

mod common;

use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::model::TranscoderKind;
use attograph::network::Network;
use attograph::study::grade::{Grade, Grading, MOST_TRIED, SHARES, Tried};
use attograph::study::{self, Intervention, Ladder, Mode, Nudge, Rung, StudyError, intervene};
use attograph::trace::{EDGE_THRESHOLD, Graph, NODE_THRESHOLD, Targets, Tracer};
use common::cases::{Case, ROUNDING, doubles, each, gpu, largest, near, run, trace};
use common::fixtures::{Fixture, load, root};
use common::reference::{self, Reference};
use common::statistics::{self, divergence, pearson, slope, spearman};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Takes every step, and counts them.
fn graded<E: Engine>(tracer: &Tracer<E>, ids: &[u32]) -> Grading<E> {
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

fn finish<E: Engine>(
    grading: &Grading<E>,
    tracer: &Tracer<E>,
    second: Option<&Tracer<Cpu>>,
) -> Grade {
    pollster::block_on(grading.finish(&tracer.network, second)).unwrap()
}

fn grade<E: Engine>(tracer: &Tracer<E>, ids: &[u32]) -> Grade {
    finish(&graded(tracer, ids), tracer, None)
}

/// A model's answer and runner-up.
fn first_two(logits: &[f64]) -> [u32; 2] {
    let answer = statistics::largest(logits);
    let mut others = logits.to_vec();
    others[answer] = f64::NEG_INFINITY;
    [answer, statistics::largest(&others)].map(|token| token as u32)
}

fn figure(grade: &Grade, id: &str) -> f64 {
    grade.figure(id).unwrap_or_else(|| panic!("no figure {id}"))
}

/// The answer's logit less the runner-up's, and less the mean.
fn along([answer, runner_up]: [u32; 2], logits: &[f64]) -> [f64; 2] {
    let mean = logits.iter().sum::<f64>() / logits.len() as f64;
    let of = |token: u32| logits[token as usize];
    [of(answer) - of(runner_up), of(answer) - mean]
}

fn last_logits<E: Engine>(case: &Case<E>, interventions: &[Intervention], mode: &Mode) -> Vec<f64> {
    let network = &case.tracer.network;
    let outcome = pollster::block_on(intervene(network, &case.ids, interventions, mode)).unwrap();
    doubles(outcome.last_logits(network.config().vocabulary))
}

fn less(feature: &Tried, share: f32) -> Intervention {
    Intervention {
        layer: feature.layer,
        position: feature.position,
        feature: feature.index,
        value: (1.0 - share) * feature.activation,
    }
}

/// Where a feature of a grade is among a graph's.
fn node(graph: &Graph, tried: &Tried) -> usize {
    let place = (tried.layer, tried.position, tried.index);
    let mut features = graph.features.iter();
    features
        .position(|f| (f.layer, f.position, f.index) == place)
        .unwrap()
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

/// On the lowest rung what is measured is what was predicted, but for rounding.
fn exact(grade: &Grade, about: &str, logits: f64) {
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
fn loudest<E: Engine>(tracer: &Tracer<E>, ids: &[u32]) -> f64 {
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

/// More features are active than are tried.
#[test]
fn the_most_influential_features_of_a_vignette_are_tried() {
    let fixture = Fixture::shipped("diagnosis");
    let manifest = std::fs::read(root().join("www/models/diagnosis/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let prompt = manifest["examples"][1]["prompt"].as_str().unwrap();
    let ids = fixture.ids(prompt);
    let tracer = fixture.tracer(Cpu);
    let grade = grade(&tracer, &ids);
    exact(&grade, prompt, loudest(&tracer, &ids));

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
fn the_same_transcoder_is_of_the_same_opinion() {
    each(
        || Cpu,
        &Targets::default(),
        |case, about| {
            let grading = graded(&case.tracer, &case.ids);
            let grade = finish(&grading, &case.tracer, Some(&case.tracer));
            let second = grade.second.clone().unwrap();
            let kind = case.model.transcoder.kind;
            assert_eq!(second.per_layer, kind == TranscoderKind::PerLayer);
            assert_eq!(second.features, case.graph.features.len());
            let scores = case.graph.scores();
            let found = [second.replacement, second.completeness];
            assert_eq!(found, [scores.replacement, scores.completeness], "{about}");
            assert_eq!(second.path_lengths[0], second.path_lengths[1], "{about}");
            near(about, &[second.agreement.unwrap()], &[1.0], 1e-9, 0.0);
            let paths = &second.paths;
            assert_eq!(paths.effects[0], paths.effects[1], "{about}");
            assert_eq!(paths.middle[0], paths.middle[1], "{about}");
            assert!(paths.differ.is_empty(), "{about}");
            near(
                about,
                &[figure(&grade, "second/paths")],
                &[100.0],
                1e-9,
                0.0,
            );
            assert_eq!(
                figure(&grade, "second/length"),
                figure(&grade, "path/length")
            );
            near(
                about,
                &[figure(&grade, "second/agreement")],
                &[1.0],
                1e-9,
                0.0,
            );
            assert!(finish(&grading, &case.tracer, None).second.is_none());
        },
    );
}

#[test]
fn a_second_opinion_is_the_other_transcoders_graph() {
    let folder = |name: &str| root().join("tests/fixtures").join(name);
    let model = folder("clt_jump_relu").join("model");
    let [across, within] = ["clt_jump_relu", "plt_jump_relu_ln2"].map(|name| {
        let model = load(&model, &folder(name).join("transcoder"));
        Tracer::new(Network::new(Cpu, model))
    });
    let ids = [0, 5, 17, 8, 3];
    for (here, there, per_layer) in [(&across, &within, true), (&within, &across, false)] {
        let grading = graded(here, &ids);
        let grade = finish(&grading, here, Some(there));
        let [token, minus] = [0, 1].map(|target: usize| grading.graph().targets[target].token);
        let of_tokens = [here, there].map(|tracer| {
            let graph = trace(tracer, &ids, &Targets::Difference { token, minus });
            let [_, tokens, logits] = graph.starts();
            graph.effects(&[1.0])[tokens..logits].to_vec()
        });
        let graphs = [here, there].map(|tracer| trace(tracer, &ids, &Targets::default()));
        let second = grade.second.clone().unwrap();
        assert_eq!(second.per_layer, per_layer);
        assert_eq!(second.features, graphs[1].features.len());
        let scores = graphs[1].scores();
        let found = doubles(&[second.replacement, second.completeness]);
        let expected = doubles(&[scores.replacement, scores.completeness]);
        near("scores", &found, &expected, 1e-5, 0.0);
        let lengths = [graphs[0].path_length(), graphs[1].path_length()];
        near("lengths", &second.path_lengths, &lengths, 1e-5, 0.0);
        assert_ne!(lengths[0], lengths[1]);
        let agreement = pearson(&of_tokens[0], &of_tokens[1]);
        near(
            "agreement",
            &[second.agreement.unwrap()],
            &[agreement],
            1e-4,
            0.0,
        );
        assert_eq!(figure(&grade, "second/length"), second.path_lengths[1]);
        assert_eq!(
            figure(&grade, "second/agreement"),
            second.agreement.unwrap()
        );
        let said = grade
            .findings
            .iter()
            .find(|one| one.about == "second")
            .unwrap();
        let other = ["a cross-layer transcoder", "per-layer transcoders"][usize::from(per_layer)];
        assert!(said.text.contains(other), "{}", said.text);
    }
}

/// Each token's influence on the targets, and the part of it along paths that pass through no feature between the first
/// layer and the last: [tokens] each.
fn past_the_middle(graph: &Graph) -> [Vec<f64>; 2] {
    let (nodes, features) = (graph.nodes(), graph.features.len());
    let [_, tokens, logits] = graph.starts();
    [false, true].map(|past| {
        let mut influence = vec![0.0; nodes];
        for (node, target) in (logits..nodes).zip(&graph.targets) {
            influence[node] = f64::from(target.probability);
        }
        for node in (logits..nodes).chain((0..features).rev()) {
            if past
                && node < features
                && ![0, graph.layers - 1].contains(&graph.features[node].layer)
            {
                continue;
            }
            let inputs = graph.inputs(node).unwrap();
            let sum: f64 = inputs.iter().map(|edge| f64::from(edge.abs())).sum();
            for (source, edge) in inputs.iter().enumerate().filter(|(_, edge)| **edge != 0.0) {
                influence[source] += influence[node] * f64::from(edge.abs()) / sum;
            }
        }
        influence[tokens..logits].to_vec()
    })
}

/// Checks what is said of a prompt's paths with the first of these and the second as the other opinion, and counts those
/// that are told otherwise.
fn told_otherwise(about: &str, tracers: &[Tracer<Cpu>; 2], ids: &[u32]) -> usize {
    let run = run(&tracers[0], ids);
    let ids = &run.ids().to_vec();
    let grading = pollster::block_on(Grading::new(&tracers[0], run)).unwrap();
    let paths = pollster::block_on(grading.second(&tracers[1]))
        .unwrap()
        .paths;
    let [token, minus] = [0, 1].map(|target: usize| grading.graph().targets[target].token);
    let mut expected = Vec::new();
    for (i, tracer) in tracers.iter().enumerate() {
        // Both explain the answers that the first one's language model gives.
        let graph = trace(tracer, ids, &Targets::default());
        let [influence, past] = past_the_middle(&graph);
        let middle = influence.iter().zip(&past);
        let middle: Vec<f64> = middle
            .map(|(all, past)| if *all > 0.0 { 1.0 - past / all } else { 0.0 })
            .collect();
        near(about, &paths.middle[i], &middle, 1e-3, 1e-4);
        let graph = trace(tracer, ids, &Targets::Difference { token, minus });
        let [_, tokens, logits] = graph.starts();
        let effects = graph.effects(&[1.0])[tokens..logits].to_vec();
        near(
            about,
            &paths.effects[i],
            &effects,
            1e-3,
            1e-4 * largest(&effects),
        );
        let sum: f64 = influence.iter().sum();
        let shares: Vec<f64> = influence.iter().map(|share| share / sum).collect();
        expected.push((effects, middle, shares));
    }
    let [here, there] = [&expected[0], &expected[1]];
    let most = largest(&[&here.0[..], &there.0[..]].concat());
    let differ = (0..ids.len()).filter(|token| {
        let (a, b) = (here.0[*token], there.0[*token]);
        let turned = a.signum() != b.signum() && (a - b).abs() > 0.1 * most;
        let skips = (here.1[*token] - there.1[*token]).abs() > 0.1;
        (turned || skips) && here.2[*token].max(there.2[*token]) > 0.01
    });
    assert_eq!(paths.differ, differ.collect::<Vec<_>>(), "{about}");
    let apart: f64 = paths.differ.iter().map(|token| here.2[*token]).sum();
    near(about, &[paths.agreement], &[1.0 - apart], 1e-3, 1e-6);
    paths.differ.len()
}

#[test]
fn paths_that_the_other_kind_of_transcoder_tells_otherwise_are_found() {
    let load = |model: &Path, transcoders: [PathBuf; 2]| {
        transcoders.map(|folder| Tracer::new(Network::new(Cpu, load(model, &folder))))
    };
    let folder = |name: &str| root().join("tests/fixtures").join(name);
    let pair = ["clt_jump_relu", "plt_jump_relu_ln2"].map(|name| folder(name).join("transcoder"));
    let random = load(&folder("clt_jump_relu").join("model"), pair);
    let differ = told_otherwise("random", &random, &[0, 5, 17, 8, 3]);
    assert!(differ > 0, "random transcoders tell everything alike");
    for name in ["addition", "diagnosis"] {
        let folder = root().join("www/models").join(name);
        let tracers = load(
            &folder,
            ["transcoder", "per-layer"].map(|each| folder.join(each)),
        );
        let text = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
        let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
        let mut tokens = 0;
        let mut differ = 0;
        for example in manifest["examples"].as_array().unwrap().iter().take(8) {
            let ids: Vec<u32> = serde_json::from_value(example["ids"].clone()).unwrap();
            differ += told_otherwise(&format!("{name}, {}", example["title"]), &tracers, &ids);
            tokens += ids.len();
        }
        assert!(differ < tokens / 2, "{name}: {differ} of {tokens}");
    }
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
