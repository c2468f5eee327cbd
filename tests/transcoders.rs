//! Transcoder folders as they are found: lists of files, thresholds and skip connections by other names and in
//! other shapes, TopK, and what contradicts itself.

use crate::common::folders::{
    CLT, HALF, PLT, TRANSCODER, Tensor, assert_says, complaint, configure_transcoder, edit,
    fixture, load, loaded, with_tensor,
};
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::engine::gpu::Gpu;
use attograph::model::{EncoderInput, Gate, InMemory};
use attograph::network::Network;
use attograph::trace::{Options, Tracer};
use pollster::block_on;
use serde_json::json;
use std::sync::Arc;

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
    for (i, tensor) in [Tensor::new(&[], &[0.25]), Tensor::new(&[1], &[0.25])]
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
        Tensor::new(&[1, 32], &values),
    );
    let layers = load(&row).unwrap().transcoder.layers;
    assert_eq!(layers[1].gate, Gate::Threshold(values));
    let logs = with_tensor(
        &fixture(PLT),
        "transcoder/layer_1.safetensors",
        "log_threshold",
        Tensor::new(&[1], &[-2.0]),
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
        Tensor::new(&[1], &[100.0]),
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
        &fixture(HALF),
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
        let tensor = Tensor::new(&[16, 16], &values);
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

/// How many features are active at each layer and each position but the first.
fn active<E: Engine>(engine: E, files: &InMemory) -> Vec<usize> {
    let model = Arc::new(load(files).unwrap());
    let layers = model.language.config.layers;
    let tracer = Tracer::new(Network::new(engine, model));
    let graph =
        block_on(tracer.trace(&[39, 5, 17, 0, 22, 8], &Options::default(), |_| {})).unwrap();
    let mut counts = vec![0; layers * 5];
    for feature in graph.features {
        counts[feature.layer * 5 + feature.position - 1] += 1;
    }
    counts
}

#[test]
fn top_k_is_computed_on_both_engines() {
    for (name, layers) in [(PLT, 2), (HALF, 4)] {
        let plain = fixture(name);
        let mut files = plain.clone();
        configure_transcoder(&mut files, "activation", Some(json!("topk")));
        configure_transcoder(&mut files, "k", Some(json!(2)));
        assert_eq!(active(Cpu, &files), vec![2; layers * 5], "{name}");
        assert_eq!(
            active(block_on(Gpu::new()).unwrap(), &files),
            vec![2; layers * 5],
            "{name}"
        );
        assert!(active(Cpu, &plain).iter().any(|count| *count > 2), "{name}");
        // The number is a tensor, as circuit-tracer saves it.
        let mut stored = plain.clone();
        for i in 0..layers {
            let (path, tensor) = match name {
                PLT => (format!("transcoder/layer_{i}.safetensors"), "k".to_string()),
                _ => (
                    format!("transcoder/W_enc_{i}.safetensors"),
                    format!("k_{i}"),
                ),
            };
            stored = with_tensor(&stored, &path, &tensor, Tensor::number(2));
        }
        assert!(loaded(&stored) == loaded(&files), "{name}");
        configure_transcoder(&mut stored, "activation", Some(json!("topk")));
        assert!(loaded(&stored) == loaded(&files), "{name}");
    }
}

#[test]
fn a_k_that_cannot_be_is_told() {
    let path = "transcoder/layer_1.safetensors";
    let mut files = fixture(PLT);
    configure_transcoder(&mut files, "activation", Some(json!("topk")));
    assert_says(&complaint(&files), &[TRANSCODER, "no field k"]);
    for (k, says) in [
        (json!(0), "k = 0"),
        (json!(33), "from 1 to the 32 features"),
        (json!(-2), "k = -2"),
        (json!(2.5), "k = 2.5"),
        (json!("2"), "k = \"2\""),
        (json!(1_u64 << 40), "a whole number"),
    ] {
        configure_transcoder(&mut files, "k", Some(k));
        assert_says(&complaint(&files), &[TRANSCODER, says]);
    }
    configure_transcoder(&mut files, "k", Some(json!(32)));
    load(&files).unwrap();
    let another = with_tensor(&files, path, "k", Tensor::number(31));
    assert_says(
        &complaint(&another),
        &[TRANSCODER, "k = 32", "k = 31", path],
    );
    configure_transcoder(&mut files, "k", None);
    for (tensor, says) in [
        (Tensor::number(0), "k = 0"),
        (Tensor::number(33), "32 features"),
        (Tensor::number(-1), "whole number"),
        (Tensor::new(&[], &[2.0]), "F32"),
        (Tensor::zeros(&[2]), "[2]"),
    ] {
        let files = with_tensor(&files, "transcoder/layer_0.safetensors", "k", tensor);
        assert_says(
            &complaint(&files),
            &["transcoder/layer_0.safetensors", "k", says],
        );
    }
}

#[test]
fn an_activation_that_contradicts_the_tensors_is_told() {
    let path = "transcoder/layer_1.safetensors";
    let jumps = "plt_jump_relu_ln2";
    let set = |name: &str, activation: &str| {
        let mut files = fixture(name);
        configure_transcoder(&mut files, "activation", Some(json!(activation)));
        files
    };
    let mut top = set(jumps, "topk");
    configure_transcoder(&mut top, "k", Some(json!(3)));
    assert_says(
        &complaint(&top),
        &[
            "activation_function.threshold",
            "activation: topk",
            "keep one",
        ],
    );
    assert_says(
        &complaint(&set(jumps, "relu")),
        &["activation_function.threshold", "activation: relu"],
    );
    for name in ["jump_relu", "jumprelu"] {
        assert!(loaded(&set(jumps, name)) == loaded(&fixture(jumps)));
        assert_says(
            &complaint(&set(PLT, name)),
            &["transcoder/layer_0.safetensors", "no tensor", "threshold"],
        );
        let k = with_tensor(&set(jumps, name), path, "k", Tensor::number(2));
        assert_says(&complaint(&k), &[path, "tensor k", "activation: jump_relu"]);
    }
    assert!(loaded(&set(PLT, "relu")) == loaded(&fixture(PLT)));
    let k = with_tensor(&set(PLT, "relu"), path, "k", Tensor::number(2));
    assert_says(&complaint(&k), &[path, "tensor k", "activation: relu"]);
    let k = with_tensor(&fixture(jumps), path, "k", Tensor::number(2));
    assert_says(
        &complaint(&k),
        &[path, "activation_function.threshold and k"],
    );
    for name in ["batch_topk", "tanh", "TopK", ""] {
        assert_says(
            &complaint(&set(PLT, name)),
            &[TRANSCODER, "activation = ", "relu, jump_relu or topk"],
        );
    }
}
