//! The command line among other programs: pipes, exit codes, terminals, files, prompts of every kind.

use crate::common::calls::{PROMPT, addition, begun, call, complaint, printed, trace, vocabulary};
use crate::common::fixtures::root;
use crate::common::scratch::{Scratch, copy_folder};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The tokens that a call writes down.
fn tokens(scratch: &Scratch, model: &Path, prompt: &str) -> (Vec<String>, Output) {
    let json = scratch.path("graph.json");
    let output = trace(model, prompt, &["--json", json.to_str().unwrap()]);
    printed(&output);
    let graph: Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
    let tokens = graph["metadata"]["prompt_tokens"]
        .as_array()
        .unwrap()
        .iter();
    (
        tokens
            .map(|token| token.as_str().unwrap().to_string())
            .collect(),
        output,
    )
}

/// The addition model with another tokenizer.json.
fn addition_with(scratch: &Scratch, change: impl FnOnce(&mut Value)) -> PathBuf {
    let model = scratch.path("changed");
    copy_folder(&addition(), &model);
    copy_folder(&addition().join("transcoder"), &model.join("transcoder"));
    let file = model.join("tokenizer.json");
    let mut tokenizer: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    change(&mut tokenizer);
    fs::write(&file, tokenizer.to_string()).unwrap();
    model
}

#[test]
fn a_prompt_with_its_bos_written_out_gets_no_second() {
    let scratch = Scratch::new("one-bos");
    let answer = |prompt: &str| {
        printed(&trace(&addition(), prompt, &[]))
            .lines()
            .next()
            .unwrap()
            .to_string()
    };
    assert_eq!(answer("<bos>calc: 36+59="), answer(PROMPT));
    let (written, _) = tokens(&scratch, &addition(), "<bos>calc: 36+59=");
    assert_eq!(written, tokens(&scratch, &addition(), PROMPT).0);
    assert_eq!(written[..2], ["<bos>", "calc"]);
}

/// Without a BOS in config.json the tokenizer tells it; without any special token a word is said.
#[test]
fn a_first_token_without_a_bos_is_told() {
    let scratch = Scratch::new("no-bos");
    let model = addition_with(&scratch, |tokenizer| {
        tokenizer["post_processor"] = Value::Null
    });
    let config = model.join("config.json");
    let mut fields: Value = serde_json::from_slice(&fs::read(&config).unwrap()).unwrap();
    fields["bos_token_id"] = Value::Null;
    fields["eos_token_id"] = Value::Null;
    fs::write(&config, fields.to_string()).unwrap();
    let (written, output) = tokens(&scratch, &model, PROMPT);
    assert_eq!(written[0], "<bos>");
    assert!(output.stderr.is_empty());

    fs::write(
        model.join("tokenizer_config.json"),
        r#"{"tokenizer_class": "PreTrainedTokenizerFast"}"#,
    )
    .unwrap();
    let file = model.join("tokenizer.json");
    let mut tokenizer: Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    tokenizer["added_tokens"] = json!([]);
    fs::write(&file, tokenizer.to_string()).unwrap();
    let (written, output) = tokens(&scratch, &model, PROMPT);
    assert_eq!(written[0], "calc");
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("no special token") && said.contains("position 0 holds \"calc\""),
        "{said}"
    );
    assert!(trace(&model, PROMPT, &["--quiet"]).stderr.is_empty());
}

#[test]
fn an_added_token_is_the_one_of_the_file() {
    let scratch = Scratch::new("added");
    let model = addition_with(&scratch, |tokenizer| {
        let mut added = tokenizer["added_tokens"][0].clone();
        added["content"] = json!("<x>");
        added["id"] = json!(1570);
        let vocabulary = tokenizer["model"]["vocab"].as_object_mut().unwrap();
        vocabulary.retain(|_, id| *id != 1570);
        tokenizer["model"]["merges"] = json!([]);
        tokenizer["added_tokens"]
            .as_array_mut()
            .unwrap()
            .push(added);
    });
    let (written, _) = tokens(&scratch, &model, "1<x>2");
    assert_eq!(written, ["<bos>", "1", "<x>", "2"]);
}

#[test]
fn a_tokenizer_that_would_panic_is_told() {
    let scratch = Scratch::new("panic");
    let model = addition_with(&scratch, |tokenizer| {
        tokenizer["normalizer"] =
            json!({"type": "Replace", "pattern": {"Regex": "a*"}, "content": "x"});
    });
    let said = complaint(&trace(&model, PROMPT, &[]));
    assert!(
        said.contains("tokenizer.json") && said.contains("Replace"),
        "{said}"
    );
}

/// Far too long a prompt is refused before it is taken apart, whatever it consists of.
#[test]
fn far_too_long_a_prompt_is_refused_at_once() {
    let scratch = Scratch::new("long");
    for what in ["1", "a", " ", "!", "🦊", "\n", "é", "漢"] {
        let prompt = what.repeat(120_000 / what.len());
        let start = Instant::now();
        let said = complaint(&trace(&addition(), &prompt, &[]));
        assert!(
            said.contains("characters") && said.contains("64 tokens"),
            "{said}"
        );
        assert!(
            start.elapsed() < Duration::from_secs(5),
            "{what:?}: {:?}",
            start.elapsed()
        );
    }
    drop(scratch);
}

/// Reads a little of what a call prints, and closes the pipe.
fn cut_off(mut call: Command) -> (Option<i32>, String) {
    let mut child = call
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    (
        output.status.code(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

#[test]
fn a_closed_pipe_ends_a_command_quietly_after_its_files() {
    let scratch = Scratch::new("pipe");
    for (command, more) in [
        ("trace", &[][..]),
        ("steer", &["--set", "0/1@1=1"]),
        ("grade", &[]),
    ] {
        let json = scratch.path(&format!("{command}.json"));
        let more = [more, &["--json", json.to_str().unwrap()]].concat();
        let (code, said) = cut_off(begun(command, &addition(), PROMPT, &more));
        assert_eq!((code, said.as_str()), (Some(0), ""), "{command}");
        let _: Value = serde_json::from_slice(&fs::read(&json).unwrap()).unwrap();
    }
    let mut help = Command::new(env!("CARGO_BIN_EXE_attograph"));
    help.arg("--help");
    assert_eq!(cut_off(help), (Some(0), String::new()));
}

#[test]
fn a_full_disk_is_told_and_leaves_no_half_file() {
    if !Path::new("/dev/full").exists() {
        return;
    }
    let full = || {
        Stdio::from(
            fs::OpenOptions::new()
                .write(true)
                .open("/dev/full")
                .unwrap(),
        )
    };
    let output = begun("trace", &addition(), PROMPT, &[])
        .stdout(full())
        .output()
        .unwrap();
    assert!(complaint(&output).contains("Cannot write to the standard output"));
    let said = complaint(&trace(&addition(), PROMPT, &["--json", "/dev/full"]));
    assert!(said.contains("Cannot write /dev/full"), "{said}");
}

#[test]
fn files_are_written_whole_or_not_at_all() {
    let scratch = Scratch::new("whole");
    let folder = scratch.path("out");
    fs::create_dir(&folder).unwrap();
    let graph = folder.join("graph.json");
    fs::write(&graph, "old").unwrap();
    // What is there stays where nothing new comes of it.
    complaint(&trace(
        &addition(),
        "",
        &["--json", graph.to_str().unwrap()],
    ));
    assert_eq!(fs::read_to_string(&graph).unwrap(), "old");
    printed(&trace(
        &addition(),
        PROMPT,
        &["--json", graph.to_str().unwrap()],
    ));
    let _: Value = serde_json::from_slice(&fs::read(&graph).unwrap()).unwrap();
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);

    for (path, command, more) in [
        (folder.to_str().unwrap(), "trace", &[][..]),
        ("no/such/folder/x.json", "grade", &[]),
        ("no/such/folder/x.json", "steer", &["--set", "0/1@1=1"]),
    ] {
        let said = complaint(&call(
            command,
            &addition(),
            PROMPT,
            &[more, &["--json", path]].concat(),
        ));
        assert!(said.contains(&format!("Cannot write {path}")), "{said}");
    }
    let twice = [
        "--json",
        graph.to_str().unwrap(),
        "--raw",
        graph.to_str().unwrap(),
    ];
    assert!(complaint(&trace(&addition(), PROMPT, &twice)).contains("Two files"));
}

#[test]
fn a_file_can_go_to_the_standard_output() {
    let text = printed(&trace(&addition(), PROMPT, &["--json", "-"]));
    let graph: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(graph["metadata"]["prompt"], PROMPT);
    assert!(!root().join("-").exists());
}

/// What a terminal would act on is written out: in tokens, prompts, names of files and wrong arguments.
#[test]
fn nothing_that_is_printed_controls_a_terminal() {
    let hidden = "\u{1b}[31m\u{202e}\u{9b}";
    let scratch = Scratch::new("terminal");
    let model = addition_with(&scratch, |tokenizer| {
        let bos = tokenizer["added_tokens"][0].clone();
        let named = |id: usize, content: &str| {
            let mut token = bos.clone();
            (token["id"], token["content"], token["special"]) =
                (json!(id), json!(content), json!(false));
            token
        };
        // Whatever comes next has such a text.
        let last = vocabulary() - 1;
        let all = (0..last).map(|id| named(id, &format!("{hidden}{id}")));
        tokenizer["model"]["vocab"] = json!({"\u{100}": last});
        tokenizer["model"]["merges"] = json!([]);
        tokenizer["pre_tokenizer"] = Value::Null;
        tokenizer["added_tokens"] = json!(all.collect::<Vec<_>>());
    });
    let prompt = format!("{hidden}1{hidden}2");
    let nowhere = format!("/nowhere{hidden}");
    let calls = [
        trace(&model, &prompt, &[]),
        call(
            "steer",
            &model,
            &prompt,
            &["--set", "0/1@1=x5", "--go-on", "3"],
        ),
        trace(&model, &prompt, &["--json", &nowhere]),
        trace(Path::new(&nowhere), &prompt, &[]),
        trace(&model, &prompt, &["--node-threshold", hidden]),
        trace(&model, &prompt, &["--target", hidden]),
        call("steer", &model, &prompt, &["--set", hidden]),
        call(hidden, &model, &prompt, &[]),
    ];
    for (i, output) in calls.iter().enumerate() {
        let text = [&output.stdout[..], &output.stderr].concat();
        let text = String::from_utf8(text).unwrap();
        assert!(text.contains("\\u{202e}"), "{i}: {text}");
        let raw = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
        assert!(!text.contains(raw), "{i}: {text:?}");
    }
}

#[test]
fn exit_codes_tell_what_happened() {
    let attograph = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_attograph"))
            .args(arguments)
            .output()
            .unwrap();
        (
            output.status.code().unwrap(),
            output.stdout.is_empty(),
            output.stderr.is_empty(),
        )
    };
    for (arguments, code) in [
        (&["--help"][..], 0),
        (&["--version"], 0),
        (&["trace", "--help"], 0),
        (&[], 2),
        (&["fly"], 2),
        (&["trace"], 2),
        (&["trace", "x", "--model", "nowhere", "--minus", "y"], 2),
        (&["grade", "--no-such-option"], 2),
        (&["experiments", "--model", "nowhere", "--prompts", "0"], 2),
        (&["trace", "x", "--model", "nowhere"], 1),
        (&["steer", "x", "--model", "nowhere", "--set", "0/1@1=1"], 1),
        (&["grade", "x", "--model", "nowhere"], 1),
        (&["evaluate", "--model", "nowhere"], 1),
        (&["experiments", "--model", "nowhere"], 1),
    ] {
        assert_eq!(
            attograph(arguments),
            (code, code != 0, code == 0),
            "{arguments:?}"
        );
    }
}

#[test]
fn targets_are_named_by_text_or_number() {
    let scratch = Scratch::new("targets");
    let names = |more: &[&str]| {
        let json = scratch.path("graph.json");
        printed(&trace(
            &addition(),
            PROMPT,
            &[more, &["--json", json.to_str().unwrap()]].concat(),
        ));
        let graph: Value = serde_json::from_slice(&fs::read(json).unwrap()).unwrap();
        let nodes = graph["nodes"].as_array().unwrap().iter();
        let logits = nodes.filter(|node| node["feature_type"] == "logit");
        let mut names: Vec<String> = logits
            .map(|node| node["node_id"].as_str().unwrap().to_string())
            .collect();
        names.sort();
        names
    };
    // 351 is the token 95: 36 is 292 and 59 is 315.
    assert_eq!(names(&["--target", "95"]), names(&["--target", "#351"]));
    assert_eq!(names(&["--target", "95"]), ["5_351_7"]);
    // A new line, which one cannot type; and two.
    assert_eq!(
        names(&["--target", "#10", "--target", "↵", "--target", "96"]),
        ["5_10_7", "5_352_7"]
    );
    assert_eq!(names(&["--target", "95", "--minus", "96"]).len(), 1);
    let beyond = format!("#{}", vocabulary());
    for (more, says) in [
        (
            &["--target", "ninety-five"][..],
            "\"ninety-five\" is not one token",
        ),
        (
            &["--target", &beyond],
            &format!("{beyond:?} is not one token"),
        ),
        (
            &["--target", "1", "--target", "2", "--minus", "3"],
            "one --target and one --minus",
        ),
    ] {
        let said = complaint(&trace(&addition(), PROMPT, more));
        assert!(said.contains(says), "{said}");
    }
}
