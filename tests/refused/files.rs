//! Files that are missing, cut off, or no safetensors.

use crate::common::folders::{
    CLT, CONFIG, PLT, TRANSCODER, WEIGHTS, assert_one_sentence, assert_says, complaint, fixture,
    folder, replace, with_header,
};
use attograph::model::{Files, Folder, Model};

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
