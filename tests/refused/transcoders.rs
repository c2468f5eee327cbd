//! Transcoders of another model.

use crate::common::folders::{CLT, HALF, PLT, Tensor, assert_says, complaint, edit, fixture};
use attograph::model::{Files, InMemory};

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
