//! `attograph studies`: what articles about the addition model show, written to three files.

use super::console::Console;
use super::evaluate::Progress;
use super::open::{check_outputs, write_json};
use attograph::evaluate::studies::Studies;
use clap::{Args, ValueEnum};
use std::error::Error;
use std::path::PathBuf;

/// Held-out sums that are explained.
const EXPLAINED: usize = 100;
const OUT: &str = "www/studies";

#[derive(Args)]
pub struct Arguments {
    /// Model folder of a model that adds, with an evaluation.json and a manifest.json
    #[arg(long, value_name = "FOLDER")]
    model: PathBuf,
    /// Folder for circuit.json, contexts.json and explanations.json
    #[arg(long, value_name = "FOLDER", default_value = OUT)]
    out: PathBuf,
    /// Write only this one
    #[arg(long, value_enum)]
    only: Option<Study>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Study {
    /// The circuit behind all sums
    Circuit,
    /// The same features in other texts
    Contexts,
    /// What an explanation has to do with the answer
    Explanations,
}

impl Study {
    const ALL: [Study; 3] = [Study::Circuit, Study::Contexts, Study::Explanations];

    fn file(self) -> &'static str {
        match self {
            Study::Circuit => "circuit.json",
            Study::Contexts => "contexts.json",
            Study::Explanations => "explanations.json",
        }
    }
}

/// Computes the studies from the weights, and writes them.
///
/// # Errors
/// A file that cannot be read or written, or a model that does not add.
pub fn run(arguments: &Arguments, console: Console) -> Result<String, Box<dyn Error>> {
    let wanted = Study::ALL.into_iter();
    let wanted = wanted.filter(|study| arguments.only.is_none_or(|only| only == *study));
    let files: Vec<(Study, Option<PathBuf>)> = wanted
        .map(|study| (study, Some(arguments.out.join(study.file()))))
        .collect();
    check_outputs(&files.iter().map(|(_, file)| file).collect::<Vec<_>>())?;
    let command = command(arguments);
    let progress = Progress::new(console);
    let report = |what: &str, done, of| progress.report(what, done, of);
    let studies = Studies::new(&arguments.model)?;
    let sums = Studies::all_sums();
    let mut said = String::new();
    for file in files
        .iter()
        .filter_map(|(study, file)| Some((study, file.as_ref()?)))
    {
        let (study, path) = file;
        match study {
            Study::Circuit => write_json(path, &studies.circuit(&sums, &command, &report)?)?,
            Study::Contexts => write_json(path, &studies.contexts(&sums, &command, &report)?)?,
            Study::Explanations => {
                write_json(path, &studies.explanations(EXPLAINED, &command, &report)?)?;
            }
        }
        said.push_str(&format!("{}\n", path.display()));
    }
    progress.end();
    Ok(said)
}

/// The command that writes the same again.
fn command(arguments: &Arguments) -> String {
    let model = arguments.model.display();
    format!("cargo run --release -- studies --model {model}")
}
