//! The ladder of freezing, rung by rung: the lowest is what the graph predicts, the others are what
//! plain computations and single interventions find. And the replaced model.

mod common;

use attograph::engine::cpu::Cpu;
use attograph::engine::gpu::Gpu;
use attograph::engine::{Engine, Network};
use attograph::model::{EncoderInput, Model, TranscoderKind};
use attograph::study::{
    Intervention, Ladder, Mode, Nudge, Rung, StudyError, intervene, reconstruct, replaced,
};
use attograph::trace::{Graph, Options, Targets, Tracer};
use common::random::{self, Shape};
use common::reference::{self, Off, Reference};
use std::sync::Arc;

/// Both kinds of transcoder, both inputs, with and without skip paths; prompts of several lengths.
fn cases() -> Vec<(Shape, usize)> {
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
    ]
}

fn gpu() -> Gpu {
    pollster::block_on(Gpu::new()).expect("a Vulkan device, perhaps in software")
}

/// A random model's prompt and its graph, for the difference of two logits.
struct Case<E: Engine> {
    model: Arc<Model>,
    tracer: Tracer<E>,
    ids: Vec<u32>,
    graph: Graph,
}

const ANSWER: u32 = 3;
const OTHER: u32 = 11;

fn each<E: Engine>(engine: impl Fn() -> E, check: impl Fn(&Case<E>, &str)) {
    for (seed, (shape, tokens)) in cases().into_iter().enumerate() {
        let model = Arc::new(random::model(shape, 31 + seed as u64));
        let ids = random::prompt(tokens, 300 + seed as u64);
        let tracer = Tracer::new(Network::new(engine(), model.clone()));
        let options = Options {
            targets: Targets::Difference {
                token: ANSWER,
                minus: OTHER,
            },
            ..Options::default()
        };
        let graph = pollster::block_on(tracer.trace(&ids, &options, |_| {})).unwrap();
        assert!(graph.features.len() > 3, "{shape:?} has too few features");
        let case = Case {
            model,
            tracer,
            ids,
            graph,
        };
        check(&case, &format!("{shape:?}"));
    }
}

impl<E: Engine> Case<E> {
    /// Every feature, less by a share.
    fn nudges(&self, share: f32) -> Vec<Nudge> {
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

    /// How the logits change with each nudge.
    fn changes(&self, nudges: &[Nudge], rung: Rung) -> Vec<Vec<f32>> {
        let ladder = Ladder::new(&self.tracer.network, &self.ids, &self.graph.features);
        let changes =
            pollster::block_on(ladder.changes(&self.tracer.network, nudges, rung)).unwrap();
        let vocabulary = self.tracer.network.config().vocabulary;
        changes
            .chunks_exact(vocabulary)
            .map(<[f32]>::to_vec)
            .collect()
    }
}

/// What rounding of logits in f32 may come to.
const ROUNDING: f64 = 3e-6;

/// Within a share of the largest.
fn close(about: &str, found: &[f64], expected: &[f64], tolerance: f64) {
    assert_eq!(found.len(), expected.len(), "{about}");
    let largest = expected.iter().fold(0.0, |a: f64, b| a.max(b.abs()));
    assert!(largest > 0.0, "{about}: nothing changes");
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        assert!(
            (found - expected).abs() <= tolerance * largest + ROUNDING,
            "{about}: {i} changes by {found}, not {expected} (the largest by {largest})"
        );
    }
}

fn doubles(values: &[f32]) -> Vec<f64> {
    values.iter().map(|value| f64::from(*value)).collect()
}

#[test]
fn the_lowest_rung_is_what_the_graph_predicts_on_the_cpu() {
    each(|| Cpu, predicted_exactly);
}

#[test]
fn the_lowest_rung_is_what_the_graph_predicts_on_the_gpu() {
    each(gpu, predicted_exactly);
}

fn predicted_exactly<E: Engine>(case: &Case<E>, about: &str) {
    let effects = case.graph.effects(&[1.0]);
    for share in [1.0, 0.05] {
        let changes = case.changes(&case.nudges(share), Rung::Features);
        let found: Vec<f64> = changes
            .iter()
            .map(|logits| f64::from(logits[ANSWER as usize] - logits[OTHER as usize]))
            .collect();
        let features = &effects[..case.graph.features.len()];
        let expected: Vec<f64> = features.iter().map(|x| -f64::from(share) * x).collect();
        close(&format!("{about}, {share}"), &found, &expected, 1e-4);
    }
}

/// Effects along more than one edge count: they are not the direct edges.
#[test]
fn effects_are_more_than_direct_edges() {
    let mut differ = false;
    let (shape, tokens) = cases().swap_remove(0);
    let model = Arc::new(random::model(shape, 31));
    let ids = random::prompt(tokens, 300);
    let tracer = Tracer::new(Network::new(Cpu, model.clone()));
    let options = Options {
        targets: Targets::Tokens(vec![ANSWER, OTHER]),
        ..Options::default()
    };
    let graph = pollster::block_on(tracer.trace(&ids, &options, |_| {})).unwrap();
    let effects = graph.effects(&[1.0, -1.0]);
    let row = graph.features.len() * graph.nodes();
    for (node, effect) in effects.iter().enumerate() {
        let direct = graph.rows[row + node] - graph.rows[row + graph.nodes() + node];
        differ |= (f64::from(direct) - effect).abs() > 0.01 * effect.abs();
    }
    assert!(differ);
    // Errors of the last layer lead to the logits alone: the frozen model says what they are worth.
    let reference = Reference::new(&model, &ids);
    let (layer, position) = (shape.layers - 1, tokens - 1);
    let whole = reference.replay(Off::Nothing).logits;
    let without = reference.replay(Off::Error { layer, position }).logits;
    let fall = |token: u32| whole[token as usize] - without[token as usize];
    let [errors, _, _] = graph.starts();
    let effect = effects[errors + layer * tokens + position];
    close(
        "the last error",
        &[effect],
        &[fall(ANSWER) - fall(OTHER)],
        1e-4,
    );
}

#[test]
fn free_mlps_respond_as_in_a_plain_computation_on_the_cpu() {
    each(|| Cpu, mlps_respond);
}

#[test]
fn free_mlps_respond_as_in_a_plain_computation_on_the_gpu() {
    each(gpu, mlps_respond);
}

fn mlps_respond<E: Engine>(case: &Case<E>, about: &str) {
    let reference = Reference::new(&case.model, &case.ids);
    for share in [1.0, 0.05] {
        let nudges = case.nudges(share);
        let changes = case.changes(&nudges, Rung::Mlps);
        for (nudge, changes) in nudges.iter().zip(changes) {
            let to = |change: f32| {
                let change = f64::from(change);
                reference.respond(nudge.layer, nudge.position, nudge.feature, change)
            };
            let (moved, still) = (to(nudge.change), to(0.0));
            let expected: Vec<f64> = moved.iter().zip(still).map(|(a, b)| a - b).collect();
            // A feature of the last layer writes to its own token only.
            if expected.iter().any(|change| *change != 0.0) {
                close(about, &doubles(&changes), &expected, 1e-4);
            }
        }
    }
}

#[test]
fn higher_rungs_are_interventions_on_the_cpu() {
    each(|| Cpu, interventions);
}

#[test]
fn higher_rungs_are_interventions_on_the_gpu() {
    each(gpu, interventions);
}

fn interventions<E: Engine>(case: &Case<E>, about: &str) {
    let network = &case.tracer.network;
    let vocabulary = network.config().vocabulary;
    let last = |interventions: &[Intervention], mode: &Mode| {
        let outcome = intervene(network, &case.ids, interventions, mode);
        let logits = pollster::block_on(outcome).unwrap().logits;
        doubles(&logits[logits.len() - vocabulary..])
    };
    let nudges = case.nudges(1.0);
    for (rung, mode) in [
        (Rung::Norms, Mode::PatternsFrozen),
        (Rung::Everything, Mode::Free),
    ] {
        let before = last(&[], &mode);
        let changes = case.changes(&nudges, rung);
        // Every third, since each is a run of its own.
        for (nudge, changes) in nudges.iter().zip(changes).step_by(3) {
            let off = Intervention {
                layer: nudge.layer,
                position: nudge.position,
                feature: nudge.feature,
                value: 0.0,
            };
            let after = last(&[off], &mode);
            let expected: Vec<f64> = after.iter().zip(&before).map(|(a, b)| a - b).collect();
            if expected.iter().any(|change| *change != 0.0) {
                close(about, &doubles(&changes), &expected, 1e-4);
            }
        }
    }
}

#[test]
fn impossible_nudges_are_refused() {
    each(
        || Cpu,
        |case, _| {
            let good = case.nudges(1.0)[0];
            let ladder = Ladder::new(&case.tracer.network, &case.ids, &case.graph.features);
            let fails = |nudge: Nudge| {
                let nudges = [good, nudge];
                let changes = ladder.changes(&case.tracer.network, &nudges, Rung::Everything);
                pollster::block_on(changes).unwrap_err()
            };
            for bad in [
                Nudge { layer: 9, ..good },
                Nudge {
                    position: 99,
                    ..good
                },
                Nudge {
                    feature: 999,
                    ..good
                },
            ] {
                assert!(matches!(fails(bad), StudyError::NoSuchFeature { .. }));
            }
            let bad = Nudge {
                change: f32::NAN,
                ..good
            };
            assert!(matches!(fails(bad), StudyError::NotFinite { .. }));
            let none =
                pollster::block_on(ladder.changes(&case.tracer.network, &[], Rung::Mlps)).unwrap();
            assert!(none.is_empty());
        },
    );
}

#[test]
fn the_replaced_model_is_a_plain_computation_on_the_cpu() {
    each(|| Cpu, replacement);
}

#[test]
fn the_replaced_model_is_a_plain_computation_on_the_gpu() {
    each(gpu, replacement);
}

fn replacement<E: Engine>(case: &Case<E>, about: &str) {
    let network = &case.tracer.network;
    let (tokens, width) = (case.ids.len(), network.config().width);
    // Two prompts at once.
    let mut other = case.ids.clone();
    other[1..].reverse();
    let both = [case.ids.clone(), other.clone()].concat();
    let logits = replaced(network, &[], &both, 2);
    // The same, with the BOS that both begin with run once.
    let (shared, rest) = (&case.ids[..1], [&case.ids[1..], &other[1..]].concat());
    let after_shared = replaced(network, shared, &rest, 2);
    let length = 2 * network.config().vocabulary;
    let both = [(&logits, length), (&after_shared, length)];
    let expected = [&case.ids, &other].map(|ids| reference::replaced(&case.model, ids));
    for logits in pollster::block_on(network.engine.read(&both)).unwrap() {
        close(about, &doubles(&logits), &expected.concat(), 1e-4);
    }

    let forward = network.forward(&case.ids, 1, None);
    let written = reconstruct(network, &forward, &network.encode(&forward));
    let length = network.config().layers * tokens * width;
    let written = pollster::block_on(network.engine.read(&[(&written, length)])).unwrap();
    let expected = Reference::new(&case.model, &case.ids).reconstruct();
    for (layer, expected) in expected.iter().enumerate() {
        let found = &written[0][layer * tokens * width..(layer + 1) * tokens * width];
        // The first position's features are not in a graph, nor in what it is checked against.
        let expected = expected[1..].concat();
        close(about, &doubles(&found[width..]), &expected, 1e-4);
    }
}
