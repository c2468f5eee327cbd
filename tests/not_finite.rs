//! Weights that are finite, and products that are not: an error that says where to look, and no empty graph.

use crate::common::folders::{
    CLT, PLT, Tensor, WEIGHTS, assert_one_sentence, assert_says, edit, fixture, load,
};
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::engine::gpu::Gpu;
use attograph::model::InMemory;
use attograph::network::Network;
use attograph::trace::{Options, Targets, Tracer};
use pollster::block_on;
use std::sync::Arc;

/// What is said of a prompt on a model with these weights.
fn complaint<E: Engine>(engine: E, files: &InMemory, options: &Options) -> String {
    let tracer = Tracer::new(Network::new(engine, Arc::new(load(files).unwrap())));
    let traced = block_on(tracer.trace(&[39, 5, 17, 0, 22, 8], options, |_| {}));
    let sentence = traced
        .map(|graph| graph.scores())
        .expect_err("a graph of such weights")
        .to_string();
    assert_one_sentence(&sentence);
    sentence
}

/// A fixture in which these rows of a tensor have these values.
fn damaged(name: &str, path: &str, tensor: &str, rows: &[(usize, f32)]) -> InMemory {
    let mut files = fixture(name);
    edit(&mut files, path, |tensors| {
        let tensor = tensors
            .get_mut(tensor)
            .unwrap_or_else(|| panic!("no {tensor}"));
        let mut values = tensor.values();
        let width = values.len() / tensor.shape[0];
        for (row, value) in rows {
            values[row * width..(row + 1) * width].fill(*value);
        }
        *tensor = Tensor::new(&tensor.shape, &values);
    });
    files
}

const HUGE: f32 = 3e38;

#[test]
fn damaged_weights_are_told_by_layer_and_tensor() {
    let all = |value: f32, rows: usize| (0..rows).map(|row| (row, value)).collect::<Vec<_>>();
    let enc = "transcoder/W_enc_1.safetensors";
    let cases: [(InMemory, &[&str]); 9] = [
        // One of both is active, or neither a number.
        (
            damaged(CLT, enc, "W_enc_1", &[(7, HUGE), (8, -HUGE)]),
            &["layer 1", "W_enc"],
        ),
        (
            damaged(CLT, enc, "b_enc_1", &[(7, HUGE)]),
            &["layer 1", "7 ", "W_enc"],
        ),
        (
            damaged(
                PLT,
                "transcoder/layer_0.safetensors",
                "W_enc",
                &[(3, HUGE), (4, -HUGE)],
            ),
            &["layer 0", "W_enc"],
        ),
        (
            damaged(
                CLT,
                "transcoder/W_dec_1.safetensors",
                "W_dec_1",
                &all(HUGE, 24),
            ),
            &["layer 1", "W_dec"],
        ),
        (
            damaged(
                CLT,
                WEIGHTS,
                "transformer.wpe.weight",
                &[(2, HUGE), (3, -HUGE)],
            ),
            &["layer 0", "residual stream"],
        ),
        (
            damaged(
                CLT,
                WEIGHTS,
                "transformer.h.1.attn.c_proj.weight",
                &all(HUGE, 16),
            ),
            &["layer 1", "attention"],
        ),
        (
            damaged(
                CLT,
                WEIGHTS,
                "transformer.h.0.mlp.c_proj.weight",
                &[(1, HUGE), (2, -1e20)],
            ),
            &["layer 1", "before it"],
        ),
        (
            damaged(PLT, WEIGHTS, "lm_head.weight", &[(7, HUGE), (8, -HUGE)]),
            &["logits", "no finite"],
        ),
        (
            damaged(
                CLT,
                WEIGHTS,
                "transformer.h.2.mlp.c_proj.weight",
                &[(1, HUGE), (2, -1e20)],
            ),
            &["logits", "no finite"],
        ),
    ];
    for (files, says) in &cases {
        assert_says(&complaint(Cpu, files, &Options::default()), says);
        assert_says(
            &complaint(block_on(Gpu::new()).unwrap(), files, &Options::default()),
            says,
        );
        // And where features are ranked while rows are computed.
        let few = Options {
            max_features: Some(5),
            targets: Targets::Tokens(vec![3]),
            ..Options::default()
        };
        assert_says(&complaint(Cpu, files, &few), says);
    }
}
