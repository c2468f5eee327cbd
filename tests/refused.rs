//! What is said of models and transcoders that do not load: one clear sentence that names the file and
//! the tensor, and no panic whatever the damage.

mod common;

use attograph::model::{Files, Folder, InMemory, Model};
use common::folders::{
    CLT, CONFIG, HALF, PLT, TRANSCODER, Tensor, WEIGHTS, assert_one_sentence, assert_says,
    complaint, configure, damages, edit, fixture, folder, load, replace, replace_text, with_header,
};
use safetensors::tensor::Dtype;
use serde_json::json;
use std::panic::{AssertUnwindSafe, catch_unwind};

#[test]
fn missing_files_are_named() {
    for (name, path) in [
        (CLT, CONFIG),
        (CLT, WEIGHTS),
        (CLT, TRANSCODER),
        (CLT, "transcoder/W_enc_1.safetensors"),
        (CLT, "transcoder/W_dec_2.safetensors"),
        (PLT, "transcoder/layer_0.safetensors"),
    ] {
        let mut files = fixture(name);
        files.remove(path);
        assert_says(&complaint(&files), &[path, "is missing"]);
    }
    let mut files = fixture(CLT);
    files.remove("transcoder/W_enc_2.safetensors");
    assert_says(&complaint(&files), &["(n_layer) has 3 layers"]);
}

#[test]
fn a_file_on_disk_is_named_with_its_folder() {
    let place = folder(CLT);
    let nowhere = Folder::new(place.join("nowhere"));
    let error = Model::load(&nowhere, &nowhere).unwrap_err().to_string();
    assert_says(
        &error,
        &[
            &place
                .join("nowhere")
                .join("config.json")
                .display()
                .to_string(),
            "is missing",
        ],
    );
    let error = Model::load(&Folder::new(place.join("model")), &nowhere)
        .unwrap_err()
        .to_string();
    assert_says(
        &error,
        &[&place
            .join("nowhere")
            .join("config.yaml")
            .display()
            .to_string()],
    );
    // A folder where a file is expected.
    let files = Folder::new(folder(""));
    let error = files.read(CLT).unwrap_err().to_string();
    assert_one_sentence(&error);
    assert_says(&error, &[CLT, "cannot be read"]);
}

#[test]
fn indices_of_split_checkpoints_are_checked() {
    let index = "model/model.safetensors.index.json";
    for (text, says) in [
        ("{}", &["no field weight_map"][..]),
        (r#"{"weight_map": {}}"#, &["weight_map = {}"]),
        (r#"{"weight_map": ["a"]}"#, &["weight_map = [\"a\"]"]),
        (
            r#"{"weight_map": {"wte.weight": 3}}"#,
            &["weight_map.wte.weight = 3"],
        ),
        (
            r#"{"weight_map": {"a": "../a.safetensors"}}"#,
            &["weight_map.a = \"../a.safetensors\"", "in this folder"],
        ),
        (
            r#"{"weight_map": {"a": "/a.safetensors"}}"#,
            &["\"/a.safetensors\""],
        ),
        (
            r#"{"weight_map": {"a": "a.safetensors"}, "order": 1}"#,
            &["a field order", "not known"],
        ),
        ("[", &["JSON"]),
    ] {
        let mut files = fixture(CLT);
        files.remove(WEIGHTS);
        files.insert(index, text.into());
        assert_says(&complaint(&files), &[index]);
        assert_says(&complaint(&files), says);
    }
}

#[test]
fn truncated_files_are_named_with_both_sizes() {
    for path in [
        WEIGHTS,
        "transcoder/W_enc_1.safetensors",
        "transcoder/W_dec_0.safetensors",
    ] {
        let mut files = fixture(CLT);
        let whole = files.read(path).unwrap().len();
        replace(&mut files, path, |mut bytes| {
            bytes.truncate(whole - 100);
            bytes
        });
        let sentence = complaint(&files);
        assert_says(
            &sentence,
            &[
                path,
                "cut short",
                &whole.to_string(),
                &(whole - 100).to_string(),
            ],
        );
        // Within the header.
        replace(&mut files, path, |bytes| bytes[..50].to_vec());
        assert_says(&complaint(&files), &[path, "cut short", "the file has 50"]);
    }
}

#[test]
fn files_that_are_no_safetensors_are_named() {
    let cases: [(&[u8], &str); 8] = [
        (b"<!doctype html><title>404</title>", "a web page"),
        (b"\n\n<html>404</html>", "a web page"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:1\n",
            "Git LFS",
        ),
        (b"", "empty"),
        (b"abc", "a few bytes"),
        (
            b"PK\x03\x04 a zip file, as PyTorch writes",
            "does not start with a header",
        ),
        (b"\x05\0\0\0\0\0\0\0{\"a\":", "not JSON"),
        (b"\x02\0\0\0\0\0\0\0{}and more", "its header describes 10"),
    ];
    for path in [WEIGHTS, "transcoder/W_enc_1.safetensors"] {
        for (bytes, says) in cases {
            let mut files = fixture(CLT);
            files.insert(path, bytes.to_vec());
            assert_says(&complaint(&files), &[path, says]);
        }
    }
}

#[test]
fn hostile_headers_are_told_not_obeyed() {
    // A file whose offsets add up to more than an address holds: one multiplication or sum short of a panic.
    let eighth = usize::MAX / 8;
    let mut chained = String::from("{");
    for i in 0..8 {
        let (from, to) = (i * eighth, (i + 1) * eighth);
        chained +=
            &format!(r#""t{i}":{{"dtype":"U8","shape":[{eighth}],"data_offsets":[{from},{to}]}},"#);
    }
    let rest = usize::MAX - 8 * eighth;
    let (from, to) = (8 * eighth, usize::MAX);
    chained += &format!(r#""u":{{"dtype":"U8","shape":[{rest}],"data_offsets":[{from},{to}]}}}}"#);
    let max = usize::MAX;
    let cases: [(String, &[&str]); 10] = [
        (chained, &["cut short"]),
        (format!(r#"{{"W":{{"dtype":"F32","shape":[{max},{max}],"data_offsets":[0,16]}}}}"#), &["tensor W"]),
        (format!(r#"{{"W":{{"dtype":"F32","shape":[{max}],"data_offsets":[0,{max}]}}}}"#), &["tensor W"]),
        (r#"{"W":{"dtype":"F32","shape":[-1],"data_offsets":[0,16]}}"#.into(), &["tensor W"]),
        (r#"{"W":{"dtype":"Q7","shape":[4],"data_offsets":[0,16]}}"#.into(), &["tensor W", "Q7"]),
        (r#"{"W":{"dtype":"F32","shape":[4],"data_offsets":[16,0]}}"#.into(), &["tensor W"]),
        (r#"{"W":{"dtype":"F32","shape":[3],"data_offsets":[4,16]}}"#.into(), &["tensor W", "start at 0"]),
        (r#"{"W":{"dtype":"F32","shape":[5],"data_offsets":[0,16]}}"#.into(), &["tensor W", "[5]", "16 bytes"]),
        (
            r#"{"V":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"W":{"dtype":"F32","shape":[3],"data_offsets":[4,16]}}"#
                .into(),
            &["tensor W", "start at 8"],
        ),
        (r#"{"W":7}"#.into(), &["tensor W"]),
    ];
    for (header, says) in cases {
        let mut files = fixture(CLT);
        files.insert(WEIGHTS, with_header(&header, 16));
        let sentence = complaint(&files);
        assert_says(&sentence, &[WEIGHTS]);
        assert_says(&sentence, says);
    }
    // A header that is longer than any file.
    let mut files = fixture(CLT);
    let mut bytes = u64::MAX.to_le_bytes().to_vec();
    bytes.extend_from_slice(b"{}");
    files.insert(WEIGHTS, bytes);
    assert_says(&complaint(&files), &[WEIGHTS, "cut short"]);
    // Deeper than a parser's stack.
    let mut files = fixture(CLT);
    files.insert(
        WEIGHTS,
        with_header(&format!(r#"{{"W":{}"#, "[".repeat(100_000)), 0),
    );
    assert_says(&complaint(&files), &[WEIGHTS, "not JSON"]);
}

/// As a page's visitor would meet it: the header's shape is changed, the bytes stay.
#[test]
fn a_header_with_another_shape_is_told_with_tensor_and_numbers() {
    let mut files = fixture(CLT);
    let path = "transcoder/W_enc_1.safetensors";
    replace(&mut files, path, |mut bytes| {
        let at = bytes
            .windows(7)
            .position(|window| window == b"[24,16]")
            .unwrap();
        bytes[at..at + 7].copy_from_slice(b"[ 3,16]");
        bytes
    });
    assert_says(
        &complaint(&files),
        &[path, "tensor W_enc_1", "[3, 16]", "1536 bytes"],
    );
}

#[test]
fn wrong_shapes_are_told_with_both() {
    for (name, path, tensor, shape, expected) in [
        (
            CLT,
            WEIGHTS,
            "transformer.wte.weight",
            &[41, 16][..],
            "[40, 16]",
        ),
        (
            CLT,
            WEIGHTS,
            "transformer.wpe.weight",
            &[12, 15],
            "[12, 16]",
        ),
        (
            CLT,
            WEIGHTS,
            "transformer.h.1.attn.c_attn.weight",
            &[48, 16],
            "[16, 48]",
        ),
        (
            CLT,
            WEIGHTS,
            "transformer.h.2.mlp.c_fc.bias",
            &[1, 64],
            "[64]",
        ),
        (CLT, WEIGHTS, "transformer.ln_f.bias", &[17], "[16]"),
        (PLT, WEIGHTS, "lm_head.weight", &[24, 40], "[40, 24]"),
        (
            CLT,
            "transcoder/W_enc_1.safetensors",
            "W_enc_1",
            &[24, 16, 1],
            "[features, width]",
        ),
        (
            CLT,
            "transcoder/W_enc_1.safetensors",
            "b_enc_1",
            &[23],
            "[24]",
        ),
        (
            CLT,
            "transcoder/W_enc_0.safetensors",
            "threshold_0",
            &[2],
            "[24]",
        ),
        (
            CLT,
            "transcoder/W_enc_2.safetensors",
            "b_dec_2",
            &[24],
            "[16]",
        ),
        (
            CLT,
            "transcoder/W_dec_1.safetensors",
            "W_dec_1",
            &[23, 2, 16],
            "[24, layers, 16]",
        ),
        (
            CLT,
            "transcoder/W_dec_1.safetensors",
            "W_dec_1",
            &[24, 32],
            "[24, layers, 16]",
        ),
        (
            PLT,
            "transcoder/layer_1.safetensors",
            "W_dec",
            &[24, 32],
            "[32, 24]",
        ),
        (
            PLT,
            "transcoder/layer_1.safetensors",
            "W_skip",
            &[24, 23],
            "[24, 24]",
        ),
    ] {
        let mut files = fixture(name);
        edit(&mut files, path, |tensors| {
            assert!(
                tensors
                    .insert(tensor.to_string(), Tensor::zeros(shape))
                    .is_some()
            );
        });
        let found = format!("{shape:?}");
        assert_says(&complaint(&files), &[path, tensor, &found, expected]);
    }
}

#[test]
fn missing_tensors_are_named() {
    for (name, path, tensor) in [
        (CLT, WEIGHTS, "transformer.wte.weight"),
        (CLT, WEIGHTS, "transformer.h.2.ln_2.bias"),
        (PLT, WEIGHTS, "lm_head.weight"),
        (CLT, "transcoder/W_enc_0.safetensors", "W_enc_0"),
        (CLT, "transcoder/W_enc_1.safetensors", "b_dec_1"),
        (CLT, "transcoder/W_dec_2.safetensors", "W_dec_2"),
        (PLT, "transcoder/layer_1.safetensors", "b_enc"),
    ] {
        let mut files = fixture(name);
        edit(&mut files, path, |tensors| {
            tensors.remove(tensor).unwrap();
            tensors.insert("another".to_string(), Tensor::zeros(&[1]));
        });
        assert_says(&complaint(&files), &[path, "no tensor", tensor]);
    }
}

#[test]
fn other_kinds_of_numbers_are_refused() {
    for (dtype, size) in [(Dtype::I8, 1), (Dtype::F8_E4M3, 1), (Dtype::I32, 4)] {
        let mut files = fixture(CLT);
        let path = "transcoder/W_dec_1.safetensors";
        edit(&mut files, path, |tensors| {
            let tensor = tensors.get_mut("W_dec_1").unwrap();
            tensor.dtype = dtype;
            tensor.bytes = vec![0; 24 * 2 * 16 * size];
        });
        assert_says(
            &complaint(&files),
            &[path, "W_dec_1", &dtype.to_string(), "F32, F16 or BF16"],
        );
    }
}

#[test]
fn numbers_that_are_not_finite_are_named_with_their_index() {
    let nan = f32::NAN.to_le_bytes();
    let infinity = f32::NEG_INFINITY.to_le_bytes();
    for (name, path, tensor, index, float, says) in [
        (
            CLT,
            WEIGHTS,
            "transformer.h.0.attn.c_attn.weight",
            700,
            nan,
            "NaN",
        ),
        (
            CLT,
            "transcoder/W_enc_1.safetensors",
            "W_enc_1",
            383,
            nan,
            "NaN",
        ),
        (
            CLT,
            "transcoder/W_enc_1.safetensors",
            "threshold_1",
            0,
            infinity,
            "infinity",
        ),
        (
            CLT,
            "transcoder/W_dec_0.safetensors",
            "W_dec_0",
            100,
            infinity,
            "infinity",
        ),
        (
            PLT,
            "transcoder/layer_0.safetensors",
            "W_skip",
            3,
            nan,
            "NaN",
        ),
    ] {
        let mut files = fixture(name);
        edit(&mut files, path, |tensors| {
            tensors.get_mut(tensor).unwrap().bytes[4 * index..4 * index + 4]
                .copy_from_slice(&float);
        });
        let index = format!("index {index}:");
        assert_says(
            &complaint(&files),
            &[path, tensor, says, "not a finite number", &index],
        );
    }
    // Half precision: all ones is a NaN, 0x7C00 an infinity.
    for (pair, says) in [([0xFF, 0xFF], "NaN"), ([0x00, 0x7C], "infinity")] {
        let mut files = fixture(HALF);
        let path = "transcoder/W_enc_1.safetensors";
        replace(&mut files, path, |mut bytes| {
            let end = bytes.len();
            bytes[end - 2..].copy_from_slice(&pair);
            bytes
        });
        assert_says(&complaint(&files), &[path, says, "not a finite number"]);
    }
}

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

/// The files of one fixture's model with another's transcoder.
fn mixed(model: &str, transcoder: &str) -> InMemory {
    let (mut files, other) = (fixture(model), fixture(transcoder));
    let ours: Vec<String> = files
        .paths()
        .filter(|path| path.starts_with("transcoder/"))
        .map(str::to_string)
        .collect();
    for path in ours {
        files.remove(&path);
    }
    for path in other.paths().filter(|path| path.starts_with("transcoder/")) {
        files.insert(path, other.read(path).unwrap().into_owned());
    }
    files
}

#[test]
fn a_transcoder_of_another_width_is_told_with_both() {
    let sentence = complaint(&mixed("plt_relu_skip_ln2", PLT));
    assert_says(
        &sentence,
        &[
            "transcoder/layer_0.safetensors",
            "W_enc",
            "width of 24",
            "n_embd",
            "is 16",
        ],
    );
    let mut files = fixture(CLT);
    edit(&mut files, "transcoder/W_enc_1.safetensors", |tensors| {
        tensors.insert("W_enc_1".to_string(), Tensor::zeros(&[24, 8]));
    });
    assert_says(
        &complaint(&files),
        &[
            "transcoder/W_enc_1.safetensors",
            "W_enc_1",
            "[24, 8]",
            "is 16",
        ],
    );
}

#[test]
fn a_transcoder_of_other_layers_is_told_with_both() {
    // More layers than the model.
    let sentence = complaint(&mixed(CLT, HALF));
    assert_says(
        &sentence,
        &[
            "transcoder/W_enc_3.safetensors",
            "has 4 layers",
            "(n_layer) 3",
        ],
    );
    let sentence = complaint(&mixed("plt_relu_skip_ln2", "plt_jump_relu_ln2"));
    assert_says(
        &sentence,
        &[
            "transcoder/layer_2.safetensors",
            "has 3 layers",
            "(n_layer) 2",
        ],
    );
    // Fewer: its first decoder tells.
    let sentence = complaint(&mixed(HALF, CLT));
    assert_says(
        &sentence,
        &[
            "transcoder/W_dec_0.safetensors",
            "has 3 layers",
            "(n_layer) 4",
        ],
    );
    let sentence = complaint(&mixed("plt_jump_relu_ln2", "plt_relu_skip_ln2"));
    assert_says(
        &sentence,
        &["transcoder/layer_2.safetensors", "is missing", "3 layers"],
    );
}

#[test]
fn layers_of_different_features_are_told_with_both() {
    let mut files = fixture(CLT);
    edit(&mut files, "transcoder/W_enc_2.safetensors", |tensors| {
        tensors.insert("W_enc_2".to_string(), Tensor::zeros(&[30, 16]));
    });
    let sentence = complaint(&files);
    assert_says(
        &sentence,
        &[
            "transcoder/W_enc_2.safetensors",
            "30 features",
            "W_enc_2",
            "has 24",
        ],
    );
}

// Damage of every kind: an error or not, but no panic.

#[test]
fn damage_never_panics() {
    for name in [CLT, "plt_relu_skip_ln2"] {
        let whole = fixture(name);
        for path in whole.paths() {
            for (what, bytes) in damages(&whole.read(path).unwrap(), 60) {
                let mut files = whole.clone();
                files.insert(path, bytes);
                match catch_unwind(AssertUnwindSafe(|| load(&files).map(drop))) {
                    Ok(Ok(())) => {}
                    Ok(Err(error)) => assert_one_sentence(&error.to_string()),
                    Err(_) => panic!("{name}/{path}, {what}: panicked"),
                }
            }
        }
    }
}
