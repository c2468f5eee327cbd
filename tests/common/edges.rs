//! What edges are checked against: the f64 reference with a source switched off, or nudged.

use super::cases::run;
use super::reference::{Off, Reference, Replay, Responding};
use attograph::engine::Engine;
use attograph::network::Reading;
use attograph::trace::{Graph, Node, Options, Tracer};

const TOLERANCE: f64 = 1e-4;

/// Every row and its remainder sum to what the row explains.
pub fn rows_add_up(graph: &Graph, about: &str) {
    for (row, edges) in graph.rows.chunks_exact(graph.nodes()).enumerate() {
        let terms = edges
            .iter()
            .chain([&graph.remainder[row]])
            .map(|x| f64::from(*x));
        let (sum, size) = terms.fold((0.0, 0.0), |(sum, size), x| (sum + x, size + x.abs()));
        let expected = f64::from(graph.pre_activations[row]);
        let node = graph.node(graph.row_node(row));
        assert!(
            (sum - expected).abs() <= TOLERANCE * expected.abs().max(0.1 * size),
            "{about}: the row of {node:?} sums to {sum}, not {expected}"
        );
    }
}

/// Switches every source off; returns how many edges were compared.
pub fn edges_predict(graph: &Graph, reference: &Reference, about: &str) -> usize {
    let whole = targets(graph, reference, Off::Nothing);
    let [_, _, logits] = graph.starts();
    let mut largest = vec![0.0f64; whole.len()];
    let mut falls = Vec::new();
    for source in 0..logits {
        let off = source_of(graph, source);
        let without = targets(graph, reference, off);
        let fall: Vec<f64> = whole.iter().zip(&without).map(|(a, b)| a - b).collect();
        for (largest, fall) in largest.iter_mut().zip(&fall) {
            *largest = largest.max(fall.abs());
        }
        falls.push(fall);
    }
    for (source, fall) in falls.iter().enumerate() {
        for (row, (fall, edge)) in fall.iter().zip(graph.outputs(source)).enumerate() {
            let allowed = TOLERANCE * fall.abs() + 1e-5 * largest[row];
            assert!(
                (f64::from(edge) - fall).abs() <= allowed,
                "{about}: {:?} -> {:?} is {edge}, but the target falls by {fall}",
                graph.node(source),
                graph.node(graph.row_node(row))
            );
        }
    }
    falls.len() * whole.len()
}

/// What answers where this is held.
fn responding(reading: Reading) -> Responding {
    Responding {
        norms: !reading.norms(),
        patterns: !reading.patterns(),
        errors: !reading.errors(),
    }
}

/// Every edge is the derivative of its target by how much its source writes, every other feature's
/// writing held: against central differences. Returns how many were compared.
fn edges_are_derivatives(graph: &Graph, reference: &Reference, about: &str) -> usize {
    const STEP: f64 = 1e-4;
    let responding = responding(graph.reading);
    let [_, _, logits] = graph.starts();
    let mut slopes = Vec::new();
    for source in 0..logits {
        let off = source_of(graph, source);
        let [less, more] = [STEP, -STEP].map(|share| {
            let replay = reference.replay_less(off, share, responding);
            values(graph, &replay)
        });
        let pairs = more.iter().zip(&less);
        slopes.push(
            pairs
                .map(|(more, less)| (more - less) / (2.0 * STEP))
                .collect::<Vec<f64>>(),
        );
    }
    let mut compared = 0;
    for (row, edges) in graph.rows.chunks_exact(graph.nodes()).enumerate() {
        let largest = slopes
            .iter()
            .fold(0.0f64, |most, slopes| most.max(slopes[row].abs()));
        for (source, slopes) in slopes.iter().enumerate() {
            let (edge, slope) = (f64::from(edges[source]), slopes[row]);
            assert!(
                (edge - slope).abs() <= 1e-3 * largest,
                "{about}: {:?} -> {:?} is {edge}, but the derivative is {slope} (the row's largest {largest})",
                graph.node(source),
                graph.node(graph.row_node(row))
            );
            compared += 1;
        }
        assert_eq!(
            graph.remainder[row], 0.0,
            "{about}: rows do not add up, so nothing remains"
        );
    }
    compared
}

/// The shares of every edge add up to it; what is held has none.
pub fn shares_sum_to_edges<E: Engine>(tracer: &Tracer<E>, graph: &Graph, about: &str) {
    let mut pairs = Vec::new();
    for row in 0..graph.features.len() + graph.targets.len() {
        let target = graph.row_node(row);
        pairs.extend(
            (0..graph.starts()[2])
                .step_by(3)
                .map(|source| (source, target)),
        );
    }
    let shares =
        pollster::block_on(tracer.shares(&run(tracer, &graph.tokens), graph, &pairs)).unwrap();
    for ((source, target), shares) in pairs.iter().zip(&shares) {
        let inputs = graph.inputs(*target).expect("a target");
        let largest = inputs
            .iter()
            .fold(0.0f32, |most, edge| most.max(edge.abs()));
        let (edge, sum) = (f64::from(inputs[*source]), shares.sum());
        // Shares may cancel: what a norm's derivative leaves of a token that is all of its stream is next to nothing.
        let looks: f64 = shares.looks.iter().map(|share| share.abs()).sum();
        let size = shares.held.abs() + shares.norms.abs() + shares.errors.abs() + looks;
        assert!(
            (edge - sum).abs() <= 1e-4 * f64::from(largest) + 1e-6 * size,
            "{about}: the shares of {source} -> {target} sum to {sum}, not {edge}"
        );
        if graph.reading.norms() {
            assert_eq!(shares.norms, 0.0, "{about}: norms are held");
        }
        if graph.reading.errors() {
            assert_eq!(shares.errors, 0.0, "{about}: errors are held");
        }
        if graph.reading.patterns() {
            assert!(
                shares.looks.iter().all(|share| *share == 0.0),
                "{about}: patterns are held"
            );
        }
    }
}

/// Summed over all paths, features responding with their gates fixed, edges are the derivative of what the
/// local replacement model does: against central differences of its run.
fn paths_sum_to_what_the_local_replacement_model_does(
    graph: &Graph,
    reference: &Reference,
    about: &str,
) {
    const STEP: f64 = 1e-4;
    let responding = responding(graph.reading);
    let mut weights = vec![0.0; graph.targets.len()];
    weights[0] = 1.0;
    let effects = graph.effects(&weights);
    let token = graph.targets[0].token as usize;
    let slopes: Vec<f64> = graph
        .features
        .iter()
        .map(|feature| {
            let activation = f64::from(feature.activation);
            let [more, less] = [STEP, -STEP].map(|share| {
                let logits = reference.local(feature.place(), share * activation, responding);
                logits[token] - logits.iter().sum::<f64>() / logits.len() as f64
            });
            (more - less) / (2.0 * STEP)
        })
        .collect();
    let largest = slopes
        .iter()
        .fold(0.0f64, |most, slope| most.max(slope.abs()));
    for ((feature, slope), effect) in graph.features.iter().zip(&slopes).zip(&effects) {
        assert!(
            (slope - effect).abs() <= 1e-3 * largest,
            "{about}: of {feature:?} the paths sum to {effect}, but the derivative is {slope}"
        );
    }
}

/// What is switched off for a node.
fn source_of(graph: &Graph, source: usize) -> Off {
    match graph.node(source) {
        Node::Feature(i) => {
            let feature = graph.features[i];
            Off::Feature {
                layer: feature.layer,
                position: feature.position,
                index: feature.index,
            }
        }
        // The first position has no error: its node stays without edges.
        Node::Error { position: 0, .. } => Off::Nothing,
        Node::Error { layer, position } => Off::Error { layer, position },
        Node::Token(position) => Off::Token(position),
        Node::Logit(_) => unreachable!("logits come last"),
        _ => unreachable!("it was traced"),
    }
}

/// The value of each row's node: a pre-activation, or a logit minus the mean logit.
fn targets(graph: &Graph, reference: &Reference, off: Off) -> Vec<f64> {
    values(graph, &reference.replay(off))
}

fn values(graph: &Graph, replay: &Replay) -> Vec<f64> {
    let mean = replay.logits.iter().sum::<f64>() / replay.logits.len() as f64;
    let features = graph
        .features
        .iter()
        .map(|f| replay.pre_activations[f.layer][f.position][f.index]);
    let logits = graph
        .targets
        .iter()
        .map(|t| replay.logits[t.token as usize] - mean);
    features.chain(logits).collect()
}

/// Reads the prompt with less and less held; returns how many derivatives were compared.
pub fn readings_are_derivatives<E: Engine>(
    tracer: &Tracer<E>,
    ids: &[u32],
    options: &Options,
    reference: &Reference,
    about: &str,
) -> usize {
    let check = |reading| {
        let options = Options {
            reading,
            ..options.clone()
        };
        let live = pollster::block_on(tracer.trace(ids, &options, |_| {})).unwrap();
        let about = format!("{about}, holding {reading}");
        shares_sum_to_edges(tracer, &live, &about);
        paths_sum_to_what_the_local_replacement_model_does(&live, reference, &about);
        edges_are_derivatives(&live, reference, &about)
    };
    // All but the one with all held.
    Reading::ALL[1..].iter().copied().map(check).sum()
}
