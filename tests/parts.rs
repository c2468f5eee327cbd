//! The next family needs no new walk: models of other blocks than GPT-2's, made of the parts alone, have
//! edges that are what an f64 reference says, for every reading and on both engines.

use crate::common::edges::{
    edges_predict, readings_are_derivatives, rows_add_up, shares_sum_to_edges,
};
use crate::common::random::{self, Family, Shape};
use crate::common::reference::{Off, Reference};
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::engine::gpu::Gpu;
use attograph::model::{EncoderInput, TranscoderKind};
use attograph::network::{Network, Past};
use attograph::trace::{Options, Targets, Tracer};
use std::sync::Arc;

/// Blocks as those of models that people have, each with a shape and a prompt's length.
fn cases() -> [(&'static str, Family, Shape, usize); 4] {
    let llama = Family {
        root_mean_square: true,
        biases: false,
        key_heads: 2,
        head_width: 6,
        rotary: true,
        gated: true,
    };
    let shape = Shape {
        layers: 3,
        width: 16,
        heads: 4,
        inner: 22,
        features: 24,
        kind: TranscoderKind::PerLayer,
        input: EncoderInput::MlpNorm,
        jump: true,
        skip: true,
        tied: false,
    };
    let others = Shape {
        layers: 2,
        width: 12,
        kind: TranscoderKind::CrossLayer,
        skip: false,
        tied: true,
        ..shape
    };
    [
        ("RMSNorm, grouped heads, rotary, gated", llama, shape, 7),
        (
            "the same with one head of keys and biases",
            Family {
                biases: true,
                key_heads: 1,
                head_width: 2,
                ..llama
            },
            Shape {
                input: EncoderInput::ResidualMid,
                jump: false,
                ..others
            },
            6,
        ),
        (
            "LayerNorm without biases, rotary",
            Family {
                root_mean_square: false,
                key_heads: 4,
                head_width: 4,
                gated: false,
                ..llama
            },
            others,
            5,
        ),
        (
            "LayerNorm with biases, learned positions, wide grouped heads, gated",
            Family {
                root_mean_square: false,
                biases: true,
                key_heads: 2,
                head_width: 5,
                rotary: false,
                gated: true,
            },
            Shape {
                input: EncoderInput::ResidualMid,
                ..shape
            },
            8,
        ),
    ]
}

fn gpu() -> Gpu {
    pollster::block_on(Gpu::new()).expect("a Vulkan device, perhaps in software")
}

/// The number of edges and derivatives that were compared.
fn check<E: Engine>(engine: impl Fn() -> E, case: usize, seed: u64) -> (usize, usize) {
    let (name, family, shape, tokens) = cases()[case];
    let model = Arc::new(random::of_family(shape, family, seed));
    let ids = random::prompt(tokens, 100 + seed);
    let tracer = Tracer::new(Network::new(engine(), model.clone()));
    let reference = Reference::new(&model, &ids);
    let options = Options {
        targets: Targets::Likely {
            most: 5,
            probability: 0.9,
        },
        batch_size: 7,
        ..Options::default()
    };
    let about = format!("{name}, seed {seed}");
    let graph = pollster::block_on(tracer.trace(&ids, &options, |_| {})).unwrap();
    let active = reference.activations.iter().flatten().flatten();
    let active = active.filter(|activation| **activation != 0.0).count();
    assert_eq!(graph.features.len(), active, "{about}");
    assert!(active > 10, "{about}: only {active} features are active");
    rows_add_up(&graph, &about);
    shares_sum_to_edges(&tracer, &graph, &about);
    let edges = edges_predict(&graph, &reference, &about);
    let derivatives = readings_are_derivatives(&tracer, &ids, &options, &reference, &about);
    println!("{about}: {edges} edges, {derivatives} derivatives");
    (edges, derivatives)
}

#[test]
fn edges_of_other_families_are_the_references_on_the_cpu() {
    let cases = (0..cases().len()).flat_map(|case| (1..=4).map(move |seed| (case, seed)));
    let found = cases.map(|(case, seed)| check(|| Cpu, case, seed));
    let (edges, derivatives): (Vec<usize>, Vec<usize>) = found.unzip();
    let (edges, derivatives): (usize, usize) = (edges.iter().sum(), derivatives.iter().sum());
    assert!(edges > 20_000, "only {edges} edges were compared");
    assert!(
        derivatives > 60_000,
        "only {derivatives} derivatives were compared"
    );
}

#[test]
fn edges_of_other_families_are_the_references_on_the_gpu() {
    for case in 0..cases().len() {
        for seed in [5, 6] {
            check(gpu, case, seed);
        }
    }
}

/// Logits are the reference's, of the whole prompt and where its rest goes on from its beginning.
fn logits_are_the_references<E: Engine>(engine: impl Fn() -> E) {
    for (case, (name, family, shape, tokens)) in cases().into_iter().enumerate() {
        let model = Arc::new(random::of_family(shape, family, case as u64));
        let ids = random::prompt(tokens, 50 + case as u64);
        let network = Network::new(engine(), model.clone());
        let expected = Reference::new(&model, &ids).replay(Off::Nothing).logits;
        let (begin, rest) = ids.split_at(tokens / 2);
        let whole = network.forward(&ids, 1, None);
        let begin = network.forward(begin, 1, None);
        let rest = network.forward(rest, 1, Some(Past { forward: &begin }));
        for forward in [whole, rest] {
            let logits = network.last_logits(&forward);
            let wanted = [(&logits, expected.len())];
            let found = pollster::block_on(network.engine.read(&wanted)).unwrap();
            for (found, expected) in found[0].iter().zip(&expected) {
                assert!(
                    (f64::from(*found) - expected).abs() < 1e-4,
                    "{name}: a logit is {found}, not {expected}"
                );
            }
        }
    }
}

#[test]
fn logits_of_other_families_are_the_references_on_the_cpu() {
    logits_are_the_references(|| Cpu);
}

#[test]
fn logits_of_other_families_are_the_references_on_the_gpu() {
    logits_are_the_references(gpu);
}
