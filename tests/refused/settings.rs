//! Configs that cannot be read, lack a field, or ask for what there is not.

use crate::common::folders::{
    CLT, CONFIG, TRANSCODER, Tensor, assert_says, complaint, configure, edit, fixture, replace_text,
};
use safetensors::tensor::Dtype;
use serde_json::json;

#[test]
fn configs_that_are_no_json_or_yaml_are_named() {
    for bytes in [
        &b"{ vocab"[..],
        b"",
        b"[1]",
        b"\xFF\xFE",
        b"<!doctype html>",
    ] {
        let mut files = fixture(CLT);
        files.insert(CONFIG, bytes.to_vec());
        assert_says(&complaint(&files), &[CONFIG, "JSON"]);
    }
    for bytes in [&b"a: [1"[..], b"\xFF", b"- 1", b"\t- {"] {
        let mut files = fixture(CLT);
        files.insert(TRANSCODER, bytes.to_vec());
        assert_says(&complaint(&files), &[TRANSCODER, "YAML"]);
    }
}

#[test]
fn missing_fields_are_named() {
    for field in ["n_layer", "n_embd", "n_head", "vocab_size", "n_positions"] {
        let mut files = fixture(CLT);
        configure(&mut files, field, None);
        assert_says(&complaint(&files), &[CONFIG, "no field", field]);
    }
    let mut files = fixture(CLT);
    configure(&mut files, "model_type", None);
    configure(&mut files, "architectures", None);
    assert_says(&complaint(&files), &[CONFIG, "model_type", "GPT-2"]);
    for field in ["model_kind", "feature_input_hook", "feature_output_hook"] {
        let mut files = fixture(CLT);
        replace_text(&mut files, TRANSCODER, field, "unknown");
        assert_says(&complaint(&files), &[TRANSCODER, "no field", field]);
    }
}

#[test]
fn what_is_not_implemented_is_refused() {
    for (field, value, says) in [
        ("model_type", json!("llama"), "gpt2"),
        ("activation_function", json!("gelu_10"), "gelu_new"),
        ("activation_function", json!("quick_gelu"), "gelu_new"),
        ("activation_function", json!(3), "gelu_new"),
        (
            "scale_attn_by_inverse_layer_idx",
            json!("no"),
            "true or false",
        ),
        ("scale_attn_weights", json!(0), "true or false"),
        ("add_cross_attention", json!(true), "false"),
        ("tie_word_embeddings", json!("no"), "true or false"),
        ("layer_norm_epsilon", json!(-1e-5), "above 0"),
        ("layer_norm_epsilon", json!(1e-300), "above 0"),
        ("layer_norm_epsilon", json!("small"), "above 0"),
        ("bos_token_id", json!(-1), "a token's number"),
        ("bos_token_id", json!("<s>"), "a token's number"),
    ] {
        let mut files = fixture(CLT);
        let found = format!("{field} = {value}");
        configure(&mut files, field, Some(value));
        assert_says(&complaint(&files), &[CONFIG, &found, says]);
    }
    let mut files = fixture(CLT);
    configure(&mut files, "model_type", None);
    configure(
        &mut files,
        "architectures",
        Some(json!(["LlamaForCausalLM"])),
    );
    assert_says(
        &complaint(&files),
        &[
            CONFIG,
            "architectures",
            "LlamaForCausalLM",
            "GPT2LMHeadModel",
        ],
    );

    for (from, to, says) in [
        (
            "cross_layer_transcoder",
            "sparse_autoencoder",
            "transcoder_set",
        ),
        (
            "hook_resid_mid",
            "hook_resid_pre",
            "hook_resid_mid or ln2.hook_normalized",
        ),
        ("hook_mlp_out", "hook_attn_out", "hook_mlp_out"),
        (
            "cross_layer_transcoder",
            "[transcoder_set]",
            "model_kind = [\"transcoder_set\"]",
        ),
    ] {
        let mut files = fixture(CLT);
        replace_text(&mut files, TRANSCODER, from, to);
        let to = to.trim_matches(['[', ']']);
        assert_says(&complaint(&files), &[TRANSCODER, to, says]);
    }
}

#[test]
fn senseless_sizes_are_refused() {
    let senseless = [
        json!(0),
        json!(-1),
        json!(1.5),
        json!(1e300),
        json!(u64::MAX),
        json!(u64::from(u32::MAX) + 1),
        json!((1 << 24) + 1),
        json!("16"),
        json!([16]),
        json!(true),
    ];
    for field in [
        "n_layer",
        "n_embd",
        "n_head",
        "n_inner",
        "vocab_size",
        "n_positions",
    ] {
        for value in &senseless {
            let mut files = fixture(CLT);
            configure(&mut files, field, Some(value.clone()));
            assert_says(
                &complaint(&files),
                &[CONFIG, field, "a whole number from 1"],
            );
        }
        // The largest that is not refused outright: nothing is allocated for it, and no product of it overflows.
        let mut files = fixture(CLT);
        configure(&mut files, field, Some(json!(1 << 24)));
        complaint(&files);
    }
    let mut files = fixture(CLT);
    configure(&mut files, "n_head", Some(json!(3)));
    assert_says(&complaint(&files), &[CONFIG, "n_head = 3", "n_embd = 16"]);
    // A shape with a zero promises any size of the others for no bytes.
    for shape in [[0, 16], [0, 1 << 40]] {
        let mut files = fixture(CLT);
        let path = "transcoder/W_enc_0.safetensors";
        edit(&mut files, path, |tensors| {
            tensors.insert(
                "W_enc_0".to_string(),
                Tensor {
                    dtype: Dtype::F32,
                    shape: shape.to_vec(),
                    bytes: vec![],
                },
            );
        });
        assert_says(&complaint(&files), &[path, "W_enc_0"]);
    }
}
