//! Models and transcoders that load, and the values they then have.

use crate::common::folders::{
    CLT, HALF, PLT, Tensor, WEIGHTS, configure, edit, fixture, folder, load, replace, with_header,
};
use attograph::model::{
    EncoderInput, Files, Folder, Gate, InMemory, Matrix, Model, TranscoderKind,
};
use safetensors::SafeTensors;
use safetensors::tensor::Dtype;

fn assert_shape(matrix: &Matrix, rows: usize, columns: usize) {
    assert_eq!((matrix.rows, matrix.columns), (rows, columns));
    assert_eq!(matrix.values.len(), rows * columns);
}

/// Like the loader, but slower and plainer: one tensor of a file, as f32.
fn stored(files: &InMemory, path: &str, tensor: &str) -> Vec<f32> {
    let bytes = files.read(path).unwrap();
    let tensors = SafeTensors::deserialize(&bytes).unwrap();
    let view = tensors.tensor(tensor).unwrap();
    match view.dtype() {
        Dtype::F32 => view
            .data()
            .chunks(4)
            .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
            .collect(),
        Dtype::F16 => {
            let half = |b: &[u8]| half::f16::from_le_bytes(b.try_into().unwrap()).to_f32();
            view.data().chunks(2).map(half).collect()
        }
        other => panic!("{other}"),
    }
}

struct Sizes {
    fixture: &'static str,
    layers: usize,
    width: usize,
    heads: usize,
    inner: usize,
    features: usize,
    kind: TranscoderKind,
    input: EncoderInput,
    skip: bool,
    jumps: bool,
    tied: bool,
}

#[rustfmt::skip]
const FIXTURES: [Sizes; 5] = {
    use EncoderInput::{MlpNorm, ResidualMid};
    use TranscoderKind::{CrossLayer, PerLayer};
    [
        Sizes { fixture: CLT, layers: 3, width: 16, heads: 2, inner: 64, features: 24, kind: CrossLayer, input: ResidualMid, skip: false, jumps: true, tied: true },
        Sizes { fixture: HALF, layers: 4, width: 16, heads: 1, inner: 64, features: 24, kind: CrossLayer, input: ResidualMid, skip: false, jumps: false, tied: true },
        Sizes { fixture: "plt_jump_relu_ln2", layers: 3, width: 16, heads: 4, inner: 40, features: 24, kind: PerLayer, input: MlpNorm, skip: false, jumps: true, tied: true },
        Sizes { fixture: PLT, layers: 2, width: 24, heads: 4, inner: 96, features: 32, kind: PerLayer, input: ResidualMid, skip: true, jumps: false, tied: false },
        Sizes { fixture: "plt_relu_skip_ln2", layers: 2, width: 16, heads: 2, inner: 64, features: 24, kind: PerLayer, input: MlpNorm, skip: true, jumps: false, tied: true },
    ]
};

#[test]
fn fixtures_load_from_folders_with_the_right_shapes() {
    for sizes in FIXTURES {
        let place = folder(sizes.fixture);
        let (model, transcoder) = (
            Folder::new(place.join("model")),
            Folder::new(place.join("transcoder")),
        );
        let Model {
            language,
            transcoder,
            vocabulary,
        } = Model::load(&model, &transcoder).unwrap();
        let Sizes {
            width,
            inner,
            features,
            layers,
            ..
        } = sizes;

        let config = &language.config;
        assert_eq!(
            (config.layers, config.width, config.heads, config.inner),
            (layers, width, sizes.heads, inner)
        );
        assert_eq!(
            (config.vocabulary, config.context, config.bos),
            (40, 12, Some(39))
        );
        assert_eq!(config.epsilon, 1e-5);
        assert_shape(&language.token_embedding, 40, width);
        assert_shape(language.position_embedding.as_ref().unwrap(), 12, width);
        assert_shape(language.unembedding(), 40, width);
        assert_eq!(language.untied_unembedding.is_none(), sizes.tied);
        assert_eq!(
            (
                language.final_norm.weight.len(),
                language.final_norm.bias.as_ref().map(|bias| bias.len())
            ),
            (width, Some(width))
        );
        assert_eq!(language.blocks.len(), layers);
        for block in &language.blocks {
            for (part, inputs, outputs) in [
                (&block.attention_in, width, 3 * width),
                (&block.attention_out, width, width),
                (&block.mlp_in, width, inner),
                (&block.mlp_out, inner, width),
            ] {
                assert_shape(&part.weight, inputs, outputs);
                assert_eq!(part.bias.as_ref().map(|bias| bias.len()), Some(outputs));
            }
            for norm in [&block.attention_norm, &block.mlp_norm] {
                let bias = norm.bias.as_ref().map(|bias| bias.len());
                assert_eq!((norm.weight.len(), bias), (width, Some(width)));
            }
        }

        assert_eq!(
            (transcoder.kind, transcoder.input),
            (sizes.kind, sizes.input)
        );
        assert_eq!(
            (transcoder.layers.len(), transcoder.features()),
            (layers, features)
        );
        for (i, layer) in transcoder.layers.iter().enumerate() {
            assert_shape(&layer.encoder, features, width);
            assert_shape(&layer.decoder, features, transcoder.outputs(i) * width);
            assert_eq!(
                (layer.encoder_bias.len(), layer.decoder_bias.len()),
                (features, width)
            );
            let Gate::Threshold(thresholds) = &layer.gate else {
                panic!("{}: TopK", sizes.fixture);
            };
            assert_eq!(thresholds.len(), features);
            assert_eq!(
                thresholds.iter().all(|&threshold| threshold == 0.0),
                !sizes.jumps
            );
            assert_eq!(layer.skip.is_some(), sizes.skip);
            if let Some(skip) = &layer.skip {
                assert_shape(skip, width, width);
            }
        }
        assert_eq!(
            (vocabulary.token(7).as_str(), vocabulary.token(39).as_str()),
            ("t7", "<bos>")
        );
    }
}

#[test]
fn values_are_those_on_disk() {
    for (name, i) in [(CLT, 1), (HALF, 2)] {
        let files = fixture(name);
        let model = load(&files).unwrap();
        let layer = &model.transcoder.layers[i];
        let of = |file: &str, tensor: &str| {
            stored(
                &files,
                &format!("transcoder/{file}_{i}.safetensors"),
                &format!("{tensor}_{i}"),
            )
        };
        assert_eq!(layer.encoder.values, of("W_enc", "W_enc"));
        assert_eq!(layer.decoder.values, of("W_dec", "W_dec"));
        assert_eq!(layer.decoder_bias, of("W_enc", "b_dec"));
        let bias = format!("transformer.h.{i}.mlp.c_fc.bias");
        assert_eq!(
            model.language.blocks[i].mlp_in.bias,
            Some(stored(&files, WEIGHTS, &bias))
        );
    }
    let files = fixture(PLT);
    let model = load(&files).unwrap();
    assert_eq!(
        model.language.unembedding().values,
        stored(&files, WEIGHTS, "lm_head.weight")
    );
    let skip = model.transcoder.layers[1].skip.as_ref().unwrap();
    assert_eq!(
        skip.values,
        stored(&files, "transcoder/layer_1.safetensors", "W_skip")
    );
}

#[test]
fn bf16_loads() {
    let mut files = fixture(CLT);
    let path = "transcoder/W_enc_0.safetensors";
    let before = load(&files).unwrap().transcoder.layers[0]
        .encoder
        .values
        .clone();
    edit(&mut files, path, |tensors| {
        let tensor = tensors.get_mut("W_enc_0").unwrap();
        tensor.dtype = Dtype::BF16;
        // The upper half of each f32.
        tensor.bytes = tensor
            .bytes
            .chunks(4)
            .flat_map(|float| [float[2], float[3]])
            .collect();
    });
    let after = load(&files).unwrap().transcoder.layers[0]
        .encoder
        .values
        .clone();
    for (before, after) in before.iter().zip(&after) {
        assert!(
            (before - after).abs() <= before.abs() / 128.0,
            "{before} became {after}"
        );
    }
}

#[test]
fn checkpoints_of_the_bare_model_and_old_buffers_load() {
    let mut files = fixture(CLT);
    let before = load(&files).unwrap();
    edit(&mut files, WEIGHTS, |tensors| {
        *tensors = std::mem::take(tensors)
            .into_iter()
            .map(|(name, tensor)| (name.replace("transformer.", ""), tensor))
            .collect();
        let mask = Tensor {
            dtype: Dtype::BOOL,
            shape: vec![1, 1, 12, 12],
            bytes: vec![1; 144],
        };
        tensors.insert("h.0.attn.bias".to_string(), mask);
        tensors.insert("h.0.attn.masked_bias".to_string(), Tensor::zeros(&[]));
    });
    let after = load(&files).unwrap();
    assert_eq!(
        before.language.token_embedding,
        after.language.token_embedding
    );
}

#[test]
fn a_tied_model_ignores_a_stored_unembedding() {
    let mut files = fixture(PLT);
    configure(&mut files, "tie_word_embeddings", None);
    assert!(load(&files).unwrap().language.untied_unembedding.is_none());
}

#[test]
fn fields_with_a_default_may_be_left_out() {
    let mut files = fixture(CLT);
    for field in [
        "activation_function",
        "layer_norm_epsilon",
        "n_inner",
        "bos_token_id",
        "model_type",
    ] {
        configure(&mut files, field, None);
    }
    let config = load(&files).unwrap().language.config;
    // The eos is put in front where there is no bos.
    let opening = Some(39);
    assert_eq!(
        (config.inner, config.epsilon, config.bos),
        (64, 1e-5, opening)
    );
}

/// A header's length may be any bytes, also those of a `<`, with which a web page starts.
#[test]
fn a_header_may_be_60_bytes_long() {
    let mut files = fixture(CLT);
    replace(&mut files, "transcoder/W_dec_2.safetensors", |bytes| {
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let mut header = String::from_utf8(bytes[8..8 + length].to_vec()).unwrap();
        while header.len() % 256 != usize::from(b'<') {
            header.push(' ');
        }
        let mut longer = with_header(&header, 0);
        assert_eq!(longer[0], b'<');
        longer.extend_from_slice(&bytes[8 + length..]);
        longer
    });
    load(&files).unwrap();
}
