//! `attograph attention`: why a head looks where it looks.

use super::console::Console;
use super::open::{OnEngine, Opened, Question, check_outputs, is_printed, on_engine, write_json};
use attograph::engine::Engine;
use attograph::model::Model;
use attograph::study::{Mode, Steer, Steering};
use attograph::trace::{Graph, HeadAt, HeadScore, Look, Node, Options, StreamSource, Tracer};
use clap::Args;
use serde::Serialize;
use std::error::Error;
use std::path::PathBuf;

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    question: Question,
    /// The layer, from 0 on
    #[arg(long, value_name = "LAYER")]
    layer: usize,
    /// The head, from 0 on
    #[arg(long, value_name = "HEAD")]
    head: usize,
    /// The position of the token that looks [default: the last]
    #[arg(long, value_name = "POSITION")]
    query: Option<usize>,
    /// The position of the token looked at [default: that looked at most]
    #[arg(long, value_name = "POSITION")]
    key: Option<usize>,
    /// Why not at the token of this position: the difference of the two scores
    #[arg(long, value_name = "POSITION")]
    minus: Option<usize>,
    /// A feature and what it is set to, as in `steer`: the pattern with it stands beside the pattern; may be repeated
    #[arg(long = "set", value_name = "SETTING")]
    set: Vec<Steer>,
    /// What stays as it was where a feature is set, as in `steer`
    #[arg(long, default_value = "free", value_name = "MODE")]
    mode: Mode,
    /// Pairs that are told one by one
    #[arg(long, default_value_t = 12, value_name = "N")]
    most: usize,
    /// Write all of it as JSON; - for the standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

/// What is written.
#[derive(Serialize)]
struct Written {
    prompt: String,
    tokens: Vec<String>,
    layer: usize,
    head: usize,
    query: usize,
    key: usize,
    minus: Option<usize>,
    /// How much the head looks at each token.
    pattern: Vec<f32>,
    /// The same with features set, if any are.
    steered: Option<Vec<f32>>,
    score: f64,
    pairs: Vec<PairWritten>,
    /// What all other pairs add.
    rest: f64,
}

#[derive(Serialize)]
struct PairWritten {
    /// What stands at the token that looks, and what at the one looked at.
    at_query: String,
    at_key: String,
    /// Whether it is of the key that is subtracted.
    subtracted: bool,
    part: f64,
}

/// Runs a prompt and splits a score of a head.
///
/// # Errors
/// A file that cannot be read or written, a prompt that cannot be run, or a layer, head or token that
/// does not exist.
pub fn run(arguments: &Arguments, console: Console) -> Result<String, Box<dyn Error>> {
    let question = &arguments.question;
    check_outputs(&[&arguments.json])?;
    let opened = question.open(console)?;
    let model = opened.model.clone();
    let written = on_engine(question.engine, &model, Task { arguments, opened })?;
    if let Some(path) = &arguments.json {
        write_json(path, &written)?;
    }
    if is_printed(&arguments.json) {
        return Ok(String::new());
    }
    let mut text = format!(
        "head {}.{} at {:?} looks at\n",
        written.layer, written.head, written.tokens[written.query]
    );
    for (position, (token, weight)) in written.tokens.iter().zip(&written.pattern).enumerate() {
        if position <= written.query {
            text += &format!(
                "  {position:>3}  {:>14}  {:>6.2} %",
                format!("{token:?}"),
                100.0 * weight
            );
            text += &match &written.steered {
                Some(steered) => {
                    format!("  {:>6.2} % with what is set\n", 100.0 * steered[position])
                }
                None => "\n".into(),
            };
        }
    }
    let named = |position: usize| format!("{:?} at {position}", written.tokens[position]);
    text += &match written.minus {
        None => format!(
            "\nthe score of {}: {:+.4}\n",
            named(written.key),
            written.score
        ),
        Some(minus) => format!(
            "\nthe score of {} less that of {}: {:+.4}\n",
            named(written.key),
            named(minus),
            written.score
        ),
    };
    for pair in &written.pairs {
        let which = match (written.minus, pair.subtracted) {
            (None, _) => String::new(),
            (Some(_), false) => format!(" ({})", written.key),
            (Some(minus), true) => format!(" ({minus})"),
        };
        text += &format!(
            "  {:>+9.4}  {} x {}{which}\n",
            pair.part, pair.at_query, pair.at_key
        );
    }
    text += &format!("  {:>+9.4}  all other pairs\n", written.rest);
    Ok(text)
}

struct Task<'a> {
    arguments: &'a Arguments,
    opened: Opened,
}

impl OnEngine for Task<'_> {
    type Output = Written;

    fn run<E: Engine>(self, tracer: &Tracer<E>) -> Result<Written, Box<dyn Error>> {
        let Task { arguments, opened } = self;
        let Opened { ids, model, .. } = &opened;
        let run = pollster::block_on(tracer.run(ids))?;
        let graph = pollster::block_on(tracer.graph(&run, &Options::default(), |_| {}))?;
        let at = HeadAt {
            layer: arguments.layer,
            head: arguments.head,
            query: arguments.query.unwrap_or(ids.len() - 1),
        };
        let look = |key| Look {
            at,
            key,
            minus: arguments.minus,
        };
        let split = |key, most| pollster::block_on(tracer.look(&run, &graph, look(key), most));
        let key = match arguments.key {
            Some(key) => key,
            None => most_looked_at(&split(0, 0)?),
        };
        let score = split(key, arguments.most)?;
        let Arguments { set, mode, .. } = arguments;
        let steered = match set.is_empty() {
            true => None,
            false => Some(pollster::block_on(async {
                let steering = Steering::new(&tracer.network, run.clone()).await?;
                steering.pattern(&tracer.network, set, mode, at).await
            })?),
        };
        let pairs = score.pairs.iter().map(|pair| PairWritten {
            at_query: name(model, &graph, pair.query),
            at_key: name(model, &graph, pair.key),
            subtracted: pair.subtracted,
            part: pair.part,
        });
        Ok(Written {
            prompt: arguments.question.prompt.clone(),
            tokens: ids.iter().map(|id| model.vocabulary.token(*id)).collect(),
            layer: at.layer,
            head: at.head,
            query: at.query,
            key,
            minus: arguments.minus,
            pairs: pairs.collect(),
            pattern: score.pattern,
            steered,
            score: score.score,
            rest: score.rest,
        })
    }
}

fn most_looked_at(score: &HeadScore) -> usize {
    let weights = score.pattern.iter().enumerate();
    weights
        .max_by(|a, b| a.1.total_cmp(b.1))
        .map_or(0, |(key, _)| key)
}

/// A source in words: `feature 0/153 @4`, `“36” @3`.
fn name(model: &Model, graph: &Graph, source: StreamSource) -> String {
    let token = |position: usize| model.vocabulary.token(graph.tokens[position]);
    match source {
        StreamSource::Positions => "positions".into(),
        StreamSource::Biases => "biases".into(),
        StreamSource::Node(node) => match graph.node(node) {
            Node::Feature(i) => {
                let feature = graph.features[i];
                let place = format!("{}/{}@{}", feature.layer, feature.index, feature.position);
                format!("feature {place} on {:?}", token(feature.position))
            }
            Node::Error { layer, position } => format!("error {layer}@{position}"),
            Node::Token(position) => format!("token {:?}@{position}", token(position)),
            _ => "nothing".into(),
        },
    }
}
