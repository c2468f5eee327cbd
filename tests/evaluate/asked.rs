//! What models are asked here, and folders with it; the measures of one.

use crate::common::fixtures::root;
use crate::common::scratch::{Scratch, copy_folder};
use attograph::evaluate::{Measure, Options, evaluate};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The random models' tokens are t0, t1, ...
pub const TEMPLATE: &str = "t{a.ones} t{b.tens} t{a.tens} t{b.ones}|";

/// Pairs that are held out of all contexts, and of the plain one alone.
pub const EVERYWHERE: [(usize, usize); 5] = [(3, 4), (17, 25), (36, 59), (99, 99), (0, 41)];
pub const HERE: [(usize, usize); 2] = [(5, 6), (7, 80)];

/// An `evaluation.json` of sums.
pub fn addition() -> Value {
    json!({
        "domain": "addition",
        "contexts": [
            {"name": "calc", "title": "Plain", "templates": [format!("{TEMPLATE} t{{digit}}")]},
            {"name": "other", "title": "Other", "templates": [
                "t20 t{a.ones} t{b.ones} t{b.tens}| t{tens}",
                "t{b.ones} t{b.tens} t{a.tens} t21| t{carry}",
            ]},
        ],
        "explanations": [format!("{TEMPLATE} t{{ones}} t{{carry}}")],
        "held_out": {
            "everywhere": [[3, 4], [17, 25], [36, 59], [99, 99], [0, 41]],
            "only": {"calc": [[5, 6], [7, 80]]},
        },
    })
}

/// And one of vignettes.
pub fn diagnosis() -> Value {
    let vignettes: Vec<Value> = (0..24)
        .map(|i| {
            let answers = |best: u32, next: f64| {
                json!([
                    [format!("t{}", best % 10), 0.5],
                    ["t30", next],
                    ["t31", 0.01]
                ])
            };
            let leading = ["gout", "flu", "asthma"][i % 3];
            let mut vignette = json!({
                "text": format!("t{} t{} t{}", i % 4, 4 + i % 7, 11 + i % 5),
                "she": i % 2 == 0,
                "leading": leading,
                "lead": 0.5,
                "chances": {
                    "ask": answers(i as u32, 0.1),
                    "diagnosis": answers(i as u32 + 1, if i % 2 == 0 { 0.45 } else { 0.2 }),
                },
            });
            if i == 5 {
                vignette["texts"] = json!({"ask": " t34 t35"});
            }
            vignette
        })
        .collect();
    json!({
        "domain": "diagnosis",
        "questions": [
            {"name": "ask", "text": " t32"},
            {"name": "diagnosis", "text": " t33 t34"},
        ],
        "vignettes": vignettes,
    })
}

/// The plain context's prompt and its answer.
pub fn plain_sum(a: usize, b: usize) -> (String, usize) {
    let text = format!("t{} t{} t{} t{}", a % 10, b / 10, a / 10, b % 10);
    (text, (a % 10 + b % 10) % 10)
}

/// A manifest whose spelling shows what is written anew.
pub const MANIFEST: &str = r#"{
  "name": "toy",
  "title": "Toy — small",
  "zeta": [1, 2.50, {"odd":   "spacing"}],
  "quality": [
    {
      "name": "old"
    }
  ],
  "alpha": null
}
"#;

/// A model folder with both transcoders.
pub fn folder(scratch: &Scratch, evaluation: &Value) -> PathBuf {
    let model = scratch.model();
    let second = root().join("tests/fixtures/plt_jump_relu_ln2/transcoder");
    copy_folder(&second, &model.join("per-layer"));
    let write = |name: &str, text: &str| std::fs::write(model.join(name), text).unwrap();
    write("evaluation.json", &evaluation.to_string());
    write("manifest.json", MANIFEST);
    model
}

/// What the command line says of a folder.
pub fn run(model: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_attograph"))
        .args(["evaluate", "--model"])
        .arg(model)
        .args(["--prompts", "4"])
        .args(more)
        .output()
        .unwrap()
}

/// The measures of a folder, computed in this process.
pub fn measured(model: &Path, graphs: usize) -> Vec<Measure> {
    let options = Options {
        graphs,
        transcoder: None,
        command: "the command".into(),
    };
    evaluate(model, &options, &|_, _, _| {}).unwrap()
}

/// The one measure of this name.
pub fn find<'a>(measures: &'a [Measure], id: &str, transcoder: Option<&str>) -> &'a Measure {
    let found: Vec<&Measure> = measures
        .iter()
        .filter(|measure| measure.measure == id && measure.transcoder == transcoder)
        .collect();
    assert_eq!(found.len(), 1, "{id} ({transcoder:?})");
    found[0]
}
