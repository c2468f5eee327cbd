//! One attribution graph: what the page shows of it.

mod asked;
mod columns;
mod left;

use super::engine::Runner;
use super::steer::Base;
use super::{record, thrown};
use crate::engine::either::Either;
use crate::export;
use crate::trace::{self, Node, Run};
use crate::wire::{AnswerRecord, Timing};
use std::cell::OnceCell;
use std::rc::Rc;
use wasm_bindgen::prelude::*;

/// Answers as the page reads them.
pub(in crate::web) fn answer_records(
    answers: &[trace::Answer],
    token: impl Fn(u32) -> String,
    name: impl Fn(u32) -> String,
) -> JsValue {
    let records = answers.iter().map(|answer| AnswerRecord {
        token: token(answer.token),
        name: name(answer.token),
        id: answer.token,
        probability: answer.probability,
        logit: answer.logit,
    });
    record(&records.collect::<Vec<_>>())
}

/// The graph of a prompt, unpruned; or what a file holds of one.
#[wasm_bindgen]
pub struct Trace {
    source: Source,
    /// The prompt as it runs without interventions, once features were set.
    pub(super) steering: OnceCell<Rc<Base>>,
}

/// A graph that was traced here, of a prompt that was run once for all that is asked of it.
pub(super) struct TracedGraph {
    pub graph: trace::Graph,
    pub run: Rc<Run<Either>>,
    pub runner: Rc<Runner>,
    pub timing: Timing,
}

/// Where a graph comes from.
enum Source {
    Traced(Box<TracedGraph>),
    File(Box<export::Opened>),
}

impl Trace {
    pub(in crate::web) fn new(traced: TracedGraph) -> Trace {
        Trace {
            source: Source::Traced(Box::new(traced)),
            steering: OnceCell::new(),
        }
    }

    /// A graph from a file.
    pub(in crate::web) fn opened(opened: export::Opened) -> Trace {
        Trace {
            source: Source::File(Box::new(opened)),
            steering: OnceCell::new(),
        }
    }

    pub(in crate::web) fn graph(&self) -> &trace::Graph {
        match &self.source {
            Source::Traced(traced) => &traced.graph,
            Source::File(opened) => &opened.graph,
        }
    }

    /// What traced it, and the prompt as it ran.
    ///
    /// # Errors
    /// It comes from a file.
    pub(in crate::web) fn traced(&self) -> Result<&TracedGraph, JsValue> {
        match &self.source {
            Source::Traced(traced) => Ok(traced),
            Source::File(_) => Err(thrown(
                "This graph comes from a file, so there is no model here to ask: trace the prompt anew.",
            )),
        }
    }

    pub(in crate::web) fn nodes<T>(&self, value: impl Fn(Node) -> T) -> Vec<T> {
        let graph = self.graph();
        (0..graph.nodes())
            .map(|node| value(graph.node(node)))
            .collect()
    }

    /// The text of one of the answers.
    pub(in crate::web) fn name(&self, token: u32) -> String {
        match &self.source {
            Source::Traced(traced) => traced.runner.network.model.vocabulary.token(token),
            Source::File(opened) => {
                let own = opened.own.as_ref().and_then(|own| own.name(token));
                let mut targets = opened.graph.targets.iter();
                let target = targets.find(|target| target.token == token);
                own.or(target.map(|target| target.name.as_str()))
                    .unwrap_or_default()
                    .to_owned()
            }
        }
    }

    pub(in crate::web) fn check(&self, node: usize) -> Result<(), JsValue> {
        match node < self.graph().nodes() {
            true => Ok(()),
            false => Err(thrown(format!("This graph has no node {node}."))),
        }
    }
}
