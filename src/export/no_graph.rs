//! What a file is that is no graph, so that it can be told for what it is.

use super::open::OpenError;
use super::rewrite::fields;

/// So many bytes are looked at to tell one kind of file from another.
const LOOKED_AT: usize = 4096;

/// The file as text.
///
/// # Errors
/// What it is instead, and what to do.
pub(super) fn text(file: Vec<u8>) -> Result<String, OpenError> {
    let start = &file[..file.len().min(LOOKED_AT)];
    match binary(start, file.len()).or_else(|| other_text(start)) {
        Some(what) => Err(OpenError::Syntax(what.into())),
        None => String::from_utf8(file).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            OpenError::Syntax(format!("byte {at} is no text in UTF-8: save it as UTF-8"))
        }),
    }
}

/// Files that begin with bytes of their own.
fn binary(start: &[u8], length: usize) -> Option<&'static str> {
    let begins = |with: &[u8]| start.starts_with(with);
    let holds = |part: &[u8]| start.windows(part.len()).any(|window| window == part);
    let is_pickle = begins(b"\x80")
        && start
            .get(1)
            .is_some_and(|protocol| (2..=5).contains(protocol));
    let pictures: [&[u8]; 4] = [b"\x89PNG", b"\xFF\xD8\xFF", b"GIF8", b"RIFF"];
    let packed: [&[u8]; 5] = [
        b"\x1F\x8B",
        b"BZh",
        b"\xFD7zXZ",
        b"\x28\xB5\x2F\xFD",
        b"7z\xBC\xAF",
    ];
    if (begins(b"PK\x03\x04") && holds(b"data.pkl")) || is_pickle {
        return Some(
            "it is a PyTorch file (.pt), of which circuit-tracer's create_graph_files makes the JSON that can be opened",
        );
    }
    if begins(b"PK\x03\x04") || begins(b"PK\x05\x06") {
        return Some("it is a zip archive: unpack it, and open the JSON in it");
    }
    if packed.into_iter().any(begins) {
        return Some("it is compressed (as .gz, .xz, .zst, .bz2 or .7z): unpack it first");
    }
    if begins(b"\xFF\xFE") || begins(b"\xFE\xFF") || begins(b"{\0") || begins(b"\0{") {
        return Some("it is text in UTF-16: save it as UTF-8");
    }
    if pictures.into_iter().any(begins) {
        return Some("it is a picture: open the graph's JSON instead");
    }
    if begins(b"%PDF") {
        return Some("it is a PDF: open the graph's JSON instead");
    }
    let header = start
        .get(..8)
        .map(|bytes| u64::from_le_bytes(bytes.try_into().expect("eight")));
    if header.is_some_and(|header| header < length as u64) && start.get(8) == Some(&b'{') {
        return Some(
            "it is a safetensors file, of weights or of a whole graph: save the graph as JSON (`attograph trace --json`)",
        );
    }
    None
}

/// Texts that are no JSON objects.
fn other_text(start: &[u8]) -> Option<&'static str> {
    let text = String::from_utf8_lossy(start);
    let text = text.trim_start_matches('\u{FEFF}').trim_start();
    let lower = text.to_ascii_lowercase();
    Some(match text.chars().next() {
        None => "it is empty",
        Some('{') => return None,
        Some('[') => "it is a list, where a graph is an object with nodes and links",
        Some('<') if lower.contains("<svg") => {
            "it is a picture (SVG): open the graph's JSON instead"
        }
        Some('<') if lower.starts_with("<!doctype html") || lower.contains("<html") => {
            "it is a web page, perhaps an error message in place of a download: fetch the file itself"
        }
        Some('<') => "it is XML: open the graph's JSON instead",
        _ if text.starts_with("version https://git-lfs") => {
            "it is a Git LFS pointer, which stands for the file: fetch that with `git lfs pull`"
        }
        _ => "it is other text, such as CSV: a graph is JSON, an object with nodes and links",
    })
}

/// Other JSON files of this field, each by a field that it has.
const OTHERS: [(&str, &str); 7] = [
    ("model_type", "it is a model's config.json"),
    ("architectures", "it is a model's config.json"),
    ("added_tokens", "it is a tokenizer"),
    ("weight_map", "it is the index of a checkpoint's parts"),
    ("graphs", "it is a list of graphs, not one of them"),
    ("examples_quantiles", "it is a feature's examples"),
    ("cells", "it is a notebook"),
];

/// What an object without nodes or links is.
pub(super) fn other_json(json: &str) -> OpenError {
    let mut other = None;
    let _ = fields(json, &mut |key, _| {
        other = other.or(OTHERS.iter().find(|(field, _)| *field == key));
    });
    let what = other.map_or("it has no nodes and links", |(_, what)| what);
    OpenError::Syntax(format!(
        "{what}, where a graph is an object with `nodes` and `links`"
    ))
}
