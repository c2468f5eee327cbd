//! `attograph trace`, `steer` and `grade`, as one would call them: what they print and write, and what
//! they say of bad input.

mod common;

use common::calls::{PROMPT, addition, call, complaint, printed, trace, vocabulary};
use common::fixtures::{Oracle, root};
use common::scratch::{Scratch, copy_folder};
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

/// Weights so large that the logits overflow.
#[test]
fn a_model_that_overflows_is_told() {
    let scratch = Scratch::new("overflow");
    let model = scratch.model();
    let file = model.join("model.safetensors");
    let mut bytes = std::fs::read(&file).unwrap();
    let end = bytes.len();
    for value in bytes[end - 4000..].chunks_exact_mut(4) {
        value.copy_from_slice(&3e38f32.to_le_bytes());
    }
    std::fs::write(&file, bytes).unwrap();
    for (command, more) in [
        ("trace", &[][..]),
        ("grade", &[]),
        ("steer", &["--set", "0/0@1=1"]),
    ] {
        let said = complaint(&call(command, &model, "t5 t17", more));
        assert!(
            said.contains("finite") && said.contains("weights"),
            "{said}"
        );
    }
}

#[test]
fn files_that_are_wrong_are_named_in_one_sentence() {
    let scratch = Scratch::new("spoilt");
    let model = scratch.model();
    printed(&trace(&model, "t5 t17 t8", &[]));
    let encoder = model.join("transcoder/W_enc_1.safetensors");
    let whole = std::fs::read(&encoder).unwrap();

    std::fs::remove_file(&encoder).unwrap();
    assert!(complaint(&trace(&model, "t5", &[])).contains("W_enc_1.safetensors"));

    std::fs::write(&encoder, &whole[..whole.len() - 9]).unwrap();
    assert!(complaint(&trace(&model, "t5", &[])).contains("W_enc_1.safetensors"));

    let mut spoilt = whole.clone();
    let end = spoilt.len();
    spoilt[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    std::fs::write(&encoder, &spoilt).unwrap();
    let said = complaint(&trace(&model, "t5", &[]));
    assert!(
        said.contains("W_enc_1.safetensors") && said.contains("_1"),
        "{said}"
    );

    let at = whole
        .windows(7)
        .position(|window| window == b"[24,16]")
        .unwrap();
    let mut spoilt = whole.clone();
    spoilt[at..at + 7].copy_from_slice(b"[16,24]");
    std::fs::write(&encoder, &spoilt).unwrap();
    let said = complaint(&trace(&model, "t5", &[]));
    assert!(
        said.contains("W_enc_1") && said.contains("16") && said.contains("24"),
        "{said}"
    );
    std::fs::write(&encoder, &whole).unwrap();

    let other = root().join("tests/fixtures/plt_relu_skip/transcoder");
    let said = complaint(&trace(
        &model,
        "t5",
        &["--transcoder", other.to_str().unwrap()],
    ));
    assert!(
        said.contains("24") && said.contains("16"),
        "another width: {said}"
    );

    std::fs::write(model.join("tokenizer.json"), "{ not json").unwrap();
    assert!(complaint(&trace(&model, "t5", &[])).contains("tokenizer.json"));

    let nowhere = scratch.path("nowhere");
    assert!(complaint(&trace(&nowhere, "t5", &[])).contains("nowhere"));
}

#[test]
fn impossible_prompts_and_options_are_refused_in_words() {
    assert!(complaint(&trace(&addition(), "", &[])).contains("empty"));
    let long = "1+".repeat(400);
    let said = complaint(&trace(&addition(), &long, &[]));
    assert!(
        said.contains("tokens") && said.contains("at most"),
        "{said}"
    );
    for bad in [
        ["--max-features", "0"],
        ["--batch-size", "0"],
        ["--max-logits", "0"],
    ] {
        assert!(complaint(&trace(&addition(), PROMPT, &bad)).contains("at least 1"));
    }
    let output = trace(&addition(), PROMPT, &["--node-threshold", "1.5"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("from 0 to 1"));
    let unwritable = root().join("no/such/folder/graph.json");
    let said = complaint(&trace(
        &addition(),
        PROMPT,
        &["--json", unwritable.to_str().unwrap()],
    ));
    assert!(said.contains("graph.json"), "{said}");
}

/// What a command prints, and the record that it writes.
fn written(scratch: &Scratch, command: &str, more: &[&str]) -> (String, Value) {
    let json = scratch.path("record.json");
    let more = [more, &["--json", json.to_str().unwrap()]].concat();
    let text = printed(&call(command, &addition(), PROMPT, &more));
    let record = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    (text, record)
}

fn array<'a>(record: &'a Value, field: &str) -> &'a Vec<Value> {
    let array = record[field].as_array();
    array.unwrap_or_else(|| panic!("{field} is {}", record[field]))
}

fn number(record: &Value, field: &str) -> f64 {
    let number = record[field].as_f64();
    number.unwrap_or_else(|| panic!("{field} is {}", record[field]))
}

/// The most influential feature of the first layer, as its setting begins: `0/153@6=`.
fn feature(scratch: &Scratch) -> String {
    let (_, grade) = written(scratch, "grade", &[]);
    let mut features = array(&grade, "features").iter();
    let first = features.find(|feature| feature["layer"] == 0).unwrap();
    format!("0/{}@{}=", first["index"], first["position"])
}

#[test]
fn steering_is_printed_and_written_the_same_on_both_engines() {
    let scratch = Scratch::new("steer");
    let feature = feature(&scratch);
    let (off, set) = (format!("{feature}x0"), format!("{feature}x-10"));
    let mut records = Vec::new();
    for engine in ["cpu", "gpu"] {
        // The later of two settings counts.
        let more = [
            "--engine", engine, "--set", &off, "--set", &set, "--go-on", "2",
        ];
        let (text, record) = written(&scratch, "steer", &more);
        check_steered(&text, &record);
        records.push(record);
    }
    for field in ["prompt", "tokens", "goes_on", "targets"] {
        assert_eq!(records[0][field], records[1][field], "{field}");
    }
    let logits = |record: &Value| -> Vec<f64> {
        let answers = array(record, "answers").iter();
        answers
            .map(|answer| number(answer, "logit_after"))
            .collect()
    };
    for (a, b) in logits(&records[0]).iter().zip(logits(&records[1])) {
        assert!((a - b).abs() < 1e-3 * a.abs().max(1.0), "{a}, {b}");
    }
}

fn check_steered(text: &str, record: &Value) {
    assert_eq!(record["prompt"], PROMPT);
    assert_eq!(array(record, "tokens").len(), 8);
    assert_eq!(record["tokens"][7], "=");
    let set = array(record, "set");
    assert_eq!(set.len(), 1);
    let (before, after) = (number(&set[0], "before"), number(&set[0], "after"));
    assert!(before > 0.0 && (after + 10.0 * before).abs() < 1e-4 * before);

    // A line for each answer, in order.
    let mut lines = text.lines();
    let heading = lines.next().unwrap();
    assert!(
        ["token", "before", "after", "logit"]
            .iter()
            .all(|word| heading.contains(word))
    );
    for answer in array(record, "answers") {
        let line: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
        let token = format!("{:?}", answer["token"].as_str().unwrap());
        let percent = |field: &str| format!("{:.2}", 100.0 * number(answer, field));
        let change = number(answer, "logit_after") - number(answer, "logit_before");
        let expected = [&percent("before"), "%", &percent("after"), "%"];
        assert_eq!(line[..line.len() - 5].concat(), token.replace(' ', ""));
        assert_eq!(line[line.len() - 5..line.len() - 1], expected);
        let shown: f64 = line[line.len() - 1].parse().unwrap();
        assert!((shown - change).abs() < 0.002, "{line:?}, {change}");
    }
    assert_eq!(lines.next(), Some(""));
    let (pearson, slope) = (number(record, "pearson"), number(record, "slope"));
    let fit = format!("r = {pearson:.3}, slope {slope:.3}");
    assert!(lines.next().unwrap().ends_with(&fit), "{fit} in {text}");

    let goes_on = array(record, "goes_on");
    for (tokens, name) in goes_on.iter().zip(["without", "with   "]) {
        let tokens = tokens.as_array().unwrap();
        assert_eq!(tokens.len(), 2);
        let said: String = tokens.iter().map(|token| token.as_str().unwrap()).collect();
        assert!(
            text.contains(&format!("\n{name}  {said}\n")),
            "{said:?} in {text}"
        );
    }
    assert_eq!(goes_on.len(), 2);
    assert_eq!(goes_on[0][0], "95");
    // So far from what they were, the features change the answer, with which the text begins.
    assert_ne!(goes_on[1][0], "95");
    assert_eq!(goes_on[1][0], record["answers"][0]["token"]);

    let rows = array(record, "features").len() + array(record, "targets").len();
    assert_eq!(array(record, "predicted").len(), rows);
    assert_eq!(array(record, "measured").len(), rows);
    assert_eq!(array(record, "logits").len(), vocabulary());
    for one in array(record, "newly_active") {
        assert!(number(one, "activation") > 0.0);
    }
}

#[test]
fn a_mode_freezes_what_it_says() {
    let scratch = Scratch::new("modes");
    let set = format!("{}x0", feature(&scratch));
    let of = |mode: &str| written(&scratch, "steer", &["--set", &set, "--mode", mode]).1;
    let (direct, all) = (of("direct"), of("constrained:0-3"));
    for field in ["answers", "measured", "predicted"] {
        assert_eq!(direct[field], all[field], "{field}");
    }
    assert!((number(&direct, "pearson") - 1.0).abs() < 1e-5);
    assert!((number(&direct, "slope") - 1.0).abs() < 1e-4);
    let (free, patterns) = (of("free"), of("patterns"));
    assert_ne!(free["measured"], patterns["measured"]);
    assert_ne!(free["measured"], direct["measured"]);
    assert_eq!(free["predicted"], patterns["predicted"]);
    assert_ne!(free["predicted"], direct["predicted"]);
    // Free is the default.
    assert_eq!(written(&scratch, "steer", &["--set", &set]).1, free);
    let nothing: [Vec<String>; 2] = Default::default();
    assert_eq!(free["goes_on"], serde_json::json!(nothing));
}

#[test]
fn text_goes_on_until_the_context_is_full() {
    let scratch = Scratch::new("go-on");
    let (_, record) = written(&scratch, "steer", &["--set", "0/1@6=x2", "--go-on", "100"]);
    for tokens in array(&record, "goes_on") {
        // Of 64 tokens the prompt takes 8; after the last comes one more.
        assert_eq!(tokens.as_array().unwrap().len(), 64 - 8 + 1);
    }
}

/// What a call says whose arguments cannot be read.
fn misuse(more: &[&str]) -> String {
    let output = call("steer", &addition(), PROMPT, more);
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn settings_that_cannot_be_are_refused_in_words() {
    for bad in ["0/1@2", "loud", "0/1@2=x", "0/1=3"] {
        let said = misuse(&["--set", bad]);
        let words = "sets no feature: write LAYER/FEATURE@POSITION=VALUE, with a multiple as x2";
        assert!(said.contains(&format!("\"{bad}\" {words}")), "{said}");
    }
    for bad in ["frozen", "constrained:3-1", "constrained"] {
        let said = misuse(&["--set", "0/1@2=1", "--mode", bad]);
        let words = "is no mode: use direct, constrained:1-3, patterns or free";
        assert!(said.contains(&format!("\"{bad}\" {words}")), "{said}");
    }
    assert!(misuse(&[]).contains("--set"));

    let refused = |more: &[&str]| {
        let output = call("steer", &addition(), PROMPT, more);
        assert_eq!(output.status.code(), Some(1));
        complaint(&output)
    };
    for (bad, says) in [
        ("4/1@2=1", "There is no feature 1 at layer 4, position 2"),
        (
            "0/99999@2=x2",
            "There is no feature 99999 at layer 0, position 2",
        ),
        ("0/1@8=0", "There is no feature 1 at layer 0, position 8"),
    ] {
        let said = refused(&["--set", bad]);
        assert!(said.contains(says), "{said}");
        assert!(said.contains("the prompt 8 tokens"), "{said}");
    }
    for bad in ["0/1@2=nan", "0/1@2=xinf"] {
        let said = refused(&["--set", bad]);
        assert!(said.contains("must be a finite number"), "{said}");
    }
    let said = refused(&["--set", "0/1@2=1", "--mode", "constrained:2-4"]);
    assert!(
        said.contains("There is no layer 4: the model has 4 layers"),
        "{said}"
    );
    let unwritable = root().join("no/such/folder/steered.json");
    let said = refused(&["--set", "0/1@2=1", "--json", unwritable.to_str().unwrap()]);
    assert!(said.contains("steered.json"), "{said}");
    for command in ["steer", "grade"] {
        let more: &[&str] = match command {
            "steer" => &["--set", "0/1@1=1"],
            _ => &[],
        };
        assert!(complaint(&call(command, &addition(), "", more)).contains("empty"));
        let long = "1+".repeat(400);
        let said = complaint(&call(command, &addition(), &long, more));
        assert!(said.contains("at most 64"), "{said}");
    }
}

#[test]
fn a_grade_is_printed_and_written() {
    let scratch = Scratch::new("grade");
    let (text, grade) = written(&scratch, "grade", &[]);
    assert_eq!(grade["prompt"], PROMPT);
    assert_eq!(array(&grade, "tokens").len(), 8);
    assert_eq!(
        (&grade["answer"], &grade["runner_up"]),
        (&"95".into(), &"96".into())
    );
    assert!(number(&grade, "seconds") > 0.0);

    let mut group = "";
    let mut lines = text.lines();
    let figures = array(&grade, "figures");
    assert!(figures.len() > 40, "{}", figures.len());
    for figure in figures {
        let of = |field: &str| figure[field].as_str().unwrap();
        assert!(!of("id").is_empty());
        if of("group") != group {
            group = of("group");
            assert_eq!(lines.next(), Some(group));
        }
        let line = lines.next().unwrap();
        let rest = line
            .trim()
            .strip_prefix(of("name"))
            .unwrap_or_else(|| panic!("{line}"));
        let (digits, unit) = match of("unit") {
            "" => (4, String::new()),
            unit => (2, format!(" {unit}")),
        };
        let value = number(figure, "value");
        assert_eq!(rest.trim(), format!("{value:.digits$}{unit}"), "{line}");
    }
    assert_eq!(lines.next(), Some(""));
    for finding in array(&grade, "findings") {
        let mark = match finding["trust"].as_str().unwrap() {
            "yes" => '+',
            "partly" => '~',
            "no" => '-',
            other => panic!("{other}"),
        };
        let sentence = finding["text"].as_str().unwrap();
        assert_eq!(lines.next().unwrap(), format!("{mark} {sentence}"));
    }
    assert_eq!(lines.next(), Some(""));
    assert!(lines.next().unwrap().starts_with("graded in "));
    let about: Vec<&str> = array(&grade, "findings")
        .iter()
        .map(|finding| finding["about"].as_str().unwrap())
        .collect();
    let all = [
        "exact",
        "mlps",
        "everything",
        "reading",
        "target",
        "influence",
        "errors",
        "replaced",
        "second",
    ];
    assert_eq!(about, all);

    let features = array(&grade, "features");
    assert_eq!(number(&grade, "active_features"), features.len() as f64);
    let trials = array(&grade, "trials");
    assert_eq!(trials.len(), 8);
    let rungs: Vec<&str> = trials
        .iter()
        .map(|trial| trial["rung"].as_str().unwrap())
        .collect();
    assert_eq!(rungs[..4], ["features", "mlps", "norms", "everything"]);
    for trial in trials {
        for points in [&trial["difference"], &trial["answer"]] {
            assert_eq!(array(points, "predicted").len(), features.len());
            assert_eq!(array(points, "live").len(), features.len());
            assert_eq!(array(points, "measured").len(), features.len());
        }
    }
    assert_eq!(array(&grade["errors"], "shares").len(), 4);
    assert_eq!(array(&grade, "travels").len(), 9);
    assert_eq!(grade["replaced"]["same"], true);
    assert_eq!(grade["second"]["per_layer"], true);
}

#[test]
fn a_grades_second_opinion_can_be_chosen() {
    let scratch = Scratch::new("second");
    let folder = |name: &str| addition().join(name).to_str().unwrap().to_owned();
    let (across, within) = (folder("transcoder"), folder("per-layer"));
    let second = |more: &[&str]| written(&scratch, "grade", more).1["second"].clone();
    // Another transcoder than the folder's own has no second by itself.
    assert!(second(&["--transcoder", &within]).is_null());
    let other = second(&["--transcoder", &within, "--second", &across]);
    assert_eq!(other["per_layer"], false);
    let same = second(&["--second", &across]);
    assert_eq!(same["per_layer"], false);
    assert!((number(&same, "agreement") - 1.0).abs() < 1e-9);
    assert_eq!(same["path_lengths"][0], same["path_lengths"][1]);
    let own = second(&[]);
    assert_eq!(own["path_lengths"][0], other["path_lengths"][1]);
    assert_eq!(own["path_lengths"][1], other["path_lengths"][0]);

    let missing = folder("nowhere");
    let output = call("grade", &addition(), PROMPT, &["--second", &missing]);
    assert!(complaint(&output).contains("nowhere"));
}

/// A `[PAD]` was added to the tokenizer and the embedding was not enlarged.
#[test]
fn a_padding_token_beyond_the_vocabulary_is_refused_where_it_is_used() {
    let scratch = Scratch::new("padding");
    let model = scratch.model();
    let file = model.join("tokenizer.json");
    let mut tokenizer: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let mut padding = tokenizer["added_tokens"][0].clone();
    (padding["id"], padding["content"]) = (40.into(), "[PAD]".into());
    tokenizer["added_tokens"]
        .as_array_mut()
        .unwrap()
        .push(padding);
    std::fs::write(&file, serde_json::to_vec(&tokenizer).unwrap()).unwrap();
    printed(&trace(&model, "t5 t17 t0", &[]));
    let said = complaint(&trace(&model, "t5 [PAD] t0", &[]));
    assert!(said.contains("Token 40, [PAD], does not exist"), "{said}");
    assert!(said.contains("40 tokens"), "{said}");
}
