//! What is read of the files of others.

use super::*;
use attograph::trace::Node;

#[test]
fn circuit_tracers_colliding_ids_are_told_apart() {
    let opened = opened(&of_circuit_tracer());
    let graph = &opened.graph;
    assert_eq!(opened.scan, "gemma-2-2b");
    assert_eq!((opened.node_threshold, opened.edge_threshold), (0.8, 1.0));
    assert_eq!(graph.layers, 2);
    assert_eq!(graph.tokens, [2, 11, 12]);
    assert_eq!(graph.targets[0].name, " c");
    assert_eq!(graph.targets[0].probability, 0.75);
    assert!(graph.answers[0].logit.is_nan());
    let expected = [
        edge("E_12_2", "0_1_2", 2.0),
        edge("0_1_2", "1_7_2", 1.5),
        edge("0_-1_1", "1_7_2", -0.5),
        edge("E_11_1", "1_7_2", 0.25),
        edge("0_1_2", "3_99_2", 0.5),
        edge("1_7_2", "3_99_2", 4.0),
        edge("1_-1_2", "3_99_2", -0.125),
    ];
    assert_eq!(edges(&opened), expected);
    let (_, shares) = graph.influence();
    let [errors, tokens, _] = graph.starts();
    assert_eq!(shares[..2], [0.25, 0.5]);
    assert_eq!(opened.ids[errors..tokens], ["0_-1_1", "1_-1_2"]);
    assert_eq!(shares[errors..tokens], [0.75, 0.8]);
    assert_eq!(shares[tokens..tokens + 3], [0.9, 0.85, 0.87]);
}

/// In the manner of Anthropic's and Neuronpedia's files: numbers for layers, padded ids, labels,
/// `null` and missing fields, a probability only in the label, lists in `qParams` as text.
#[test]
fn other_dialects_are_understood() {
    let feature = "cross layer transcoder";
    let file = json!({
        "metadata": {"prompt": "the capital", "pruning_settings": {"edge_threshold": 0.9}},
        "qParams": {
            "pinnedIds": "4_00042_1, E_5_0,unknown",
            "supernodes": "[[\"say\",\"4_00042_1\",\"unknown\"],[\"none\",\"unknown\"],7]",
            "clickedId": "some-name", "sg_pos": null,
            "clerps": [["some-name", "by a reader"], ["E_5_0", "tokens have none"], ["one"]],
        },
        "nodes": [
            node("E_5_0", "embedding", json!("E"), 0, json!({"clerp": "Emb: \" the\""})),
            node("4_00042_1", feature, json!(4), 1, json!({
                "feature": 400042, "clerp": "capitals", "activation": null, "influence": null,
            })),
            node("some-name", "sparse feature", json!(2), 1, json!({"feature": 6, "activation": 2})),
            node("L_7_1", "logit", json!(6), 1, json!({"clerp": "Output \"of\" (p=0.4)"})),
            node("L_8_1", "logit", json!(6), 1, json!({"feature": 8})),
        ],
        "links": [
            link("E_5_0", "some-name", 1.0),
            link("some-name", "4_00042_1", 0.5),
            link("4_00042_1", "L_7_1", 2.0),
            link("4_00042_1", "L_8_1", -1.0),
        ],
    });
    let opened = opened(&file);
    let graph = &opened.graph;
    assert_eq!(opened.tokens, [" the", "capital"]);
    assert_eq!((opened.node_threshold, opened.edge_threshold), (1.0, 0.9));
    assert_eq!(graph.layers, 5);
    // Pair 6 is (0, 3) or such, of no feature in layer 2: the number itself is meant.
    let places: Vec<_> = graph.features.iter().map(|f| (f.layer, f.index)).collect();
    assert_eq!(places, [(2, 6), (4, 42)]);
    assert!(graph.features[1].activation.is_nan());
    assert_eq!(graph.features[0].activation, 2.0);
    let targets: Vec<_> = graph
        .targets
        .iter()
        .map(|t| (t.token, t.name.as_str(), t.probability))
        .collect();
    assert_eq!(targets, [(7, "of", 0.4), (8, "#8", 0.0)]);
    let expected = [
        edge("E_5_0", "2_6_1", 1.0),
        edge("2_6_1", "4_42_1", 0.5),
        edge("4_42_1", "6_7_1", 2.0),
        edge("4_42_1", "6_8_1", -1.0),
    ];
    assert_eq!(edges(&opened), expected);
    let arrangement = &opened.arrangement;
    assert_eq!(arrangement.pinned, ["4_42_1", "E_5_0"]);
    assert_eq!(arrangement.supernodes, [["say", "4_42_1"]]);
    assert_eq!(arrangement.clicked, "2_6_1");
    assert_eq!(arrangement.positions, "");
    let labels = [("2_6_1", "by a reader"), ("4_42_1", "capitals")];
    assert!(
        arrangement
            .labels
            .iter()
            .map(|(id, label)| (id.as_str(), label.as_str()))
            .eq(labels)
    );
    // Without prompt, labels and probabilities, too.
    let bare = json!({
        "nodes": [
            node("1_3_2", feature, json!("1"), 2, json!({})),
            node("2_5_2", "logit", json!("2"), 2, json!({})),
            node("2_6_2", "logit", json!("2"), 2, json!({})),
        ],
        "links": [link("1_3_2", "2_5_2", 1.0)],
    });
    let opened = super::opened(&bare);
    assert_eq!(opened.tokens, ["token 0", "token 1", "token 2"]);
    assert_eq!(opened.graph.targets[1].probability, 0.5);
    assert_eq!(opened.arrangement, Arrangement::default());
    let (influence, _) = opened.graph.influence();
    assert_eq!(influence[0], 0.5);
    // Its feature has no input in the file, and stays without one.
    assert_eq!(edges(&opened), [edge("1_3_2", "3_5_2", 1.0)]);
    assert_eq!(opened.graph.prune(0.8, 0.98).edges.len(), 1);
}

/// As Neuronpedia's converter for complete replacement models writes it, features in no order.
pub fn of_neuronpedia() -> Value {
    let mlp = "cross layer transcoder";
    json!({
        "metadata": {
            "slug": "a-b", "scan": "qwen3-1.7b", "prompt": "a b", "prompt_tokens": ["a", " b"],
            "node_threshold": 0.8, "schema_version": 1,
            "feature_details": {"neuronpedia_source_set": "tc", "neuronpedia_lorsa_source_set": "lorsa"},
        },
        "qParams": {},
        "nodes": [
            node("1_cro_7_1", mlp, json!(1), 1, json!({"feature": 43, "clerp": "F43", "activation": 2.0})),
            node("0_cro_9_1", mlp, json!(0), 1, json!({"feature": 54, "clerp": "F54"})),
            node("0_lor_12_1", "lorsa", json!(0), 1, json!({
                "feature": 90, "activation": 1.5, "clerp": "F90",
                "qk_tracing_results": {"pair_wise_contributors": [["E_1_0", "E_2_1", 0.5]]},
            })),
            // The same layer, position and index in attention and MLP.
            node("1_lor_7_1", "lorsa", json!(1), 1, json!({"feature": 43, "clerp": ""})),
            node("E_1_0", "embedding", json!("E"), 0, json!({"clerp": "Emb: \"a\"", "token": "a"})),
            node("E_2_1", "embedding", json!("E"), 1, json!({"clerp": "Emb: \" b\"", "token": " b"})),
            node("0_error_attn_1", "lorsa error", json!(0), 1, json!({"jsNodeId": "x", "influence": 0.5})),
            node("0_error_mlp_1", "mlp reconstruction error", json!(0), 1, json!({"jsNodeId": "x"})),
            node("0_bias_attn_bO_1", "bias", json!(0), 1, json!({"clerp": "L0 Bias (attn_bO)"})),
            node("0_bias_mlp_bout_1", "bias", json!(0), 1, json!({"clerp": "L0 Bias (mlp_bout)"})),
            node("2_5_1", "logit", json!(2), 1, json!({"clerp": "Logit \"c\" (p=0.900)", "token": "c"})),
        ],
        "links": [
            link("E_2_1", "0_lor_12_1", 1.0),
            link("0_lor_12_1", "0_cro_9_1", 0.5),
            link("0_error_attn_1", "0_cro_9_1", 0.25),
            link("0_bias_attn_bO_1", "0_cro_9_1", 0.125),
            link("0_cro_9_1", "1_lor_7_1", 2.0),
            link("0_error_mlp_1", "1_lor_7_1", -1.0),
            link("1_lor_7_1", "1_cro_7_1", 3.0),
            link("1_cro_7_1", "2_5_1", 4.0),
            link("0_bias_mlp_bout_1", "2_5_1", 0.0625),
        ],
        "qk_only_nodes": {"0_lor_1_0": {"node_id": "0_lor_1_0"}},
    })
}

#[test]
fn attention_features_their_errors_and_biases_are_told_apart() {
    let opened = opened(&of_neuronpedia());
    let graph = &opened.graph;
    let expected = [
        edge("E_2_1", "0_lor_12_1", 1.0),
        edge("0_lor_12_1", "0_9_1", 0.5),
        edge("0_error_attn_1", "0_9_1", 0.25),
        edge("0_bias_1", "0_9_1", 0.125),
        edge("0_9_1", "1_lor_7_1", 2.0),
        edge("0_-1_1", "1_lor_7_1", -1.0),
        edge("1_lor_7_1", "1_7_1", 3.0),
        edge("1_7_1", "3_5_1", 4.0),
        edge("0_bias_1_2", "3_5_1", 0.0625),
    ];
    assert_eq!(edges(&opened), expected);
    let at = |id: &str| opened.ids.iter().position(|own| own == id).unwrap();
    let (layer, position) = (0, 1);
    assert!(matches!(
        graph.node(at("0_lor_12_1")),
        Node::AttentionFeature(_)
    ));
    assert!(matches!(graph.node(at("1_7_1")), Node::Feature(_)));
    assert_eq!(
        graph.node(at("0_error_attn_1")),
        Node::AttentionError { layer, position }
    );
    assert_eq!(graph.node(at("0_-1_1")), Node::Error { layer, position });
    assert_eq!(graph.node(at("0_bias_1_2")), Node::Bias { layer, position });
    let called = (at("0_bias_1"), "L0 Bias (attn_bO)".to_owned());
    assert_eq!(opened.biases[0], called);
    assert_eq!(graph.targets[0].name, "c");
    // Of the answer's inputs 4 of 4.0625 come from a feature, and of that's all from attention's ...
    let (influence, shares) = graph.influence();
    assert!((influence[at("1_lor_7_1")] - 0.9 * 4.0 / 4.0625).abs() < 1e-6);
    // ... which an MLP's error feeds by a third.
    assert!((influence[at("0_-1_1")] - 0.3 * 4.0 / 4.0625).abs() < 1e-6);
    assert_eq!(shares[at("0_error_attn_1")], 0.5);
    // A bias is a part of the model, and explains.
    let scores = graph.scores();
    let errors = 0.3 * 4.0 / 4.0625 + 0.6 * 4.0 / 4.0625 * 0.25 / 0.875;
    assert!(
        (scores.replacement - (1.0 - errors / 0.9)).abs() < 1e-6,
        "{scores:?}"
    );
}

#[test]
fn links_of_nodes_that_are_gone_and_links_again_are_left_out_and_counted() {
    let mut file = of_circuit_tracer();
    let links = file["links"].as_array_mut().unwrap();
    links.insert(0, link("0_6_1", "1_7_2", 1.0));
    links.push(link("1_7_2", "2_6_2", 1.0));
    links.push(link("1_7_2", "3_99_2", 8.0));
    let opened = opened(&file);
    assert_eq!(opened.left_out.of_missing_nodes, 2);
    assert_eq!(opened.left_out.repeated, 1);
    assert_eq!(edges(&opened), edges(&super::opened(&of_circuit_tracer())));
}

#[test]
fn a_circle_is_refused_by_its_nodes() {
    let mut file = of_circuit_tracer();
    let feature = "cross layer transcoder";
    let nodes = file["nodes"].as_array_mut().unwrap();
    nodes.push(node("1_8_2", feature, json!("1"), 2, json!({})));
    let links = file["links"].as_array_mut().unwrap();
    links.push(link("1_7_2", "1_8_2", 1.0));
    assert!(
        open(&file.to_string()).is_ok(),
        "within a layer, but no circle"
    );
    file["links"]
        .as_array_mut()
        .unwrap()
        .push(link("1_8_2", "1_7_2", 1.0));
    let error = open(&file.to_string()).unwrap_err().to_string();
    assert!(
        error.contains("1_7_2 → 1_8_2 → 1_7_2") || error.contains("1_8_2 → 1_7_2 → 1_8_2"),
        "{error}"
    );
    file["links"] = json!([link("1_8_2", "1_8_2", 1.0)]);
    let error = open(&file.to_string()).unwrap_err().to_string();
    assert!(error.contains("1_8_2 → 1_8_2"), "{error}");
}
