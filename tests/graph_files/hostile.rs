//! Files that are spoilt, contradict themselves, or would take much memory.

use super::dialects::of_neuronpedia;
use super::*;
use crate::common::random::Random;

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
    says(
        with_node(twin),
        &["Node 1_7_2", "nodes[8]", "the same", "nodes[1]"],
    );
    let third = node("0_1_2", feature, json!("0"), 1, json!({"feature": 900}));
    says(with_node(third), &["Node 0_1_2", "nodes[8]", "nodes[0]"]);
    let far = node("1_8_5", feature, json!("1"), 5, json!({}));
    says(with_node(far), &["Node 1_8_5", "position 5"]);
    let other = node("3_98_1", "logit", json!("3"), 1, json!({}));
    says(with_node(other), &["Node 3_98_1", "position 1"]);
    let unknown = node("x", "gadget", json!("1"), 1, json!({}));
    says(with_node(unknown), &["Node x", "feature"]);
    let nowhere = json!({"node_id": "y", "feature_type": feature, "layer": 1, "feature": 3});
    says(with_node(nowhere), &["Node y", "position"]);
    let high = node("900000000_8_1", feature, json!(900_000_000), 1, json!({}));
    says(with_node(high), &["900000001 layers", "20000"]);

    says(
        with_link(link("3_99_2", "1_7_2", 1.0)),
        &["3_99_2", "logit", "links[7]"],
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
        ("{}", "nodes"),
        ("{\"nodes\": [], \"links\": []}", "logit"),
        (
            "{\"nodes\": [{}], \"links\": []}",
            "nodes[0] has no `node_id`",
        ),
        (
            "{\"nodes\": [{\"node_id\": \"a\"}, 3], \"links\": []}",
            "nodes[1]",
        ),
        (
            "{\"nodes\": [], \"links\": [{\"source\": \"a\", \"target\": \"b\", \"weight\": NaN}]}",
            "line 1",
        ),
        ("{\"nodes\": [", "ends too early"),
    ] {
        says(open(text).unwrap_err().to_string(), &[part]);
    }
    let long = "n".repeat(100_000);
    let error = with_node(node(&long, "gadget", json!(1), 1, json!({})));
    assert!(error.len() < 1000, "{} bytes", error.len());
    let deep = "{\"a\":".to_owned() + &"[".repeat(100_000);
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
                let thresholds = [node_threshold, edge_threshold];
                let text = file
                    .original
                    .json(&pruned, thresholds, &Arrangement::default());
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
    for file in [of_circuit_tracer(), of_neuronpedia()] {
        for list in ["nodes", "links"] {
            for i in 0..file[list].as_array().unwrap().len() {
                let fields: Vec<String> =
                    file[list][i].as_object().unwrap().keys().cloned().collect();
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
    }
    assert!(opened > 1000, "only {opened} could be opened at all");
}
