//! Files of others that are saved again differ from what they were only in what a reader changed.

use super::dialects::of_neuronpedia;
use super::*;

/// In Anthropic's manner, with fields that nothing here understands at every level.
fn of_anthropic() -> Value {
    let feature = "cross layer transcoder";
    json!({
        "metadata": {
            "slug": "capital", "scan": "jackl-circuits-runs-1", "prompt": "the capital",
            "prompt_tokens": [" the", " capital"], "info": {"source_urls": ["https://example.org"]},
            "\u{1F98A} \\ \"": [null, 1e300, -0.0, {"": []}], "n_layers": 18,
        },
        "qParams": {
            "pinnedIds": "4_00042_1,E_5_0,unknown", "linkType": "either", "clickedId": "nowhere",
            "supernodes": "[[\"say\",\"4_00042_1\",\"unknown\"],[\"none\",\"unknown\"]]",
            "sg_pos": "0.5 0.25", "clerps": [["E_5_0", "tokens have none"], ["4_00042_2", "by a reader"]],
            "hiddenIds": ["4_00042_1"],
        },
        "nodes": [
            node("L_7_2", "logit", json!("6"), 2, json!({
                "clerp": "[Output \"of\"] Output \"of\" (p=0.4)", "isLogit": true, "nested": {"a": [1, 2.5]},
            })),
            node("E_5_0", "embedding", json!("E"), 0, json!({"clerp": "Emb: \" the\""})),
            node("4_00042_1", feature, json!("4"), 1, json!({
                "feature": 400042, "clerp": "a label   of more than eighty characters, with white space that is not ours to take away from it\n",
                "jsNodeId": "4_00042-1", "remoteClerp": "", "activation": null, "run_idx": 3,
            })),
            node("4_00042_2", feature, json!("4"), 2, json!({"feature": 400042, "clerp": "", "jsNodeId": "4_00042-0"})),
        ],
        "links": [
            {"weight": 2.0, "target": "4_00042_1", "source": "E_5_0", "isDropped": false},
            link("4_00042_1", "L_7_2", 0.1),
            link("4_00042_1", "L_7_2", 0.1),
            link("gone", "L_7_2", 1.0),
            link("4_00042_2", "L_7_2", 0.0),
        ],
        "features": {"4_00042": {"top_logits": ["a"]}},
    })
}

/// As circuit-tracer 0.5.0 writes it, Anthropic and Neuronpedia; and one of ours.
fn files() -> Vec<Value> {
    let (graph, tokens) = sum();
    let pruned = graph.prune(0.8, 0.98);
    let arrangement = arrangement(&graph, &pruned);
    let own = write(&graph, &pruned, &tokens, &arrangement);
    let own = serde_json::from_str(&own).unwrap();
    vec![of_circuit_tracer(), of_anthropic(), of_neuronpedia(), own]
}

#[test]
fn a_file_that_nobody_changed_is_saved_as_it_was() {
    for file in files() {
        let opened = opened(&file);
        assert_eq!(saved(&opened, &opened.arrangement), file);
        // As the page has it: at the thresholds of the file.
        let thresholds = [opened.node_threshold, opened.edge_threshold];
        let pruned = opened.graph.prune(thresholds[0], thresholds[1]);
        let text = opened
            .original
            .json(&pruned, thresholds, &opened.arrangement);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), file);
        // Fields stand in their order, which a comparison of values does not see.
        let again = open(&text).unwrap();
        let once_more = again.original.json(&pruned, thresholds, &again.arrangement);
        assert_eq!(once_more, text);
    }
    // What is missing stays missing, and null null.
    let mut bare = of_circuit_tracer();
    bare["metadata"] = Value::Null;
    bare.as_object_mut().unwrap().remove("qParams");
    let opened = opened(&bare);
    assert_eq!(saved(&opened, &opened.arrangement), bare);
}

#[test]
fn a_pin_a_group_a_label_and_a_place_change_nothing_else() {
    let mut file = of_anthropic();
    let opened = opened(&file);
    let mut changed = opened.arrangement.clone();
    assert_eq!(changed.pinned, ["4_42_1", "E_5_0"]);
    changed.pinned.push("6_7_2".into());
    file["qParams"]["pinnedIds"] = json!(["4_00042_1", "E_5_0", "L_7_2", "unknown"]);
    assert_eq!(saved(&opened, &changed), file);

    changed.supernodes.push(vec!["new".into(), "4_42_2".into()]);
    file["qParams"]["supernodes"] = json!([
        ["say", "4_00042_1"],
        ["new", "4_00042_2"],
        ["none", "unknown"]
    ]);
    assert_eq!(saved(&opened, &changed), file);

    changed.labels.insert("4_42_1".into(), "short".into());
    file["nodes"][2]["clerp"] = json!("short");
    assert_eq!(saved(&opened, &changed), file);

    // A label that the file keeps beside the nodes.
    changed.labels.remove("4_42_2");
    file["qParams"]["clerps"] = json!([["E_5_0", "tokens have none"]]);
    assert_eq!(saved(&opened, &changed), file);

    changed.clicked = "4_42_2".into();
    changed.positions = "[]".into();
    file["qParams"]["clickedId"] = json!("4_00042_2");
    file["qParams"]["sg_pos"] = json!("[]");
    assert_eq!(saved(&opened, &changed), file);

    // Where there was no place for it, one is made.
    let mut bare = of_circuit_tracer();
    bare.as_object_mut().unwrap().remove("qParams");
    let opened = super::opened(&bare);
    let pinned = vec!["1_7_2".to_owned()];
    let arrangement = Arrangement {
        pinned,
        ..Arrangement::default()
    };
    bare["qParams"] = json!({"pinnedIds": ["1_7_2"]});
    assert_eq!(saved(&opened, &arrangement), bare);
}

#[test]
fn two_nodes_with_one_id_are_both_kept() {
    let file = of_circuit_tracer();
    let opened = opened(&file);
    let pinned = vec!["0_1_2".to_owned()];
    let labels = [("0_1_2".to_owned(), "a label".to_owned())].into();
    let arrangement = Arrangement {
        pinned,
        labels,
        ..Arrangement::default()
    };
    let again = saved(&opened, &arrangement);
    // The feature has the label, and the error of the same id has not.
    assert_eq!(again["nodes"][0]["clerp"], "a label");
    assert_eq!(again["nodes"][3], file["nodes"][3]);
    assert_eq!(again["qParams"]["pinnedIds"], json!(["0_1_2"]));
    assert_eq!(again["links"], file["links"]);
}

#[test]
fn what_pruning_leaves_out_is_gone_and_the_thresholds_say_so() {
    let file = of_circuit_tracer();
    let opened = opened(&file);
    let pruned = opened.graph.prune(0.8, 0.5);
    let text = opened
        .original
        .json(&pruned, [0.8, 0.5], &opened.arrangement);
    let again: Value = serde_json::from_str(&text).unwrap();
    let links = again["links"].as_array().unwrap();
    assert_eq!(links.len(), pruned.edges.len());
    assert!(links.len() < file["links"].as_array().unwrap().len());
    for link in links {
        assert!(file["links"].as_array().unwrap().contains(link), "{link}");
    }
    let mut metadata = file["metadata"].clone();
    metadata["pruning_settings"] = json!({"node_threshold": 0.8, "edge_threshold": 0.5});
    assert_eq!(again["metadata"], metadata);
    let fewer = super::opened(&again);
    assert_eq!(fewer.edge_threshold, 0.5);

    // Settings of others beside the thresholds stay.
    let mut file = file;
    file["metadata"]["pruning_settings"] = json!({"edge_threshold": 0.9, "method": "greedy"});
    let opened = super::opened(&file);
    let pruned = opened.graph.prune(0.25, 0.9);
    let text = opened
        .original
        .json(&pruned, [0.25, 0.9], &opened.arrangement);
    let again: Value = serde_json::from_str(&text).unwrap();
    let settings = &again["metadata"]["pruning_settings"];
    assert_eq!(settings["method"], "greedy");
    assert_eq!(settings["node_threshold"], 0.25);
    assert!(again["nodes"].as_array().unwrap().len() < file["nodes"].as_array().unwrap().len());
}
