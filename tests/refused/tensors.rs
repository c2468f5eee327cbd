//! Tensors of other shapes, other kinds of numbers, or none.

use crate::common::folders::{
    CLT, HALF, PLT, Tensor, WEIGHTS, assert_says, complaint, edit, fixture, replace,
};
use safetensors::tensor::Dtype;

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
