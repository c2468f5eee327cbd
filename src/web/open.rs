//! Graphs from files.

use super::trace::Trace;
use super::{object, thrown};
use crate::export;
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// Reads graph JSON of the shared schema: the `Opened` of `engine-api.d.ts`.
///
/// # Errors
/// What is wrong with the file, in one sentence.
#[wasm_bindgen]
pub fn open_graph(file: Vec<u8>) -> Result<JsValue, JsValue> {
    let opened = export::open(file).map_err(thrown)?;
    // Labels as an object, not as a `Map`.
    let plain = serde_wasm_bindgen::Serializer::json_compatible();
    let arrangement = opened.arrangement.serialize(&plain).map_err(thrown)?;
    let biases = opened.biases.iter();
    let biases: js_sys::Array = biases
        .map(|(node, label)| js_sys::Array::of2(&(*node as u32).into(), &label.as_str().into()))
        .collect();
    let own = opened.own.as_ref().map(|own| {
        let page = own.page.as_deref();
        object(&[
            ("model", own.model.as_str().into()),
            ("transcoder", own.transcoder.as_str().into()),
            ("density", own.density.into()),
            ("page", page.map(|page| page.get()).into()),
        ])
    });
    let left_out = opened.left_out;
    Ok(object(&[
        ("scan", opened.scan.as_str().into()),
        ("prompt", opened.prompt.as_str().into()),
        ("nodeThreshold", opened.node_threshold.into()),
        ("edgeThreshold", opened.edge_threshold.into()),
        ("arrangement", arrangement),
        ("biases", biases.into()),
        ("own", own.into()),
        ("linksOfMissingNodes", left_out.of_missing_nodes.into()),
        ("repeatedLinks", left_out.repeated.into()),
        ("trace", Trace::opened(opened).into()),
    ]))
}
