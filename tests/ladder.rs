//! The ladder of freezing, rung by rung: the lowest is what the graph predicts, the others are what
//! plain computations and single interventions find. And the replaced model.

use crate::common::cases::{ANSWER, Case, DIFFERENCE, OTHER, close, doubles, each, gpu};
use crate::common::reference::{self, Off, Reference, Responding};
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::study::{
    Free, Intervention, Ladder, Mode, Nudge, Rung, StudyError, intervene, reconstruct, replaced,
    with_patterns,
};
use attograph::trace::Targets;

/// How the logits change with each nudge.
fn changes<E: Engine>(case: &Case<E>, nudges: &[Nudge], free: impl Into<Free>) -> Vec<Vec<f32>> {
    let network = &case.tracer.network;
    let ladder = Ladder::new(case.run.clone(), &case.graph.features);
    let changes = pollster::block_on(ladder.changes(network, nudges, free)).unwrap();
    let each = changes.chunks_exact(network.config().vocabulary);
    each.map(<[f32]>::to_vec).collect()
}

#[test]
fn the_lowest_rung_is_what_the_graph_predicts_on_the_cpu() {
    each(|| Cpu, &DIFFERENCE, predicted_exactly);
}

#[test]
fn the_lowest_rung_is_what_the_graph_predicts_on_the_gpu() {
    each(gpu, &DIFFERENCE, predicted_exactly);
}

fn predicted_exactly<E: Engine>(case: &Case<E>, about: &str) {
    let effects = case.graph.effects(&[1.0]);
    for share in [1.0, 0.05] {
        let changes = changes(case, &case.nudges(share), Rung::Features);
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
    let case = Case::new(Cpu, 0, &Targets::Tokens(vec![ANSWER, OTHER]));
    let (graph, tokens) = (&case.graph, case.ids.len());
    let effects = graph.effects(&[1.0, -1.0]);
    let row = graph.features.len() * graph.nodes();
    for (node, effect) in effects.iter().enumerate() {
        let direct = graph.rows[row + node] - graph.rows[row + graph.nodes() + node];
        differ |= (f64::from(direct) - effect).abs() > 0.01 * effect.abs();
    }
    assert!(differ);
    // Errors of the last layer lead to the logits alone: the frozen model says what they are worth.
    let reference = Reference::new(&case.model, &case.ids);
    let (layer, position) = (graph.layers - 1, tokens - 1);
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
    each(|| Cpu, &DIFFERENCE, mlps_respond);
}

#[test]
fn free_mlps_respond_as_in_a_plain_computation_on_the_gpu() {
    each(gpu, &DIFFERENCE, mlps_respond);
}

fn mlps_respond<E: Engine>(case: &Case<E>, about: &str) {
    let reference = Reference::new(&case.model, &case.ids);
    for share in [1.0, 0.05] {
        let nudges = case.nudges(share);
        let changes = changes(case, &nudges, Rung::Mlps);
        for (nudge, changes) in nudges.iter().zip(changes) {
            let to = |change: f32| {
                let change = f64::from(change);
                reference.respond(nudge.layer, nudge.position, nudge.feature, change)
            };
            let (moved, still) = (to(nudge.change), to(0.0));
            let expected = less(&moved.logits, &still.logits);
            // A feature of the last layer writes to its own token only.
            if expected.iter().any(|change| *change != 0.0) {
                close(about, &doubles(&changes), &expected, 1e-4);
            }
        }
    }
}

fn less(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a - b).collect()
}

#[test]
fn streams_are_those_of_a_plain_computation_on_the_cpu() {
    each(|| Cpu, &DIFFERENCE, streams);
}

#[test]
fn streams_are_those_of_a_plain_computation_on_the_gpu() {
    each(gpu, &DIFFERENCE, streams);
}

fn streams<E: Engine>(case: &Case<E>, about: &str) {
    let network = &case.tracer.network;
    let reference = Reference::new(&case.model, &case.ids);
    let ladder = Ladder::new(case.run.clone(), &case.graph.features);
    let nudges = case.nudges(1.0);
    let batches = ladder.batches(&nudges);
    let mut tried: Vec<usize> = batches.concat();
    tried.sort_unstable();
    assert!(tried.into_iter().eq(0..nudges.len()), "{about}");
    for batch in batches {
        let batch: Vec<Nudge> = batch.iter().map(|i| nudges[*i]).collect();
        let found = ladder.batch(network, &batch, Rung::Mlps, true);
        let found = pollster::block_on(found).unwrap().streams;
        assert_eq!(found.len(), case.graph.layers, "{about}");
        let first = batch.iter().map(|nudge| nudge.position).min().unwrap();
        for (copy, nudge) in batch.iter().enumerate() {
            let to = |change: f32| {
                let change = f64::from(change);
                let response =
                    reference.respond(nudge.layer, nudge.position, nudge.feature, change);
                response.streams
            };
            let (moved, still) = (to(nudge.change), to(0.0));
            for (layer, found) in found.iter().enumerate() {
                let length = found.len() / batch.len();
                let found = doubles(&found[copy * length..(copy + 1) * length]);
                let of = |streams: &[Vec<Vec<f64>>]| streams[layer][first..].concat();
                let expected = less(&of(&moved), &of(&still));
                match layer < nudge.layer {
                    true => assert!(found.iter().all(|change| *change == 0.0), "{about}"),
                    false => close(about, &found, &expected, 1e-4),
                }
            }
        }
    }
}

#[test]
fn higher_rungs_are_interventions_on_the_cpu() {
    each(|| Cpu, &DIFFERENCE, interventions);
}

#[test]
fn higher_rungs_are_interventions_on_the_gpu() {
    each(gpu, &DIFFERENCE, interventions);
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
        let changes = changes(case, &nudges, rung);
        // Every third, since each is a run of its own.
        for (nudge, changes) in nudges.iter().zip(changes).step_by(3) {
            let off = Intervention {
                layer: nudge.layer,
                position: nudge.position,
                feature: nudge.feature,
                value: 0.0,
            };
            let after = last(&[off], &mode);
            let expected = less(&after, &before);
            if expected.iter().any(|change| *change != 0.0) {
                close(about, &doubles(&changes), &expected, 1e-4);
            }
        }
    }
}

#[test]
fn the_local_replacement_model_runs_with_norms_and_patterns_alive_on_the_cpu() {
    each(|| Cpu, &DIFFERENCE, local);
}

#[test]
fn the_local_replacement_model_runs_with_norms_and_patterns_alive_on_the_gpu() {
    each(gpu, &DIFFERENCE, local);
}

fn local<E: Engine>(case: &Case<E>, about: &str) {
    let reference = Reference::new(&case.model, &case.ids);
    for (norms, patterns) in [(true, false), (false, true), (true, true)] {
        let free = Free {
            mlps: false,
            norms,
            patterns,
        };
        let responding = Responding {
            norms,
            patterns,
            errors: false,
        };
        let nudges = case.nudges(0.5);
        let changes = changes(case, &nudges, free);
        for (nudge, changes) in nudges.iter().zip(changes) {
            let place = (nudge.layer, nudge.position, nudge.feature);
            let to = |change: f64| reference.local(place, change, responding);
            let expected = less(&to(f64::from(nudge.change)), &to(0.0));
            if expected.iter().any(|change| *change != 0.0) {
                close(about, &doubles(&changes), &expected, 1e-4);
            }
        }
    }
}

#[test]
fn patterns_are_taken_as_given_on_the_cpu() {
    each(|| Cpu, &DIFFERENCE, given_patterns);
}

#[test]
fn patterns_are_taken_as_given_on_the_gpu() {
    each(gpu, &DIFFERENCE, given_patterns);
}

/// Two prompts run with their own patterns, and with each other's.
fn given_patterns<E: Engine>(case: &Case<E>, about: &str) {
    let network = &case.tracer.network;
    let mut other = case.ids.clone();
    other[1..].reverse();
    if other == case.ids {
        return;
    }
    let length = 2 * network.config().vocabulary;
    let read = |logits: &E::Tensor| {
        let wanted = [(logits, length)];
        let read = network.engine.read(&wanted);
        doubles(&pollster::block_on(read).unwrap()[0])
    };
    let forward = network.forward(&[&case.ids[..], &other].concat(), 2, None);
    let patterns: Vec<&E::Tensor> = forward.layers.iter().map(|layer| &layer.pattern).collect();
    let run = |first: &[u32], second: &[u32]| {
        read(&with_patterns(
            network,
            &[first, second].concat(),
            2,
            &patterns,
        ))
    };
    let own = read(&network.last_logits(&forward));
    close(about, &run(&case.ids, &other), &own, 1e-5);
    let of = [&case.ids, &other].map(|ids| Reference::new(&case.model, ids).patterns);
    let expected = [(&other, &of[0]), (&case.ids, &of[1])]
        .map(|(ids, patterns)| reference::with_patterns(&case.model, ids, patterns));
    let found = run(&other, &case.ids);
    close(about, &found, &expected.concat(), 1e-4);
    let (first, second) = own.split_at(length / 2);
    let apart = less(&found, &[second, first].concat());
    let moved = apart.iter().any(|change| change.abs() > 1e-3);
    assert!(
        moved,
        "{about}: the patterns of another prompt change nothing"
    );
}

#[test]
fn impossible_nudges_are_refused() {
    each(
        || Cpu,
        &DIFFERENCE,
        |case, _| {
            let good = case.nudges(1.0)[0];
            let ladder = Ladder::new(case.run.clone(), &case.graph.features);
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
    each(|| Cpu, &DIFFERENCE, replacement);
}

#[test]
fn the_replaced_model_is_a_plain_computation_on_the_gpu() {
    each(gpu, &DIFFERENCE, replacement);
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
