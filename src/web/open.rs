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
pub fn open_graph(json: &str) -> Result<JsValue, JsValue> {
    let opened = export::open(json).map_err(thrown)?;
    // Labels as an object, not as a `Map`.
    let plain = serde_wasm_bindgen::Serializer::json_compatible();
    let arrangement = opened.arrangement.serialize(&plain).map_err(thrown)?;
    Ok(object(&[
        ("scan", opened.scan.as_str().into()),
        ("prompt", opened.prompt.as_str().into()),
        ("nodeThreshold", opened.node_threshold.into()),
        ("edgeThreshold", opened.edge_threshold.into()),
        ("arrangement", arrangement),
        ("trace", Trace::opened(opened).into()),
    ]))
}
