//! Folders as they are found: split checkpoints, other types of numbers, byte order marks, other scales of
//! attention, lists of files, and tensors that only some layers have.

mod common;

use attograph::model::{Activation, EncoderInput, Gate, InMemory};
use common::folders::{
    CLT, CONFIG, INDEX, PLT, TOKENIZER, TRANSCODER, Tensor, WEIGHTS, assert_says, complaint,
    configure, configure_transcoder, edit, fixture, load, loaded, replace, split, with_tensor,
};
use safetensors::tensor::Dtype;
use serde_json::json;

/// A field of `config.json` as `transformers` 4.57 saves a small GPT-2 of its own making.
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
    let model = load(&files).unwrap();
    // There is no such token, so nothing stands before prompts.
    assert_eq!(model.language.config.bos, None);
    assert_eq!(model.with_bos(vec![5, 6]), [5, 6]);
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
            for (found, usual) in rows.chain([(&found.bias[..], &usual.bias[..])]) {
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
        load(&files).unwrap().language.final_norm.bias[..2],
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

/// circuit-tracer reads the list before it looks for names.
#[test]
fn a_list_of_transcoders_counts_before_their_names() {
    let files = fixture(PLT);
    let plain = load(&files).unwrap().transcoder.layers;
    let listed = |list: serde_json::Value| {
        let mut files = files.clone();
        configure_transcoder(&mut files, "transcoders", Some(list));
        files
    };
    let swapped = load(&listed(json!([
        "layer_1.safetensors",
        "./layer_0.safetensors"
    ])))
    .unwrap();
    let swapped = swapped.transcoder.layers;
    assert_eq!(swapped[0].encoder, plain[1].encoder);
    assert_eq!(swapped[1].decoder, plain[0].decoder);
    assert!(plain[0].encoder != plain[1].encoder);
    // Files of any name, also further down.
    let mut files = listed(json!(["sets/a.safetensors", "b"]));
    for (from, to) in [
        ("layer_0.safetensors", "sets/a.safetensors"),
        ("layer_1.safetensors", "b"),
    ] {
        let bytes = files.remove(&format!("transcoder/{from}")).unwrap();
        files.insert(format!("transcoder/{to}"), bytes);
    }
    assert_eq!(
        load(&files).unwrap().transcoder.layers[1].encoder,
        plain[1].encoder
    );
    files.remove("transcoder/b");
    assert_says(
        &complaint(&files),
        &["transcoder/b", "is missing", TRANSCODER],
    );
    for away in [
        "hf://someone/transcoders/layer_0.safetensors",
        "https://example.com/layer_0.safetensors",
        "/layer_0.safetensors",
        "../transcoder/layer_0.safetensors",
        "a/../../layer_0.safetensors",
        "a\\layer_0.safetensors",
        "C:layer_0.safetensors",
        "a//b",
        "",
        ".",
    ] {
        let sentence = complaint(&listed(json!(["layer_0.safetensors", away])));
        assert_says(
            &sentence,
            &[
                TRANSCODER,
                &format!("transcoders[1] = {}", json!(away)),
                "in this folder",
            ],
        );
    }
    for (list, says) in [
        (
            json!("layer_0.safetensors"),
            "transcoders = \"layer_0.safetensors\"",
        ),
        (json!({"0": "layer_0.safetensors"}), "a list"),
        (json!([1, 2]), "transcoders[0] = 1"),
        (json!(["layer_0.safetensors"]), "1 layers"),
        (json!(["a", "b", "c"]), "3 layers"),
        (json!([]), "0 layers"),
    ] {
        assert_says(&complaint(&listed(list)), &[TRANSCODER, says]);
    }
}

#[test]
fn thresholds_are_those_of_the_file_whatever_their_shape() {
    let mut files = fixture(PLT);
    for (i, tensor) in [Tensor::of(&[], &[0.25]), Tensor::of(&[1], &[0.25])]
        .into_iter()
        .enumerate()
    {
        files = with_tensor(
            &files,
            &format!("transcoder/layer_{i}.safetensors"),
            "threshold",
            tensor,
        );
    }
    for layer in load(&files).unwrap().transcoder.layers {
        assert_eq!(layer.gate, Gate::Threshold(vec![0.25; 32]));
    }
    let values: Vec<f32> = (0..32).map(|i| i as f32).collect();
    let row = with_tensor(
        &files,
        "transcoder/layer_1.safetensors",
        "threshold",
        Tensor::of(&[1, 32], &values),
    );
    let layers = load(&row).unwrap().transcoder.layers;
    assert_eq!(layers[1].gate, Gate::Threshold(values));
    let logs = with_tensor(
        &fixture(PLT),
        "transcoder/layer_1.safetensors",
        "log_threshold",
        Tensor::of(&[1], &[-2.0]),
    );
    let layers = load(&logs).unwrap().transcoder.layers;
    // A per-layer transcoder's layers are their own.
    assert_eq!(layers[0].gate, Gate::Threshold(vec![0.0; 32]));
    assert_eq!(
        layers[1].gate,
        Gate::Threshold(vec![(-2.0_f64).exp() as f32; 32])
    );
    for (tensor, says) in [
        (Tensor::zeros(&[31]), "[31]"),
        (Tensor::zeros(&[2, 32]), "[2, 32]"),
        (Tensor::number(1), "I64"),
    ] {
        let files = with_tensor(
            &files,
            "transcoder/layer_1.safetensors",
            "threshold",
            tensor,
        );
        assert_says(
            &complaint(&files),
            &["layer_1.safetensors", "threshold", says],
        );
    }
    let huge = with_tensor(
        &fixture(PLT),
        "transcoder/layer_0.safetensors",
        "log_threshold",
        Tensor::of(&[1], &[100.0]),
    );
    assert_says(
        &complaint(&huge),
        &["layer_0.safetensors", "log_threshold", "too large for f32"],
    );
    let two = with_tensor(
        &files,
        "transcoder/layer_0.safetensors",
        "activation_function.threshold",
        Tensor::zeros(&[32]),
    );
    assert_says(
        &complaint(&two),
        &[
            "layer_0.safetensors",
            "threshold",
            "activation_function.threshold",
            "keep one",
        ],
    );
}

#[test]
fn what_only_some_layers_of_a_cross_layer_transcoder_have_is_told() {
    let mut some = fixture(CLT);
    for i in [0, 2] {
        let path = format!("transcoder/W_enc_{i}.safetensors");
        edit(&mut some, &path, |tensors| {
            drop(tensors.remove(&format!("threshold_{i}")))
        });
    }
    let says = [
        "transcoder/W_enc_0.safetensors",
        "no thresholds",
        "layer 1 has",
        "layers 0, 2 have none",
    ];
    assert_says(&complaint(&some), &says);
    let skip = with_tensor(
        &fixture(CLT),
        "transcoder/W_enc_1.safetensors",
        "W_skip_1",
        Tensor::zeros(&[16, 16]),
    );
    let says = [
        "transcoder/W_enc_0.safetensors",
        "no skip connection",
        "layer 1 has",
        "layers 0, 2 have none",
    ];
    assert_says(&complaint(&skip), &says);
    let k = with_tensor(
        &fixture("clt_relu_half"),
        "transcoder/W_enc_0.safetensors",
        "k",
        Tensor::number(2),
    );
    assert_says(
        &complaint(&k),
        &[
            "transcoder/W_enc_1.safetensors",
            "no k",
            "layers 1, 2, 3 have none",
        ],
    );
    // Thresholds that are all zero are thresholds.
    let zeros = with_tensor(
        &fixture(CLT),
        "transcoder/W_enc_1.safetensors",
        "threshold_1",
        Tensor::zeros(&[24]),
    );
    load(&zeros).unwrap();
}

#[test]
fn a_cross_layer_skip_connection_is_stored_inputs_first() {
    let mut files = fixture(CLT);
    let values: Vec<f32> = (0..256).map(|i| i as f32 / 100.0).collect();
    for i in 0..3 {
        let tensor = Tensor::of(&[16, 16], &values);
        files = with_tensor(
            &files,
            &format!("transcoder/W_enc_{i}.safetensors"),
            &format!("W_skip_{i}"),
            tensor,
        );
    }
    let layers = load(&files).unwrap().transcoder.layers;
    let skip = layers[2].skip.as_ref().unwrap();
    for (output, input) in [(0, 0), (0, 5), (5, 0), (15, 14)] {
        assert_eq!(skip.row(output)[input], values[input * 16 + output]);
    }
}

#[test]
fn an_encoder_that_reads_less_its_decoders_bias_is_one_with_another_bias() {
    for name in [CLT, PLT] {
        let mut files = fixture(name);
        let plain = load(&files).unwrap().transcoder.layers;
        configure_transcoder(&mut files, "apply_b_dec_to_input", Some(json!(true)));
        for (layer, plain) in load(&files).unwrap().transcoder.layers.iter().zip(&plain) {
            for feature in 0..plain.encoder.rows {
                let pairs = plain.encoder.row(feature).iter().zip(&plain.decoder_bias);
                let product: f64 = pairs.map(|(a, b)| f64::from(*a) * f64::from(*b)).sum();
                let expected = f64::from(plain.encoder_bias[feature]) - product;
                assert!((f64::from(layer.encoder_bias[feature]) - expected).abs() < 1e-6);
            }
            assert_eq!(layer.decoder_bias, plain.decoder_bias);
        }
    }
}

#[test]
fn hooks_go_by_all_their_names() {
    for (name, expected) in [
        ("hook_resid_mid", EncoderInput::ResidualMid),
        ("hook_mlp_in", EncoderInput::ResidualMid),
        ("ln2.hook_normalized", EncoderInput::MlpNorm),
        ("mlp.hook_in", EncoderInput::MlpNorm),
    ] {
        let mut files = fixture(CLT);
        configure_transcoder(&mut files, "feature_input_hook", Some(json!(name)));
        assert_eq!(load(&files).unwrap().transcoder.input, expected);
    }
    for name in [
        "hook_resid_pre",
        "hook_resid_post",
        "ln1.hook_normalized",
        "blocks.{layer}.hook_resid_mid",
        "ln2.hook_scale",
    ] {
        let mut files = fixture(CLT);
        configure_transcoder(&mut files, "feature_input_hook", Some(json!(name)));
        assert_says(
            &complaint(&files),
            &[TRANSCODER, &format!("feature_input_hook = {name}")],
        );
    }
    let mut files = fixture(CLT);
    let before = loaded(&files);
    configure_transcoder(
        &mut files,
        "feature_output_hook",
        Some(json!("mlp.hook_out")),
    );
    assert!(loaded(&files) == before);
    for name in [
        "hook_attn_out",
        "hook_resid_post",
        "ln2_post.hook_normalized",
    ] {
        configure_transcoder(&mut files, "feature_output_hook", Some(json!(name)));
        assert_says(
            &complaint(&files),
            &[TRANSCODER, &format!("feature_output_hook = {name}")],
        );
    }
}
