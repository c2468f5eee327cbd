//! `attograph trace`: a prompt's graph, printed and written to files.

use super::open::{OnEngine, Opened, Question, on_engine, write};
use attograph::engine::{Description, Engine};
use attograph::export::{self, About, Arrangement};
use attograph::trace::{
    EDGE_THRESHOLD, Graph, MAX_LOGITS, NODE_THRESHOLD, Options, PROBABILITY, Pruned, Targets,
    Tracer,
};
use clap::Args;
use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Instant;

#[derive(Args)]
pub struct Arguments {
    #[command(flatten)]
    question: Question,
    /// Write the pruned graph as JSON, for graph viewers
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
    /// Most logits that become targets
    #[arg(long, default_value_t = MAX_LOGITS, value_name = "N")]
    max_logits: usize,
    /// Take as many logits as reach this probability together
    #[arg(long, default_value_t = PROBABILITY, value_name = "SHARE", value_parser = share)]
    probability: f32,
    /// Most features that become nodes [default: all that are active]
    #[arg(long, value_name = "N")]
    max_features: Option<usize>,
    /// Rows computed together
    #[arg(long, default_value_t = Options::default().batch_size, value_name = "N")]
    batch_size: usize,
    /// Trace this often, and print the median time
    #[arg(long, default_value_t = 1, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    repeat: u32,
}

fn share(text: &str) -> Result<f32, String> {
    match text.parse() {
        Ok(value) if (0.0..=1.0).contains(&value) => Ok(value),
        _ => Err("a number from 0 to 1 is needed".into()),
    }
}

/// Traces a prompt, prints what the graph is like, and writes the files asked for.
///
/// # Errors
/// A file that cannot be read or written, or a prompt that cannot be traced.
pub fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    let question = &arguments.question;
    let Opened { model, ids } = question.open()?;
    let traced = on_engine(
        question.engine,
        &model,
        Task {
            arguments,
            ids: &ids,
        },
    )?;

    let Traced {
        graph,
        pruned,
        milliseconds,
        engine,
    } = traced;
    let kept = pruned.nodes.iter().filter(|kept| **kept).count();
    let edges = graph.rows.iter().filter(|edge| **edge != 0.0).count();
    let scores = graph.scores();
    if let Some(answer) = graph.answers.first() {
        let token = model.vocabulary.token(answer.token);
        println!(
            "answer        {token:?} ({:.2} %)",
            100.0 * answer.probability
        );
    }
    println!("nodes         {} of {}", kept, graph.nodes());
    println!("edges         {} of {edges}", pruned.edges.len());
    println!(
        "features      {} of {} active",
        graph.features.len(),
        graph.active_features
    );
    println!("replacement   {:.4}", scores.replacement);
    println!("completeness  {:.4}", scores.completeness);
    println!("time          {milliseconds:.2} ms on {}", engine.device);

    if let Some(path) = &arguments.json {
        let scan = model_name(&question.model);
        let tokens: Vec<String> = ids.iter().map(|id| model.vocabulary.token(*id)).collect();
        let about = About {
            scan: &scan,
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
    Ok(())
}

/// What a trace gives, and the median time that it and its pruning took.
struct Traced {
    graph: Graph,
    pruned: Pruned,
    milliseconds: f64,
    engine: Description,
}

struct Task<'a> {
    arguments: &'a Arguments,
    ids: &'a [u32],
}

impl OnEngine for Task<'_> {
    type Output = Traced;

    /// Traces and prunes, perhaps several times.
    fn run<E: Engine>(self, tracer: &Tracer<E>) -> Result<Traced, Box<dyn Error>> {
        let Task { arguments, ids } = self;
        let options = Options {
            targets: Targets::Likely {
                most: arguments.max_logits,
                probability: arguments.probability,
            },
            max_features: arguments.max_features,
            batch_size: arguments.batch_size,
            ..Options::default()
        };
        let mut times = Vec::new();
        let mut latest = None;
        for _ in 0..arguments.repeat {
            let start = Instant::now();
            let graph = pollster::block_on(tracer.trace(ids, &options, |_| {}))?;
            let pruned = graph.prune(arguments.node_threshold, arguments.edge_threshold);
            latest = Some((graph, pruned));
            times.push(1000.0 * start.elapsed().as_secs_f64());
        }
        times.sort_by(f64::total_cmp);
        let (graph, pruned) = latest.expect("it is traced at least once");
        Ok(Traced {
            graph,
            pruned,
            milliseconds: times[times.len() / 2],
            engine: tracer.network.engine.describe(),
        })
    }
}

fn model_name(folder: &Path) -> String {
    let whole = folder.canonicalize();
    let name = whole
        .as_deref()
        .unwrap_or(folder)
        .file_name()
        .unwrap_or_default()
        .to_string_lossy();
    format!("attograph/{name}")
}
