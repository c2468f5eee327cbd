//! `attograph evaluate` on small random models: its figures against plain computations, the manifest
//! that it writes, and what it says of an evaluation.json that is spoilt.

mod common;

use attograph::engine::cpu::Cpu;
use attograph::evaluate::{Goal, Measure, Options, evaluate};
use attograph::model::{Model, Tokenizer};
use attograph::network::Network;
use attograph::study::{Free, Intervention, Ladder, Mode, Nudge, Rung, intervene};
use attograph::trace::{EDGE_THRESHOLD, Graph, NODE_THRESHOLD, Targets, Tracer};
use common::cases;
use common::fixtures::{load, root};
use common::reference::{self, Reference};
use common::scratch::{Scratch, copy_folder};
use common::statistics::{divergence, largest, pearson, slope, spearman};
use safetensors::SafeTensors;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Arc;

/// The random models' tokens are t0, t1, ...
const TEMPLATE: &str = "t{a.ones} t{b.tens} t{a.tens} t{b.ones}|";

fn addition() -> Value {
    json!({
        "domain": "addition",
        "contexts": [
            {"name": "calc", "title": "Plain", "templates": [format!("{TEMPLATE} t{{digit}}")]},
            {"name": "other", "title": "Other", "templates": [
                "t20 t{a.ones} t{b.ones} t{b.tens}| t{tens}",
                "t{b.ones} t{b.tens} t{a.tens} t21| t{carry}",
            ]},
        ],
        "explanations": [format!("{TEMPLATE} t{{ones}} t{{carry}}")],
        "held_out": {
            "everywhere": [[3, 4], [17, 25], [36, 59], [99, 99], [0, 41]],
            "only": {"calc": [[5, 6], [7, 80]]},
        },
    })
}

fn diagnosis() -> Value {
    let vignettes: Vec<Value> = (0..24)
        .map(|i| {
            let answers = |best: u32, next: f64| {
                json!([
                    [format!("t{}", best % 10), 0.5],
                    ["t30", next],
                    ["t31", 0.01]
                ])
            };
            let leading = ["gout", "flu", "asthma"][i % 3];
            let mut vignette = json!({
                "text": format!("t{} t{} t{}", i % 4, 4 + i % 7, 11 + i % 5),
                "she": i % 2 == 0,
                "leading": leading,
                "lead": 0.5,
                "chances": {
                    "ask": answers(i as u32, 0.1),
                    "diagnosis": answers(i as u32 + 1, if i % 2 == 0 { 0.45 } else { 0.2 }),
                },
            });
            if i == 5 {
                vignette["texts"] = json!({"ask": " t34 t35"});
            }
            vignette
        })
        .collect();
    json!({
        "domain": "diagnosis",
        "questions": [
            {"name": "ask", "text": " t32"},
            {"name": "diagnosis", "text": " t33 t34"},
        ],
        "vignettes": vignettes,
    })
}

const MANIFEST: &str = r#"{
  "name": "toy",
  "title": "Toy — small",
  "zeta": [1, 2.50, {"odd":   "spacing"}],
  "quality": [
    {
      "name": "old"
    }
  ],
  "alpha": null
}
"#;

/// A model folder with both transcoders.
fn folder(scratch: &Scratch, evaluation: &Value) -> PathBuf {
    let model = scratch.model();
    let second = root().join("tests/fixtures/plt_jump_relu_ln2/transcoder");
    copy_folder(&second, &model.join("per-layer"));
    let write = |name: &str, text: &str| std::fs::write(model.join(name), text).unwrap();
    write("evaluation.json", &evaluation.to_string());
    write("manifest.json", MANIFEST);
    model
}

fn run(model: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_attograph"))
        .args(["evaluate", "--model"])
        .arg(model)
        .args(["--prompts", "4"])
        .args(more)
        .output()
        .unwrap()
}

/// The measures of a folder, computed in this process.
fn measured(model: &Path, graphs: usize) -> Vec<Measure> {
    let options = Options {
        graphs,
        transcoder: None,
        command: "the command".into(),
    };
    evaluate(model, &options, &|_, _, _| {}).unwrap()
}

fn find<'a>(measures: &'a [Measure], id: &str, transcoder: Option<&str>) -> &'a Measure {
    let found: Vec<&Measure> = measures
        .iter()
        .filter(|measure| measure.measure == id && measure.transcoder == transcoder)
        .collect();
    assert_eq!(found.len(), 1, "{id} ({transcoder:?})");
    found[0]
}

/// A folder's model with one of its transcoders, and prompts run one at a time.
struct Plain {
    tracer: Tracer<Cpu>,
    tokenizer: Tokenizer,
}

impl Plain {
    fn new(folder: &Path, transcoder: &str) -> Plain {
        let model = load(folder, &folder.join(transcoder));
        let bytes = std::fs::read(folder.join("tokenizer.json")).unwrap();
        Plain {
            tracer: Tracer::new(Network::new(Cpu, model)),
            tokenizer: Tokenizer::from_bytes(&bytes).unwrap(),
        }
    }

    fn model(&self) -> &Arc<Model> {
        &self.tracer.network.model
    }

    fn ids(&self, text: &str) -> Vec<u32> {
        self.model()
            .with_bos(self.tokenizer.encode(text, 1024).unwrap())
    }

    fn top(&self, ids: &[u32]) -> usize {
        let forward = self.tracer.network.forward(ids, 1, None);
        largest(&self.tracer.network.last_logits(&forward))
    }
}

fn percent(part: usize, of: usize) -> f64 {
    100.0 * part as f64 / of as f64
}

fn close(about: &str, found: f64, expected: f64, tolerance: f64) {
    let allowed = tolerance * expected.abs().max(1e-3);
    assert!(
        (found - expected).abs() <= allowed,
        "{about} is {found}, not {expected}"
    );
}

/// The plain context's prompt and its answer.
fn plain_sum(a: usize, b: usize) -> (String, usize) {
    let text = format!("t{} t{} t{} t{}", a % 10, b / 10, a / 10, b % 10);
    (text, (a % 10 + b % 10) % 10)
}

const EVERYWHERE: [(usize, usize); 5] = [(3, 4), (17, 25), (36, 59), (99, 99), (0, 41)];
const HERE: [(usize, usize); 2] = [(5, 6), (7, 80)];

#[test]
fn answers_are_counted_as_prompts_one_at_a_time_show() {
    let scratch = Scratch::new("evaluate-answers");
    let folder = folder(&scratch, &addition());
    let measures = measured(&folder, 1);
    for (transcoder, kind) in [("transcoder", "cross-layer"), ("per-layer", "per-layer")] {
        let plain = Plain::new(&folder, transcoder);
        let count = |pairs: &[(usize, usize)]| {
            let (mut right, mut agree) = (0, 0);
            for (a, b) in pairs {
                let (text, answer) = plain_sum(*a, *b);
                let ids = plain.ids(&text);
                let top = plain.top(&ids);
                right += usize::from(top == answer);
                agree += usize::from(top == largest(&reference::replaced(plain.model(), &ids)));
            }
            (right, agree)
        };
        let all: Vec<(usize, usize)> = (0..100)
            .flat_map(|a| (0..100).map(move |b| (a, b)))
            .collect();
        let out = |pair: &(usize, usize)| EVERYWHERE.contains(pair) || HERE.contains(pair);
        let trained: Vec<(usize, usize)> = all.into_iter().filter(|pair| !out(pair)).collect();
        let (right, agree) = count(&EVERYWHERE);
        let (right_here, agree_here) = count(&HERE);

        let measure = find(&measures, "right/calc/trained", None);
        assert_eq!(
            (measure.of, measure.target),
            (Some(9993), Some(Goal::AtLeast(100.0)))
        );
        let counted = trained.iter().filter(|(a, b)| {
            let (text, answer) = plain_sum(*a, *b);
            plain.top(&plain.ids(&text)) == answer
        });
        close(
            "trained",
            measure.value,
            percent(counted.count(), 9993),
            1e-3,
        );
        let measure = find(&measures, "right/calc/held-out", None);
        assert_eq!(measure.target, Some(Goal::AtLeast(99.9)));
        assert_eq!((measure.value, measure.of), (percent(right, 5), Some(5)));
        let measure = find(&measures, "right/calc/held-out-here", None);
        assert_eq!(
            (measure.value, measure.of),
            (percent(right_here, 2), Some(2))
        );
        let measure = find(&measures, "replaced/calc/held-out", Some(kind));
        assert_eq!(measure.value, percent(agree + agree_here, 7));
        assert_eq!(measure.of, Some(7));
        let measure = find(&measures, "right/other/held-out", None);
        assert_eq!(
            (measure.of, measure.target),
            (Some(10), Some(Goal::AtLeast(99.5)))
        );
    }
    // The second transcoder is an opinion, and held to nothing.
    for measure in &measures {
        assert!(measure.transcoder != Some("per-layer") || measure.target.is_none());
        assert_eq!(measure.how, "the command");
        assert!(measure.value.is_finite(), "{measure:?}");
    }
}

/// The random model says one thing most often with mean patterns: that is asked for.
#[test]
fn sums_are_asked_with_mean_patterns() {
    let scratch = Scratch::new("evaluate-still");
    let mut asked = addition();
    asked["contexts"].as_array_mut().unwrap().truncate(1);
    let pairs: Vec<(usize, usize)> = (0..60).map(|i| (i * 7 % 100, i * 37 % 100)).collect();
    asked["held_out"] = json!({"everywhere": pairs});
    let folder = folder(&scratch, &asked);
    let plain = Plain::new(&folder, "transcoder");
    let prompts: Vec<Vec<u32>> = pairs
        .iter()
        .map(|(a, b)| plain.ids(&plain_sum(*a, *b).0))
        .collect();
    let runs = prompts
        .iter()
        .map(|ids| Reference::new(plain.model(), ids).patterns);
    let mut mean = Vec::new();
    for (i, mut patterns) in runs.enumerate() {
        let weights = patterns.iter_mut().flatten().flatten().flatten();
        let weights: Vec<&mut f64> = weights.collect();
        if i == 0 {
            mean = weights.iter().map(|_| 0.0).collect();
        }
        for (mean, weight) in mean.iter_mut().zip(weights) {
            *mean += *weight / prompts.len() as f64;
        }
    }
    let mut patterns = Reference::new(plain.model(), &prompts[0]).patterns;
    let weights = patterns.iter_mut().flatten().flatten().flatten();
    for (weight, mean) in weights.zip(mean) {
        *weight = mean;
    }
    let tops: Vec<usize> = prompts
        .iter()
        .map(|ids| largest(&reference::with_patterns(plain.model(), ids, &patterns)))
        .collect();
    let count = |tops: &[usize], token: usize| tops.iter().filter(|top| **top == token).count();
    let most = (0..40).max_by_key(|token| count(&tops, *token)).unwrap();
    let own: Vec<usize> = prompts.iter().map(|ids| plain.top(ids)).collect();
    assert_ne!(count(&tops, most), count(&own, most), "patterns matter");

    let token = plain.model().vocabulary.token(most as u32);
    asked["contexts"][0]["templates"] = json!([format!("{TEMPLATE} {}", token.trim())]);
    std::fs::write(folder.join("evaluation.json"), asked.to_string()).unwrap();
    let measures = measured(&folder, 1);
    let measure = find(&measures, "still/calc", None);
    let expected = percent(count(&tops, most), pairs.len());
    assert_eq!((measure.value, measure.of), (expected, Some(pairs.len())));
    assert_eq!(measure.target, Some(Goal::AtLeast(99.0)));

    // A single sum's mean pattern is its own.
    asked["held_out"] = json!({"everywhere": [[36, 59]]});
    std::fs::write(folder.join("evaluation.json"), asked.to_string()).unwrap();
    let measures = measured(&folder, 1);
    let right = find(&measures, "right/calc/held-out", None).value;
    assert_eq!(find(&measures, "still/calc", None).value, right);
}

#[test]
fn vignettes_are_asked_with_the_patterns_of_a_twin() {
    let scratch = Scratch::new("evaluate-twins");
    let mut asked = diagnosis();
    // Twins differ in the last word of a vignette, and this question adds none to it.
    asked["questions"][0]["text"] = json!("");
    for (i, vignette) in asked["vignettes"]
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .enumerate()
    {
        // Every third has none.
        if i % 3 > 0 {
            vignette["twin"] = json!(format!("t{} t{} t{}", i % 4, 4 + i % 7, 15 + i % 17));
        }
    }
    let folder = folder(&scratch, &asked);
    let measures = measured(&folder, 1);
    let plain = Plain::new(&folder, "transcoder");
    let vignettes = asked["vignettes"].as_array().unwrap();
    for (question, text) in [("ask", ""), ("diagnosis", " t33 t34")] {
        let [mut of, mut stay, mut differ, mut change] = [0; 4];
        for vignette in vignettes.iter().filter(|one| !one["twin"].is_null()) {
            let text = vignette["texts"][question].as_str().unwrap_or(text);
            let [here, twin] = ["text", "twin"]
                .map(|field| plain.ids(&format!("{}{text}", vignette[field].as_str().unwrap())));
            let patterns = |ids: &[u32]| Reference::new(plain.model(), ids).patterns;
            let top = |ids: &[u32], of: &[u32]| {
                largest(&reference::with_patterns(plain.model(), ids, &patterns(of)))
            };
            of += 1;
            stay += usize::from(top(&here, &twin) == plain.top(&here));
            if plain.top(&here) != plain.top(&twin) {
                differ += 1;
                change += usize::from(top(&twin, &here) == plain.top(&twin));
            }
        }
        let measure = find(&measures, &format!("twins/{question}/stays"), None);
        assert_eq!((measure.value, measure.of), (percent(stay, of), Some(16)));
        assert_eq!(measure.target, Some(Goal::AtLeast(95.0)));
        let id = format!("twins/{question}/changes");
        assert!(differ > 0 || question != "ask");
        // A share of nothing is no measure.
        if differ > 0 {
            let measure = find(&measures, &id, None);
            assert_eq!(
                (measure.value, measure.of),
                (percent(change, differ), Some(differ))
            );
        }
    }
}

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

#[test]
fn errors_and_active_features_are_those_of_a_plain_computation() {
    let mut asked = addition();
    // One context, so that its held-out prompts are all.
    asked["contexts"].as_array_mut().unwrap().truncate(1);
    let scratch = Scratch::new("evaluate-errors");
    let folder = folder(&scratch, &asked);
    silence(&folder.join("transcoder/W_enc_1.safetensors"), "b_enc_1", 3);
    silence(&folder.join("per-layer/layer_0.safetensors"), "b_enc", 5);
    let measures = measured(&folder, 1);
    for (transcoder, kind) in [("transcoder", "cross-layer"), ("per-layer", "per-layer")] {
        let plain = Plain::new(&folder, transcoder);
        let prompts: Vec<Vec<u32>> = EVERYWHERE
            .iter()
            .chain(&HERE)
            .map(|(a, b)| plain.ids(&plain_sum(*a, *b).0))
            .collect();
        let runs: Vec<Reference> = prompts
            .iter()
            .map(|ids| Reference::new(plain.model(), ids))
            .collect();
        let mut all_active = 0;
        for layer in 0..plain.model().transcoder.layers.len() {
            for (place, first) in [("all", 1), ("last", prompts[0].len() - 1)] {
                let (mut outputs, mut errors, mut active) = (Vec::new(), 0.0, 0);
                for run in &runs {
                    let written = run.reconstruct();
                    let active_here = run.activations[layer].iter();
                    let outputs_here = run.outputs[layer].iter().zip(&written[layer]);
                    for ((output, written), features) in outputs_here.zip(active_here).skip(first) {
                        let pairs = output.iter().zip(written);
                        errors += pairs.map(|(a, b)| (a - b).powi(2)).sum::<f64>();
                        outputs.push(output.clone());
                        active += features.iter().filter(|x| **x != 0.0).count();
                    }
                }
                let tokens = outputs.len() as f64;
                let variance: f64 = (0..outputs[0].len())
                    .map(|i| {
                        let mean = outputs.iter().map(|row| row[i]).sum::<f64>() / tokens;
                        outputs
                            .iter()
                            .map(|row| (row[i] - mean).powi(2))
                            .sum::<f64>()
                    })
                    .sum();
                let id = format!("error/{place}/{layer}");
                let found = find(&measures, &id, Some(kind));
                close(&id, found.value, 100.0 * errors / variance, 1e-4);
                assert_eq!(found.of, Some(outputs.len()));
                let id = format!("active/{place}/{layer}");
                let found = find(&measures, &id, Some(kind)).value;
                close(&id, found, active as f64 / tokens, 1e-9);
                if place == "all" {
                    all_active += active;
                }
            }
        }
        let layers = plain.model().transcoder.layers.len();
        let tokens = prompts.len() * (prompts[0].len() - 1) * layers;
        let found = find(&measures, "active/all", Some(kind)).value;
        close("active", found, all_active as f64 / tokens as f64, 1e-9);
        let dead = never_fire(&plain);
        assert!(dead >= 3);
        let found = find(&measures, "dead", Some(kind)).value;
        let of = layers * plain.model().transcoder.features();
        close("dead", found, percent(dead, of), 1e-9);
    }
}

/// Keeps the first features of a layer from ever firing.
fn silence(file: &Path, bias: &str, features: usize) {
    let mut bytes = std::fs::read(file).unwrap();
    let start = {
        let tensors = SafeTensors::deserialize(&bytes).unwrap();
        let data = tensors.tensor(bias).unwrap().data();
        data.as_ptr().addr() - bytes.as_ptr().addr()
    };
    for value in bytes[start..start + 4 * features].chunks_exact_mut(4) {
        value.copy_from_slice(&(-1000.0f32).to_le_bytes());
    }
    std::fs::write(file, bytes).unwrap();
}

/// How many features fire neither after any of the plain sums nor in the explanations.
fn never_fire(plain: &Plain) -> usize {
    let network = &plain.tracer.network;
    let features = plain.model().transcoder.features();
    let mut fired = vec![false; features * network.config().layers];
    let sums = (0..100).flat_map(|a| (0..100).map(move |b| plain_sum(a, b).0));
    let told = EVERYWHERE.iter().map(|(a, b)| {
        let ones = a % 10 + b % 10;
        format!("{} t{ones} t{}", plain_sum(*a, *b).0, ones / 10)
    });
    for text in sums.chain(told) {
        let ids = plain.ids(&text);
        let layers = network.encode(&network.forward(&ids, 1, None));
        for (fired, active) in fired.chunks_exact_mut(features).zip(&layers) {
            for row in active.chunks_exact(features).skip(1) {
                for (fired, active) in fired.iter_mut().zip(row) {
                    *fired |= *active > 0.0;
                }
            }
        }
    }
    fired.iter().filter(|fired| !**fired).count()
}

#[test]
fn explanations_are_written_token_by_token() {
    let scratch = Scratch::new("evaluate-explanations");
    let folder = folder(&scratch, &addition());
    let plain = Plain::new(&folder, "transcoder");
    let mut right = 0;
    for (a, b) in EVERYWHERE {
        let mut ids = plain.ids(&plain_sum(a, b).0);
        let given = ids.len();
        for _ in 0..2 {
            ids.push(plain.top(&ids) as u32);
        }
        let ones = a % 10 + b % 10;
        // Token numbers are what the tokens say, but for the BOS, which says nothing.
        right += usize::from(ids[given..] == [ones as u32, ones as u32 / 10]);
    }
    let measures = measured(&folder, 1);
    let measure = find(&measures, "explanations", None);
    assert_eq!((measure.value, measure.of), (percent(right, 5), Some(5)));

    // With what the model does say as the expected text, all are right.
    let mut asked = addition();
    let mut ids = plain.ids(&plain_sum(36, 59).0);
    for _ in 0..3 {
        ids.push(plain.top(&ids) as u32);
    }
    let said: Vec<String> = ids[1..]
        .iter()
        .map(|id| plain.model().vocabulary.token(*id))
        .collect();
    let (prompt, answer) = said.split_at(4);
    asked["explanations"] = json!([format!("{}| {}", prompt.join(" "), answer.join(" "))]);
    std::fs::write(folder.join("evaluation.json"), asked.to_string()).unwrap();
    let measures = measured(&folder, 1);
    assert_eq!(find(&measures, "explanations", None).value, 100.0);
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

#[test]
fn a_diagnosis_is_measured_by_its_questions() {
    let scratch = Scratch::new("evaluate-diagnosis");
    let asked = diagnosis();
    let folder = folder(&scratch, &asked);
    let measures = measured(&folder, 2);
    let plain = Plain::new(&folder, "transcoder");
    let vignettes = asked["vignettes"].as_array().unwrap();
    for (question, text) in [("ask", " t32"), ("diagnosis", " t33 t34")] {
        let (mut right, mut of) = (0, 0);
        for vignette in vignettes {
            let chances = &vignette["chances"][question];
            let lead = chances[0][1].as_f64().unwrap() - chances[1][1].as_f64().unwrap();
            if lead < 0.1 {
                continue;
            }
            let text = vignette["texts"][question].as_str().unwrap_or(text);
            let ids = plain.ids(&format!("{}{text}", vignette["text"].as_str().unwrap()));
            let best = plain.ids(chances[0][0].as_str().unwrap())[1];
            of += 1;
            right += usize::from(plain.top(&ids) == best as usize);
        }
        let measure = find(&measures, &format!("right/{question}/held-out"), None);
        assert_eq!((measure.value, measure.of), (percent(right, of), Some(of)));
        assert_eq!(measure.target, Some(Goal::AtLeast(97.0)));
        let id = format!("conditions/{question}");
        assert_eq!(find(&measures, &id, Some("cross-layer")).of, Some(3));
    }
    assert_eq!(find(&measures, "right/ask/held-out", None).of, Some(24));
    assert_eq!(
        find(&measures, "right/diagnosis/held-out", None).of,
        Some(12)
    );
    find(&measures, "conditions/both", Some("per-layer"));
    assert!(
        measures
            .iter()
            .all(|measure| measure.measure != "explanations")
    );
}

#[test]
fn results_are_printed_and_written_and_nothing_else_changes() {
    let scratch = Scratch::new("evaluate-manifest");
    let folder = folder(&scratch, &diagnosis());
    let manifest = || std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    let printed = |more: &[&str]| {
        let output = run(&folder, more);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.success(), "{said}");
        assert!(said.contains("prompts: 48 of 48"), "{said}");
        String::from_utf8(output.stdout).unwrap()
    };
    printed(&["--no-write"]);
    assert_eq!(manifest(), MANIFEST);
    let only = folder.join("per-layer");
    let text = printed(&["--transcoder", only.to_str().unwrap()]);
    assert_eq!(manifest(), MANIFEST);
    assert!(!text.contains("cross-layer"), "{text}");

    let text = printed(&[]);
    for part in [
        "Right answers",
        "(cross-layer)",
        "(per-layer)",
        "≥ 97",
        "MB",
    ] {
        assert!(text.contains(part), "no {part} in {text}");
    }
    let written = manifest();
    let (before, after) = MANIFEST
        .split_once("[\n    {\n      \"name\": \"old\"\n    }\n  ]")
        .unwrap();
    assert!(
        written.starts_with(before) && written.ends_with(after),
        "{written}"
    );
    let value: Value = serde_json::from_str(&written).unwrap();
    assert!(value["likeness"]["surprise"].as_f64().unwrap() >= 4.0);
    assert!(value["likeness"]["after"].is_array());
    let quality = value["quality"].as_array().unwrap();
    let first = &quality[0];
    assert_eq!(first["measure"], "right/ask/held-out");
    assert_eq!(first["target"], json!({"at_least": 97.0}));
    assert_eq!(first["unit"], "%");
    assert_eq!(first["of"], 24);
    assert!(first.get("transcoder").is_none());
    for measure in quality {
        for field in ["group", "measure", "name", "unit", "how"] {
            assert!(measure[field].is_string(), "{field} of {measure}");
        }
        assert!(measure["value"].is_f64(), "{measure}");
        let how = measure["how"].as_str().unwrap();
        assert!(
            how.starts_with("cargo run --release -- evaluate --model "),
            "{how}"
        );
        assert!(how.ends_with(" --prompts 4"), "{how}");
    }
    // Indented as the rest is.
    assert!(
        written.contains("\n    {\n      \"group\": \"Right answers\",\n"),
        "{written}"
    );
    // What is written once can be written over, and comes out the same.
    printed(&[]);
    assert_eq!(manifest(), written);
}

#[test]
fn spoilt_files_are_named_in_one_sentence() {
    let scratch = Scratch::new("evaluate-spoilt");
    let folder = folder(&scratch, &addition());
    let complaint = |file: &str, parts: &[&str]| {
        let output = run(&folder, &[]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(
            !output.status.success() && !said.contains("panicked"),
            "{said}"
        );
        assert_eq!(said.trim().lines().count(), 1, "{said}");
        assert!(said.trim().ends_with('.'), "{said}");
        for part in parts.iter().chain([&file]) {
            assert!(said.contains(part), "no {part:?} in {said}");
        }
    };
    let put = |name: &str, text: &str| std::fs::write(folder.join(name), text).unwrap();
    type Spoil = fn(&mut Value);
    let sums: [(&[&str], Spoil); 12] = [
        (&["contexts"], |v| {
            drop(v.as_object_mut().unwrap().remove("contexts"))
        }),
        (&["contexts is empty"], |v| v["contexts"] = json!([])),
        (&["calc", "templates"], |v| {
            v["contexts"][0]["templates"] = json!([])
        }),
        (&["{c}", "{carry}"], |v| {
            v["contexts"][0]["templates"] = json!(["t{c}| t1"])
        }),
        (&["needs one |"], |v| {
            v["contexts"][0]["templates"] = json!(["t{a.ones}"])
        }),
        (&["not one token"], |v| {
            v["contexts"][0]["templates"] = json!(["t1| t1 t2"])
        }),
        (&["held_out.everywhere", "[3, 400]"], |v| {
            v["held_out"]["everywhere"][0] = json!([3, 400]);
        }),
        (&["held_out.only", "nowhere"], |v| {
            v["held_out"]["only"] = json!({"nowhere": []})
        }),
        (&["same name"], |v| v["contexts"][1]["name"] = json!("calc")),
        (&["domain"], |v| {
            drop(v.as_object_mut().unwrap().remove("domain"))
        }),
        (&["cooking", "addition"], |v| v["domain"] = json!("cooking")),
        (&["16 tokens", "at most 12"], |v| {
            v["explanations"] = json!([format!("t1|{}", " t2".repeat(14))]);
        }),
    ];
    for (parts, spoil) in sums {
        let mut asked = addition();
        spoil(&mut asked);
        put("evaluation.json", &asked.to_string());
        complaint("evaluation.json", parts);
    }
    let cases: [(&[&str], Spoil); 6] = [
        (&["vignettes[3].chances.ask is empty"], |v| {
            v["vignettes"][3]["chances"]["ask"] = json!([]);
        }),
        (&["vignettes[3].chances.ask", "best answer first"], |v| {
            v["vignettes"][3]["chances"]["ask"] = json!([["t1", 0.1], ["t2", 0.2]]);
        }),
        (&["t1 t2", "2 tokens"], |v| {
            v["vignettes"][3]["chances"]["ask"] = json!([["t1 t2", 0.1]]);
        }),
        (&["vignettes[3].texts", "nothing"], |v| {
            v["vignettes"][3]["texts"] = json!({"nothing": ""});
        }),
        (
            &["vignettes[3].twin has", "\"ask\"", "as many tokens"],
            |v| {
                v["vignettes"][3]["twin"] = json!("t1 t2");
            },
        ),
        (&["leading"], |v| {
            drop(v["vignettes"][3].as_object_mut().unwrap().remove("leading"));
        }),
    ];
    for (parts, spoil) in cases {
        let mut asked = diagnosis();
        spoil(&mut asked);
        put("evaluation.json", &asked.to_string());
        complaint("evaluation.json", parts);
    }
    put("evaluation.json", "{ not json");
    complaint("evaluation.json", &["line 1"]);
    std::fs::remove_file(folder.join("evaluation.json")).unwrap();
    complaint("evaluation.json", &["missing"]);

    put("evaluation.json", &addition().to_string());
    put("manifest.json", "{}");
    complaint("manifest.json", &["quality"]);
    std::fs::remove_file(folder.join("manifest.json")).unwrap();
    complaint("manifest.json", &["missing"]);
    std::fs::remove_file(folder.join("per-layer/layer_1.safetensors")).unwrap();
    put("manifest.json", MANIFEST);
    let output = run(&folder, &[]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("layer_1.safetensors"));
    assert_eq!(
        std::fs::read_to_string(folder.join("manifest.json")).unwrap(),
        MANIFEST
    );
}
