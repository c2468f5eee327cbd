//! The command line.

mod command;

use clap::{Parser, Subcommand};
use command::{evaluate, experiments, grade, steer, trace};
use std::process::ExitCode;

/// Attribution graphs of small language models.
#[derive(Parser)]
#[command(name = "attograph", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Trace a prompt: print the answer and what the graph is like, and write it to files.
    Trace(trace::Arguments),
    /// Set features of a prompt: print the answers before and after, and write what moved to a file.
    Steer(steer::Arguments),
    /// Measure how far a prompt's graph can be trusted: print figures, and what they mean.
    Grade(grade::Arguments),
    /// Measure a model and its transcoders: print a table, and write it into the model's manifest.
    Evaluate(evaluate::Arguments),
    /// Steer features by their roles on held-out prompts: print how often what should follow does.
    Experiments(experiments::Arguments),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Trace(arguments) => trace::run(&arguments),
        Command::Steer(arguments) => steer::run(&arguments),
        Command::Grade(arguments) => grade::run(&arguments),
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        Command::Experiments(arguments) => experiments::run(&arguments),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("attograph: {error}");
            ExitCode::FAILURE
        }
    }
}
