//! Random models with a prompt and its graph, and comparisons that allow for rounding.

use super::random::{self, Family, Shape};
use attograph::engine::Engine;
use attograph::engine::gpu::Gpu;
use attograph::model::{EncoderInput, Model, TranscoderKind};
use attograph::network::Network;
use attograph::study::Nudge;
use attograph::trace::{Graph, Options, Run, Targets, Tracer};
use std::rc::Rc;
use std::sync::Arc;

/// Cases from this one on have blocks of another family than GPT-2's.
const OTHERS: usize = 5;

/// Both kinds of transcoder, both inputs, with and without skip paths; prompts of several lengths.
pub fn cases() -> Vec<(Shape, usize)> {
    let shape = |kind, input, layers, width, jump, skip| Shape {
        layers,
        width,
        heads: 2,
        inner: 3 * width,
        features: 25,
        kind,
        input,
        jump,
        skip,
        tied: jump,
    };
    use EncoderInput::{MlpNorm, ResidualMid};
    use TranscoderKind::{CrossLayer, PerLayer};
    vec![
        (shape(CrossLayer, ResidualMid, 3, 16, true, false), 7),
        (shape(CrossLayer, MlpNorm, 2, 12, false, false), 5),
        (shape(PerLayer, ResidualMid, 3, 10, false, true), 4),
        (shape(PerLayer, MlpNorm, 4, 16, true, true), 6),
        (shape(CrossLayer, ResidualMid, 1, 8, true, false), 2),
        (shape(CrossLayer, MlpNorm, 3, 16, true, false), 6),
        (shape(PerLayer, ResidualMid, 2, 12, false, true), 7),
    ]
}

pub fn gpu() -> Gpu {
    pollster::block_on(Gpu::new()).expect("a Vulkan device, perhaps in software")
}

/// A random model's prompt and its graph.
pub struct Case<E: Engine> {
    pub model: Arc<Model>,
    pub tracer: Tracer<E>,
    pub ids: Vec<u32>,
    pub run: Rc<Run<E>>,
    pub graph: Graph,
}

pub const ANSWER: u32 = 3;
pub const OTHER: u32 = 11;

/// The difference of two logits.
pub const DIFFERENCE: Targets = Targets::Difference {
    token: ANSWER,
    minus: OTHER,
};

/// Checks every case, traced to these targets.
pub fn each<E: Engine>(engine: impl Fn() -> E, targets: &Targets, check: impl Fn(&Case<E>, &str)) {
    for (number, (shape, _)) in cases().into_iter().enumerate() {
        let case = Case::new(engine(), number, targets);
        check(&case, &format!("{shape:?}"));
    }
}

/// A prompt, run.
pub fn run<E: Engine>(tracer: &Tracer<E>, ids: &[u32]) -> Rc<Run<E>> {
    pollster::block_on(tracer.run(ids)).unwrap()
}

/// The graph of a prompt for these targets.
pub fn trace<E: Engine>(tracer: &Tracer<E>, ids: &[u32], targets: &Targets) -> Graph {
    let options = Options {
        targets: targets.clone(),
        ..Options::default()
    };
    pollster::block_on(tracer.trace(ids, &options, |_| {})).unwrap()
}

impl<E: Engine> Case<E> {
    /// One of the cases, by its place among them.
    pub fn new(engine: E, number: usize, targets: &Targets) -> Case<E> {
        let (shape, tokens) = cases()[number];
        let seed = 31 + number as u64;
        let model = Arc::new(match number < OTHERS {
            true => random::model(shape, seed),
            false => random::of_family(shape, Family::other(shape), seed),
        });
        let ids = random::prompt(tokens, 300 + number as u64);
        let tracer = Tracer::new(Network::new(engine, model.clone()));
        let run = run(&tracer, &ids);
        let graph = trace(&tracer, &ids, targets);
        assert!(graph.features.len() > 3, "{shape:?} has too few features");
        Case {
            model,
            tracer,
            ids,
            run,
            graph,
        }
    }

    /// Every feature, less by a share.
    pub fn nudges(&self, share: f32) -> Vec<Nudge> {
        let features = self.graph.features.iter();
        features
            .map(|feature| Nudge {
                layer: feature.layer,
                position: feature.position,
                feature: feature.index,
                change: -share * feature.activation,
            })
            .collect()
    }
}

/// What rounding of logits in f32 may come to.
pub const ROUNDING: f64 = 3e-6;

/// Within a share of the largest, which is not zero.
pub fn close(about: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert!(largest(expected) > 0.0, "{about}: nothing changes");
    near(about, found, expected, tolerance, ROUNDING);
}

/// Within a share of the largest, and what is rounded away.
pub fn near(about: &str, found: &[f64], expected: &[f64], tolerance: f64, rounding: f64) {
    assert_eq!(found.len(), expected.len(), "{about}");
    let largest = largest(expected);
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (found - expected).abs() <= tolerance * largest + rounding,
            "{about}: {i} changes by {found}, not {expected} (the largest by {largest})"
        );
    }
}

/// The largest magnitude.
pub fn largest(values: &[f64]) -> f64 {
    values.iter().fold(0.0, |a: f64, b| a.max(b.abs()))
}

pub fn doubles(values: &[f32]) -> Vec<f64> {
    values.iter().map(|value| f64::from(*value)).collect()
}
