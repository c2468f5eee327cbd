//! How many multiply-adds a trace is, worked out by hand: a test by itself, since all threads of the process are counted.

use crate::common::random::{Random, Shape, VOCABULARY, model};
use attograph::engine::cpu::{Cpu, counted};
use attograph::engine::{Decoding, Engine, Product};
use attograph::model::{EncoderInput, TranscoderKind};
use attograph::network::Network;
use attograph::trace::{Options, Tracer};
use pollster::block_on;
use std::sync::Arc;

// One layer and two tokens, so that all targets begin at the last.
const TOKENS: usize = 2;
const WIDTH: usize = 8;
const HEADS: usize = 2;
const LANES: usize = WIDTH / HEADS;
const INNER: usize = 12;
const FEATURES: usize = 6;

#[test]
fn what_is_computed_is_counted_and_what_is_left_out_is_not() {
    a_trace();
    rows_of_zeros();
    silent_features();
    shared_work();
}

fn a_trace() {
    let shape = Shape {
        layers: 1,
        width: WIDTH,
        heads: HEADS,
        inner: INNER,
        features: FEATURES,
        kind: TranscoderKind::PerLayer,
        input: EncoderInput::ResidualMid,
        jump: true,
        skip: false,
        tied: true,
    };
    let tracer = Tracer::new(Network::new(Cpu, Arc::new(model(shape, 4))));
    let ids = [0, 5];
    let (run, upwards) = counted(|| block_on(tracer.run(&ids)).unwrap());
    let options = Options::default();
    let traced = || block_on(tracer.graph(&run, &options, |_| {})).unwrap();
    let (graph, downwards) = counted(traced);

    let forward = tracer.network.forward(&ids, 1, None);
    let activations = tracer.network.encode(&forward).remove(0);
    let firing = activations.iter().filter(|value| **value != 0.0).count();
    let attention = TOKENS * WIDTH * 3 * WIDTH // queries, keys and values
        + HEADS * LANES * (1 + 2) // each token's query by the keys up to its own
        + HEADS * TOKENS * TOKENS * LANES // patterns by values
        + TOKENS * WIDTH * WIDTH; // what the heads write
    let mlp = TOKENS * WIDTH * INNER + TOKENS * INNER * WIDTH;
    let encoder = TOKENS * WIDTH * FEATURES;
    let errors = TOKENS * WIDTH + firing * WIDTH; // the MLP's output less what features write
    let constants = WIDTH; // all of it at the first token
    let logits = WIDTH * VOCABULARY;
    assert_eq!(
        upwards as usize,
        attention + mlp + encoder + errors + constants + logits
    );

    let (features, targets) = (graph.features.len(), graph.targets.len());
    assert!(features > 0 && targets > 0 && firing > features);
    let rows = features + targets;
    let pushed = TOKENS * WIDTH * WIDTH // values of what changes at each token
        + TOKENS * TOKENS * HEADS * WIDTH // to all tokens
        + 3 * WIDTH * WIDTH; // and what the heads write there: the second token's change is nothing at the first
    let embedded = 2 * pushed + TOKENS * TOKENS * WIDTH; // tokens; positions, which are one sum
    let written = targets * WIDTH * (features + 2); // by targets; an error and a constant besides
    let attention_bias = rows * WIDTH; // where a row begins
    let met = targets * TOKENS * WIDTH * TOKENS // what is pushed, by targets
        + TOKENS * features * WIDTH; // by features, each at its token
    let positions = rows * WIDTH; // where a row begins
    assert_eq!(
        downwards as usize,
        embedded + written + attention_bias + met + positions
    );
}

/// Two rows of eight are not zero.
fn rows_of_zeros() {
    let mut a = vec![0.0; 8 * 5];
    a[5..10].fill(1.0);
    a[39] = 1.0;
    assert_eq!(product(&a, [8, 5, 7]), 2 * 5 * 7);
}

/// Three of twelve fire, and each writes to two layers.
fn silent_features() {
    let sizes = Decoding {
        tokens: 3,
        features: 4,
        outputs: 2,
        width: 5,
        layer: 0,
    };
    let mut activations = vec![0.0; 3 * 4];
    for place in [1, 6, 7] {
        activations[place] = 0.5;
    }
    let (activations, decoder) = (activations.into(), Cpu.upload(&[1.0; 4 * 2 * 5]));
    let mut out = Cpu.zeros(2 * 3 * 5);
    let ((), found) = counted(|| Cpu.decode(&mut out, &activations, &decoder, sizes, 1.0));
    assert_eq!(found, 3 * 2 * 5);
}

/// A product large enough that all threads have a part of it.
fn shared_work() {
    let a = Random::new(1).values(512 * 512, 1.0);
    assert_eq!(product(&a, [512, 512, 512]), 512 * 512 * 512);
}

/// Multiply-adds of a product of `a` [rows, inner] with [inner, columns] ones.
fn product(a: &[f32], [rows, inner, columns]: [usize; 3]) -> u64 {
    let (a, b) = (Cpu.upload(a), Cpu.upload(&vec![1.0; inner * columns]));
    let product = Product {
        rows,
        inner,
        columns,
        transposed: false,
    };
    counted(|| Cpu.matmul(&a, &b, None, product)).1
}
