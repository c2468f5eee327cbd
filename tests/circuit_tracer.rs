//! The graph against circuit-tracer's own results, written by `tests/oracle`.

use crate::common::fixtures::{Fixture, Oracle};
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::engine::gpu::Gpu;
use attograph::trace::{Graph, Options, Pruned, Targets, Tracer};

/// The random models, and the runs that are recorded of each.
const CASES: [(&str, &[&str]); 8] = [
    ("clt_jump_relu", &["full", "limited"]),
    ("plt_relu_skip", &["full", "limited"]),
    ("plt_jump_relu_ln2", &["full"]),
    ("plt_relu_skip_ln2", &["full", "given_tokens", "difference"]),
    ("clt_relu_half", &["full"]),
    ("plt_top_k", &["full"]),
    ("clt_silent_end", &["full"]),
    ("plt_silent_end", &["full"]),
];

/// What is asked for, relative.
const TOLERANCE: f32 = 1e-4;

#[test]
fn graphs_are_circuit_tracers_on_the_cpu() {
    compare_all(|| Cpu);
}

#[test]
fn graphs_are_circuit_tracers_on_the_gpu() {
    compare_all(|| pollster::block_on(Gpu::new()).expect("a Vulkan device, perhaps in software"));
}

#[test]
fn graphs_of_the_shipped_model_are_circuit_tracers_on_the_cpu() {
    compare_shipped(Cpu);
}

#[test]
fn graphs_of_the_shipped_model_are_circuit_tracers_on_the_gpu() {
    compare_shipped(pollster::block_on(Gpu::new()).expect("a Vulkan device, perhaps in software"));
}

/// The first three examples of the addition model.
fn compare_shipped<E: Engine>(engine: E) {
    let fixture = Fixture::shipped("addition");
    let tracer = fixture.tracer(engine);
    for run in ["0", "1", "2"] {
        let oracle = fixture.oracle(run);
        fixture.check_fresh(&oracle);
        compare(&fixture.name, run, &tracer, &oracle);
    }
}

fn compare_all<E: Engine>(engine: impl Fn() -> E) {
    for (name, runs) in CASES {
        let fixture = Fixture::random(name);
        let tracer = fixture.tracer(engine());
        for run in runs {
            compare(&fixture.name, run, &tracer, &fixture.oracle(run));
        }
    }
}

fn compare<E: Engine>(name: &str, run: &str, tracer: &Tracer<E>, oracle: &Oracle) {
    let about = format!("{name}, run {run}");
    let options = options(run, oracle);
    let ids = oracle.u32s("input_tokens");
    let graph = pollster::block_on(tracer.trace(&ids, &options, |_| {})).expect(&about);
    let untouched = graph.clone();

    let features: Vec<u32> = graph
        .features
        .iter()
        .flat_map(|f| [f.layer as u32, f.position as u32, f.index as u32])
        .collect();
    assert_eq!(features, oracle.u32s("features"), "{about}: features");
    assert_eq!(
        graph.active_features.to_string(),
        oracle.note("active_features"),
        "{about}"
    );
    let tokens: Vec<u32> = graph.targets.iter().map(|target| target.token).collect();
    assert_eq!(tokens, oracle.u32s("logit_tokens"), "{about}: logits");

    let activations: Vec<f32> = graph.features.iter().map(|f| f.activation).collect();
    // An activation is a sum of many terms: near zero it is known only as well as the larger ones.
    let expected = oracle.f32s("activations");
    let largest = expected.iter().fold(0.0, |a: f32, b| a.max(b.abs()));
    close(
        &about,
        "activations",
        &activations,
        &expected,
        1e-6 * largest,
    );
    let probabilities: Vec<f32> = graph.targets.iter().map(|t| t.probability).collect();
    let expected = oracle.f32s("logit_probabilities");
    close(&about, "probabilities", &probabilities, &expected, 0.0);

    edges(
        &about,
        &graph,
        &oracle.adjacency(graph.nodes(), graph.features.len()),
    );
    let (_, influence) = graph.influence();
    close(
        &about,
        "influence",
        influence,
        &oracle.f32s("influence"),
        0.0,
    );
    let scores = graph.scores();
    let found = [scores.replacement, scores.completeness];
    let expected = [
        oracle.f32s("replacement")[0],
        oracle.f32s("completeness")[0],
    ];
    close(&about, "scores", &found, &expected, 0.0);

    for (node, edge) in [(0.8, 0.98), (0.6, 0.9)] {
        let pruned = graph.prune(node, edge);
        let mask: Vec<u8> = pruned.nodes.iter().map(|kept| u8::from(*kept)).collect();
        assert_eq!(
            mask,
            oracle.bytes(&format!("node_mask_{node}_{edge}")),
            "{about}: nodes at {node}"
        );
        let mut mask = vec![0; graph.nodes() * graph.nodes()];
        for edge in &pruned.edges {
            mask[edge.target * graph.nodes() + edge.source] = 1;
        }
        assert_eq!(
            mask,
            oracle.bytes(&format!("edge_mask_{node}_{edge}")),
            "{about}: edges at {edge}"
        );
        let expected = oracle.f32s(&format!("pruned_scores_{node}_{edge}"));
        close(
            &about,
            "pruned scores",
            &scores_of(&untouched, &pruned),
            &expected,
            0.0,
        );
    }
    everything(&about, &graph, &untouched, oracle);
}

/// Pruning at 1 keeps all that has influence. circuit-tracer adds up the shares in float32, where
/// the sum may be 1 before the end, or never: what it drops, or keeps, beyond that has none.
fn everything(about: &str, graph: &Graph, untouched: &Graph, oracle: &Oracle) {
    let pruned = graph.prune(1.0, 1.0);
    let theirs = oracle.bytes("node_mask_1.0_1.0");
    let (influence, _) = graph.influence();
    let total: f32 = influence.iter().sum();
    let [_, tokens, _] = graph.starts();
    for (node, (kept, expected)) in pruned.nodes.iter().zip(&theirs).enumerate() {
        let share = influence[node] / total;
        assert!(
            *kept == (*expected == 1) || share < 1e-6,
            "{about}: node {node} at 1, with {share} of the influence"
        );
        let fed = graph.outputs(node).iter().any(|weight| *weight != 0.0);
        assert!(
            *kept || node < tokens && !fed || share < 1e-6,
            "{about}: node {node} is lost"
        );
    }
    let expected = oracle.f32s("pruned_scores_1.0_1.0");
    close(
        about,
        "scores at 1",
        &scores_of(untouched, &pruned),
        &expected,
        0.0,
    );
    let scores = graph.scores();
    let whole = [scores.replacement, scores.completeness];
    close(
        about,
        "scores at 1",
        &scores_of(untouched, &pruned),
        &whole,
        0.0,
    );
}

/// Replacement and completeness of what is left of a graph that was asked for nothing yet: it
/// remembers its influence.
fn scores_of(untouched: &Graph, pruned: &Pruned) -> [f32; 2] {
    let mut left = untouched.clone();
    left.rows.fill(0.0);
    let nodes = untouched.nodes();
    for edge in &pruned.edges {
        let row = untouched
            .row_index(edge.target)
            .expect("a target has a row");
        left.rows[row * nodes + edge.source] = edge.weight;
    }
    let scores = left.scores();
    [scores.replacement, scores.completeness]
}

/// What the recorded run was asked for.
fn options(run: &str, oracle: &Oracle) -> Options {
    let number = |name: &str| oracle.find_note(name).map(|text| text.parse().unwrap());
    Options {
        targets: match run {
            "given_tokens" => Targets::Tokens(vec![3, 21]),
            "difference" => Targets::Difference {
                token: 3,
                minus: 21,
            },
            _ => Targets::default(),
        },
        max_features: number("max_feature_nodes"),
        batch_size: number("batch_size").unwrap_or(512),
        update_interval: number("update_interval").unwrap_or(4),
        ..Options::default()
    }
}

/// Edges that are small because their terms cancel are known only as well as the largest of their
/// row: tests/oracle/README.md has the figures.
fn edges(about: &str, graph: &Graph, expected: &[f32]) {
    let found = graph.adjacency();
    for (target, (found, expected)) in found
        .chunks_exact(graph.nodes())
        .zip(expected.chunks_exact(graph.nodes()))
        .enumerate()
    {
        let largest = expected.iter().fold(0.0, |a: f32, b| a.max(b.abs()));
        close(
            &format!("{about}, row {target}"),
            "edges",
            found,
            expected,
            1e-5 * largest,
        );
    }
}

fn close(about: &str, what: &str, found: &[f32], expected: &[f32], floor: f32) {
    assert_eq!(found.len(), expected.len(), "{about}: number of {what}");
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        let allowed = TOLERANCE * expected.abs() + floor;
        assert!(
            (found - expected).abs() <= allowed,
            "{about}: {what}[{i}] is {found}, circuit-tracer has {expected}"
        );
    }
}
