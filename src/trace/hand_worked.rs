//! A graph of twelve nodes whose influences, scores and edge scores are worked out by hand.

use super::{Edge, Feature, Graph, Target, influence, prune};

// Two layers, two tokens. Nodes by number: features A B (layer 0), C D (layer 1); errors by layer
// and position; tokens; logits.
const A: usize = 0;
const B: usize = 1;
const C: usize = 2;
const D: usize = 3;
const ERROR_0_1: usize = 5;
const ERROR_1_1: usize = 7;
const TOKEN_0: usize = 8;
const TOKEN_1: usize = 9;
const YES: usize = 10;
const NO: usize = 11;

/// Edges into each node, as (source, weight).
const INPUTS: [(usize, &[(usize, f32)]); 6] = [
    (A, &[(TOKEN_0, -1.0), (TOKEN_1, 3.0)]),
    (B, &[(TOKEN_1, 2.0)]),
    (C, &[(A, 2.0), (B, -1.0), (ERROR_0_1, 1.0)]),
    (D, &[(B, 4.0), (TOKEN_1, 1.0)]),
    (YES, &[(C, 3.0), (D, 1.0), (ERROR_1_1, 1.0)]),
    (NO, &[(C, 1.0), (D, -2.0), (TOKEN_1, 1.0)]),
];

fn graph() -> Graph {
    let feature = |layer, index| Feature {
        layer,
        position: 1,
        index,
        activation: 1.0,
    };
    let target = |token, probability| Target {
        token,
        name: String::new(),
        probability,
        value: 0.0,
        pair: None,
        direction: Vec::new(),
    };
    let mut rows = vec![0.0; 6 * 12];
    for (row, (_, inputs)) in INPUTS.iter().enumerate() {
        for (source, weight) in *inputs {
            rows[row * 12 + source] = *weight;
        }
    }
    let graph = Graph {
        tokens: vec![0, 1],
        reading: crate::network::Reading::Held,
        layers: 2,
        features: vec![feature(0, 0), feature(0, 1), feature(1, 0), feature(1, 1)],
        active_features: 4,
        targets: vec![target(5, 0.75), target(6, 0.25)],
        answers: Vec::new(),
        rows,
        remainder: vec![0.0; 6],
        pre_activations: vec![0.0; 6],
        file: None,
        influence: Default::default(),
    };
    assert_eq!(graph.nodes(), 12);
    for (row, (node, _)) in INPUTS.iter().enumerate() {
        assert_eq!(graph.row_node(row), *node);
    }
    graph
}

fn close(found: f32, expected: f32) {
    assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
}

#[test]
fn influence_is_what_all_paths_carry() {
    let graph = graph();
    let (influence, shares) = graph.influence();
    let mut expected = [0.0; 12];
    expected[C] = 0.75 * 3.0 / 5.0 + 0.25 * 1.0 / 4.0; // 0.5125
    expected[D] = 0.75 * 1.0 / 5.0 + 0.25 * 2.0 / 4.0; // 0.275
    expected[A] = 0.5125 * 2.0 / 4.0; // 0.25625
    expected[B] = 0.5125 * 1.0 / 4.0 + 0.275 * 4.0 / 5.0; // 0.348125
    expected[ERROR_0_1] = 0.5125 * 1.0 / 4.0; // 0.128125
    expected[ERROR_1_1] = 0.75 * 1.0 / 5.0; // 0.15
    expected[TOKEN_0] = 0.25625 * 1.0 / 4.0; // 0.0640625
    expected[TOKEN_1] = 0.25 / 4.0 + 0.275 / 5.0 + 0.348125 + 0.25625 * 3.0 / 4.0; // 0.6578125
    for (found, expected) in influence.iter().zip(expected) {
        close(*found, expected);
    }
    // In descending order: token 1, C, B, D, A, error 1, error 0, token 0; 2.391875 in all.
    close(shares[TOKEN_1], 0.6578125 / 2.391875);
    close(shares[B], 1.5184375 / 2.391875);
    close(shares[A], 2.0496875 / 2.391875);
    close(shares[TOKEN_0], 1.0);
}

#[test]
fn scores_weigh_tokens_against_errors() {
    let scores = graph().scores();
    // Influence of tokens and of errors: together all that starts anywhere.
    close(scores.replacement, 0.721875 / (0.721875 + 0.278125));
    // A fifth of "yes" and a quarter of C come from errors; all influence and probability is 3.391875.
    close(
        scores.completeness,
        1.0 - (0.75 / 5.0 + 0.5125 / 4.0) / 3.391875,
    );
}

#[test]
fn edges_score_their_share_of_a_target_times_its_influence() {
    // At 0.8 both errors go (A is the last to stay, with 0.857 of all influence).
    let pruned = graph().prune(0.8, 1.0);
    let kept: Vec<usize> = (0..12).filter(|node| pruned.nodes[*node]).collect();
    assert_eq!(kept, [A, B, C, D, TOKEN_0, TOKEN_1, YES, NO]);

    let scores = prune::edge_scores(&graph(), &pruned.nodes);
    let score = |target: usize, source: usize| {
        let row = INPUTS.iter().position(|(node, _)| *node == target).unwrap();
        scores[row * 12 + source]
    };
    // Without the errors "yes" takes three quarters from C, and C two thirds from A.
    close(score(YES, C), 0.75 * 0.75);
    close(score(YES, D), 0.25 * 0.75);
    close(score(YES, ERROR_1_1), 0.0);
    close(score(NO, C), 0.0625);
    close(score(NO, D), 0.125);
    close(score(NO, TOKEN_1), 0.0625);
    close(score(C, A), 0.625 * 2.0 / 3.0);
    close(score(C, B), 0.625 / 3.0);
    close(score(D, B), 0.3125 * 0.8);
    close(score(D, TOKEN_1), 0.3125 * 0.2);
    close(score(A, TOKEN_0), 0.416_666_67 * 0.25);
    close(score(A, TOKEN_1), 0.416_666_67 * 0.75);
    close(score(B, TOKEN_1), 0.458_333_34);
}

#[test]
fn pruning_keeps_the_strongest_edges_and_no_loose_ends() {
    let ends = |edges: &[Edge]| -> Vec<(usize, usize)> {
        edges
            .iter()
            .map(|edge| (edge.source, edge.target))
            .collect()
    };
    // Of 2.8125 in all, the nine edges from 0.1042 up carry 0.933.
    let pruned = graph().prune(0.8, 0.9);
    let expected = [
        (TOKEN_0, A),
        (TOKEN_1, A),
        (TOKEN_1, B),
        (A, C),
        (B, C),
        (B, D),
        (C, YES),
        (D, YES),
        (D, NO),
    ];
    assert_eq!(ends(&pruned.edges), expected);
    assert_eq!(pruned.edges[0].weight, -1.0);

    // The four from 0.3125 up carry 0.622: B and D lead nowhere now, and B's input goes with it.
    let pruned = graph().prune(0.8, 0.6);
    assert_eq!(ends(&pruned.edges), [(TOKEN_1, A), (A, C), (C, YES)]);
    let kept: Vec<usize> = (0..12).filter(|node| pruned.nodes[*node]).collect();
    assert_eq!(kept, [A, C, TOKEN_0, TOKEN_1, YES, NO]);
}

/// However many scores there are, and however many are equal: what is kept has the share, and would
/// not have it without its smallest.
#[test]
fn thresholds_keep_just_enough() {
    for count in [1, 2, 3, 10, 101, 1000] {
        // Sums of eighths are exact.
        let scores: Vec<f32> = (0..count).map(|i| (i * 37 % 11) as f32 / 8.0).collect();
        let total: f32 = scores.iter().sum();
        for share in [0.01, 0.25, 0.5, 0.75, 0.99]
            .into_iter()
            .filter(|_| total > 0.0)
        {
            let lowest = influence::threshold(&scores, share).expect("less than all");
            let above =
                |least: &dyn Fn(f32) -> bool| scores.iter().filter(|x| least(**x)).sum::<f32>();
            assert!(
                above(&|x| x >= lowest) / total >= share,
                "{count}, {share}: {lowest}"
            );
            assert!(
                above(&|x| x > lowest) / total < share,
                "{count}, {share}: {lowest}"
            );
        }
    }
}

#[test]
fn thresholds_at_their_ends_keep_all_or_the_one_strongest() {
    let all = graph().prune(1.0, 1.0);
    assert_eq!(all.edges.len(), 14);
    // Errors of the first position never have an edge.
    assert_eq!(all.nodes.iter().filter(|kept| **kept).count(), 10);
    assert_eq!(influence::threshold(&[1.0, 3.0, 2.0], 0.0), Some(3.0));
    assert_eq!(influence::threshold(&[], 0.5), None);
}

/// Of scores, two at most are equal here, and equal ones stay together.
#[test]
fn a_readable_view_has_no_more_than_was_asked_for() {
    let graph = graph();
    let size = |(node, edge)| {
        let pruned = graph.prune(node, edge);
        let drawn = pruned.nodes[..TOKEN_0].iter().filter(|kept| **kept);
        (drawn.count(), pruned.edges.len())
    };
    assert_eq!(graph.readable(8, 14), (1.0, 1.0));
    for nodes in 0..8 {
        let (drawn, _) = size(graph.readable(nodes, 14));
        assert!(drawn <= nodes, "{nodes}: {drawn}");
    }
    for edges in 1..14 {
        let (_, left) = size(graph.readable(8, edges));
        assert!(left <= edges + 1, "{edges}: {left}");
    }
    // Of 2.3919 in all, the nine edges from 0.1281 up carry 0.8457.
    assert_eq!(graph.readable(8, 9), (1.0, 0.845));
    assert_eq!(size((1.0, 0.845)).1, 9);
    // The error of layer 0 has the least influence of six.
    let (node, edge) = graph.readable(5, 14);
    assert_eq!(edge, 1.0);
    assert!(node < 1.0 && size((node, 1.0)).0 == 5, "{node}");
}

#[test]
fn path_lengths_are_weighed_by_the_influence_that_paths_carry() {
    // Token 1: one edge to "no" (0.25 / 4); two by D (0.275 / 5); three by B (0.348125) and by A
    // (three quarters of 0.25625). Token 0: three, by A (the last quarter).
    let sum = 0.0625 + 2.0 * 0.055 + 3.0 * (0.348125 + 0.25625);
    let expected = sum / (0.0625 + 0.055 + 0.348125 + 0.25625);
    let found = graph().path_length();
    assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");

    // Where all goes straight to the targets, whatever errors and dead ends there are.
    let mut direct = graph();
    for row in 4..6 {
        direct.rows[row * 12..row * 12 + 4].fill(0.0);
        direct.rows[row * 12 + TOKEN_0] = 0.5;
    }
    assert_eq!(direct.path_length(), 1.0);

    // No path begins at a token.
    let mut none = graph();
    for row in none.rows.chunks_exact_mut(12) {
        row[TOKEN_0..=TOKEN_1].fill(0.0);
    }
    assert!(none.path_length().is_nan());
}

#[test]
fn of_each_tokens_paths_those_through_the_middle_layers_are_known() {
    // With C between the first layer and D's, which is the last; errors of a third layer come before the tokens.
    let mut deep = graph();
    deep.layers = 3;
    deep.features[D].layer = 2;
    let rows = deep.rows.chunks_exact(12);
    let rows = rows.map(|row| [&row[..TOKEN_0], &[0.0; 2], &row[TOKEN_0..]].concat());
    deep.rows = rows.flatten().collect();
    let found = deep.token_paths();
    let near = |found: f64, expected: f64| {
        assert!((found - expected).abs() < 1e-6, "{found}, not {expected}");
    };
    // By C and A, three edges each: a quarter of 0.25625 to token 0. Token 1 has the rest of it; by C and B a quarter of
    // C's 0.5125; and past C one edge, two by D, and three by D and B.
    near(found[0].influence, 0.0640625);
    near(found[0].middle, 0.0640625);
    near(found[0].edges, 3.0 * 0.0640625);
    near(found[1].influence, 0.0625 + 0.055 + 0.348125 + 0.1921875);
    near(found[1].middle, 0.128125 + 0.1921875);
    near(found[1].edges, 0.0625 + 2.0 * 0.055 + 3.0 * 0.5403125);
    assert_eq!(found.len(), 2);

    // Two layers have none between them.
    assert!(
        graph()
            .token_paths()
            .iter()
            .all(|paths| paths.middle == 0.0)
    );
}

/// Changes of [A, B, C, D, yes, no].
#[test]
fn responses_follow_from_the_layers_that_answer() {
    let mut graph = graph();
    graph.features[A].activation = 2.0;
    graph.features[C].activation = 4.0;
    let none = |_| false;
    let all = |_| true;
    let responses = |changes: &[(usize, f32)], answers: fn(usize) -> bool| {
        let found = graph.responses(changes, answers);
        found.iter().map(|x| *x as f32).collect::<Vec<_>>()
    };
    // A, of 2, rises by half, and with it the 2 that it contributes to C.
    assert_eq!(responses(&[(A, 1.0)], none), [0.0, 0.0, 1.0, 0.0, 0.0, 0.0]);
    // C, of 4, rises by a quarter, and with it what it contributes.
    let expected = [0.0, 0.0, 1.0, 0.0, 0.75, 0.25];
    assert_eq!(responses(&[(A, 1.0)], all), expected);
    assert_eq!(responses(&[(A, 1.0)], |layer| layer == 1), expected);
    let expected = [0.0, 0.0, 1.0, 0.0, 0.0, 0.0];
    assert_eq!(responses(&[(A, 1.0)], |layer| layer == 0), expected);
    // B off: C rises by 1 and D, of 1, falls by 4.
    let expected = [0.0, 0.0, 1.0, -4.0, 0.75 - 4.0, 0.25 + 8.0];
    assert_eq!(responses(&[(B, -1.0)], all), expected);
    // C is set, and answers nobody; D is free and does.
    let expected = [0.0, 0.0, 1.0, -4.0, -1.5 - 4.0, -0.5 + 8.0];
    assert_eq!(responses(&[(C, -2.0), (B, -1.0)], all), expected);
    // Set, but to what it was.
    let expected = [0.0, 0.0, 1.0, -4.0, -4.0, 8.0];
    assert_eq!(responses(&[(B, -1.0), (C, 0.0)], all), expected);
    assert_eq!(responses(&[], all), [0.0; 6]);
}

#[test]
fn a_target_takes_its_own_logit_less_the_mean_or_the_difference_of_two() {
    let mut target = graph().targets.swap_remove(0);
    let changes = [0.0, 1.0, 0.0, 3.0, 0.0, 8.0];
    assert_eq!(target.along(&changes), 8.0 - 2.0);
    target.pair = Some((1, 3));
    assert_eq!(target.along(&changes), 1.0 - 3.0);
    assert!(target.along(&changes[..3]).is_nan());
}
