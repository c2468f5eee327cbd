//! Graphs from files.

use super::trace::Trace;
use super::{record, thrown};
use crate::export;
use crate::wire::{FileFacts, FileOwn};
use serde::Serialize;
use wasm_bindgen::prelude::*;

/// Reads graph JSON of the shared schema: the `Opened` of `engine-api.d.ts`.
///
/// # Errors
/// What is wrong with the file, in one sentence.
#[wasm_bindgen(
    unchecked_return_type = "wire.FileFacts & { trace: Trace; arrangement: wire.Arrangement }"
)]
pub fn open_graph(file: Vec<u8>) -> Result<JsValue, JsValue> {
    let opened = export::open(file).map_err(thrown)?;
    // Labels as an object, not as a `Map`.
    let plain = serde_wasm_bindgen::Serializer::json_compatible();
    let arrangement = opened.arrangement.serialize(&plain).map_err(thrown)?;
    let facts = FileFacts {
        scan: opened.scan.clone(),
        prompt: opened.prompt.clone(),
        node_threshold: opened.node_threshold,
        edge_threshold: opened.edge_threshold,
        biases: (opened.biases.iter())
            .map(|(node, label)| (*node as u32, label.clone()))
            .collect(),
        own: opened.own.as_ref().map(|own| FileOwn {
            model: own.model.clone(),
            transcoder: own.transcoder.clone(),
            density: own.density,
            page: own.page.as_deref().map(|page| page.get().to_owned()),
        }),
        links_of_missing_nodes: opened.left_out.of_missing_nodes,
        repeated_links: opened.left_out.repeated,
    };
    let told = record(&facts);
    js_sys::Reflect::set(&told, &"arrangement".into(), &arrangement)?;
    js_sys::Reflect::set(&told, &"trace".into(), &Trace::opened(opened).into())?;
    Ok(told)
}
