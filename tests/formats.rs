//! Model folders as they are found: split checkpoints, other types of numbers, byte order marks, other scales of
//! attention, and settings by other names.

use crate::common::folders::{
    CLT, CONFIG, INDEX, PLT, TOKENIZER, TRANSCODER, Tensor, WEIGHTS, assert_says, complaint,
    configure, edit, fixture, load, loaded, replace, split, with_tensor,
};
use attograph::model::{Activation, InMemory};
use safetensors::tensor::Dtype;
use serde_json::json;

/// As `transformers` 4.57 saves a small GPT-2 of its own making.
#[test]
fn a_small_gpt2_loads_as_transformers_saves_it() {
    let mut files = fixture(CLT);
    let saved = json!({
        "activation_function": "gelu_new", "architectures": ["GPT2LMHeadModel"], "attn_pdrop": 0.1,
        "bos_token_id": 50256, "dtype": "float32", "embd_pdrop": 0.1, "eos_token_id": 50256,
        "initializer_range": 0.02, "layer_norm_epsilon": 1e-05, "model_type": "gpt2", "n_embd": 16, "n_head": 2,
        "n_inner": null, "n_layer": 3, "n_positions": 12, "reorder_and_upcast_attn": false, "resid_pdrop": 0.1,
        "scale_attn_by_inverse_layer_idx": false, "scale_attn_weights": true, "summary_activation": null,
        "summary_first_dropout": 0.1, "summary_proj_to_labels": true, "summary_type": "cls_index",
        "summary_use_proj": true, "transformers_version": "4.57.3", "use_cache": true, "vocab_size": 40,
    });
    files.insert(CONFIG, serde_json::to_vec(&saved).unwrap());
    // There is no such token, so the tokenizer's special token stands before prompts.
    assert_eq!(load(&files).unwrap().with_bos(vec![5, 6]), [39, 5, 6]);
    let tokenizer = files.remove(TOKENIZER).unwrap();
    assert_eq!(load(&files).unwrap().with_bos(vec![5, 6]), [5, 6]);
    files.insert(TOKENIZER, tokenizer);
    // The full record of its settings, which older versions wrote.
    for (field, value) in [
        ("add_cross_attention", json!(false)),
        ("pruned_heads", json!({})),
        ("is_encoder_decoder", json!(false)),
        ("bad_words_ids", json!(null)),
        ("id2label", json!({"0": "LABEL_0"})),
        (
            "task_specific_params",
            json!({"text-generation": {"do_sample": true, "max_length": 50}}),
        ),
        ("torch_dtype", json!("float16")),
        ("pad_token_id", json!(50257)),
        ("n_ctx", json!(1024)),
        ("gradient_checkpointing", json!(false)),
    ] {
        configure(&mut files, field, Some(value));
    }
    load(&files).unwrap();
}

#[test]
fn activation_functions_go_by_all_their_names() {
    use Activation::{Gelu, GeluNew, Relu, Silu};
    for (name, expected) in [
        ("gelu_new", GeluNew),
        ("gelu_pytorch_tanh", GeluNew),
        ("gelu_python_tanh", GeluNew),
        ("gelu_fast", GeluNew),
        ("gelu_accurate", GeluNew),
        ("gelu", Gelu),
        ("gelu_python", Gelu),
        ("relu", Relu),
        ("silu", Silu),
        ("swish", Silu),
    ] {
        let mut files = fixture(CLT);
        configure(&mut files, "activation_function", Some(json!(name)));
        assert_eq!(
            load(&files).unwrap().language.config.activation,
            expected,
            "{name}"
        );
    }
    for name in ["gelu_10", "mish", "tanh", "relu2", "Gelu", ""] {
        let mut files = fixture(CLT);
        configure(&mut files, "activation_function", Some(json!(name)));
        assert_says(
            &complaint(&files),
            &[
                CONFIG,
                &format!("activation_function = \"{name}\""),
                "\"gelu\"",
            ],
        );
    }
}

#[test]
fn a_gpt2_with_any_head_is_a_gpt2() {
    let before = loaded(&fixture(CLT));
    for names in [
        json!(["GPT2Model"]),
        json!(["GPT2DoubleHeadsModel"]),
        json!(["GPT2ForSequenceClassification"]),
        json!(["TFGPT2LMHeadModel", "Other"]),
        json!([]),
    ] {
        let mut files = fixture(CLT);
        configure(&mut files, "architectures", Some(names.clone()));
        assert!(loaded(&files) == before, "{names}");
    }
    let mut files = fixture(CLT);
    configure(&mut files, "model_type", None);
    assert!(loaded(&files) == before);
    for names in [
        json!(["GPTNeoForCausalLM"]),
        json!("GPT2LMHeadModel"),
        json!([3]),
    ] {
        configure(&mut files, "architectures", Some(names));
        assert_says(
            &complaint(&files),
            &[CONFIG, "architectures = ", "GPT2LMHeadModel"],
        );
    }
    configure(&mut files, "architectures", Some(json!([])));
    assert_says(&complaint(&files), &[CONFIG, "no field model_type"]);
}

#[test]
fn sizes_go_by_their_other_names() {
    let mut files = fixture(CLT);
    let before = loaded(&files);
    for (field, other, size) in [
        ("n_embd", "hidden_size", 16),
        ("n_layer", "num_hidden_layers", 3),
        ("n_head", "num_attention_heads", 2),
        ("n_positions", "max_position_embeddings", 12),
    ] {
        configure(&mut files, other, Some(json!(size)));
        assert!(loaded(&files) == before, "{other}");
        configure(&mut files, field, None);
        assert!(loaded(&files) == before, "{other} alone");
    }
}

/// GPT-2s that scale attention otherwise are the same as ones of other queries that don't.
#[test]
fn attention_is_scaled_as_the_config_says() {
    let usual = load(&fixture(CLT)).unwrap();
    let width = usual.language.config.width;
    for (weights, by_layer) in [(false, false), (true, true), (false, true)] {
        let mut files = fixture(CLT);
        configure(&mut files, "scale_attn_weights", Some(json!(weights)));
        configure(
            &mut files,
            "scale_attn_by_inverse_layer_idx",
            Some(json!(by_layer)),
        );
        let model = load(&files).unwrap();
        for (layer, (found, usual)) in model
            .language
            .blocks
            .iter()
            .zip(&usual.language.blocks)
            .enumerate()
        {
            // Products are divided by the root of a head's width, 8, wherever they are computed.
            let scale = if weights { 1.0 } else { 8.0_f32.sqrt() };
            let factor = scale / if by_layer { (layer + 1) as f32 } else { 1.0 };
            let (found, usual) = (&found.attention_in, &usual.attention_in);
            let rows = found
                .weight
                .values
                .chunks(3 * width)
                .zip(usual.weight.values.chunks(3 * width));
            let biases = found.bias.as_deref().zip(usual.bias.as_deref());
            for (found, usual) in rows.chain([biases.expect("GPT-2 has them")]) {
                for (i, (found, usual)) in found.iter().zip(usual).enumerate() {
                    let expected = if i < width { usual * factor } else { *usual };
                    assert_eq!(
                        *found, expected,
                        "{weights}, {by_layer}, layer {layer}, {i}"
                    );
                }
            }
        }
    }
}

#[test]
fn split_checkpoints_load_as_whole_ones() {
    for (name, bare) in [(CLT, false), (PLT, false), (CLT, true)] {
        let mut files = fixture(name);
        let before = loaded(&files);
        if bare {
            edit(&mut files, WEIGHTS, |tensors| {
                let all = std::mem::take(tensors).into_iter();
                tensors.extend(
                    all.map(|(tensor, values)| (tensor.replace("transformer.", ""), values)),
                );
            });
        }
        split(&mut files);
        assert!(loaded(&files) == before, "{name}");
        // Where both are there, the whole one counts, as in transformers.
        let mut both = files.clone();
        both.insert(WEIGHTS, b"not even a checkpoint".to_vec());
        assert_says(&complaint(&both), &[WEIGHTS]);
    }
}

#[test]
fn split_checkpoints_that_are_not_whole_are_told() {
    let first = "model/model-00001-of-00002.safetensors";
    let second = "model/model-00002-of-00002.safetensors";
    let mut whole = fixture(CLT);
    split(&mut whole);
    let mut files = whole.clone();
    files.remove(second);
    assert_says(&complaint(&files), &[second, "is missing", INDEX]);
    // In another file than the index says.
    let mut files = whole.clone();
    let mut moved = None;
    edit(&mut files, second, |tensors| {
        moved = tensors.remove("transformer.ln_f.bias")
    });
    let files = with_tensor(&files, first, "transformer.ln_f.bias", moved.unwrap());
    assert_says(
        &complaint(&files),
        &[INDEX, "transformer.ln_f.bias", "disagree"],
    );
    // In both.
    let files = with_tensor(&whole, first, "transformer.ln_f.bias", Tensor::zeros(&[16]));
    assert_says(
        &complaint(&files),
        &[
            first,
            INDEX,
            "transformer.ln_f.bias",
            second.trim_start_matches("model/"),
        ],
    );
    // In the index only, and in a file only.
    let mut files = whole.clone();
    edit(&mut files, second, |tensors| {
        drop(tensors.remove("transformer.ln_f.bias"))
    });
    assert_says(
        &complaint(&files),
        &[second, INDEX, "transformer.ln_f.bias", "it is not"],
    );
    let files = with_tensor(&whole, first, "transformer.new", Tensor::zeros(&[1]));
    assert_says(
        &complaint(&files),
        &[first, INDEX, "transformer.new", "nothing of it"],
    );
    // Nowhere.
    let mut files = whole.clone();
    edit(&mut files, second, |tensors| {
        drop(tensors.remove("transformer.ln_f.bias"))
    });
    replace(&mut files, INDEX, |bytes| {
        let text = String::from_utf8(bytes).unwrap();
        let entry = format!(
            "\"transformer.ln_f.bias\":\"{}\",",
            second.trim_start_matches("model/")
        );
        assert!(text.contains(&entry), "{text}");
        text.replace(&entry, "").into_bytes()
    });
    assert_says(
        &complaint(&files),
        &[INDEX, "no tensor", "transformer.ln_f.bias"],
    );
    // Cut short.
    let mut files = whole;
    replace(&mut files, second, |bytes| bytes[..2000].to_vec());
    assert_says(&complaint(&files), &[second, "cut short"]);
}

#[test]
fn weights_in_other_formats_are_told_what_to_do() {
    for name in ["pytorch_model.bin", "pytorch_model.bin.index.json"] {
        let mut files = fixture(CLT);
        files.remove(WEIGHTS);
        files.insert(format!("model/{name}"), b"PK\x03\x04".to_vec());
        assert_says(
            &complaint(&files),
            &[WEIGHTS, "is missing", name, "save_pretrained"],
        );
        // Beside safetensors it is not looked at.
        let mut both = fixture(CLT);
        both.insert(format!("model/{name}"), b"PK\x03\x04".to_vec());
        load(&both).unwrap();
    }
    let mut files = fixture(CLT);
    files.insert("model/adapter_config.json", b"{}".to_vec());
    assert_says(&complaint(&files), &["adapter_config.json", "merge"]);
}

fn as_f64(tensor: &Tensor) -> Tensor {
    Tensor {
        dtype: Dtype::F64,
        shape: tensor.shape.clone(),
        bytes: tensor
            .values()
            .iter()
            .flat_map(|value| f64::from(*value).to_le_bytes())
            .collect(),
    }
}

#[test]
fn f64_loads_as_the_nearest_f32() {
    let mut files = fixture(CLT);
    let before = loaded(&files);
    for path in [
        WEIGHTS,
        "transcoder/W_enc_0.safetensors",
        "transcoder/W_dec_1.safetensors",
    ] {
        edit(&mut files, path, |tensors| {
            for tensor in tensors.values_mut() {
                *tensor = as_f64(tensor);
            }
        });
    }
    assert!(loaded(&files) == before);
    for (value, says) in [
        (1e39, "too large for f32"),
        (-3.5e38, "too large for f32"),
        (f64::NAN, "NaN"),
        (f64::INFINITY, "an infinity"),
    ] {
        let mut files = files.clone();
        edit(&mut files, WEIGHTS, |tensors| {
            let tensor = tensors.get_mut("transformer.ln_f.bias").unwrap();
            tensor.bytes[8 * 3..8 * 4].copy_from_slice(&f64::to_le_bytes(value));
        });
        assert_says(
            &complaint(&files),
            &[WEIGHTS, "transformer.ln_f.bias", "index 3", says],
        );
    }
    // Too small for f32 is nothing, and between two f32 the nearer one.
    edit(&mut files, WEIGHTS, |tensors| {
        let tensor = tensors.get_mut("transformer.ln_f.bias").unwrap();
        tensor.bytes[..8].copy_from_slice(&1e-60_f64.to_le_bytes());
        tensor.bytes[8..16].copy_from_slice(&0.1_f64.to_le_bytes());
    });
    assert_eq!(
        load(&files).unwrap().language.final_norm.bias.unwrap()[..2],
        [0.0, 0.1]
    );
}

#[test]
fn a_byte_order_mark_is_no_part_of_a_file() {
    let mark = |files: &mut InMemory, path: &str| {
        replace(files, path, |bytes| [b"\xEF\xBB\xBF", &bytes[..]].concat())
    };
    let mut files = fixture(CLT);
    split(&mut files);
    let before = loaded(&files);
    for path in [CONFIG, TRANSCODER, TOKENIZER, INDEX] {
        mark(&mut files, path);
    }
    assert!(loaded(&files) == before);
    let model = load(&files).unwrap();
    assert_eq!(model.vocabulary.token(7), "t7");
    let tokenizer = files.remove(TOKENIZER).unwrap();
    attograph::model::Tokenizer::from_bytes(&tokenizer).unwrap();
    // Two of them are one too many.
    for path in [CONFIG, TRANSCODER, INDEX] {
        let mut files = files.clone();
        mark(&mut files, path);
        assert_says(&complaint(&files), &[path, "is not valid"]);
    }
}
