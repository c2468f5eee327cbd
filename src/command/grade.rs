//! `attograph grade`: how far one prompt's graph can be trusted.

use super::console::Console;
use super::open::{OnEngine, Opened, Question, check_outputs, is_printed, on_engine, write_json};
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::evaluate::SECOND;
use attograph::model::{Folder, Model};
use attograph::network::Network;
use attograph::study::grade::{Grade, Grading, Trust};
use attograph::trace::Tracer;
use clap::Args;
use serde::Serialize;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    question: Question,
    /// Transcoder folder for a second opinion [default: per-layer/ in the model folder, if there is one]
    #[arg(long, value_name = "FOLDER")]
    second: Option<PathBuf>,
    /// Write all of it as JSON (- for the standard output), every point included
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// What is written.
#[derive(Serialize)]
struct Written {
    prompt: String,
    tokens: Vec<String>,
    seconds: f64,
    #[serde(flatten)]
    grade: Grade,
}

/// Grades a prompt's graph, writes the file asked for, and tells the figures and what they mean.
///
/// # Errors
/// A file that cannot be read or written, or a prompt that cannot be traced.
pub fn run(arguments: &Arguments, console: Console) -> Result<String, Box<dyn Error>> {
    let question = &arguments.question;
    check_outputs(&[&arguments.json])?;
    let opened = question.open(console)?;
    let model = opened.model.clone();
    let second = match &arguments.second {
        Some(folder) => Some(folder.clone()),
        None => Some(question.model.join(SECOND))
            .filter(|folder| question.transcoder.is_none() && folder.is_dir()),
    };
    let second = second
        .map(|folder| Model::load(&Folder::new(&question.model), &Folder::new(folder)))
        .transpose()?
        .map(|model| Tracer::new(Network::new(Cpu, Arc::new(model))));
    let written = on_engine(
        question.engine,
        &model,
        Task {
            prompt: question.prompt.clone(),
            opened,
            second,
        },
    )?;
    if let Some(path) = &arguments.json {
        write_json(path, &written)?;
    }
    if is_printed(&arguments.json) {
        return Ok(String::new());
    }
    let mut text = String::new();
    let mut group = "";
    for figure in &written.grade.figures {
        if figure.group != group {
            group = figure.group;
            text += &format!("{group}\n");
        }
        let digits = if figure.unit.is_empty() { 4 } else { 2 };
        let value = format!("{:.digits$} {}", figure.value, figure.unit);
        text += &format!("  {:<90}  {:>10}\n", figure.name, value.trim_end());
    }
    text += "\n";
    for finding in &written.grade.findings {
        let mark = match finding.trust {
            Trust::Yes => '+',
            Trust::Partly => '~',
            Trust::No => '-',
        };
        text += &format!("{mark} {}\n", finding.text);
    }
    text += &format!("\ngraded in {:.2} s\n", written.seconds);
    Ok(text)
}

struct Task {
    prompt: String,
    opened: Opened,
    second: Option<Tracer<Cpu>>,
}

impl OnEngine for Task {
    type Output = Written;

    fn run<E: Engine>(self, tracer: &Tracer<E>) -> Result<Written, Box<dyn Error>> {
        let start = Instant::now();
        let ids = &self.opened.ids;
        let grade = pollster::block_on(async {
            let mut grading = Grading::new(tracer, tracer.run(ids).await?).await?;
            while !grading.step(&tracer.network).await? {}
            grading.finish(&tracer.network, self.second.as_ref()).await
        })?;
        let tokens = ids.iter().map(|id| self.opened.model.vocabulary.token(*id));
        Ok(Written {
            prompt: self.prompt,
            tokens: tokens.collect(),
            seconds: start.elapsed().as_secs_f64(),
            grade,
        })
    }
}
