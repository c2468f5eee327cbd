//! Measures of graphs: where influence begins, what interventions do, and the grades of single prompts.

use super::asked::{EVERYWHERE, addition, find, folder, measured, plain_sum};
use super::plain::{Plain, close};
use crate::common::cases;
use crate::common::scratch::Scratch;
use crate::common::statistics::{divergence, largest, pearson, slope, spearman};
use attograph::evaluate::Measure;
use attograph::network::Reading;
use attograph::study::{Free, Intervention, Ladder, Mode, Nudge, Rung, intervene};
use attograph::trace::{EDGE_THRESHOLD, Graph, NODE_THRESHOLD, Targets};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

#[test]
fn influence_is_counted_where_it_begins() {
    let scratch = Scratch::new("evaluate-begins");
    let mut asked = addition();
    asked["contexts"].as_array_mut().unwrap().remove(0);
    asked["held_out"] = json!({"everywhere": [[36, 59]]});
    let folder = folder(&scratch, &asked);
    let measures = measured(&folder, 1);
    let plain = Plain::new(&folder, "transcoder");
    let ids = plain.ids("t20 t6 t9 t5");
    let options = attograph::trace::Options::default();
    let trace = plain.tracer.trace(&ids, &options, |_| {});
    let graph = pollster::block_on(trace).unwrap();
    let [_, tokens, logits] = graph.starts();
    let of_tokens: Vec<f64> = graph.influence().0[tokens..logits]
        .iter()
        .map(|x| f64::from(*x))
        .collect();
    let all: f64 = of_tokens.iter().sum();
    let share = |id: &str| find(&measures, id, Some("cross-layer")).value;
    close("bos", share("begins/bos"), 100.0 * of_tokens[0] / all, 1e-4);
    let elsewhere = of_tokens[0] + of_tokens[1];
    close(
        "elsewhere",
        share("begins/elsewhere"),
        100.0 * elsewhere / all,
        1e-4,
    );
    assert!(of_tokens[1] > 0.0);
}

/// The first prompt's graph, its predictions, and one intervention after the other.
#[test]
fn predictions_are_compared_with_interventions() {
    let scratch = Scratch::new("evaluate-faithful");
    let folder = folder(&scratch, &addition());
    let measures = measured(&folder, 1);
    for (transcoder, kind) in [("transcoder", "cross-layer"), ("per-layer", "per-layer")] {
        let plain = Plain::new(&folder, transcoder);
        let network = &plain.tracer.network;
        // Pairs held out come in order.
        let ids = plain.ids(&plain_sum(0, 41).0);
        let trace = |targets: Targets| -> Graph {
            let options = attograph::trace::Options {
                targets,
                ..Default::default()
            };
            pollster::block_on(plain.tracer.trace(&ids, &options, |_| {})).unwrap()
        };
        let graph = trace(Targets::default());
        let scores = graph.scores();
        let found = |id: &str| find(&measures, id, Some(kind)).value;
        close(
            "replacement",
            found("score/replacement"),
            f64::from(scores.replacement),
            1e-5,
        );
        close(
            "completeness",
            found("score/completeness"),
            f64::from(scores.completeness),
            1e-5,
        );

        let last = |interventions: &[Intervention]| -> Vec<f64> {
            let outcome = intervene(network, &ids, interventions, &Mode::Free);
            let logits = pollster::block_on(outcome).unwrap().logits;
            let last = &logits[logits.len() - network.config().vocabulary..];
            last.iter().map(|x| f64::from(*x)).collect()
        };
        let before = last(&[]);
        let answer = largest(&before);
        let mut others = before.clone();
        others[answer] = f64::NEG_INFINITY;
        let runner_up = largest(&others);
        let difference = trace(Targets::Difference {
            token: answer as u32,
            minus: runner_up as u32,
        });
        let effects = difference.effects(&[1.0]);
        let (mut predicted, mut measured, mut moved) = (Vec::new(), Vec::new(), Vec::new());
        for (node, feature) in graph.features.iter().enumerate() {
            let after = last(&[Intervention {
                layer: feature.layer,
                position: feature.position,
                feature: feature.index,
                value: 0.0,
            }]);
            predicted.push(-effects[node]);
            measured
                .push((after[answer] - after[runner_up]) - (before[answer] - before[runner_up]));
            moved.push(divergence(&before, &after));
        }
        let id = "faithful/everything-free/100/difference";
        close(id, found(id), pearson(&predicted, &measured), 1e-3);
        let id = "faithful/everything-free/100/difference/slope";
        close(id, found(id), slope(&predicted, &measured), 1e-3);

        let ladder = Ladder::new(cases::run(&plain.tracer, &ids), &graph.features);
        let nudges: Vec<Nudge> = graph
            .features
            .iter()
            .map(|feature| Nudge {
                layer: feature.layer,
                position: feature.position,
                feature: feature.index,
                change: -0.05 * feature.activation,
            })
            .collect();
        let moves = |free: Free| -> Vec<f64> {
            let changes = ladder.changes(network, &nudges, free);
            let changes = pollster::block_on(changes).unwrap();
            let each = changes.chunks_exact(network.config().vocabulary);
            each.map(|logits| f64::from(logits[answer] - logits[runner_up]))
                .collect()
        };
        let original = moves(Rung::Everything.into());
        let local = |patterns: bool| {
            let free = Free {
                mlps: false,
                norms: true,
                patterns,
            };
            pearson(&moves(free), &original)
        };
        close("live/norms", found("live/norms"), local(false), 1e-3);
        close("live/both", found("live/both"), local(true), 1e-3);
        close(
            "live/gain",
            found("live/gain"),
            local(true) - local(false),
            1e-2,
        );

        // The same prompt read with errors held, and with nothing held.
        let [errors, nothing] = [Reading::Errors, Reading::Nothing].map(|reading| {
            let options = attograph::trace::Options {
                targets: Targets::Difference {
                    token: answer as u32,
                    minus: runner_up as u32,
                },
                reading,
                ..Default::default()
            };
            let traced = pollster::block_on(plain.tracer.trace(&ids, &options, |_| {})).unwrap();
            assert_eq!(traced.features.len(), graph.features.len());
            let effects = traced.effects(&[1.0]);
            let features = &effects[..graph.features.len()];
            features
                .iter()
                .map(|effect| -0.05 * effect)
                .collect::<Vec<f64>>()
        });
        let id = "live/errors-held/difference";
        close(id, found(id), pearson(&errors, &original), 1e-3);
        let apart: f64 = errors
            .iter()
            .zip(&nothing)
            .map(|(a, b)| (a - b).abs())
            .sum();
        let all: f64 = nothing.iter().map(|effect| effect.abs()).sum();
        close(
            "live/errors-share",
            found("live/errors-share"),
            100.0 * apart / all,
            1e-2,
        );

        let influence: Vec<f64> = graph.influence().0.iter().map(|x| f64::from(*x)).collect();
        let kept = graph.prune(NODE_THRESHOLD, EDGE_THRESHOLD).nodes;
        for (id, all) in [("influence/all", true), ("influence/kept", false)] {
            let nodes = (0..graph.features.len()).filter(|node| all || kept[*node]);
            let (x, y): (Vec<f64>, Vec<f64>) =
                nodes.map(|node| (influence[node], moved[node])).unzip();
            // Divergences of almost nothing may change places.
            close(id, found(id), spearman(&x, &y), 0.02);
        }
    }
}

/// What `attograph grade` writes of a prompt, with one of a folder's transcoders first and the other
/// as a second opinion.
fn graded(scratch: &Scratch, folder: &Path, prompt: &str, transcoders: [&str; 2]) -> Value {
    let json = scratch.path("grade.json");
    let [first, second] = transcoders.map(|transcoder| folder.join(transcoder));
    let output = Command::new(env!("CARGO_BIN_EXE_attograph"))
        .args(["grade", prompt, "--model"])
        .arg(folder)
        .arg("--transcoder")
        .arg(first)
        .arg("--second")
        .arg(second)
        .arg("--json")
        .arg(&json)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap()
}

/// One prompt's figures and a model's are the same figures.
#[test]
fn measures_of_graphs_are_means_over_the_grades_of_single_prompts() {
    let mut asked = addition();
    // One context, so that graphs are of its prompts.
    asked["contexts"].as_array_mut().unwrap().truncate(1);
    let scratch = Scratch::new("evaluate-grade");
    let folder = folder(&scratch, &asked);
    let measures = measured(&folder, 6);
    // Of pairs that are held out everywhere.
    let mut pairs = EVERYWHERE;
    pairs.sort_unstable();
    // Multiples of the golden ratio choose the prompts. Half are graded, and all are scored.
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    let chosen = (0..6).map(|i| (f64::from(i) * golden).fract() * pairs.len() as f64);
    let chosen: Vec<(usize, usize)> = chosen.map(|place| pairs[place as usize]).collect();
    for (transcoders, kind) in [
        (["transcoder", "per-layer"], "cross-layer"),
        (["per-layer", "transcoder"], "per-layer"),
    ] {
        let grades = chosen.iter().map(|(a, b)| {
            let grade = graded(&scratch, &folder, &plain_sum(*a, *b).0, transcoders);
            grade["figures"].as_array().unwrap().clone()
        });
        let grades: Vec<Vec<Value>> = grades.collect();
        let own = [
            "score/",
            "path/",
            "errors/",
            "faithful/",
            "influence/",
            "travels/",
            "second/",
        ];
        let found: Vec<&Measure> = measures
            .iter()
            .filter(|m| {
                m.transcoder == Some(kind) && own.iter().any(|own| m.measure.starts_with(own))
            })
            .collect();
        let of = |figure: &Value, field: &str| figure[field].as_str().unwrap().to_string();
        let expected: Vec<String> = grades[0].iter().map(|figure| of(figure, "id")).collect();
        let ids: Vec<&String> = found.iter().map(|measure| &measure.measure).collect();
        assert_eq!(ids, expected.iter().collect::<Vec<_>>());
        assert!(found.len() > 40, "{}", found.len());
        for measure in found {
            let id = &measure.measure;
            let scored = if id.starts_with("score/") { 6 } else { 3 };
            assert_eq!(measure.of, Some(scored), "{id}");
            let mut sum = 0.0;
            for grade in &grades[..scored] {
                let same = grade.iter().find(|figure| of(figure, "id") == *id).unwrap();
                assert_eq!(of(same, "name"), measure.name);
                assert_eq!(of(same, "group"), measure.group);
                assert_eq!(of(same, "unit"), measure.unit);
                sum += same["value"].as_f64().unwrap();
            }
            let mean = sum / scored as f64;
            let allowed = 1e-9 * mean.abs().max(1.0);
            assert!(
                (measure.value - mean).abs() <= allowed,
                "{id}: {} is not {mean}",
                measure.value
            );
        }
    }
}
