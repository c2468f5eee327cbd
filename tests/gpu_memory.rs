//! The GPU engine over hundreds of prompts: what it holds is bounded, and a trace takes no longer at
//! the end than at the beginning.
#![cfg(feature = "gpu")]

mod common;

use attograph::engine::gpu::Holdings;
use attograph::model::{EncoderInput, TranscoderKind};
use attograph::network::Network;
use attograph::trace::{Targets, Tracer};
use common::cases::{gpu, trace};
use common::random::{self, Random, Shape};
use std::sync::Arc;
use std::time::{Duration, Instant};

const TRACES: usize = 500;
const HUNDRED: usize = 100;

/// As `GROUP_LIMIT` in the recorder.
const MOST_GROUPS: usize = 2048;

/// What lies idle on the GPU at most, where weights take less.
const MOST_IDLE: u64 = 64 << 20;

#[test]
fn five_hundred_traces_hold_no_more_and_take_no_longer() {
    let shape = Shape {
        layers: 3,
        width: 16,
        heads: 2,
        inner: 48,
        features: 25,
        kind: TranscoderKind::CrossLayer,
        input: EncoderInput::ResidualMid,
        jump: true,
        skip: false,
        tied: true,
    };
    let model = Arc::new(random::model(shape, 31));
    let tracer = Tracer::new(Network::new(gpu(), model.clone()));
    let mut random = Random::new(7);
    let mut held: Vec<Holdings> = Vec::new();
    for seed in 0..TRACES {
        // Every prompt has another length and other features than the one before.
        let ids = random::prompt(2 + random.below(8), 1000 + seed as u64);
        trace(&tracer, &ids, &Targets::default());
        held.push(tracer.network.engine.holdings());
    }
    let most = |part: &[Holdings]| part.iter().map(|each| each.bytes).max();
    let (first, last) = (&held[..HUNDRED], &held[TRACES - HUNDRED..]);
    assert!(
        most(last) <= most(first).map(|bytes| bytes * 5 / 4),
        "{:?} after {HUNDRED}, {:?} after {TRACES}",
        held[HUNDRED - 1],
        held[TRACES - 1]
    );
    assert!(held.iter().all(|each| each.bind_groups <= MOST_GROUPS));
    // Beside one that has traced little, in turns, and the quickest of many: what else runs on the machine slows both.
    let fresh = Tracer::new(Network::new(gpu(), model));
    let quickest = |times: &[Duration]| times.iter().min().copied();
    let (mut old, mut new) = (Vec::new(), Vec::new());
    for seed in 0..HUNDRED {
        let ids = random::prompt(2 + random.below(8), 5000 + seed as u64);
        for (tracer, times) in [(&tracer, &mut old), (&fresh, &mut new)] {
            let begun = Instant::now();
            trace(tracer, &ids, &Targets::default());
            times.push(begun.elapsed());
        }
    }
    let (old, new) = (quickest(&old[20..]), quickest(&new[20..]));
    assert!(
        old <= new.map(|time| time * 3 / 2),
        "{old:?} after {TRACES}, {new:?} afresh"
    );
}

#[test]
fn what_lies_idle_is_let_go() {
    use attograph::engine::Engine;
    let gpu = gpu();
    let read = || {
        let one = gpu.upload(&[1.0]);
        pollster::block_on(gpu.read(&[(&one, 1)])).unwrap();
    };
    // Of every size once: no buffer serves again.
    for mebibytes in 1..30 {
        drop(gpu.zeros(mebibytes << 18));
        read();
    }
    read();
    let held = gpu.holdings();
    assert!(held.bytes <= MOST_IDLE + (1 << 20), "{held:?}");
}
