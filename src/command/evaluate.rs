//! `attograph evaluate`: a shipped model measured, printed as a table and written into its manifest.

use super::console::Console;
use attograph::evaluate::{GRAPHS, Manifest, Options, evaluate, likeness, table};
use clap::Args;
use std::collections::BTreeMap;
use std::error::Error;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

#[derive(Args)]
pub struct Arguments {
    /// Model folder, with an evaluation.json and a manifest.json
    #[arg(long, value_name = "FOLDER")]
    model: PathBuf,
    /// Measure only this transcoder, and write nothing
    #[arg(long, value_name = "FOLDER")]
    transcoder: Option<PathBuf>,
    /// Prompts whose graphs are scored; half as many have their features switched off
    #[arg(long, default_value_t = GRAPHS, value_name = "N")]
    prompts: usize,
    /// Leave the manifest as it is
    #[arg(long)]
    no_write: bool,
}

/// Measures a model, and tells on the error output how far it is.
///
/// # Errors
/// A file that cannot be read or written, or a model that cannot be run.
pub fn run(arguments: &Arguments, console: Console) -> Result<String, Box<dyn Error>> {
    let folder = arguments.model.as_path();
    // Read first: a manifest that cannot be written to should not be found out after minutes.
    let writes = !arguments.no_write && arguments.transcoder.is_none();
    let manifest = writes.then(|| Manifest::load(folder)).transpose()?;
    let progress = Progress::new(console);
    let options = Options {
        graphs: arguments.prompts,
        transcoder: arguments.transcoder.clone(),
        command: command(arguments),
    };
    let report = |what: &str, done, of| progress.report(what, done, of);
    let mut measures = evaluate(folder, &options, &report)?;
    // It is the model's own, whatever the transcoder.
    if arguments.transcoder.is_none() {
        let (likeness, more) = likeness(folder, &options.command, &report)?;
        measures.extend(more);
        if let Some(manifest) = manifest {
            manifest.write(&measures, &likeness)?;
        }
    }
    progress.end();
    Ok(table(&measures).trim_start().to_string() + "\n")
}

/// The command that measures the same again.
fn command(arguments: &Arguments) -> String {
    let mut command = format!(
        "cargo run --release -- evaluate --model {}",
        arguments.model.display()
    );
    if arguments.prompts != GRAPHS {
        command.push_str(&format!(" --prompts {}", arguments.prompts));
    }
    command
}

/// Lines on the error output, not too many.
pub struct Progress {
    console: Console,
    start: Instant,
    /// When a line was last written about each thing that is measured.
    reported: Mutex<BTreeMap<String, Instant>>,
}

/// At most one line in this time about one thing, but for the last.
const BETWEEN: Duration = Duration::from_secs(5);

impl Progress {
    /// From now on.
    pub fn new(console: Console) -> Progress {
        Progress {
            console,
            start: Instant::now(),
            reported: Mutex::default(),
        }
    }

    /// That so much of so much is done.
    pub fn report(&self, what: &str, done: usize, of: usize) {
        let mut reported = self
            .reported
            .lock()
            .expect("no thread panics while it holds this");
        let now = Instant::now();
        let latest = reported.get(what);
        if done == of || latest.is_none_or(|latest| now - *latest >= BETWEEN) {
            reported.insert(what.to_string(), now);
            let seconds = self.start.elapsed().as_secs();
            self.console
                .note(&format!("{seconds:>4} s  {what}: {done} of {of}"));
        }
    }

    /// That all is done.
    pub fn end(&self) {
        let seconds = self.start.elapsed().as_secs();
        self.console.note(&format!("{seconds:>4} s  done"));
    }
}
