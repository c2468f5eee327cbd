//! What is no graph is told for what it is.

use super::*;

fn told(bytes: &[u8]) -> String {
    let error = export::open(bytes.to_vec()).unwrap_err().to_string();
    assert!(
        error.starts_with("This file is no graph: ") && error.ends_with('.'),
        "{error}"
    );
    assert!(error.lines().count() == 1, "{error}");
    error
}

#[test]
fn what_is_no_graph_is_told_for_what_it_is() {
    let zip = |name: &str| {
        [
            b"PK\x03\x04".as_slice(),
            &[0; 26],
            name.as_bytes(),
            &[0; 40],
        ]
        .concat()
    };
    let utf16 = |text: &str, mark: &[u8]| {
        let units = text.encode_utf16().flat_map(u16::to_le_bytes);
        [mark, &units.collect::<Vec<u8>>()].concat()
    };
    let safetensors = {
        let header = br#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#;
        let length = (header.len() as u64).to_le_bytes();
        [length.as_slice(), header, &[0; 4]].concat()
    };
    let files: &[(&[u8], &[&str])] = &[
        (&zip("graph/data.pkl"), &["PyTorch", "create_graph_files"]),
        (b"\x80\x02}q\x00.", &["PyTorch", "create_graph_files"]),
        (&zip("graph.json"), &["zip", "unpack"]),
        (b"\x1F\x8B\x08\x00\x00\x00", &["compressed", "unpack"]),
        (b"\x28\xB5\x2F\xFD\x00", &["compressed"]),
        (&safetensors, &["safetensors", "--json"]),
        (b"\x89PNG\r\n\x1A\n", &["picture"]),
        (b"\xFF\xD8\xFF\xE0", &["picture"]),
        (
            b"<svg xmlns='http://www.w3.org/2000/svg'/>",
            &["picture (SVG)"],
        ),
        (b"<?xml version='1.0'?>\n<svg/>", &["picture (SVG)"]),
        (b"<?xml version='1.0'?>\n<rss/>", &["XML"]),
        (b"\n<!DOCTYPE html><html>404</html>", &["web page", "fetch"]),
        (b"<html><body>", &["web page"]),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0",
            &["Git LFS pointer", "git lfs pull"],
        ),
        (b"%PDF-1.7", &["PDF"]),
        (b"", &["empty"]),
        (b" \n", &["empty"]),
        (&utf16("{\"nodes\": []}", b"\xFF\xFE"), &["UTF-16", "UTF-8"]),
        (&utf16("{\"nodes\": []}", b""), &["UTF-16"]),
        (b"{\"a\": \"\xE4\"}", &["byte 7", "UTF-8"]),
        (b"source,target,weight\na,b,1\n", &["CSV"]),
        (b"[]", &["a list", "nodes and links"]),
        (b"[{\"node_id\": 1}]", &["a list"]),
        (
            b"{\"model_type\": \"gpt2\", \"n_layer\": 2}",
            &["config.json"],
        ),
        (
            b"{\"architectures\": [\"GPT2LMHeadModel\"]}",
            &["config.json"],
        ),
        (
            b"{\"version\": \"1.0\", \"added_tokens\": [], \"model\": {}}",
            &["tokenizer"],
        ),
        (b"{\"metadata\": {}, \"weight_map\": {}}", &["checkpoint"]),
        (b"{\"graphs\": []}", &["list of graphs"]),
        (b"{\"cells\": [], \"nbformat\": 4}", &["notebook"]),
        (
            b"{\"index\": 3, \"examples_quantiles\": []}",
            &["feature's examples"],
        ),
        (b"{\"nodes\": 3}", &["nodes"]),
        (b"{\"nodes\": [{\"node_id\": \"E_1", &["ends too early"]),
        (b"null", &["other text"]),
    ];
    for (bytes, parts) in files {
        let error = told(bytes);
        for part in *parts {
            assert!(error.contains(part), "{part:?} is not in {error:?}");
        }
    }
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let file = of_circuit_tracer();
    let marked = open(&format!("\u{FEFF}{file}")).unwrap();
    assert_eq!(edges(&marked), edges(&opened(&file)));
    assert_eq!(saved(&marked, &marked.arrangement), file);
}
