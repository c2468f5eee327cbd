//! `attograph story`: a prompt's graph told in few items, and what flows between them.

use super::console::Console;
use super::open::{OnEngine, Opened, Question, on_engine};
use attograph::engine::Engine;
use attograph::evaluate::{Known, Names};
use attograph::model::Folder;
use attograph::study::{Story, story};
use attograph::trace::{EDGE_THRESHOLD, NODE_THRESHOLD, Options, Tracer};
use clap::Args;
use std::error::Error;
use std::path::Path;

/// Flows that are printed of each item.
const FLOWS: usize = 4;

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    question: Question,
}

/// Tells a prompt's graph as a story.
///
/// # Errors
/// A file that cannot be read, or a prompt that cannot be traced.
pub fn run(arguments: &Arguments, console: Console) -> Result<String, Box<dyn Error>> {
    let question = &arguments.question;
    let Opened { model, ids, .. } = question.open(console)?;
    let task = Task {
        folder: &question.model,
        ids: &ids,
    };
    let told = on_engine(question.engine, &model, task)?;
    Ok(text(&told))
}

struct Task<'a> {
    folder: &'a Path,
    ids: &'a [u32],
}

impl OnEngine for Task<'_> {
    type Output = Story;

    fn run<E: Engine>(self, tracer: &Tracer<E>) -> Result<Story, Box<dyn Error>> {
        let graph = pollster::block_on(tracer.trace(self.ids, &Options::default(), |_| {}))?;
        let pruned = graph.prune(NODE_THRESHOLD, EDGE_THRESHOLD);
        let mut names = Names::new(tracer, &Folder::new(self.folder), Known::load(self.folder)?)?;
        let called = names.called(&graph, |node| pruned.nodes[node])?;
        let vocabulary = &tracer.network.model.vocabulary;
        let texts: Vec<String> = graph
            .tokens
            .iter()
            .map(|id| vocabulary.token(*id))
            .collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        Ok(story(&graph, &pruned, &texts, |node| called[node].clone()))
    }
}

/// The ending of so many.
fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

/// From the answer down to the tokens.
fn text(story: &Story) -> String {
    let mut lines = Vec::new();
    for (place, item) in story.items.iter().enumerate().rev() {
        let kind = item.kind.name();
        let part = item.part.map_or(String::new(), |part| format!(" ({part})"));
        lines.push(format!(
            "{} {kind:<8} {:?}{part}, {} node{}, {:.1} %",
            item.row,
            item.words,
            item.nodes.len(),
            plural(item.nodes.len()),
            100.0 * item.influence
        ));
        let into = story.flows.iter().filter(|flow| flow.target == place);
        for flow in into.take(FLOWS) {
            let source = &story.items[flow.source].words;
            lines.push(format!(
                "    {:+6.1} % from {source:?}",
                100.0 * flow.weight
            ));
        }
    }
    let (idle, share) = story.idle;
    lines.push(format!(
        "replacement   {:.3} of {:.3}, completeness {:.3} of {:.3}, {} feature{} left out, {idle} token{} that add{} {:.1} % folded",
        story.scores.replacement,
        story.pruned.replacement,
        story.scores.completeness,
        story.pruned.completeness,
        story.left_out,
        plural(story.left_out),
        plural(idle),
        if idle == 1 { "s" } else { "" },
        100.0 * share
    ));
    lines.join("\n") + "\n"
}
