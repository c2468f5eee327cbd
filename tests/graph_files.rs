//! Graphs as files: what is written, and what is read of our own files and of others'.

mod common;

use attograph::engine::cpu::Cpu;
use attograph::export::{self, About, Arrangement, OpenError, open};
use attograph::model::Tokenizer;
use attograph::trace::{Graph, Options, Pruned};
use common::fixtures::{Fixture, root};
use common::random::Random;
use serde_json::{Value, json};

/// A graph of the shipped addition model, with the texts of its tokens.
fn sum() -> (Graph, Vec<String>) {
    let tracer = Fixture::shipped("addition").tracer(Cpu);
    let file = root().join("www/models/addition/tokenizer.json");
    let tokenizer = Tokenizer::from_bytes(&std::fs::read(file).unwrap()).unwrap();
    let model = &tracer.network.model;
    let ids = model.with_bos(tokenizer.encode("calc: 36+59=", 64).unwrap());
    let graph = pollster::block_on(tracer.trace(&ids, &Options::default(), |_| {})).unwrap();
    let tokens = ids.iter().map(|id| model.vocabulary.token(*id));
    (graph, tokens.collect())
}

fn write(graph: &Graph, pruned: &Pruned, tokens: &[String], arrangement: &Arrangement) -> String {
    let about = About {
        scan: "attograph/addition",
        prompt: "calc: 36+59=",
        tokens,
        node_threshold: 0.8,
        edge_threshold: 0.98,
        arrangement,
    };
    export::json(graph, pruned, &about)
}

/// Ids of the pruned graph's features.
fn features(graph: &Graph, pruned: &Pruned) -> Vec<String> {
    (0..graph.features.len())
        .filter(|node| pruned.nodes[*node])
        .map(|node| export::node_id(graph, node))
        .collect()
}

/// Two features, one of them and a token pinned, and one that pruning takes away.
fn arrangement(graph: &Graph, pruned: &Pruned) -> Arrangement {
    let ids = features(graph, pruned);
    let gone = (0..graph.features.len()).find(|node| !pruned.nodes[*node]);
    let gone = export::node_id(graph, gone.expect("something is pruned"));
    let [_, token, _] = graph.starts();
    let token = export::node_id(graph, token);
    Arrangement {
        pinned: vec![ids[0].clone(), gone.clone(), token.clone()],
        supernodes: vec![
            vec![
                "sum = _5".into(),
                ids[0].clone(),
                gone.clone(),
                ids[1].clone(),
            ],
            vec!["gone".into(), gone.clone()],
        ],
        clicked: ids[1].clone(),
        positions: "0.5 0.25 1 1".into(),
        labels: [
            (ids[0].clone(), "ends in 5".to_string()),
            (gone, "never written".into()),
            (token, "tokens have no labels".into()),
        ]
        .into(),
    }
}

#[test]
fn a_file_keeps_what_a_reader_did_to_the_nodes_in_it() {
    let (graph, tokens) = sum();
    let pruned = graph.prune(0.8, 0.98);
    let arrangement = arrangement(&graph, &pruned);
    let ids = features(&graph, &pruned);
    let json: Value = serde_json::from_str(&write(&graph, &pruned, &tokens, &arrangement)).unwrap();
    let parameters = &json["qParams"];
    assert_eq!(
        parameters["pinnedIds"],
        json!([ids[0], arrangement.pinned[2]])
    );
    let group = json!([["sum = _5", ids[0], ids[1]]]);
    assert_eq!(parameters["supernodes"], group);
    assert_eq!(parameters["clickedId"], *ids[1]);
    assert_eq!(parameters["sg_pos"], "0.5 0.25 1 1");
    assert_eq!(parameters["linkType"], "both");
    let nodes = json["nodes"].as_array().unwrap();
    for node in nodes {
        let expected = match node["feature_type"].as_str().unwrap() {
            "cross layer transcoder" if node["node_id"] == *ids[0] => "ends in 5".into(),
            "embedding" => {
                let position = node["ctx_idx"].as_u64().unwrap() as usize;
                format!("Emb: \"{}\"", tokens[position])
            }
            "logit" => continue,
            _ => String::new(),
        };
        assert_eq!(node["clerp"], *expected, "{node}");
    }
    let kept = pruned.nodes.iter().filter(|kept| **kept).count();
    assert_eq!(nodes.len(), kept);
}

/// What a written file says, less what differs between two writers.
fn content(json: &str) -> Value {
    let mut json: Value = serde_json::from_str(json).unwrap();
    json["metadata"]["slug"] = Value::Null;
    json
}

#[test]
fn what_is_written_is_read_and_written_again_the_same() {
    let (graph, tokens) = sum();
    for (node_threshold, edge_threshold) in [(0.8, 0.98), (0.7, 0.95), (1.0, 1.0)] {
        let pruned = graph.prune(node_threshold, edge_threshold);
        let arrangement = match node_threshold < 1.0 {
            true => arrangement(&graph, &pruned),
            false => Arrangement::default(),
        };
        let written = write(&graph, &pruned, &tokens, &arrangement);
        let opened = open(&written).unwrap();
        assert_eq!(opened.tokens, tokens);
        assert_eq!(opened.scan, "attograph/addition");
        assert_eq!(opened.prompt, "calc: 36+59=");
        assert_eq!((opened.node_threshold, opened.edge_threshold), (0.8, 0.98));
        assert_eq!(opened.graph.tokens, graph.tokens);
        assert_eq!(opened.graph.layers, graph.layers);
        assert!(opened.graph.remainder.iter().all(|x| x.is_nan()));
        assert!(opened.graph.pre_activations.iter().all(|x| x.is_nan()));
        let all = opened.graph.prune(1.0, 1.0);
        let again = write(&opened.graph, &all, &opened.tokens, &opened.arrangement);
        assert_eq!(content(&again), content(&written));
    }
}

#[test]
fn shares_of_influence_are_the_recorded_ones() {
    let (graph, tokens) = sum();
    let pruned = graph.prune(0.8, 0.98);
    let written = write(&graph, &pruned, &tokens, &Arrangement::default());
    let opened = open(&written).unwrap().graph;
    let (_, shares) = graph.influence();
    let (influence, recorded) = opened.influence();
    let kept = features(&graph, &pruned);
    assert_eq!(opened.features.len(), kept.len());
    for (node, share) in shares.iter().enumerate().take(graph.features.len()) {
        let id = export::node_id(&graph, node);
        if let Some(i) = kept.iter().position(|kept| *kept == id) {
            assert_eq!(recorded[i], *share);
            assert!(influence[i] > 0.0);
        }
    }
    assert_eq!(opened.answers[0].token, graph.answers[0].token);
    assert!(opened.answers[0].logit.is_nan());
    let scores = opened.scores();
    assert!(scores.replacement > 0.0 && scores.replacement <= 1.0);
}

/// A node of a hand-written file: its id and kind, and what else it has.
fn node(id: &str, kind: &str, layer: Value, position: usize, more: Value) -> Value {
    let mut node = json!({
        "node_id": id, "feature_type": kind, "layer": layer, "ctx_idx": position,
    });
    for (key, value) in more.as_object().unwrap() {
        node[key] = value.clone();
    }
    node
}

fn link(source: &str, target: &str, weight: f64) -> Value {
    json!({"source": source, "target": target, "weight": weight})
}

/// As circuit-tracer 0.5.0 writes it, two layers, with an error that has a feature's id.
fn of_circuit_tracer() -> Value {
    let feature = "cross layer transcoder";
    let error = "mlp reconstruction error";
    json!({
        "metadata": {
            "slug": "a-b", "scan": "gemma-2-2b", "transcoder_list": [], "prompt": "a b",
            "prompt_tokens": ["<bos>", " a", " b"], "node_threshold": 0.8, "schema_version": 1,
        },
        "qParams": {
            "pinnedIds": [], "supernodes": [], "linkType": "both", "clickedId": "", "sg_pos": "",
        },
        "nodes": [
            node("0_1_2", feature, json!("0"), 2, json!({"feature": 2, "activation": 3.5, "influence": 0.25})),
            node("1_7_2", feature, json!("1"), 2, json!({"feature": 43, "activation": 1.5, "influence": 0.5})),
            node("0_0_1", error, json!("0"), 1, json!({"feature": -1, "influence": 0.75})),
            node("0_1_2", error, json!("1"), 2, json!({"feature": -1, "influence": 0.8})),
            node("E_2_0", "embedding", json!("E"), 0, json!({"feature": 0, "influence": 0.9})),
            node("E_11_1", "embedding", json!("E"), 1, json!({"feature": 1, "influence": 0.85})),
            node("E_12_2", "embedding", json!("E"), 2, json!({"feature": 2, "influence": 0.87})),
            node("3_99_2", "logit", json!("3"), 2, json!({
                "feature": 99, "token_prob": 0.75, "is_target_logit": true,
                "clerp": "Output \" c\" (p=0.750)", "influence": null,
            })),
        ],
        "links": [
            link("E_12_2", "0_1_2", 2.0),
            link("0_1_2", "1_7_2", 1.5),
            link("0_0_1", "1_7_2", -0.5),
            link("E_11_1", "1_7_2", 0.25),
            // The feature's, then the error's.
            link("0_1_2", "3_99_2", 0.5),
            link("0_1_2", "3_99_2", -0.125),
            link("1_7_2", "3_99_2", 4.0),
        ],
    })
}

/// Edges as (source id, target id, weight), in our ids and order.
fn edges(graph: &Graph) -> Vec<(String, String, f32)> {
    let id = |node| export::node_id(graph, node);
    let pruned = graph.prune(1.0, 1.0);
    let edges = pruned.edges.iter();
    edges
        .map(|edge| (id(edge.source), id(edge.target), edge.weight))
        .collect()
}

fn edge(source: &str, target: &str, weight: f32) -> (String, String, f32) {
    (source.into(), target.into(), weight)
}

#[test]
fn circuit_tracers_colliding_ids_are_told_apart() {
    let opened = open(&of_circuit_tracer().to_string()).unwrap();
    let graph = &opened.graph;
    assert_eq!(opened.scan, "gemma-2-2b");
    assert_eq!((opened.node_threshold, opened.edge_threshold), (0.8, 1.0));
    assert_eq!(graph.layers, 2);
    assert_eq!(graph.tokens, [2, 11, 12]);
    assert_eq!(graph.targets[0].name, " c");
    assert_eq!(graph.targets[0].probability, 0.75);
    let expected = [
        edge("E_12_2", "0_1_2", 2.0),
        edge("0_1_2", "1_7_2", 1.5),
        edge("0_-1_1", "1_7_2", -0.5),
        edge("E_11_1", "1_7_2", 0.25),
        edge("0_1_2", "3_99_2", 0.5),
        edge("1_7_2", "3_99_2", 4.0),
        edge("1_-1_2", "3_99_2", -0.125),
    ];
    assert_eq!(edges(graph), expected);
    let (_, shares) = graph.influence();
    let [errors, tokens, _] = graph.starts();
    assert_eq!(shares[..2], [0.25, 0.5]);
    assert_eq!(shares[errors + 1], 0.75);
    assert_eq!(shares[errors + 5], 0.8);
    assert_eq!(shares[tokens..tokens + 3], [0.9, 0.85, 0.87]);
    // Written anew, no id is there twice.
    let again = write(
        graph,
        &graph.prune(1.0, 1.0),
        &opened.tokens,
        &opened.arrangement,
    );
    assert_eq!(edges(&open(&again).unwrap().graph), expected);
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
            node("some-name", "lorsa", json!(2), 1, json!({"feature": 6, "activation": 2})),
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
    let opened = open(&file.to_string()).unwrap();
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
    assert_eq!(edges(graph), expected);
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
    // An activation that is not known is written as such.
    let again = write(graph, &graph.prune(1.0, 1.0), &opened.tokens, arrangement);
    let again: Value = serde_json::from_str(&again).unwrap();
    let nodes = again["nodes"].as_array().unwrap();
    let of = |id: &str| nodes.iter().find(|node| node["node_id"] == *id).unwrap();
    assert_eq!(of("4_42_1")["activation"], Value::Null);
    assert_eq!(of("4_42_1")["clerp"], "capitals");

    // Without prompt, labels and probabilities, too.
    let bare = json!({
        "nodes": [
            node("1_3_2", feature, json!("1"), 2, json!({})),
            node("2_5_2", "logit", json!("2"), 2, json!({})),
            node("2_6_2", "logit", json!("2"), 2, json!({})),
        ],
        "links": [link("1_3_2", "2_5_2", 1.0)],
    });
    let opened = open(&bare.to_string()).unwrap();
    assert_eq!(opened.tokens, ["token 0", "token 1", "token 2"]);
    assert_eq!(opened.graph.targets[1].probability, 0.5);
    assert_eq!(opened.arrangement, Arrangement::default());
    let (influence, _) = opened.graph.influence();
    assert_eq!(influence[0], 0.5);
    // Its feature has no input in the file, and stays without one.
    assert_eq!(edges(&opened.graph), [edge("1_3_2", "3_5_2", 1.0)]);
    assert_eq!(opened.graph.prune(0.8, 0.98).edges.len(), 1);
}

#[test]
fn files_that_contradict_themselves_are_refused_by_name() {
    let spoilt = |spoil: &dyn Fn(&mut Value)| -> String {
        let mut file = of_circuit_tracer();
        spoil(&mut file);
        let error = open(&file.to_string()).unwrap_err().to_string();
        assert!(
            error.ends_with('.') && error.lines().count() == 1,
            "{error}"
        );
        error
    };
    let with_node =
        |new: Value| spoilt(&|file| file["nodes"].as_array_mut().unwrap().push(new.clone()));
    let with_link =
        |new: Value| spoilt(&|file| file["links"].as_array_mut().unwrap().push(new.clone()));
    let feature = "cross layer transcoder";
    let says = |error: String, parts: &[&str]| {
        for part in parts {
            assert!(error.contains(part), "{part:?} is not in {error:?}");
        }
    };
    let twin = node("1_7_2", feature, json!("1"), 2, json!({}));
    says(with_node(twin), &["Node 1_7_2", "the same"]);
    let third = node("0_1_2", feature, json!("0"), 1, json!({"feature": 900}));
    says(with_node(third), &["Node 0_1_2"]);
    let far = node("1_8_5", feature, json!("1"), 5, json!({}));
    says(with_node(far), &["Node 1_8_5", "position 5"]);
    let other = node("3_98_1", "logit", json!("3"), 1, json!({}));
    says(with_node(other), &["Node 3_98_1", "position 1"]);
    let unknown = node("x", "gadget", json!("1"), 1, json!({}));
    says(with_node(unknown), &["Node x", "feature"]);
    let nowhere = json!({"node_id": "y", "feature_type": feature, "layer": 1, "feature": 3});
    says(with_node(nowhere), &["Node y", "position"]);
    let high = node("900000000_8_1", feature, json!(900_000_000), 1, json!({}));
    says(with_node(high), &["nodes", "20000"]);

    says(
        with_link(link("nobody", "1_7_2", 1.0)),
        &["nobody", "1_7_2", "source"],
    );
    says(
        with_link(link("1_7_2", "nobody", 1.0)),
        &["nobody", "1_7_2", "target"],
    );
    says(
        with_link(link("1_7_2", "3_99_2", 1.0)),
        &["1_7_2", "3_99_2", "twice"],
    );
    says(
        with_link(link("1_7_2", "0_1_2", 1.0)),
        &["1_7_2", "0_1_2", "earlier"],
    );
    says(with_link(link("1_7_2", "1_7_2", 1.0)), &["1_7_2"]);
    says(
        with_link(link("3_99_2", "1_7_2", 1.0)),
        &["3_99_2", "logit"],
    );
    says(
        with_link(link("1_7_2", "E_11_1", 1.0)),
        &["E_11_1", "token"],
    );
    says(
        with_link(link("E_2_0", "1_7_2", 1e300)),
        &["E_2_0", "finite"],
    );

    let no_logits = spoilt(&|file| {
        file["nodes"].as_array_mut().unwrap().pop();
    });
    says(no_logits, &["logit"]);
    for (text, part) in [
        ("", "no graph"),
        ("[]", "no graph"),
        ("{}", "nodes"),
        ("{\"nodes\": [], \"links\": []}", "logit"),
        ("{\"nodes\": [{}], \"links\": []}", "node_id"),
        (
            "{\"nodes\": [], \"links\": [{\"source\": \"a\", \"target\": \"b\", \"weight\": NaN}]}",
            "line 1",
        ),
    ] {
        says(open(text).unwrap_err().to_string(), &[part]);
    }
    let long = "n".repeat(100_000);
    let error = with_link(link(&long, "1_7_2", 1.0));
    assert!(error.len() < 1000, "{} bytes", error.len());
    let deep = "[".repeat(100_000);
    says(open(&deep).unwrap_err().to_string(), &["no graph"]);
    says(
        open(&" ".repeat((64 << 20) + 1)).unwrap_err().to_string(),
        &["65 MB", "64 MB"],
    );
}

#[test]
fn graphs_that_are_too_large_are_refused_before_memory_is_taken() {
    // 9000 features and their inputs: 9000 x 9006 edges.
    let features = (0..9000).map(|i| {
        let id = format!("0_{i}_1");
        node(&id, "cross layer transcoder", json!("0"), 1, json!({}))
    });
    let logit = node("2_5_1", "logit", json!("2"), 1, json!({}));
    let nodes: Vec<Value> = features.chain([logit.clone()]).collect();
    let error = open(&json!({"nodes": nodes, "links": []}).to_string()).unwrap_err();
    assert!(matches!(error, OpenError::ManyEdges { .. }), "{error}");
    let tokens: Vec<Value> = (0..21_000)
        .map(|_| node("E_1_0", "embedding", json!("E"), 0, json!({})))
        .chain([logit])
        .collect();
    let error = open(&json!({"nodes": tokens, "links": []}).to_string()).unwrap_err();
    assert!(
        matches!(error, OpenError::ManyNodes { nodes: 21_001, .. }),
        "{error}"
    );
}

/// Whatever a file holds, it is opened or refused; and what is opened can be used.
#[test]
fn spoilt_files_never_panic() {
    let whole = of_circuit_tracer().to_string();
    let mut opened = 0;
    let mut attempt = |text: &str| match open(text) {
        Ok(file) => {
            opened += 1;
            let graph = &file.graph;
            graph.influence();
            graph.scores();
            for (node_threshold, edge_threshold) in [(1.0, 1.0), (0.8, 0.98), (0.0, 0.0)] {
                let pruned = graph.prune(node_threshold, edge_threshold);
                let text = write(graph, &pruned, &file.tokens, &file.arrangement);
                serde_json::from_str::<Value>(&text).unwrap();
            }
        }
        Err(error) => {
            let error = error.to_string();
            assert!(error.ends_with('.') && error.len() < 2000, "{error}");
        }
    };
    for end in 0..whole.len() {
        attempt(&whole[..end]);
    }
    // Bytes that mean something in JSON and in ids, put anywhere.
    let mut random = Random::new(3);
    for _ in 0..20_000 {
        let mut bytes = whole.clone().into_bytes();
        for _ in 0..1 + random.below(3) {
            let at = random.below(bytes.len());
            let with = b"0129-eE_\"{}[],:.\\ nultf";
            bytes[at] = with[random.below(with.len())];
        }
        attempt(&String::from_utf8(bytes).unwrap());
    }
    // Values of the wrong kind or size in every field of every record.
    let hostile = [
        json!(null),
        json!(-1),
        json!(1e308),
        json!(u64::MAX),
        json!(1.5),
        json!(""),
        json!("E"),
        json!([]),
        json!({}),
        json!(true),
        json!("__proto__"),
        json!("🦊_🦊_🦊"),
        json!("2147483647_2147483647_2"),
    ];
    let file = of_circuit_tracer();
    for list in ["nodes", "links"] {
        for i in 0..file[list].as_array().unwrap().len() {
            let fields: Vec<String> = file[list][i].as_object().unwrap().keys().cloned().collect();
            for (field, value) in fields
                .iter()
                .flat_map(|field| hostile.iter().map(move |v| (field, v)))
            {
                let mut spoilt = file.clone();
                spoilt[list][i][field] = value.clone();
                attempt(&spoilt.to_string());
            }
        }
    }
    for part in ["metadata", "qParams"] {
        let fields: Vec<String> = file[part].as_object().unwrap().keys().cloned().collect();
        for value in &hostile {
            let mut spoilt = file.clone();
            spoilt[part] = value.clone();
            attempt(&spoilt.to_string());
            for field in &fields {
                let mut spoilt = file.clone();
                spoilt[part][field] = value.clone();
                attempt(&spoilt.to_string());
            }
        }
    }
    assert!(opened > 1000, "only {opened} could be opened at all");
}
