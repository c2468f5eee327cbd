//! What is said of files, prompts and options that cannot be.

use crate::common::calls::{PROMPT, addition, call, complaint, printed, trace};
use crate::common::fixtures::root;
use crate::common::scratch::Scratch;
use serde_json::Value;

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
