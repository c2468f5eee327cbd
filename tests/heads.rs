//! How edges pass through attention: each layer's parts sum to the edge, and a head's part is what
//! the target loses when that head brings nothing of the source.

use crate::common::cases::run;
use crate::common::fixtures::{self, root};
use crate::common::random::{self, Family, Shape};
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::engine::gpu::Gpu;
use attograph::model::{EncoderInput, Model, Tokenizer, TranscoderKind};
use attograph::network::Network;
use attograph::trace::{Graph, HeadAt, Look, Node, Options, Targets, TraceError, Tracer};
use std::sync::Arc;

const TOLERANCE: f64 = 1e-4;

/// {cross-layer, per-layer} x {before, after the MLP's LayerNorm}, some with skip paths.
fn cases() -> Vec<(Shape, usize)> {
    let sizes = [(3, 16, 4, 30, 8), (2, 12, 3, 17, 6), (4, 10, 2, 12, 5)];
    let mut cases = Vec::new();
    for kind in [TranscoderKind::CrossLayer, TranscoderKind::PerLayer] {
        for input in [EncoderInput::ResidualMid, EncoderInput::MlpNorm] {
            for (i, (layers, width, heads, features, tokens)) in sizes.into_iter().enumerate() {
                let shape = Shape {
                    layers,
                    width,
                    heads,
                    inner: 20,
                    features,
                    kind,
                    input,
                    jump: i == 1,
                    skip: kind == TranscoderKind::PerLayer && i != 1,
                    tied: i == 0,
                };
                cases.push((shape, tokens));
            }
        }
    }
    cases
}

fn trace<E: Engine>(tracer: &Tracer<E>, ids: &[u32], targets: Targets) -> Graph {
    let options = Options {
        targets,
        ..Options::default()
    };
    pollster::block_on(tracer.trace(ids, &options, |_| {})).unwrap()
}

fn heads<E: Engine>(tracer: &Tracer<E>, graph: &Graph, pairs: &[(usize, usize)]) -> Vec<f32> {
    pollster::block_on(tracer.heads(&run(tracer, &graph.tokens), graph, pairs)).unwrap()
}

/// Compares the sums of every pair's every layer with the edge; returns how many pairs.
fn parts_sum_to_edges<E: Engine>(tracer: &Tracer<E>, graph: &Graph, about: &str) -> usize {
    let config = tracer.network.config();
    let (layers, heads) = (config.layers, config.heads);
    let mut pairs = Vec::new();
    for row in 0..graph.features.len() + graph.targets.len() {
        let target = graph.row_node(row);
        pairs.extend((0..graph.nodes()).map(|source| (source, target)));
    }
    let parts = self::heads(tracer, graph, &pairs);
    assert_eq!(parts.len(), pairs.len() * layers * (heads + 1));
    for ((source, target), parts) in pairs.iter().zip(parts.chunks(layers * (heads + 1))) {
        let row = graph.inputs(*target).unwrap();
        let edge = f64::from(row[*source]);
        let largest = row.iter().fold(0.0f32, |largest, x| largest.max(x.abs()));
        for (layer, parts) in parts.chunks(heads + 1).enumerate() {
            let sum: f64 = parts.iter().map(|part| f64::from(*part)).sum();
            let size: f64 = parts.iter().map(|part| f64::from(part.abs())).sum();
            let allowed = TOLERANCE * edge.abs() + 1e-5 * size + 1e-6 * f64::from(largest);
            assert!(
                (sum - edge).abs() <= allowed,
                "{about}: {:?} -> {:?} is {edge}, but layer {layer} sums to {sum}: {parts:?}",
                graph.node(*source),
                graph.node(*target),
            );
        }
    }
    pairs.len()
}

/// A model with GPT-2's blocks; or one where several heads have the same keys and values, which are turned
/// by positions.
fn model(shape: Shape, seed: u64) -> Model {
    match seed % 2 {
        0 => random::model(shape, seed),
        _ => random::of_family(shape, Family::other(shape), seed),
    }
}

fn random_models<E: Engine>(engine: impl Fn() -> E, cases: &[(Shape, usize)]) {
    let mut pairs = 0;
    for (seed, (shape, tokens)) in cases.iter().copied().enumerate() {
        let model = Arc::new(model(shape, 1 + seed as u64));
        let ids = random::prompt(tokens, 100 + seed as u64);
        let tracer = Tracer::new(Network::new(engine(), model));
        for targets in [
            Targets::Tokens(vec![3, 4]),
            Targets::Difference { token: 7, minus: 2 },
        ] {
            let graph = trace(&tracer, &ids, targets);
            pairs += parts_sum_to_edges(&tracer, &graph, &format!("{shape:?}"));
        }
    }
    assert!(pairs > 2000, "only {pairs} pairs were compared");
}

#[test]
fn each_layers_parts_sum_to_the_edge_on_the_cpu() {
    random_models(|| Cpu, &cases());
}

#[test]
fn each_layers_parts_sum_to_the_edge_on_the_gpu() {
    let gpu = || pollster::block_on(Gpu::new()).expect("a Vulkan device, perhaps in software");
    // Only what is read back differs there: a model with a skip path and one without will do.
    random_models(gpu, &[cases()[1], cases()[9]]);
}

#[test]
fn each_layers_parts_sum_to_the_edge_in_a_shipped_model() {
    let folder = root().join("www/models/addition");
    let tokenizer = std::fs::read(folder.join("tokenizer.json")).unwrap();
    let tokenizer = Tokenizer::from_bytes(&tokenizer).unwrap();
    for transcoder in ["transcoder", "per-layer"] {
        let model = fixtures::load(&folder, &folder.join(transcoder));
        let ids = model.with_bos(tokenizer.encode("calc: 36+59=", 64).unwrap());
        let tracer = Tracer::new(Network::new(Cpu, model));
        let graph = trace(&tracer, &ids, Targets::default());
        let pairs = parts_sum_to_edges(&tracer, &graph, transcoder);
        assert!(pairs > 1000, "only {pairs} pairs were compared");
    }
}

/// In a model of one layer a token reaches a logit directly or through one head, so a head that
/// writes nothing takes exactly its part away, and leaves the other heads theirs.
#[test]
fn a_head_carries_what_is_lost_without_it() {
    let shape = Shape {
        layers: 1,
        width: 12,
        heads: 3,
        inner: 20,
        features: 14,
        kind: TranscoderKind::CrossLayer,
        input: EncoderInput::ResidualMid,
        jump: false,
        skip: false,
        tied: false,
    };
    for model in [
        random::model(shape, 5),
        random::of_family(shape, Family::other(shape), 5),
    ] {
        without_each_head(&model);
    }
}

fn without_each_head(model: &Model) {
    let ids = random::prompt(6, 6);
    let tracer = Tracer::new(Network::new(Cpu, Arc::new(model.clone())));
    let graph = trace(&tracer, &ids, Targets::Tokens(vec![3]));
    let [_, tokens, _] = graph.starts();
    for (row, feature) in graph.features.iter().enumerate() {
        let pairs: Vec<(usize, usize)> = (tokens..tokens + 6).map(|token| (token, row)).collect();
        let parts = heads(&tracer, &graph, &pairs);
        for head in 0..3 {
            let without = Tracer::new(Network::new(Cpu, Arc::new(silence(model, head))));
            let cut = trace(&without, &ids, Targets::Tokens(vec![3]));
            // It may not be active any more; then there is nothing to compare.
            let Some(same) = cut
                .features
                .iter()
                .position(|f| (f.position, f.index) == (feature.position, feature.index))
            else {
                continue;
            };
            let [_, tokens_there, _] = cut.starts();
            for (i, (source, _)) in pairs.iter().enumerate() {
                let edge = graph.inputs(row).unwrap()[*source];
                let left = cut.inputs(same).unwrap()[tokens_there + i];
                let part = parts[i * 4 + head];
                assert!(
                    (edge - left - part).abs() < 1e-5,
                    "head {head}: {part}, not {}",
                    edge - left
                );
            }
        }
    }
}

/// The model with one head whose output is not written.
fn silence(model: &Model, head: usize) -> Model {
    let mut model = model.clone();
    let weight = &mut model.language.blocks[0].attention_out.weight;
    let lanes = weight.rows / 3;
    let row = weight.columns;
    weight.values[head * lanes * row..(head + 1) * lanes * row].fill(0.0);
    model
}

#[test]
fn a_node_that_is_no_end_of_an_edge_is_named() {
    let (shape, tokens) = cases()[0];
    let tracer = Tracer::new(Network::new(Cpu, Arc::new(random::model(shape, 1))));
    let graph = trace(&tracer, &random::prompt(tokens, 1), Targets::default());
    let run = run(&tracer, &graph.tokens);
    let ask = |pair| pollster::block_on(tracer.heads(&run, &graph, &[pair]));
    let (nodes, [errors, tokens, logits]) = (graph.nodes(), graph.starts());
    for pair in [(nodes, logits), (0, nodes), (usize::MAX, logits)] {
        let error = ask(pair).unwrap_err();
        assert!(matches!(error, TraceError::NoSuchNode { .. }), "{error}");
    }
    for target in [errors, tokens] {
        assert!(matches!(
            graph.node(target),
            Node::Error { .. } | Node::Token(_)
        ));
        assert_eq!(ask((0, target)), Err(TraceError::NoInputs { node: target }));
    }
    // Logits write nothing.
    assert!(
        ask((logits, logits))
            .unwrap()
            .iter()
            .all(|part| *part == 0.0)
    );
    assert!(
        pollster::block_on(tracer.heads(&run, &graph, &[]))
            .unwrap()
            .is_empty()
    );
}

/// Every score is the sum of what pairs of sources add, on both engines, and a difference of scores is
/// what the pattern says: the logarithm of how much more one token is looked at.
fn scores_fall_into_pairs<E: Engine>(engine: impl Fn() -> E) {
    for (seed, (shape, tokens)) in cases().into_iter().enumerate() {
        let model = Arc::new(model(shape, 1 + seed as u64));
        let ids = random::prompt(tokens, 100 + seed as u64);
        let tracer = Tracer::new(Network::new(engine(), model));
        let graph = trace(&tracer, &ids, Targets::default());
        let run = run(&tracer, &ids);
        for layer in 0..shape.layers {
            for (query, key, minus) in [
                (tokens - 1, 0, Some(tokens - 2)),
                (tokens - 1, tokens - 1, None),
                (1, 1, Some(0)),
                (0, 0, None),
            ] {
                let at = HeadAt {
                    layer,
                    head: (layer + query) % shape.heads,
                    query,
                };
                let look = Look { at, key, minus };
                let found =
                    pollster::block_on(tracer.look(&run, &graph, look, usize::MAX)).unwrap();
                let about = format!("{shape:?}, {look:?}");
                let size = found
                    .scores
                    .iter()
                    .fold(0.1f32, |most, score| most.max(score.abs()));
                assert!(
                    found.rest.abs() < 1e-4 * f64::from(size),
                    "{about}: {} remains",
                    found.rest
                );
                if let Some(minus) = minus {
                    let expected = f64::from(found.pattern[key] / found.pattern[minus]).ln();
                    assert!(
                        (found.score - expected).abs() < 1e-3 * expected.abs().max(1.0),
                        "{about}: {} and {expected}",
                        found.score
                    );
                }
                let few = pollster::block_on(tracer.look(&run, &graph, look, 3)).unwrap();
                assert_eq!(
                    few.pairs,
                    found.pairs[..3.min(found.pairs.len())],
                    "{about}: the largest come first"
                );
                let sum: f64 = few.pairs.iter().map(|pair| pair.part).sum();
                assert!((sum + few.rest - found.score).abs() < 1e-9, "{about}");
            }
        }
    }
}

#[test]
fn scores_fall_into_pairs_on_the_cpu() {
    scores_fall_into_pairs(|| Cpu);
}

#[test]
fn scores_fall_into_pairs_on_the_gpu() {
    scores_fall_into_pairs(|| {
        pollster::block_on(Gpu::new()).expect("a Vulkan device, perhaps in software")
    });
}

#[test]
fn what_no_head_looks_at_is_refused_by_name() {
    let (shape, tokens) = cases()[0];
    let model = Arc::new(random::model(shape, 1));
    let tracer = Tracer::new(Network::new(Cpu, model));
    let graph = trace(&tracer, &random::prompt(tokens, 100), Targets::default());
    let run = run(&tracer, &graph.tokens);
    let at = HeadAt {
        layer: 0,
        head: 0,
        query: 2,
    };
    let look = Look {
        at,
        key: 1,
        minus: None,
    };
    let refused = |look| {
        pollster::block_on(tracer.look(&run, &graph, look, 1))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        refused(Look {
            at: HeadAt { layer: 3, ..at },
            ..look
        }),
        "There is no layer 3: the last one is 2."
    );
    assert_eq!(
        refused(Look {
            at: HeadAt { head: 4, ..at },
            ..look
        }),
        "There is no head 4: the last one is 3."
    );
    assert_eq!(
        refused(Look {
            at: HeadAt { query: 8, ..at },
            ..look
        }),
        "There is no query token 8: the last one is 7."
    );
    for look in [
        Look { key: 3, ..look },
        Look {
            minus: Some(3),
            ..look
        },
    ] {
        assert_eq!(
            refused(look),
            "There is no key token, which the query has to see, 3: the last one is 2."
        );
    }
}
