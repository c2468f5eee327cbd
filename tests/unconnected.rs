//! Features that lead to no target: a graph without them is the same graph.

use crate::common::cases::{self, Case};
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::network::Reading;
use attograph::trace::{Feature, Graph, Options, Targets};

/// A node whatever its number: a feature by its place, or how far it stands behind the features.
type Place = Result<(usize, usize, usize), usize>;

fn place(graph: &Graph, node: usize) -> Place {
    let feature = graph.features.get(node).map(Feature::place);
    feature.ok_or(node - graph.features.len().min(node))
}

/// Every edge that is not zero, and what is left after pruning.
fn content(graph: &Graph, thresholds: [f32; 2]) -> [Vec<(Place, Place, f32)>; 2] {
    let nodes = graph.nodes();
    let edges = graph.rows.iter().enumerate();
    let all = edges.filter(|(_, edge)| **edge != 0.0).map(|(at, edge)| {
        let target = graph.row_node(at / nodes);
        (place(graph, target), place(graph, at % nodes), *edge)
    });
    let pruned = graph.prune(thresholds[0], thresholds[1]);
    let left = pruned.edges.iter().map(|edge| {
        (
            place(graph, edge.target),
            place(graph, edge.source),
            edge.weight,
        )
    });
    [all.collect(), left.collect()]
}

fn same(about: &str, found: &[(Place, Place, f32)], expected: &[(Place, Place, f32)]) {
    assert_eq!(found.len(), expected.len(), "{about}");
    for (one, other) in found.iter().zip(expected) {
        assert_eq!((one.0, one.1), (other.0, other.1), "{about}");
        assert!(
            (one.2 - other.2).abs() <= 1e-5 * (1.0 + other.2.abs()),
            "{about}: {one:?}, {other:?}"
        );
    }
}

fn check<E: Engine>(case: &Case<E>, reading: Reading, about: &str) -> usize {
    let trace = |unconnected, max_features| {
        let options = Options {
            targets: Targets::Likely {
                most: 4,
                probability: 0.9,
            },
            reading,
            unconnected,
            max_features,
            batch_size: 8,
            update_interval: 1,
            ..Options::default()
        };
        pollster::block_on(case.tracer.graph(&case.run, &options, |_| {})).unwrap()
    };
    let (all, connected) = (trace(true, None), trace(false, None));
    let last = (case.ids.len() - 1, case.model.language.config.layers - 1);
    let leads = |f: &Feature| f.layer < last.1 || f.position == last.0;
    let kept: Vec<Feature> = all.features.iter().copied().filter(leads).collect();
    assert_eq!(connected.features, kept, "{about}");
    assert_eq!(connected.active_features, kept.len(), "{about}");
    assert_eq!(all.active_features, all.features.len(), "{about}");

    // Nothing is lost with them: not an edge, no influence, no score, no effect, and nothing that pruning leaves.
    let (influence, _) = all.influence();
    for (node, feature) in all.features.iter().enumerate() {
        assert!(
            leads(feature) || influence[node] == 0.0,
            "{about}: {feature:?}"
        );
        assert!(leads(feature) || all.outputs(node).iter().all(|edge| *edge == 0.0));
    }
    for thresholds in [[0.8, 0.98], [1.0, 1.0]] {
        let [mut edges, left] = content(&all, thresholds);
        edges.retain(|(target, ..)| {
            target.is_err() || kept.iter().any(|f| Ok(f.place()) == *target)
        });
        let [found, found_left] = content(&connected, thresholds);
        same(about, &found, &edges);
        same(&format!("{about}, pruned"), &found_left, &left);
    }
    let (one, other) = (connected.scores(), all.scores());
    assert!(
        (one.replacement - other.replacement).abs() < 1e-5,
        "{about}"
    );
    assert!(
        (one.completeness - other.completeness).abs() < 1e-5,
        "{about}"
    );

    // Where few may be nodes, none is wasted on them, however many that is.
    let few = trace(false, Some(kept.len().saturating_sub(1).max(1)));
    assert!(few.features.iter().all(leads), "{about}");
    assert_eq!(few.active_features, kept.len(), "{about}");
    all.features.len() - kept.len()
}

#[test]
fn a_graph_without_features_that_lead_to_no_target_is_the_same() {
    let mut left_out = 0;
    for number in 0..7 {
        let case = Case::new(Cpu, number, &Targets::default());
        for reading in Reading::ALL {
            left_out += check(&case, reading, &format!("case {number}, holding {reading}"));
        }
    }
    assert!(left_out > 100, "only {left_out} were left out");
    check(
        &Case::new(cases::gpu(), 0, &Targets::default()),
        Reading::Nothing,
        "on a GPU",
    );
}
