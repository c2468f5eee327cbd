//! `attograph steer`: features switched off, scaled or set, and what the model then does.

use super::open::{OnEngine, Opened, Question, on_engine, write_json};
use attograph::engine::Engine;
use attograph::study::{Mode, Report, Steer, Steering, steered_next};
use attograph::trace::{Options, TraceError, Tracer};
use clap::Args;
use serde::Serialize;
use std::error::Error;
use std::path::PathBuf;

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    question: Question,
    /// A feature and what it is set to: LAYER/FEATURE@POSITION=VALUE, with a multiple as x2 and off as 0; may be repeated
    #[arg(long = "set", required = true, value_name = "SETTING")]
    set: Vec<Steer>,
    /// What stays as it was: direct (all but the features set), constrained:FIRST-LAST (MLPs of these layers),
    /// patterns (attention), free (nothing)
    #[arg(long, default_value = "free", value_name = "MODE")]
    mode: Mode,
    /// Go on for so many tokens, with and without
    #[arg(long, default_value_t = 0, value_name = "N")]
    go_on: usize,
    /// Write all of it as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// What is written.
#[derive(Serialize)]
struct Written {
    prompt: String,
    tokens: Vec<String>,
    #[serde(flatten)]
    report: Report,
    /// How the text goes on without and with what was set.
    goes_on: [Vec<String>; 2],
}

/// Steers a prompt, prints the answers before and after, and writes the file asked for.
///
/// # Errors
/// A file that cannot be read or written, a prompt that cannot be run, or a feature that does not
/// exist.
pub fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let question = &arguments.question;
    let opened = question.open()?;
    let model = opened.model.clone();
    let written = on_engine(question.engine, &model, Task { arguments, opened })?;
    let report = &written.report;
    println!(
        "{:>14}  {:>9}  {:>9}  {:>8}",
        "token", "before", "after", "logit"
    );
    for shift in &report.answers {
        println!(
            "{:>14}  {:>7.2} %  {:>7.2} %  {:>+8.3}",
            format!("{:?}", shift.token),
            100.0 * shift.before,
            100.0 * shift.after,
            shift.logit_after - shift.logit_before,
        );
    }
    if let (Some(pearson), Some(slope)) = (report.pearson, report.slope) {
        println!(
            "\nmeasured on predicted, features and answers: r = {pearson:.3}, slope {slope:.3}"
        );
    }
    if arguments.go_on > 0 {
        let [without, with] = written.goes_on.each_ref().map(|tokens| tokens.concat());
        println!("\nwithout  {without}\nwith     {with}");
    }
    match &arguments.json {
        Some(path) => write_json(path, &written),
        None => Ok(()),
    }
}

struct Task<'a> {
    arguments: &'a Arguments,
    opened: Opened,
}

impl OnEngine for Task<'_> {
    type Output = Written;

    fn run<E: Engine>(self, tracer: &Tracer<E>) -> Result<Written, Box<dyn Error>> {
        let Arguments {
            set, mode, go_on, ..
        } = self.arguments;
        let (ids, vocabulary) = (&self.opened.ids, &self.opened.model.vocabulary);
        pollster::block_on(async {
            let graph = tracer.trace(ids, &Options::default(), |_| {}).await?;
            let steering = Steering::new(tracer, ids).await?;
            let steered = steering.run(&tracer.network, set, mode).await?;
            let report = Report::new(&steering, &steered, mode, &graph, vocabulary);
            let mut goes_on = [Vec::new(), Vec::new()];
            for (text, set) in goes_on.iter_mut().zip([&[][..], &steered.interventions]) {
                let mut ids = ids.clone();
                for _ in 0..*go_on {
                    let next = match steered_next(tracer, &ids, set, mode).await {
                        // The context is full.
                        Err(attograph::study::StudyError::Trace(TraceError::TooLong {
                            ..
                        })) => break,
                        next => next?,
                    };
                    ids.push(next[0].token);
                    text.push(vocabulary.token(next[0].token));
                }
            }
            Ok(Written {
                prompt: self.arguments.question.prompt.clone(),
                tokens: ids.iter().map(|id| vocabulary.token(*id)).collect(),
                report,
                goes_on,
            })
        })
    }
}
