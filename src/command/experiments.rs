//! `attograph experiments`: features steered by their roles, and how often what should follow does.

use super::console::Console;
use super::evaluate::Progress;
use super::open::{check_outputs, is_printed, write_json};
use attograph::evaluate::{Experiment, Setting, TRIED, experiments};
use clap::Args;
use std::error::Error;
use std::path::PathBuf;

#[derive(Args)]
pub struct Arguments {
    /// Model folder, with an evaluation.json
    #[arg(long, value_name = "FOLDER")]
    model: PathBuf,
    /// Transcoder folder [default: transcoder/ in the model folder]
    #[arg(long, value_name = "FOLDER")]
    transcoder: Option<PathBuf>,
    /// Held-out prompts to try, at most
    #[arg(long, default_value_t = TRIED, value_name = "N", value_parser = at_least_one)]
    prompts: usize,
    /// Write all of it as JSON (- for the standard output), every feature set included
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) | Err(_) => Err("it takes a whole number, 1 or more".into()),
        Ok(prompts) => Ok(prompts),
    }
}

/// Runs the experiments, writes the file asked for, and tells how often they come out. The model's
/// folder stays as it is.
///
/// # Errors
/// A file that cannot be read or written, or a model that cannot be run or experimented on.
pub fn run(arguments: &Arguments, console: Console) -> Result<String, Box<dyn Error>> {
    check_outputs(&[&arguments.json])?;
    let progress = Progress::new(console);
    let found = experiments(
        &arguments.model,
        arguments.transcoder.as_deref(),
        arguments.prompts,
        &|what, done, of| progress.report(what, done, of),
    )?;
    progress.end();
    if let Some(path) = &arguments.json {
        write_json(path, &found)?;
    }
    match is_printed(&arguments.json) {
        true => Ok(String::new()),
        false => Ok(found.iter().map(table).collect()),
    }
}

fn table(experiment: &Experiment) -> String {
    let mut lines = vec![
        experiment.name.to_string(),
        format!("  steered  {}", experiment.features),
        format!("  control  {}", experiment.control),
    ];
    for (i, criterion) in experiment.criteria.iter().enumerate() {
        lines.push(format!("  {}        {criterion}", letter(i)));
    }
    let letters: String = (0..experiment.criteria.len())
        .map(|i| format!("{:>15}", letter(i)))
        .collect();
    lines.push(format!(
        "  {:<19}{:>13}{:>15}{letters}",
        "of its activation", "features", "all hold"
    ));
    for setting in &experiment.settings {
        lines.push(format!("  {}", row(setting, experiment.criteria.len())));
    }
    let trials = experiment.settings[0].trials.len();
    lines.push(format!("  of {trials} prompts; steered / control\n\n"));
    lines.join("\n")
}

/// A criterion's letter.
fn letter(criterion: usize) -> char {
    char::from(b'a' + criterion as u8)
}

fn row(setting: &Setting, criteria: usize) -> String {
    let trials = setting.trials.len() as f64;
    let share = |(steered, control): (usize, usize)| {
        let percent = |part: usize| 100.0 * part as f64 / trials;
        format!("{:>7.0} /{:>4.0} %", percent(steered), percent(control))
    };
    let (steered, control) = setting.features();
    let held: String = (0..criteria)
        .map(|criterion| format!(" {}", share(setting.hold(criterion))))
        .collect();
    format!(
        "{:>3}x  {:<14}{steered:>6.1} /{control:>5.1} {}{held}",
        setting.factor,
        setting.mode,
        share(setting.come_out()),
    )
}
