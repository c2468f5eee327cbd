//! Active features, read back by their places: those that are found where all activations are read, on tokens with few and with many.
#![cfg(feature = "gpu")]

use crate::common::cases::gpu;
use crate::common::random::{self, Shape};
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::model::{EncoderInput, Model, TranscoderKind};
use attograph::network::Network;
use attograph::trace::Tracer;
use pollster::block_on;
use std::sync::Arc;

/// As `MOST_ACTIVE` in the network.
const MOST: usize = 256;

/// Layer, row, index and the bits of what is not zero, of all activations.
type Found = Vec<(usize, usize, usize, u32)>;

/// A model of so many features, to whose pre-activations this much is added.
fn model(features: usize, more: f32) -> Model {
    let shape = Shape {
        layers: 2,
        width: 12,
        heads: 2,
        inner: 24,
        features,
        kind: TranscoderKind::PerLayer,
        input: EncoderInput::MlpNorm,
        jump: true,
        skip: false,
        tied: false,
    };
    let mut model = random::model(shape, 6);
    for layer in &mut model.transcoder.layers {
        layer.encoder_bias.iter_mut().for_each(|bias| *bias += more);
    }
    model
}

/// What is active on a prompt, as it is found and as it should be; and how many are active on each token.
fn found<E: Engine>(network: &Network<E>) -> (Found, Found, Vec<usize>) {
    let ids = random::prompt(random::CONTEXT, 3);
    let (rows, features) = (ids.len(), network.model.transcoder.features());
    let forward = network.forward(&ids, 1, None);
    let layers = network.encode(&forward);
    let others = [(&forward.last, 3), (&forward.final_scale, 2)];
    let (found, others) = block_on(network.read_active(&layers, rows, &others)).unwrap();
    assert_eq!([others[0].len(), others[1].len()], [3, 2]);
    let found = found.iter().enumerate().flat_map(|(layer, found)| {
        let found = found.iter();
        found.map(move |one| (layer, one.row, one.feature, one.activation.to_bits()))
    });

    let whole: Vec<_> = layers
        .iter()
        .map(|layer| (layer, rows * features))
        .collect();
    let whole = block_on(network.engine.read(&whole)).unwrap();
    let mut expected = Vec::new();
    let mut counts = Vec::new();
    for (layer, values) in whole.iter().enumerate() {
        for (row, values) in values.chunks_exact(features).enumerate() {
            let active = values
                .iter()
                .enumerate()
                .filter(|(_, value)| **value != 0.0);
            let before = expected.len();
            expected.extend(active.map(|(feature, value)| (layer, row, feature, value.to_bits())));
            counts.push(expected.len() - before);
        }
    }
    (found.collect(), expected, counts)
}

fn check<E: Engine>(engine: impl Fn() -> E) {
    let found = |model: Model| found(&Network::new(engine(), Arc::new(model)));
    let counts = |model: Model| {
        let (found, expected, counts) = found(model);
        assert!(found == expected, "{} of {}", found.len(), expected.len());
        counts
    };
    for features in [3, 25, 1100] {
        let most = MOST.min(features / 4);
        let none = counts(model(features, -1000.0));
        assert!(none.iter().all(|count| *count == 0));
        let all = counts(model(features, 1000.0));
        assert!(all.iter().all(|count| *count == features));
        // Some tokens of a layer have more than are read by their places, and others fewer.
        let some = [-0.6, -0.2, 0.2].map(|more| counts(model(features, more)));
        let mut layers = some.iter().flat_map(|of| of.chunks(random::CONTEXT));
        let is_mixed = |of: &[usize]| {
            of.iter().any(|count| *count > most)
                && of.iter().any(|count| (1..=most).contains(count))
        };
        assert!(features == 3 || layers.any(is_mixed), "{some:?}");
        // What is no number is found among none and among all.
        for more in [-1000.0, 1000.0] {
            let mut odd = model(features, more);
            odd.transcoder.layers[1].encoder_bias[2] = f32::NAN;
            let (found, _, _) = found(odd);
            let odd = found.iter().filter(|one| f32::from_bits(one.3).is_nan());
            let everywhere = (0..random::CONTEXT).map(|row| (1, row, 2));
            assert!(
                odd.map(|one| (one.0, one.1, one.2)).eq(everywhere),
                "{more}"
            );
        }
    }
}

#[test]
fn active_features_are_those_of_all_activations_on_the_cpu() {
    check(|| Cpu);
}

#[test]
fn active_features_are_those_of_all_activations_on_the_gpu() {
    check(gpu);
}

/// Nothing of a graph is left out where everything is active.
#[test]
fn a_prompt_on_which_everything_is_active_has_all_features() {
    let features = 1100;
    let tracer = Tracer::new(Network::new(Cpu, Arc::new(model(features, 1000.0))));
    let run = block_on(tracer.run(&random::prompt(4, 3))).unwrap();
    let places = run
        .features()
        .iter()
        .map(|one| (one.layer, one.position, one.index));
    let all = (0..2).flat_map(|layer| (1..4).map(move |position| (layer, position)));
    let all = all.flat_map(|(layer, position)| (0..features).map(move |i| (layer, position, i)));
    assert!(places.eq(all));
}
