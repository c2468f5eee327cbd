//! An edge is a prediction: switch the source off in the frozen model, and the target's
//! pre-activation falls by exactly the edge. And each row, with its remainder, is all there is.

use crate::common::edges::{edges_predict, readings_are_derivatives, rows_add_up};
use crate::common::random::{self, Shape};
use crate::common::reference::Reference;
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::engine::gpu::Gpu;
use attograph::model::{EncoderInput, TranscoderKind};
use attograph::network::Network;
use attograph::trace::{Options, Targets, Tracer};
use std::sync::Arc;

/// {cross-layer, per-layer} x {ReLU, JumpReLU} over several sizes, odd ones and one layer, one head,
/// one token among them.
fn cases() -> Vec<(Shape, usize)> {
    let sizes = [
        (1, 6, 1, 7, 9, 4),
        (2, 12, 3, 20, 17, 6),
        (3, 16, 4, 64, 30, 8),
        (4, 10, 2, 33, 12, 1),
    ];
    let mut cases = Vec::new();
    for kind in [TranscoderKind::CrossLayer, TranscoderKind::PerLayer] {
        for jump in [false, true] {
            for (i, (layers, width, heads, inner, features, tokens)) in
                sizes.into_iter().enumerate()
            {
                let per_layer = kind == TranscoderKind::PerLayer;
                let shape = Shape {
                    layers,
                    width,
                    heads,
                    inner,
                    features,
                    kind,
                    input: match i % 2 {
                        1 => EncoderInput::MlpNorm,
                        _ => EncoderInput::ResidualMid,
                    },
                    jump,
                    skip: per_layer && (i != 0 || jump),
                    tied: i % 2 == 0,
                };
                cases.push((shape, tokens));
            }
        }
    }
    cases
}

#[test]
fn an_edge_is_what_the_target_loses_without_its_source_on_the_cpu() {
    check_all(|| Cpu);
}

#[test]
fn an_edge_is_what_the_target_loses_without_its_source_on_the_gpu() {
    check_all(|| pollster::block_on(Gpu::new()).expect("a Vulkan device, perhaps in software"));
}

fn check_all<E: Engine>(engine: impl Fn() -> E) {
    let (mut edges, mut derivatives) = (0, 0);
    for (seed, (shape, tokens)) in cases().into_iter().enumerate() {
        let model = Arc::new(random::model(shape, 1 + seed as u64));
        let ids = random::prompt(tokens, 100 + seed as u64);
        let tracer = Tracer::new(Network::new(engine(), model.clone()));
        let options = Options {
            targets: Targets::Likely {
                most: 5,
                probability: 0.9,
            },
            batch_size: 7,
            ..Options::default()
        };
        let graph = pollster::block_on(tracer.trace(&ids, &options, |_| {})).unwrap();
        let reference = Reference::new(&model, &ids);
        let active = reference
            .activations
            .iter()
            .flatten()
            .flatten()
            .filter(|a| **a != 0.0);
        assert_eq!(graph.features.len(), active.count(), "{shape:?}");
        rows_add_up(&graph, &format!("{shape:?}"));
        let few = Options {
            max_features: Some(1 + graph.features.len() / 3),
            update_interval: 1,
            ..options.clone()
        };
        let limited = pollster::block_on(tracer.trace(&ids, &few, |_| {})).unwrap();
        rows_add_up(
            &limited,
            &format!("{shape:?}, the most influential features"),
        );
        edges += edges_predict(&graph, &reference, &format!("{shape:?}"));
        derivatives +=
            readings_are_derivatives(&tracer, &ids, &options, &reference, &format!("{shape:?}"));
    }
    assert!(
        derivatives > 30_000,
        "only {derivatives} derivatives were compared"
    );
    assert!(edges > 10_000, "only {edges} edges were compared");
}

#[test]
fn tracers_are_for_any_thread() {
    fn shareable<T: Send + Sync>() {}
    shareable::<Tracer<Cpu>>();
    shareable::<Tracer<Gpu>>();
}
