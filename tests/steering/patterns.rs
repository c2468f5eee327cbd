//! Where heads look while features are set.

use super::steered::steering;
use crate::common::cases::{self, Case, DIFFERENCE, doubles, each, gpu, near, trace};
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::network::Network;
use attograph::study::{Mode, Setting, Steer};
use attograph::trace::{HeadAt, Look, Tracer};
use std::sync::Arc;

#[test]
fn a_head_looks_where_a_model_that_writes_the_same_looks_on_the_cpu() {
    each(|| Cpu, &DIFFERENCE, moved_patterns);
}

#[test]
fn a_head_looks_where_a_model_that_writes_the_same_looks_on_the_gpu() {
    each(gpu, &DIFFERENCE, moved_patterns);
}

/// A feature of the first layer that is more active by the same everywhere writes the same everywhere: so
/// does a model of which the MLPs' biases have that in them.
fn moved_patterns<E: Engine>(case: &Case<E>, about: &str) {
    const MORE: f32 = 0.75;
    const INDEX: usize = 4;
    let tokens = case.ids.len();
    let config = &case.model.language.config;
    let (layers, width) = (config.layers, config.width);
    let steering = steering(&case.tracer, &case.ids);
    let features = case.model.transcoder.features();
    let steers: Vec<Steer> = (0..tokens)
        .map(|position| Steer {
            layer: 0,
            position,
            feature: INDEX,
            set: Setting::To(MORE + steering.before.activations[0][position * features + INDEX]),
        })
        .collect();

    let mut twin = (*case.model).clone();
    let written = twin.transcoder.layers[0].decoder.row(INDEX).to_vec();
    for (block, written) in twin.language.blocks.iter_mut().zip(written.chunks(width)) {
        let before = block.mlp_out.bias.as_ref();
        let bias = written.iter().enumerate();
        let bias = bias.map(|(i, x)| MORE * x + before.map_or(0.0, |bias| bias[i]));
        block.mlp_out.bias = Some(bias.collect());
    }
    let twin = Tracer::new(Network::new(Cpu, Arc::new(twin)));
    let expected = trace(&twin, &case.ids, &DIFFERENCE);
    let twin_run = cases::run(&twin, &case.ids);

    let mut moved: f64 = 0.0;
    for layer in 0..layers {
        for head in 0..config.heads {
            let query = tokens - 1 - head.min(tokens - 1);
            let at = HeadAt { layer, head, query };
            let look = Look {
                at,
                key: 0,
                minus: None,
            };
            let pattern = |mode: &Mode| {
                let found = steering.pattern(&case.tracer.network, &steers, mode, at);
                doubles(&pollster::block_on(found).unwrap())
            };
            let held =
                pollster::block_on(case.tracer.look(&case.run, &case.graph, look, 0)).unwrap();
            let other = pollster::block_on(twin.look(&twin_run, &expected, look, 0)).unwrap();
            let [held, other] = [&held, &other].map(|found| doubles(&found.pattern));
            near(about, &pattern(&Mode::Free), &other, 1e-4, 1e-6);
            near(about, &pattern(&Mode::PatternsFrozen), &held, 1e-6, 1e-7);
            let changes = held.iter().zip(&other).map(|(a, b)| (a - b).abs());
            moved = changes.fold(moved, f64::max);
        }
    }
    assert!(layers < 2 || moved > 1e-3, "{about}: no pattern moves");

    let nowhere = HeadAt {
        layer: layers,
        head: 0,
        query: 0,
    };
    let refused = steering.pattern(&case.tracer.network, &steers, &Mode::Free, nowhere);
    let refused = pollster::block_on(refused).unwrap_err().to_string();
    assert!(refused.starts_with("There is no layer"), "{refused}");
}
