//! Models, transcoders and tokenizers: what loads, and what is said of what does not.
//!
//! "Bad input: a missing file, a truncated safetensors file, a wrong shape, a NaN, a transcoder of another
//! width, a tokenizer that is not JSON: each is one clear sentence naming the file and the tensor."

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use attograph::model::{
    Below, EncoderInput, Files, Folder, InMemory, Matrix, Model, TranscoderKind, Vocabulary,
};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value, json};

const CLT: &str = "clt_jump_relu";
const HALF: &str = "clt_relu_half";
const PLT: &str = "plt_relu_skip";
const CONFIG: &str = "model/config.json";
const WEIGHTS: &str = "model/model.safetensors";
const TOKENIZER: &str = "model/tokenizer.json";
const TRANSCODER: &str = "transcoder/config.yaml";

fn folder(fixture: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(fixture)
}

/// The files of a fixture, to be spoilt.
fn fixture(name: &str) -> InMemory {
    let mut files = InMemory::new();
    for part in ["model", "transcoder"] {
        for entry in std::fs::read_dir(folder(name).join(part)).unwrap() {
            let path = entry.unwrap().path();
            let key = format!("{part}/{}", path.file_name().unwrap().to_str().unwrap());
            files.insert(key, std::fs::read(path).unwrap());
        }
    }
    files
}

fn load(files: &InMemory) -> Result<Model, attograph::model::LoadError> {
    Model::load(
        &Below::new(files, "model"),
        &Below::new(files, "transcoder"),
    )
}

/// What is said of files that cannot be loaded; checks that it is one sentence.
fn complaint(files: &InMemory) -> String {
    let sentence = load(files)
        .expect_err("these files should not load")
        .to_string();
    assert_one_sentence(&sentence);
    sentence
}

fn assert_one_sentence(sentence: &str) {
    assert!(
        sentence.ends_with('.') && !sentence.ends_with(".."),
        "no full stop: {sentence}"
    );
    assert!(
        !sentence.contains('\n') && !sentence.contains(". "),
        "more than one: {sentence}"
    );
    assert!(sentence.len() < 500, "too long: {sentence}");
}

#[track_caller]
fn assert_says(sentence: &str, parts: &[&str]) {
    for part in parts {
        assert!(sentence.contains(part), "{part:?} is not in: {sentence}");
    }
}

fn replace(files: &mut InMemory, path: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    let bytes = files.remove(path).unwrap();
    files.insert(path, change(bytes));
}

fn replace_text(files: &mut InMemory, path: &str, from: &str, to: &str) {
    replace(files, path, |bytes| {
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(from), "{from} is not in {path}");
        text.replace(from, to).into_bytes()
    });
}

/// Sets a field of config.json, or takes it away.
fn configure(files: &mut InMemory, field: &str, value: Option<Value>) {
    replace(files, CONFIG, |bytes| {
        let mut config: Value = serde_json::from_slice(&bytes).unwrap();
        let fields = config.as_object_mut().unwrap();
        match value {
            Some(value) => fields.insert(field.to_string(), value),
            None => fields.remove(field),
        };
        serde_json::to_vec(&config).unwrap()
    });
}

struct Tensor {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Tensor {
    fn zeros(shape: &[usize]) -> Tensor {
        let bytes = vec![0; 4 * shape.iter().product::<usize>()];
        Tensor {
            dtype: Dtype::F32,
            shape: shape.to_vec(),
            bytes,
        }
    }
}

/// Changes the tensors of a safetensors file.
fn edit(files: &mut InMemory, path: &str, change: impl FnOnce(&mut BTreeMap<String, Tensor>)) {
    replace(files, path, |bytes| {
        let stored = SafeTensors::deserialize(&bytes).unwrap();
        let mut tensors = stored
            .iter()
            .map(|(name, view)| {
                let (shape, bytes) = (view.shape().to_vec(), view.data().to_vec());
                (
                    name.to_string(),
                    Tensor {
                        dtype: view.dtype(),
                        shape,
                        bytes,
                    },
                )
            })
            .collect();
        change(&mut tensors);
        let views = tensors.iter().map(|(name, tensor)| {
            let view = TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes).unwrap();
            (name.clone(), view)
        });
        safetensors::serialize(views, None).unwrap()
    });
}

/// A safetensors file of this header and so many bytes of data.
fn with_header(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.resize(bytes.len() + data, 0);
    bytes
}

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

// What loads.

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
        assert_shape(&language.position_embedding, 12, width);
        assert_shape(language.unembedding(), 40, width);
        assert_eq!(language.untied_unembedding.is_none(), sizes.tied);
        assert_eq!(
            (
                language.final_norm.weight.len(),
                language.final_norm.bias.len()
            ),
            (width, width)
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
                assert_eq!(part.bias.len(), outputs);
            }
            for norm in [&block.attention_norm, &block.mlp_norm] {
                assert_eq!((norm.weight.len(), norm.bias.len()), (width, width));
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
            assert_eq!(layer.threshold.len(), features);
            assert_eq!(
                layer.threshold.iter().all(|&threshold| threshold == 0.0),
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
            stored(&files, WEIGHTS, &bias)
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
    for (before, after) in before.iter().zip(after) {
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
    assert_eq!((config.inner, config.epsilon, config.bos), (64, 1e-5, None));
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

// What does not load, and what is said.

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
fn split_checkpoints_are_refused() {
    let mut files = fixture(CLT);
    files.remove(WEIGHTS);
    files.insert("model/model.safetensors.index.json", b"{}".to_vec());
    assert_says(&complaint(&files), &[WEIGHTS, "split over several files"]);
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
            &[1],
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
    for (dtype, size) in [
        (Dtype::F64, 8),
        (Dtype::I8, 1),
        (Dtype::F8_E4M3, 1),
        (Dtype::I32, 4),
    ] {
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
    for bytes in [
        &b"a: [1"[..],
        b"\xFF",
        b"- 1",
        b"model_kind: [transcoder_set]",
        b"\t- {",
    ] {
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
        ("activation_function", json!("relu"), "gelu_new"),
        ("activation_function", json!("gelu"), "gelu_new"),
        ("activation_function", json!(3), "gelu_new"),
        ("scale_attn_by_inverse_layer_idx", json!(true), "false"),
        ("scale_attn_weights", json!(false), "true"),
        ("add_cross_attention", json!(true), "false"),
        ("tie_word_embeddings", json!("no"), "true or false"),
        ("layer_norm_epsilon", json!(-1e-5), "above 0"),
        ("layer_norm_epsilon", json!(1e-300), "above 0"),
        ("layer_norm_epsilon", json!("small"), "above 0"),
        ("bos_token_id", json!(40), "vocab_size = 40"),
        ("bos_token_id", json!(-1), "vocab_size = 40"),
        ("bos_token_id", json!(1_u64 << 40), "vocab_size = 40"),
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
    ] {
        let mut files = fixture(CLT);
        replace_text(&mut files, TRANSCODER, from, to);
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

// Tokens.

#[test]
fn a_missing_or_broken_tokenizer_leaves_token_numbers() {
    for bytes in [
        None,
        Some(&b"{ not json"[..]),
        Some(b"{}"),
        Some(b"\xFF"),
        Some(b"{\"model\":{\"vocab\":3}}"),
    ] {
        let mut files = fixture(CLT);
        match bytes {
            Some(bytes) => files.insert(TOKENIZER, bytes.to_vec()),
            None => drop(files.remove(TOKENIZER)),
        }
        assert_eq!(load(&files).unwrap().vocabulary.token(12), "#12");
    }
}

#[test]
fn a_tokenizer_with_more_tokens_than_the_model_is_refused() {
    for id in [40, u32::MAX] {
        let mut files = fixture(CLT);
        replace_text(
            &mut files,
            TOKENIZER,
            "\"t38\":38",
            &format!("\"t38\":{id}"),
        );
        assert_says(
            &complaint(&files),
            &[TOKENIZER, &format!("token number {id}"), "has 40 tokens"],
        );
    }
}

/// A byte-level BPE like the shipped one: `<bos>` in front, every byte a token, and 36 of two.
fn byte_level() -> Vec<u8> {
    let symbol = |byte: u8| match byte {
        b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF => char::from(byte),
        0..=0x20 => char::from_u32(0x100 + u32::from(byte)).unwrap(),
        0x7F..=0xA0 => char::from_u32(0x121 + u32::from(byte) - 0x7F).unwrap(),
        0xAD => '\u{143}',
    };
    let mut vocab: serde_json::Map<String, Value> = (0..=255)
        .map(|byte: u8| (symbol(byte).to_string(), json!(byte)))
        .collect();
    assert_eq!(vocab.len(), 256);
    vocab.insert("36".to_string(), json!(256));
    vocab.insert("Ġ3".to_string(), json!(257));
    vocab.insert("âĤ¬".to_string(), json!(258));
    vocab.insert("âĤ".to_string(), json!(259));
    let tokenizer = json!({
        "version": "1.0",
        "truncation": null,
        "padding": null,
        "added_tokens": [{"id": 260, "content": "<bos>", "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": true}],
        "normalizer": null,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": "\\d{1,3}"}, "behavior": "Isolated", "invert": false},
            {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true}]},
        "post_processor": {"type": "TemplateProcessing",
            "single": [{"SpecialToken": {"id": "<bos>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
            "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"<bos>": {"id": "<bos>", "ids": [260], "tokens": ["<bos>"]}}},
        "decoder": {"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true},
        "model": {"type": "BPE", "dropout": null, "unk_token": null, "continuing_subword_prefix": null,
            "end_of_word_suffix": null, "fuse_unk": false, "byte_fallback": false, "ignore_merges": false,
            "vocab": vocab, "merges": [["3", "6"], ["Ġ", "3"], ["â", "Ĥ"], ["âĤ", "¬"]]},
    });
    serde_json::to_vec(&tokenizer).unwrap()
}

#[test]
fn byte_symbols_are_shown_as_text() {
    let vocabulary = Vocabulary::parse("tokenizer.json", &byte_level()).unwrap();
    let token = |id| vocabulary.token(id);
    assert_eq!(
        [token(32), token(10), token(256), token(257)],
        [" ", "\n", "36", " 3"]
    );
    assert_eq!(
        [token(258), token(259), token(0xE2)],
        ["€", "\\xE2\\x82", "\\xE2"]
    );
    assert_eq!(
        [token(260), token(261), token(u32::MAX)],
        ["<bos>", "#261", "#4294967295"]
    );
    for byte in 0..128_u8 {
        assert_eq!(token(u32::from(byte)), char::from(byte).to_string());
    }
    assert_eq!(vocabulary.last(), Some(260));
}

#[test]
fn numbers_are_found_among_tokens() {
    let vocabulary = Vocabulary::parse("tokenizer.json", &byte_level()).unwrap();
    assert_eq!(vocabulary.number(256), Some(36));
    assert_eq!(vocabulary.number(u32::from(b'7')), Some(7));
    assert_eq!(vocabulary.number(u32::from(b'0')), Some(0));
    assert_eq!(
        [
            vocabulary.number(257),
            vocabulary.number(260),
            vocabulary.number(999)
        ],
        [None; 3]
    );
    assert_eq!(vocabulary.id_of_number(36), Some(256));
    assert_eq!(vocabulary.id_of_number(0), Some(u32::from(b'0')));
    assert_eq!(vocabulary.id_of_number(37), None);

    let words = json!({"model": {"vocab": {"007": 0, "7": 1, "": 2, "99999999999999999999": 3, "+7": 4, "٣": 5}}});
    let vocabulary =
        Vocabulary::parse("tokenizer.json", &serde_json::to_vec(&words).unwrap()).unwrap();
    assert_eq!(
        (0..6).map(|id| vocabulary.number(id)).collect::<Vec<_>>(),
        [None, Some(7), None, None, None, None]
    );
    assert_eq!(vocabulary.id_of_number(7), Some(1));
}

#[test]
fn tokens_of_other_models_stand_as_they_are() {
    let scored = json!({"decoder": null, "model": {"type": "Unigram", "vocab": [["<unk>", 0.0], ["▁a", -1.5], ["Ġ", -2]]}});
    let vocabulary =
        Vocabulary::parse("tokenizer.json", &serde_json::to_vec(&scored).unwrap()).unwrap();
    assert_eq!([vocabulary.token(1), vocabulary.token(2)], ["▁a", "Ġ"]);
    assert_eq!(Vocabulary::empty().token(5), "#5");
    assert_eq!(Vocabulary::empty().last(), None);
}

#[test]
fn a_vocabulary_that_cannot_be_read_is_told() {
    for bytes in [
        &b"{ not json"[..],
        b"{}",
        b"",
        b"{\"model\":{\"vocab\":{\"a\":-1}}}",
        b"<html>",
    ] {
        let sentence = Vocabulary::parse("tokenizer.json", bytes)
            .unwrap_err()
            .to_string();
        assert_one_sentence(&sentence);
        assert_says(&sentence, &["tokenizer.json"]);
    }
}

#[cfg(feature = "tokenizer")]
mod tokenizer {
    use attograph::model::Tokenizer;

    use super::*;

    #[test]
    fn text_becomes_tokens_and_back() {
        let tokenizer = Tokenizer::from_bytes(&byte_level()).unwrap();
        let ids = tokenizer.encode("a 36+3€").unwrap();
        assert_eq!(ids, [260, 97, 32, 256, 43, 51, 258]);
        assert_eq!(tokenizer.decode(&ids), "a 36+3€");
        assert_eq!(tokenizer.encode("").unwrap(), [260]);
        assert_eq!(tokenizer.decode(&[u32::MAX, 97]), "a");

        let words = fixture(CLT).read(TOKENIZER).unwrap().into_owned();
        let tokenizer = Tokenizer::from_bytes(&words).unwrap();
        assert_eq!(tokenizer.encode("t3 t21 unknown").unwrap(), [3, 21, 39]);
    }

    /// Settings for training and for batches; a prompt is to stay whole, and the same each time.
    #[test]
    fn nothing_is_cut_off_or_filled_up() {
        let mut file: Value = serde_json::from_slice(&byte_level()).unwrap();
        let text = "a 36+3€";
        let encode = |file: &Value| {
            let bytes = serde_json::to_vec(file).unwrap();
            Tokenizer::from_bytes(&bytes).map(|tokenizer| tokenizer.encode(text).unwrap())
        };
        let whole = encode(&file).unwrap();
        file["truncation"] = serde_json::json!({
            "direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 7
        });
        file["padding"] = serde_json::json!({
            "strategy": {"Fixed": 40}, "direction": "Right", "pad_to_multiple_of": null,
            "pad_id": 0, "pad_type_id": 0, "pad_token": "!"
        });
        assert_eq!(encode(&file).unwrap(), whole);

        file["model"]["dropout"] = serde_json::json!(0.5);
        assert_says(
            &encode(&file).unwrap_err().to_string(),
            &["tokenizer.json", "dropout"],
        );
        file["model"]["dropout"] = Value::Null;
        file["normalizer"] = serde_json::json!({
            "type": "Sequence",
            "normalizers": [{"type": "Precompiled", "precompiled_charsmap": "AAAAAA=="}]
        });
        assert_says(
            &encode(&file).unwrap_err().to_string(),
            &["normalizer", "Precompiled"],
        );
    }

    #[test]
    fn a_broken_tokenizer_is_told() {
        let merges = String::from_utf8(byte_level())
            .unwrap()
            .replace("[\"3\",\"6\"]", "[\"3\",\"unknown\"]");
        for bytes in [
            &b"{ not json"[..],
            b"",
            b"{}",
            b"\xFF",
            b"{\"model\":{\"vocab\":{\"a\":0}}}",
            merges.as_bytes(),
        ] {
            let Err(error) = Tokenizer::from_bytes(bytes) else {
                panic!("should not load")
            };
            let sentence = error.to_string();
            assert_one_sentence(&sentence);
            assert_says(&sentence, &["tokenizer.json"]);
        }
    }

    /// Files that make the `tokenizers` crate panic.
    #[test]
    fn a_tokenizer_that_contradicts_itself_is_told() {
        let whole: Value = serde_json::from_slice(&byte_level()).unwrap();
        let spoilt = |path: &str, value: Value| {
            let mut tokenizer = whole.clone();
            *tokenizer.pointer_mut(path).unwrap() = value;
            tokenizer
        };
        let template = "/post_processor/single";
        let undefined = json!([{"SpecialToken": {"id": "<eos>", "type_id": 0}}]);
        let undefined = spoilt(template, undefined);
        let second = spoilt(template, json!([{"Sequence": {"id": "B", "type_id": 0}}]));
        let sequence = json!({"type": "Sequence", "processors": [undefined["post_processor"]]});
        let sequence = spoilt("/post_processor", sequence);
        let prefix = spoilt("/model/continuing_subword_prefix", json!("##"));
        for (tokenizer, says) in [
            (undefined, "<eos>"),
            (second, "text B"),
            (sequence, "<eos>"),
            (prefix, "continuing_subword_prefix"),
        ] {
            let outcome = Tokenizer::from_bytes(&serde_json::to_vec(&tokenizer).unwrap());
            let Err(error) = outcome else {
                panic!("should not load: {says}")
            };
            assert_one_sentence(&error.to_string());
            assert_says(&error.to_string(), &["tokenizer.json", says]);
        }
    }

    /// What the `tokenizers` crate's own `Tokenizer` makes of the same file.
    fn assert_as_the_crate(what: &str, file: &[u8]) {
        let own = Tokenizer::from_bytes(file).unwrap_or_else(|error| panic!("{what}: {error}"));
        let theirs = tokenizers::Tokenizer::from_bytes(file).unwrap();
        for text in [
            "",
            "calc: 36+59=95",
            "The doctor's patient has  12,345 tokens.\n\n  She said: “naïve café”, didn't she?",
            " <bos>36 <|endoftext|>A fooBar foo bar [x] ##s\t€ 漢字 👩‍⚕️ e\u{301}",
            "t3 t21 unknown ▁a\r\n",
        ] {
            let ids = own.encode(text).unwrap();
            let expected = theirs.encode(text, true).unwrap();
            assert_eq!(ids, expected.get_ids(), "{what}: {text:?}");
            let expected = theirs.decode(&ids, true).unwrap();
            assert_eq!(own.decode(&ids), expected, "{what}: {text:?}");
        }
    }

    #[test]
    fn shipped_tokenizers_are_read_as_the_crate_reads_them() {
        let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("www/models");
        for name in ["addition", "diagnosis"] {
            let file = std::fs::read(models.join(name).join("tokenizer.json")).unwrap();
            assert_as_the_crate(name, &file);
        }
        let words = fixture(CLT).read(TOKENIZER).unwrap().into_owned();
        assert_as_the_crate(CLT, &words);
        assert_as_the_crate("byte level", &byte_level());
    }

    /// As in GPT-2's own file: the model has no type, each merge is one text, and the steps are ByteLevel.
    fn like_gpt2() -> Value {
        let mut file: Value = serde_json::from_slice(&byte_level()).unwrap();
        let model = file["model"].as_object_mut().unwrap();
        for name in ["type", "byte_fallback", "ignore_merges"] {
            model.remove(name);
        }
        model["continuing_subword_prefix"] = json!("");
        model["end_of_word_suffix"] = json!("");
        model["merges"] = json!(["3 6", "Ġ 3", "â Ĥ", "âĤ ¬"]);
        file["added_tokens"] = json!([{"id": 260, "content": "<|endoftext|>", "single_word": false,
            "lstrip": false, "rstrip": false, "normalized": true, "special": true}]);
        file["pre_tokenizer"] =
            json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true});
        file["post_processor"] =
            json!({"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false});
        file["decoder"] =
            json!({"type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true});
        file
    }

    #[test]
    fn every_kind_of_step_is_as_in_the_crate() {
        let whole = like_gpt2();
        assert_as_the_crate("GPT-2", &serde_json::to_vec(&whole).unwrap());
        let pattern = json!({"Regex": "\\d{1,3}(?=(?:\\d{3})*(?!\\d))"});
        let special = json!({"<bos>": {"id": "<bos>", "ids": [260], "tokens": ["<bos>"]}});
        let bos = json!({"SpecialToken": {"id": "<bos>", "type_id": 0}});
        let text = json!({"Sequence": {"id": "A", "type_id": 0}});
        let template = json!({"type": "TemplateProcessing", "single": [bos, text], "pair": [text],
            "special_tokens": special});
        let byte_level = whole["decoder"].clone();
        for (part, step) in [
            ("normalizer", json!({"type": "Lowercase"})),
            (
                "normalizer",
                json!({"type": "Strip", "strip_left": true, "strip_right": false}),
            ),
            (
                "normalizer",
                json!({"type": "Replace", "pattern": {"String": "a"}, "content": "36"}),
            ),
            (
                "normalizer",
                json!({"type": "Sequence", "normalizers": [
                {"type": "Replace", "pattern": {"Regex": "\\s+"}, "content": " "},
                {"type": "Sequence", "normalizers": [{"type": "Lowercase"}]}]}),
            ),
            (
                "pre_tokenizer",
                json!({"type": "ByteLevel", "add_prefix_space": true,
                "trim_offsets": true, "use_regex": false}),
            ),
            (
                "pre_tokenizer",
                json!({"type": "Sequence", "pretokenizers": []}),
            ),
            (
                "pre_tokenizer",
                json!({"type": "Sequence", "pretokenizers": [
                {"type": "Split", "pattern": pattern, "behavior": "Isolated", "invert": false},
                {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithNext", "invert": true},
                {"type": "Digits", "individual_digits": true}, {"type": "Punctuation"},
                {"type": "Punctuation", "behavior": "Contiguous"}, byte_level]}),
            ),
            (
                "pre_tokenizer",
                json!({"type": "Digits", "individual_digits": false}),
            ),
            ("pre_tokenizer", json!({"type": "Whitespace"})),
            ("pre_tokenizer", json!({"type": "WhitespaceSplit"})),
            ("post_processor", Value::Null),
            ("post_processor", template.clone()),
            (
                "post_processor",
                json!({"type": "BertProcessing", "sep": ["!", 0], "cls": ["36", 256]}),
            ),
            (
                "post_processor",
                json!({"type": "RobertaProcessing", "sep": ["!", 0], "cls": ["36", 256],
                "trim_offsets": true, "add_prefix_space": false}),
            ),
            (
                "post_processor",
                json!({"type": "Sequence", "processors": [byte_level, template]}),
            ),
            ("decoder", Value::Null),
            ("decoder", json!({"type": "BPEDecoder", "suffix": "3"})),
            (
                "decoder",
                json!({"type": "WordPiece", "prefix": "3", "cleanup": true}),
            ),
            (
                "decoder",
                json!({"type": "Sequence", "decoders": [
                {"type": "Replace", "pattern": {"String": "Ġ"}, "content": " "},
                {"type": "ByteFallback"}, {"type": "Fuse"}]}),
            ),
        ] {
            let mut file = whole.clone();
            file[part] = step;
            let what = format!("{part} {}", file[part]);
            assert_as_the_crate(&what, &serde_json::to_vec(&file).unwrap());
        }
    }

    #[test]
    fn added_tokens_are_as_in_the_crate() {
        let mut file = like_gpt2();
        file["normalizer"] = json!({"type": "Lowercase"});
        let token = |content: &str, flags: [bool; 5]| {
            let [single_word, lstrip, rstrip, normalized, special] = flags;
            json!({"id": 0, "content": content, "single_word": single_word, "lstrip": lstrip,
                "rstrip": rstrip, "normalized": normalized, "special": special})
        };
        file["added_tokens"] = json!([
            token("<bos>", [false, true, true, false, true]),
            token("foo", [true, false, false, false, false]),
            token("FOO", [false, false, true, true, false]),
            token("36", [false, false, false, false, true]),
            token("", [false; 5]),
            token("36", [false; 5]),
        ]);
        assert_as_the_crate("added tokens", &serde_json::to_vec(&file).unwrap());
    }

    #[test]
    fn other_models_are_as_in_the_crate() {
        let mut file = like_gpt2();
        file["pre_tokenizer"] = json!({"type": "Whitespace"});
        file["model"] = json!({"unk_token": "?", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 9, "vocab": {"?": 0, "t": 1, "##3": 2, "foo": 3, "##s": 4}});
        assert_as_the_crate("WordPiece", &serde_json::to_vec(&file).unwrap());
        file["model"]["type"] = json!("WordPiece");
        assert_as_the_crate("WordPiece", &serde_json::to_vec(&file).unwrap());
        file["model"] = json!({"unk_token": "?", "vocab": {"?": 0, "foo": 1, "36": 2}});
        assert_as_the_crate("WordLevel", &serde_json::to_vec(&file).unwrap());
    }

    /// The crate has more kinds; what is not read here is told by name, and so is what is wrong with a step.
    #[test]
    fn what_is_not_known_is_told() {
        let digits = json!({"type": "Digits", "individual_digits": "yes"});
        for (part, step, says) in [
            (
                "normalizer",
                json!({"type": "NFC"}),
                "its normalizer is NFC",
            ),
            ("normalizer", json!({"strip_left": true}), "of no type"),
            ("pre_tokenizer", json!({"type": "Metaspace"}), "Metaspace"),
            (
                "pre_tokenizer",
                json!({"type": "Sequence"}),
                "Sequence has no pretokenizers",
            ),
            (
                "pre_tokenizer",
                digits,
                "Digits has individual_digits wrong",
            ),
            ("decoder", json!({"type": "CTC"}), "Fuse"),
            ("model", json!({"type": "Unigram", "vocab": []}), "Unigram"),
            (
                "model",
                json!({"type": "BPE", "vocab": {}}),
                "model BPE cannot be read",
            ),
            ("version", json!("2.0"), "version"),
            ("added_tokens", json!([{"content": "x"}]), "has id wrong"),
        ] {
            let mut file = like_gpt2();
            file[part] = step;
            let outcome = Tokenizer::from_bytes(&serde_json::to_vec(&file).unwrap());
            let Err(error) = outcome else {
                panic!("should not load: {says}")
            };
            assert_one_sentence(&error.to_string());
            assert_says(&error.to_string(), &["tokenizer.json", says]);
        }
    }

    #[test]
    fn damage_never_panics() {
        for bytes in [
            fixture(CLT).read(TOKENIZER).unwrap().into_owned(),
            byte_level(),
        ] {
            for (what, damaged) in damages(&bytes, 100) {
                let outcome = catch_unwind(AssertUnwindSafe(|| {
                    if let Ok(tokenizer) = Tokenizer::from_bytes(&damaged) {
                        let ids = tokenizer.encode("a 36+3 t3").unwrap_or_default();
                        tokenizer.decode(&ids);
                    }
                }));
                assert!(
                    outcome.is_ok(),
                    "{what}: {}",
                    String::from_utf8_lossy(&damaged)
                );
            }
        }
    }
}

// Damage of every kind: an error or not, but no panic.

/// A small generator of the same numbers each time (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % end as u64) as usize
    }
}

/// `count` damaged versions of a file of each of three kinds, with what was done.
fn damages(bytes: &[u8], count: usize) -> Vec<(String, Vec<u8>)> {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let mut damaged = Vec::new();
    for _ in 0..count {
        let end = random.below(bytes.len());
        damaged.push((format!("cut at {end}"), bytes[..end].to_vec()));
        // Three of four in the first bytes, where a header is.
        let end = if random.below(4) == 0 {
            bytes.len()
        } else {
            bytes.len().min(600)
        };
        let (at, byte) = (random.below(end), random.below(256) as u8);
        let mut flipped = bytes.to_vec();
        flipped[at] ^= byte;
        damaged.push((format!("byte {at} changed by {byte}"), flipped));
        // Digits are sizes, offsets and token numbers.
        let digits: Vec<usize> = (0..end).filter(|&at| bytes[at].is_ascii_digit()).collect();
        if !digits.is_empty() {
            let at = digits[random.below(digits.len())];
            let with = [
                &b"0"[..],
                b"9",
                b"99999999999",
                b"18446744073709551615",
                b"-1",
                b"\"",
                b"]",
            ][random.below(7)];
            let replaced = [&bytes[..at], with, &bytes[at + 1..]].concat();
            damaged.push((format!("digit {at} replaced"), replaced));
        }
    }
    damaged
}

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
