//! Folders of models and transcoders to be loaded or spoilt, and what is said of them.

use attograph::model::known::{Known, Treatment};
use attograph::model::{Below, InMemory, Model};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub const CLT: &str = "clt_jump_relu";
pub const HALF: &str = "clt_relu_half";
pub const PLT: &str = "plt_relu_skip";
pub const CONFIG: &str = "model/config.json";
pub const WEIGHTS: &str = "model/model.safetensors";
pub const INDEX: &str = "model/model.safetensors.index.json";
pub const TOKENIZER: &str = "model/tokenizer.json";
pub const TRANSCODER: &str = "transcoder/config.yaml";

pub fn folder(fixture: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(fixture)
}

/// The files of a fixture, to be spoilt.
pub fn fixture(name: &str) -> InMemory {
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

pub fn load(files: &InMemory) -> Result<Model, attograph::model::LoadError> {
    Model::load(
        &Below::new(files, "model"),
        &Below::new(files, "transcoder"),
    )
}

/// What is said of files that cannot be loaded; checks that it is one sentence.
pub fn complaint(files: &InMemory) -> String {
    let sentence = load(files)
        .map(drop)
        .expect_err("these files should not load")
        .to_string();
    assert_one_sentence(&sentence);
    sentence
}

pub fn assert_one_sentence(sentence: &str) {
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
pub fn assert_says(sentence: &str, parts: &[&str]) {
    for part in parts {
        assert!(sentence.contains(part), "{part:?} is not in: {sentence}");
    }
}

pub fn replace(files: &mut InMemory, path: &str, change: impl FnOnce(Vec<u8>) -> Vec<u8>) {
    let bytes = files.remove(path).unwrap();
    files.insert(path, change(bytes));
}

pub fn replace_text(files: &mut InMemory, path: &str, from: &str, to: &str) {
    replace(files, path, |bytes| {
        let text = String::from_utf8(bytes).unwrap();
        assert!(text.contains(from), "{from} is not in {path}");
        text.replace(from, to).into_bytes()
    });
}

/// Sets a field of config.json, or takes it away.
pub fn configure(files: &mut InMemory, field: &str, value: Option<Value>) {
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

pub struct Tensor {
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    pub bytes: Vec<u8>,
}

impl Tensor {
    pub fn zeros(shape: &[usize]) -> Tensor {
        let bytes = vec![0; 4 * shape.iter().product::<usize>()];
        Tensor {
            dtype: Dtype::F32,
            shape: shape.to_vec(),
            bytes,
        }
    }

    pub fn new(shape: &[usize], values: &[f32]) -> Tensor {
        assert_eq!(values.len(), shape.iter().product::<usize>());
        Tensor {
            dtype: Dtype::F32,
            shape: shape.to_vec(),
            bytes: values
                .iter()
                .flat_map(|value| value.to_le_bytes())
                .collect(),
        }
    }

    /// One whole number, as PyTorch saves it.
    pub fn number(value: i64) -> Tensor {
        Tensor {
            dtype: Dtype::I64,
            shape: vec![],
            bytes: value.to_le_bytes().to_vec(),
        }
    }

    pub fn values(&self) -> Vec<f32> {
        assert_eq!(self.dtype, Dtype::F32);
        let floats = self.bytes.chunks_exact(4);
        floats
            .map(|float| f32::from_le_bytes(float.try_into().unwrap()))
            .collect()
    }

    /// Of two axes, turned.
    pub fn transposed(&self) -> Tensor {
        let (values, [rows, columns]) = (self.values(), self.shape[..].try_into().unwrap());
        let places =
            (0..columns).flat_map(|column| (0..rows).map(move |row| row * columns + column));
        let turned: Vec<f32> = places.map(|place| values[place]).collect();
        Tensor::new(&[columns, rows], &turned)
    }
}

/// Sets a field of a transcoder's config.yaml to a value in JSON, which is YAML, or takes it away.
pub fn configure_transcoder(files: &mut InMemory, field: &str, value: Option<Value>) {
    replace(files, TRANSCODER, |bytes| {
        let text = String::from_utf8(bytes).unwrap();
        let others = text
            .lines()
            .filter(|line| !line.starts_with(&format!("{field}:")));
        let mut lines: Vec<String> = others.map(str::to_string).collect();
        lines.extend(value.map(|value| format!("{field}: {value}")));
        lines.join("\n").into_bytes()
    });
}

/// All that was loaded but for the tokens' texts, bit for bit: floats are written so that they can be read back.
pub fn loaded(files: &InMemory) -> String {
    let model = load(files).unwrap_or_else(|error| panic!("{error}"));
    format!("{:?} {:?}", model.language, model.transcoder)
}

/// Changes the tensors of a safetensors file.
pub fn edit(files: &mut InMemory, path: &str, change: impl FnOnce(&mut BTreeMap<String, Tensor>)) {
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

/// Sets a tensor of a file.
pub fn with_tensor(before: &InMemory, path: &str, name: &str, tensor: Tensor) -> InMemory {
    let mut files = before.clone();
    edit(&mut files, path, |tensors| {
        tensors.insert(name.to_string(), tensor);
    });
    files
}

/// Adds to the last value of a tensor.
pub fn with_another_value(before: &InMemory, path: &str, name: &str) -> InMemory {
    let mut files = before.clone();
    edit(&mut files, path, |tensors| {
        let tensor = tensors.get_mut(name).unwrap_or_else(|| panic!("no {name}"));
        let mut values = tensor.values();
        *values.last_mut().unwrap() += 0.5;
        *tensor = Tensor::new(&tensor.shape, &values);
    });
    files
}

/// The weights of a fixture in two files, with an index.
pub fn split(files: &mut InMemory) {
    let whole = files.remove(WEIGHTS).unwrap();
    let mut map = serde_json::Map::new();
    for part in [1, 2] {
        let name = format!("model-0000{part}-of-00002.safetensors");
        let path = format!("model/{name}");
        files.insert(path.clone(), whole.clone());
        edit(files, &path, |tensors| {
            tensors.retain(|tensor, _| tensor.contains("wte") == (part == 1));
            map.extend(tensors.keys().map(|tensor| (tensor.clone(), json!(name))));
        });
    }
    let index = json!({"metadata": {"total_size": 1}, "weight_map": map});
    files.insert(INDEX, serde_json::to_vec(&index).unwrap());
}

/// Calls `check` with each name of a table, which has none twice, and what is done with it.
pub fn each_known(table: &[Known], mut check: impl FnMut(Treatment, &str)) {
    let mut seen: Vec<&str> = Vec::new();
    for known in table {
        for name in known.names {
            assert!(!seen.contains(name), "{name} stands in the table twice");
            seen.push(name);
            check(known.treatment, name);
        }
    }
}

/// A safetensors file of this header and so many bytes of data.
pub fn with_header(header: &str, data: usize) -> Vec<u8> {
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend_from_slice(header.as_bytes());
    bytes.resize(bytes.len() + data, 0);
    bytes
}

/// A byte-level BPE like the shipped one: `<bos>` in front, every byte a token, and 36 of two.
pub fn byte_level() -> Vec<u8> {
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
pub fn damages(bytes: &[u8], count: usize) -> Vec<(String, Vec<u8>)> {
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
