//! `attograph steer`: features switched off, scaled or set, and what the model then does.

use super::console::{Console, in_one_line};
use super::open::{OnEngine, Opened, Question, check_outputs, is_printed, on_engine, write_json};
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
    /// Write all of it as JSON; - for the standard output
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

/// Steers a prompt, writes the file asked for, and tells the answers before and after.
///
/// # Errors
/// A file that cannot be read or written, a prompt that cannot be run, or a feature that does not
/// exist.
pub fn run(arguments: &Arguments, console: Console) -> Result<String, Box<dyn Error>> {
    let question = &arguments.question;
    check_outputs(&[&arguments.json])?;
    let opened = question.open(console)?;
    let model = opened.model.clone();
    let (written, said) = on_engine(question.engine, &model, Task { arguments, opened })?;
    if let Some(path) = &arguments.json {
        write_json(path, &written)?;
    }
    if is_printed(&arguments.json) {
        return Ok(String::new());
    }
    let report = &written.report;
    let mut text = format!(
        "{:>14}  {:>9}  {:>9}  {:>8}\n",
        "token", "before", "after", "logit"
    );
    for shift in &report.answers {
        text += &format!(
            "{:>14}  {:>7.2} %  {:>7.2} %  {:>+8.3}\n",
            format!("{:?}", shift.token),
            100.0 * shift.before,
            100.0 * shift.after,
            shift.logit_after - shift.logit_before,
        );
    }
    if let (Some(pearson), Some(slope)) = (report.pearson, report.slope) {
        text += &format!(
            "\nmeasured on predicted, features and answers: r = {pearson:.3}, slope {slope:.3}\n"
        );
    }
    if arguments.go_on > 0 {
        let [without, with] = said.each_ref().map(|text| in_one_line(text));
        text += &format!("\nwithout  {without}\nwith     {with}\n");
    }
    Ok(text)
}

struct Task<'a> {
    arguments: &'a Arguments,
    opened: Opened,
}

impl OnEngine for Task<'_> {
    /// What is written, and how the text goes on without and with what was set.
    type Output = (Written, [String; 2]);

    fn run<E: Engine>(self, tracer: &Tracer<E>) -> Result<Self::Output, Box<dyn Error>> {
        let Arguments {
            set, mode, go_on, ..
        } = self.arguments;
        let Opened {
            ids,
            model,
            tokenizer,
        } = &self.opened;
        let vocabulary = &model.vocabulary;
        pollster::block_on(async {
            let run = tracer.run(ids).await?;
            let graph = tracer.graph(&run, &Options::default(), |_| {}).await?;
            let steering = Steering::new(&tracer.network, run).await?;
            let steered = steering.run(&tracer.network, set, mode).await?;
            let report = Report::new(&steering, &steered, mode, &graph, vocabulary);
            let mut goes_on = [Vec::new(), Vec::new()];
            let mut said = [String::new(), String::new()];
            let runs = goes_on
                .iter_mut()
                .zip(&mut said)
                .zip([&[][..], &steered.interventions]);
            for ((tokens, said), set) in runs {
                let before = ids.len();
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
                    tokens.push(vocabulary.token(next[0].token));
                }
                *said = tokenizer.continuation(&ids[..before], &ids[before..]);
            }
            let written = Written {
                prompt: self.arguments.question.prompt.clone(),
                tokens: ids.iter().map(|id| vocabulary.token(*id)).collect(),
                report,
                goes_on,
            };
            Ok((written, said))
        })
    }
}
