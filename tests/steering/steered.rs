//! Steering with settings, and settings to try.

use crate::common::cases::{self, ANSWER, OTHER};
use attograph::engine::Engine;
use attograph::study::{Intervention, Mode, Setting, Steer, Steered, Steering, StudyError};
use attograph::trace::{Feature, Graph, Targets, Tracer};

/// A prompt of the shipped addition model.
pub const SUM: &str = "calc: 36+59=";

/// The answer and another token as targets.
pub fn tokens() -> Targets {
    Targets::Tokens(vec![ANSWER, OTHER])
}

/// A prompt that can be steered.
pub fn steering<E: Engine>(tracer: &Tracer<E>, ids: &[u32]) -> Steering<E> {
    pollster::block_on(Steering::new(&tracer.network, cases::run(tracer, ids))).unwrap()
}

/// What comes of it with these features set.
pub fn run<E: Engine>(
    tracer: &Tracer<E>,
    steering: &Steering<E>,
    steers: &[Steer],
    mode: &Mode,
) -> Result<Steered, StudyError> {
    pollster::block_on(steering.run(&tracer.network, steers, mode))
}

/// A feature of a graph set.
pub fn steer(feature: &Feature, set: Setting) -> Steer {
    Steer {
        layer: feature.layer,
        position: feature.position,
        feature: feature.index,
        set,
    }
}

/// A feature of a graph at this activation.
pub fn intervention(feature: &Feature, value: f32) -> Intervention {
    Intervention {
        layer: feature.layer,
        position: feature.position,
        feature: feature.index,
        value,
    }
}

/// A feature that is silent, at the last token but not the first.
pub fn silent<E: Engine>(steering: &Steering<E>, layer: usize) -> Feature {
    let (position, activations) = (
        steering.ids().len() - 1,
        &steering.before.activations[layer],
    );
    let features = activations.len() / steering.ids().len();
    let row = &activations[position * features..];
    Feature {
        layer,
        position,
        index: row.iter().position(|value| *value == 0.0).unwrap(),
        activation: 0.0,
    }
}

/// Settings that are tried: every feature alone (or every few), off, turned round, and louder; and
/// several together.
pub fn settings_of(graph: &Graph, every: usize) -> Vec<Vec<Steer>> {
    let sets = [
        Setting::Times(0.0),
        Setting::Times(-1.0),
        Setting::Times(2.5),
        Setting::To(1.25),
    ];
    let features = graph.features.iter();
    let alone = features
        .step_by(every)
        .enumerate()
        .map(|(i, feature)| vec![steer(feature, sets[i % sets.len()])]);
    // From early to late, so that some lead to others.
    let some = |first: usize, step: usize| -> Vec<Steer> {
        let some = graph.features.iter().skip(first).step_by(step).enumerate();
        some.map(|(i, feature)| steer(feature, sets[i % sets.len()]))
            .collect()
    };
    let count = graph.features.len();
    alone
        .chain([
            some(0, 1),
            some(1, 3),
            some(0, count / 2),
            some(count / 3, 4),
        ])
        .collect()
}
