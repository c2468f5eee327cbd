//! `attograph trace`: a prompt's graph, printed and written to files.

use super::arithmetic::{Arithmetic, LargeProduct};
use super::console::Console;
use super::open::{
    EngineName, OnEngine, Opened, Question, check_outputs, is_printed, on_engine, write,
};
use attograph::engine::cpu::counted;
use attograph::engine::{Description, Engine};
use attograph::evaluate::Known;
use attograph::export::{self, About, Arrangement, Origin};
use attograph::model::Model;
use attograph::network::Reading;
use attograph::study::{self, Likeness, Surprise, WholeAnswer, near, surprises};
use attograph::trace::{
    EDGE_THRESHOLD, Graph, MAX_LOGITS, NODE_THRESHOLD, Options, PROBABILITY, Pruned, Targets,
    TraceError, Tracer,
};
use clap::Args;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    question: Question,
    /// Write the pruned graph as JSON, for graph viewers; - for the standard output
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Write the whole graph as safetensors
    #[arg(long, value_name = "FILE")]
    raw: Option<PathBuf>,
    /// Share of the influence that the kept nodes carry
    #[arg(long, default_value_t = NODE_THRESHOLD, value_name = "SHARE", value_parser = share)]
    node_threshold: f32,
    /// Share of the influence that the kept edges carry
    #[arg(long, default_value_t = EDGE_THRESHOLD, value_name = "SHARE", value_parser = share)]
    edge_threshold: f32,
    /// Explain this token in place of the most probable: its text, or #257 by its number; may be repeated
    #[arg(long = "target", value_name = "TOKEN", conflicts_with_all = ["max_logits", "probability"])]
    targets: Vec<String>,
    /// Explain the target's logit minus this token's
    #[arg(long, value_name = "TOKEN", requires = "targets")]
    minus: Option<String>,
    /// Most logits that become targets
    #[arg(long, default_value_t = MAX_LOGITS, value_name = "N")]
    max_logits: usize,
    /// Take as many logits as reach this probability together
    #[arg(long, default_value_t = PROBABILITY, value_name = "SHARE", value_parser = share)]
    probability: f32,
    /// Most features that become nodes [default: all that are active]
    #[arg(long, value_name = "N")]
    max_features: Option<usize>,
    /// What edges take as given: patterns,norms (what the answer is made of, rows that add up), patterns,
    /// norms, errors (derivatives in which the features alone answer), or nothing (what would change: the original's derivatives)
    #[arg(long, default_value_t, value_name = "SITES")]
    hold: Reading,
    /// Rows computed together
    #[arg(long, default_value_t = Options::default().batch_size, value_name = "N")]
    batch_size: usize,
    /// Trace this often, and print the median time
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
    /// Print the arithmetic of a trace too, beside the speed of a large product that is computed in between (CPU only)
    #[arg(long)]
    arithmetic: bool,
}

fn share(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("a number from 0 to 1 is needed".into()),
    }
}

/// Traces a prompt, writes the files asked for, and tells what the graph is like.
///
/// # Errors
/// A file that cannot be read or written, or a prompt that cannot be traced.
pub fn run(arguments: &Arguments, console: Console) -> Result<String, Box<dyn Error>> {
    let question = &arguments.question;
    if arguments.arithmetic && matches!(question.engine, EngineName::Gpu) {
        return Err("--arithmetic counts what the CPU computes: it needs --engine cpu.".into());
    }
    check_outputs(&[&arguments.json, &arguments.raw])?;
    let Opened { model, ids, .. } = question.open(console)?;
    let targets = arguments.targets(&model)?;
    let known = Known::load(&question.model)?;
    let task = Task {
        arguments,
        ids: &ids,
        targets,
        known: &known.answers,
        likeness: known.likeness.as_ref(),
    };
    let traced = on_engine(question.engine, &model, task)?;

    let Traced {
        graph,
        pruned,
        milliseconds,
        arithmetic,
        engine,
        whole,
        surprise,
        active,
    } = traced;
    let kept = pruned.nodes.iter().filter(|kept| **kept).count();
    let edges = graph.rows.iter().filter(|edge| **edge != 0.0).count();
    let scores = graph.scores();
    let mut lines = Vec::new();
    if let Some(answer) = graph.answers.first() {
        let token = model.vocabulary.token(answer.token);
        let percent = 100.0 * answer.probability;
        lines.push(match whole.filter(|whole| whole.tokens > 1) {
            None => format!("answer        {token:?} ({percent:.2} %)"),
            Some(whole) => format!(
                "answer        {:?} ({:.2} %), the graph for its first token {token:?} ({percent:.2} %)",
                whole.text,
                100.0 * whole.probability
            ),
        });
    }
    if !arguments.targets.is_empty() {
        let names: Vec<String> = graph
            .targets
            .iter()
            .map(|target| format!("{:?}", target.name))
            .collect();
        lines.push(format!("targets       {}", names.join(", ")));
    }
    let unlike = match (known.unseen.word(&model.vocabulary, &ids), surprise) {
        (Some(word), _) => Some(format!("none of them has {:?}", word.text.trim_start())),
        (None, Some(most)) if most.is_unlike() => Some(format!(
            "{:?} surprises the model by {:.1} nats more than expected ({:.1} are usual)",
            model.vocabulary.token(ids[most.position]),
            most.excess,
            most.limit
        )),
        _ => None,
    };
    if let Some(reason) = unlike {
        let near = near(&question.prompt, &known.templates, true);
        let near = near.map(|form| format!("; the model knows {form:?}"));
        let near = near.unwrap_or_default();
        lines.push(format!("unlike        the training texts: {reason}{near}"));
    }
    lines.extend([
        format!("nodes         {} of {}", kept, graph.nodes()),
        format!("edges         {} of {edges}", pruned.edges.len()),
        features_line(&graph, active),
    ]);
    // With nothing held errors answer inside the edges, and no score tells them apart.
    if graph.reading.errors() {
        lines.push(format!("replacement   {:.4}", scores.replacement));
    }
    lines.extend([
        match graph.reading.adds_up() {
            true => format!("completeness  {:.4}", scores.completeness),
            // Derivatives do not add up to anything, so nothing can be complete.
            false => format!("held          {}: edges are derivatives", graph.reading),
        },
        format!("time          {milliseconds:.2} ms on {}", engine.device),
    ]);
    lines.extend(
        arithmetic
            .iter()
            .flat_map(|found| found.lines(milliseconds)),
    );

    if let Some(path) = &arguments.json {
        let name = model_name(&question.model);
        let answers = graph.answers.iter();
        let answers = answers.map(|answer| model.vocabulary.token(answer.token));
        let tokens: Vec<String> = ids.iter().map(|id| model.vocabulary.token(*id)).collect();
        let about = About {
            origin: Origin {
                model: &name,
                transcoder: model.transcoder.kind.name(),
                density: 1.0,
                answers: &answers.collect::<Vec<_>>(),
                page: None,
            },
            prompt: &question.prompt,
            tokens: &tokens,
            node_threshold: arguments.node_threshold,
            edge_threshold: arguments.edge_threshold,
            arrangement: &Arrangement::default(),
        };
        let text = export::json(&graph, &pruned, &about);
        write(path, text.as_bytes())?;
    }
    if let Some(path) = &arguments.raw {
        write(path, &export::raw(&graph, &pruned)?)?;
    }
    match is_printed(&arguments.json) || is_printed(&arguments.raw) {
        true => Ok(String::new()),
        false => Ok(lines.join("\n") + "\n"),
    }
}

impl Arguments {
    fn targets(&self, model: &Model) -> Result<Targets, String> {
        let size = model.language.config.vocabulary;
        let id = |name: &String| {
            let id = model.vocabulary.named(name, size);
            id.ok_or_else(|| format!("{name:?} is not one token of this model, so it cannot be explained; #N names token N of {size}."))
        };
        let tokens: Vec<u32> = self.targets.iter().map(id).collect::<Result<_, _>>()?;
        match (&tokens[..], &self.minus) {
            ([], _) => Ok(Targets::Likely {
                most: self.max_logits,
                probability: self.probability,
            }),
            ([token], Some(minus)) => Ok(Targets::Difference {
                token: *token,
                minus: id(minus)?,
            }),
            (_, Some(_)) => Err("A difference is of one --target and one --minus.".to_string()),
            (_, None) => Ok(Targets::Tokens(tokens)),
        }
    }
}

/// What a trace gives, and the median time that it and its pruning took.
struct Traced {
    graph: Graph,
    pruned: Pruned,
    milliseconds: f64,
    /// Where it is asked for.
    arithmetic: Option<Arithmetic>,
    engine: Description,
    /// The answer that the most probable token begins.
    whole: Option<WholeAnswer>,
    /// The token that belongs there least, where the manifest says what is usual.
    surprise: Option<Surprise>,
    /// Features that are active in all.
    active: usize,
}

struct Task<'a> {
    arguments: &'a Arguments,
    ids: &'a [u32],
    targets: Targets,
    /// Answers that the model was trained to give.
    known: &'a [String],
    likeness: Option<&'a Likeness>,
}

impl OnEngine for Task<'_> {
    type Output = Traced;

    /// Traces and prunes, perhaps several times.
    fn run<E: Engine>(self, tracer: &Tracer<E>) -> Result<Traced, Box<dyn Error>> {
        let Task {
            arguments,
            ids,
            targets,
            known,
            likeness,
        } = self;
        let options = Options {
            targets,
            max_features: arguments.max_features,
            unconnected: arguments.raw.is_some(),
            batch_size: arguments.batch_size,
            reading: arguments.hold,
            ..Options::default()
        };
        let once = || -> Result<_, TraceError> {
            let run = pollster::block_on(tracer.run(ids))?;
            let graph = pollster::block_on(tracer.graph(&run, &options, |_| {}))?;
            let pruned = graph.prune(arguments.node_threshold, arguments.edge_threshold);
            Ok((run, graph, pruned))
        };
        let engine = &tracer.network.engine;
        let mut product = arguments.arithmetic.then(|| LargeProduct::new(engine));
        let mut times = Vec::new();
        let mut latest = None;
        for _ in 0..arguments.repeat {
            let start = Instant::now();
            latest = Some(once()?);
            let time = start.elapsed();
            times.push(1000.0 * time.as_secs_f64());
            // In turns, so that whatever else the cores do slows both.
            if let Some(product) = &mut product {
                product.go_on_for(time);
            }
        }
        times.sort_by(f64::total_cmp);
        let arithmetic = match product {
            None => None,
            Some(product) => {
                let (traced, multiply_adds) = counted(once);
                latest = Some(traced?);
                Some(Arithmetic {
                    multiply_adds,
                    fastest: times[0],
                    product_speed: product.speed(),
                })
            }
        };
        let (run, graph, pruned) = latest.expect("it is traced at least once");
        let surprise = match likeness {
            None => None,
            Some(likeness) => {
                let excess = pollster::block_on(surprises(&tracer.network, &run))?;
                likeness.most(ids, &excess)
            }
        };
        let model = &tracer.network.model;
        let next = async |more: &[u32]| match study::next(tracer, &[ids, more].concat()).await {
            Err(TraceError::TooLong { .. }) => Ok(Vec::new()),
            next => next,
        };
        let whole = match graph.answers.first() {
            Some(answer) => {
                let first = (answer.token, answer.probability);
                pollster::block_on(study::whole_answer(&model.vocabulary, known, first, next))?
            }
            None => None,
        };
        Ok(Traced {
            graph,
            pruned,
            milliseconds: times[times.len() / 2],
            arithmetic,
            engine: engine.describe(),
            whole,
            surprise,
            active: run.features().len(),
        })
    }
}

/// How many features are nodes, of so many that are active.
fn features_line(graph: &Graph, active: usize) -> String {
    let unconnected = match active - graph.active_features {
        0 => String::new(),
        count => format!("; {count} lead to no answer"),
    };
    format!(
        "features      {} of {active} active{unconnected}",
        graph.features.len()
    )
}

/// The name of a model's folder.
fn model_name(folder: &Path) -> String {
    let whole = folder.canonicalize();
    let folder = whole.as_deref().unwrap_or(folder);
    let name = folder.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}
