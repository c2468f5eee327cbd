//! `attograph stories`: the stories of held-out prompts, measured; and which features follow what, written to `features.json`.

use super::console::Console;
use super::evaluate::Progress;
use attograph::evaluate::{GRAPHS, named, stories, table, write_named};
use clap::Args;
use std::error::Error;
use std::path::PathBuf;

#[derive(Args)]
pub struct Arguments {
    /// Model folder, with an evaluation.json and a manifest.json
    #[arg(long, value_name = "FOLDER")]
    model: PathBuf,
    /// Held-out prompts whose graphs are told
    #[arg(long, default_value_t = GRAPHS, value_name = "N")]
    prompts: usize,
    /// Leave features.json as it is
    #[arg(long)]
    no_write: bool,
}

/// Names features by what they follow, where vignettes say so, and measures stories.
///
/// # Errors
/// A file that cannot be read or written, or a model that cannot be run.
pub fn run(arguments: &Arguments, console: Console) -> Result<String, Box<dyn Error>> {
    let folder = arguments.model.as_path();
    let progress = Progress::new(console);
    let report = |what: &str, done, of| progress.report(what, done, of);
    if !arguments.no_write {
        let features = named(folder, &report)?;
        if !features.is_empty() {
            write_named(folder, &features)?;
        }
    }
    let command = format!(
        "cargo run --release -- stories --model {}",
        folder.display()
    );
    let measures = stories(folder, arguments.prompts, &command, &report)?;
    progress.end();
    Ok(table(&measures).trim_start().to_string() + "\n")
}
