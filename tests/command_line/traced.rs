//! What `trace` prints and writes.

use crate::common::calls::{PROMPT, addition, complaint, printed, trace};
use crate::common::fixtures::Oracle;
use crate::common::scratch::{Scratch, copy_folder};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn a_trace_is_printed_and_written_the_same_on_both_engines() {
    let scratch = Scratch::new("trace");
    let mut graphs = Vec::new();
    for engine in ["cpu", "gpu"] {
        let (json, raw) = (
            scratch.path("graph.json"),
            scratch.path("graph.safetensors"),
        );
        let files = [
            "--json",
            json.to_str().unwrap(),
            "--raw",
            raw.to_str().unwrap(),
        ];
        let output = trace(
            &addition(),
            PROMPT,
            &[&["--engine", engine][..], &files].concat(),
        );
        let text = printed(&output);
        for line in [
            "answer",
            "nodes",
            "edges",
            "features",
            "replacement",
            "completeness",
            "time",
        ] {
            assert!(
                text.lines().any(|l| l.starts_with(line)),
                "no line {line} in {text}"
            );
        }
        assert!(text.contains("\"95\""), "{text}");

        let graph: Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
        check_schema(&graph);
        let tensors = Oracle::read(&raw);
        let nodes = tensors.f32s("influence").len();
        assert_eq!(tensors.f32s("adjacency").len(), nodes * nodes);
        assert_eq!(tensors.bytes("edge_mask").len(), nodes * nodes);
        assert_eq!(tensors.u32s("input_tokens").len(), 8);
        let kept = tensors
            .bytes("node_mask")
            .iter()
            .map(|b| usize::from(*b))
            .sum::<usize>();
        assert_eq!(kept, graph["nodes"].as_array().unwrap().len());
        graphs.push(ids(&graph));
    }
    assert_eq!(graphs[0], graphs[1]);
}

/// What may not be said of a derivative is not printed.
#[test]
fn a_reading_prints_the_scores_that_it_has() {
    for (hold, expected) in [
        ("norms,patterns", ["replacement", "completeness"].as_slice()),
        ("errors", &["replacement", "held"]),
        ("nothing", &["held"]),
    ] {
        let output = trace(&addition(), PROMPT, &["--hold", hold]);
        let text = printed(&output);
        let told = ["replacement", "completeness", "held"];
        let found = text.lines().filter_map(|line| line.split(' ').next());
        let found: Vec<&str> = found.filter(|word| told.contains(word)).collect();
        assert_eq!(found, expected, "{hold}: {text}");
    }
    let wrong = trace(&addition(), PROMPT, &["--hold", "errors,norms"]);
    let said = String::from_utf8_lossy(&wrong.stderr);
    assert!(
        said.contains("patterns, norms, errors or nothing"),
        "{said}"
    );
}

fn ids(graph: &Value) -> BTreeSet<String> {
    let nodes = graph["nodes"].as_array().unwrap().iter();
    let nodes = nodes.map(|node| node["node_id"].as_str().unwrap().to_owned());
    let links = graph["links"].as_array().unwrap().iter();
    let links = links.map(|link| format!("{} -> {}", link["source"], link["target"]));
    nodes.chain(links).collect()
}

/// The fields that other viewers require, and links between nodes that exist.
fn check_schema(graph: &Value) {
    let metadata = &graph["metadata"];
    assert_eq!(metadata["prompt"], PROMPT);
    assert_eq!(metadata["prompt_tokens"].as_array().unwrap().len(), 8);
    assert!(metadata["slug"].is_string() && metadata["scan"].is_string());
    for field in ["pinnedIds", "supernodes", "linkType", "clickedId", "sg_pos"] {
        assert!(!graph["qParams"][field].is_null(), "qParams.{field}");
    }
    let nodes = graph["nodes"].as_array().unwrap();
    let mut known = BTreeSet::new();
    for node in nodes {
        for field in ["node_id", "layer", "feature_type", "jsNodeId", "clerp"] {
            assert!(node[field].is_string(), "{field} of {node}");
        }
        assert!(
            node["feature"].is_i64() && node["ctx_idx"].is_u64(),
            "{node}"
        );
        assert!(
            known.insert(node["node_id"].as_str().unwrap()),
            "{node} twice"
        );
    }
    let of_type = |kind: &str| {
        nodes
            .iter()
            .filter(|node| node["feature_type"] == kind)
            .count()
    };
    assert_eq!(of_type("embedding"), 8);
    assert!(of_type("cross layer transcoder") > 3);
    let answer = nodes
        .iter()
        .find(|node| node["is_target_logit"] == true)
        .unwrap();
    assert!(
        answer["clerp"]
            .as_str()
            .unwrap()
            .starts_with("Output \"95\" (p="),
        "{answer}"
    );
    for link in graph["links"].as_array().unwrap() {
        assert!(known.contains(link["source"].as_str().unwrap()), "{link}");
        assert!(known.contains(link["target"].as_str().unwrap()), "{link}");
        assert!(link["weight"].as_f64().unwrap() != 0.0, "{link}");
    }
}

#[test]
fn options_limit_features_and_logits_and_prune() {
    let line = |text: &str, name: &str| {
        let line = text
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap()
            .to_owned();
        line.split_whitespace()
            .nth(1)
            .unwrap()
            .parse::<usize>()
            .unwrap()
    };
    let whole = printed(&trace(&addition(), PROMPT, &[]));
    let few = printed(&trace(
        &addition(),
        PROMPT,
        &["--max-features", "20", "--batch-size", "3"],
    ));
    assert_eq!(line(&few, "features"), 20);
    assert!(line(&few, "nodes") <= 20 + 8 + 4 * 8 + 10);
    let pruned = printed(&trace(
        &addition(),
        PROMPT,
        &["--node-threshold", "0.4", "--edge-threshold", "0.5"],
    ));
    assert!(line(&pruned, "nodes") < line(&whole, "nodes"));
    assert!(line(&pruned, "edges") < line(&whole, "edges"));
    let certain = [
        "--probability",
        "1",
        "--max-logits",
        "7",
        "--node-threshold",
        "0",
    ];
    let scratch = Scratch::new("logits");
    let json = scratch.path("graph.json");
    let more = [&certain[..], &["--json", json.to_str().unwrap()]].concat();
    printed(&trace(&addition(), PROMPT, &more));
    let graph: Value = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    let logits = graph["nodes"].as_array().unwrap().iter();
    assert_eq!(
        logits
            .filter(|node| node["feature_type"] == "logit")
            .count(),
        7
    );
}

#[test]
fn the_arithmetic_of_a_trace_is_the_same_each_time_and_told_of_the_cpu_alone() {
    let told = |more: &[&str]| {
        let text = printed(&trace(&addition(), PROMPT, more));
        let number = |name: &str, word: usize| -> Option<f64> {
            let line = text.lines().find(|line| line.starts_with(name))?;
            line.split_whitespace().nth(word)?.parse().ok()
        };
        (
            number("arithmetic", 1),
            number("arithmetic", 3),
            number("product", 1),
        )
    };
    let (work, speed, product) = told(&["--arithmetic"]);
    // The forward pass alone multiplies 0.8 million weights at each of eight tokens and more.
    assert!(work.unwrap() > 0.0125 && speed.unwrap() > 0.0 && product > speed);
    assert_eq!(told(&["--arithmetic", "--repeat", "3"]).0, work);
    assert_eq!(told(&[]), (None, None, None));
    let refused = trace(&addition(), PROMPT, &["--arithmetic", "--engine", "gpu"]);
    assert!(complaint(&refused).contains("--engine cpu"));
}

/// A tokenizer that adds no BOS: the model's own is put in front, as circuit-tracer does.
#[test]
fn a_prompt_without_a_bos_gets_one() {
    let scratch = Scratch::new("bos");
    let model = scratch.path("model");
    copy_folder(&addition(), &model);
    copy_folder(&addition().join("transcoder"), &model.join("transcoder"));
    let file = model.join("tokenizer.json");
    let mut tokenizer: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    tokenizer["post_processor"] = Value::Null;
    std::fs::write(&file, tokenizer.to_string()).unwrap();
    let without_time = |model: &Path| {
        let text = printed(&trace(model, PROMPT, &[]));
        let lines = text.lines().filter(|line| !line.starts_with("time"));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(without_time(&model), without_time(&addition()));
}
