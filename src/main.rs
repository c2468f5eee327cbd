//! The command line.

mod command;

use clap::{Parser, Subcommand};
use command::console::{self, Console};
use command::{
    attention, evaluate, experiments, grade, record, steer, stories, story, studies, trace,
};
use std::error::Error;
use std::panic::{self, AssertUnwindSafe};
use std::process::ExitCode;
use std::sync::Mutex;

/// Attribution graphs of small language models.
#[derive(Parser)]
#[command(
    name = "attograph",
    version,
    after_help = "Exit codes: 0 done, 1 refused or failed, 2 wrong arguments."
)]
struct Arguments {
    /// Say nothing on the way: no progress, no notes
    #[arg(long, short, global = true)]
    quiet: bool,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Trace a prompt: print the answer and what the graph is like, and write it to files.
    Trace(trace::Arguments),
    /// Why a head looks where it looks: print which pairs of features and tokens make its score.
    Attention(attention::Arguments),
    /// Set features of a prompt: print the answers before and after, and write what moved to a file.
    Steer(steer::Arguments),
    /// Tell a prompt's graph in few items: print them, and what flows between them.
    Story(story::Arguments),
    /// Measure how far a prompt's graph can be trusted: print figures, and what they mean.
    Grade(grade::Arguments),
    /// Measure a model and its transcoders: print a table, and write it into the model's manifest.
    Evaluate(evaluate::Arguments),
    /// Steer features by their roles on held-out prompts: print how often what should follow does.
    Experiments(experiments::Arguments),
    /// Measure the stories of held-out prompts, and name features by what they follow.
    Stories(stories::Arguments),
    /// What articles about the addition model show: the circuit behind all sums, the same features elsewhere, explanations.
    Studies(studies::Arguments),
    /// Record a model's examples, with all that the page draws of them: the build ships them.
    Record(record::Arguments),
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return misused(&error),
    };
    let console = Console {
        quiet: arguments.quiet,
    };
    let run = || match &arguments.command {
        Command::Trace(arguments) => trace::run(arguments, console),
        Command::Attention(arguments) => attention::run(arguments, console),
        Command::Steer(arguments) => steer::run(arguments, console),
        Command::Story(arguments) => story::run(arguments, console),
        Command::Grade(arguments) => grade::run(arguments, console),
        Command::Evaluate(arguments) => evaluate::run(arguments, console),
        Command::Experiments(arguments) => experiments::run(arguments, console),
        Command::Stories(arguments) => stories::run(arguments, console),
        Command::Studies(arguments) => studies::run(arguments, console),
        Command::Record(arguments) => record::run(arguments, console),
    };
    let said = outcome(run).and_then(|text| {
        console::print(&text)
            .map_err(|error| format!("Cannot write to the standard output: {error}."))
    });
    match said {
        Ok(()) => ExitCode::SUCCESS,
        Err(sentence) => {
            console::complain(&format!("attograph: {sentence}"));
            ExitCode::FAILURE
        }
    }
}

/// What a command prints, once its files are written. Should anything in it panic, that is told in a sentence, too.
fn outcome(run: impl FnOnce() -> Result<String, Box<dyn Error>>) -> Result<String, String> {
    static PANIC: Mutex<String> = Mutex::new(String::new());
    panic::set_hook(Box::new(|info| {
        let place = info.location().map(ToString::to_string);
        if let (Ok(mut kept), Some(place)) = (PANIC.lock(), place) {
            *kept = place;
        }
    }));
    match panic::catch_unwind(AssertUnwindSafe(run)) {
        Ok(result) => result.map_err(|error| console::in_one_line(&error.to_string())),
        Err(_) => {
            let place = PANIC.lock().map(|kept| kept.clone()).unwrap_or_default();
            Err(format!(
                "This should not have happened, and is a fault of the program, at {place}."
            ))
        }
    }
}

/// Help and version are asked for; all else is told with exit code 2.
fn misused(error: &clap::Error) -> ExitCode {
    let text = error.render().to_string();
    if error.use_stderr() {
        console::complain(text.trim_end());
        return ExitCode::from(2);
    }
    match console::print(&text) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}
