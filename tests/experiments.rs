//! `attograph experiments` on the shipped models: what it writes is what steering the very features
//! gives, the features are those of their roles, and what it says of bad input.

use crate::common::fixtures::{Fixture, root};
use crate::common::scratch::Scratch;
use attograph::engine::cpu::Cpu;
use attograph::model::Tokenizer;
use attograph::study::{
    Intervention, Mode, OperandPlots, Precision, Reads, Role, Template, intervene, role,
};
use attograph::trace::{Tracer, answers};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

fn experiments(model: &Path, more: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_attograph"))
        .args(["experiments", "--model"])
        .arg(model)
        .args(more)
        .output()
        .unwrap()
}

/// What the command prints and writes on so many prompts.
fn written(name: &str, prompts: &str) -> (String, Vec<Value>) {
    let scratch = Scratch::new(&format!("experiments-{name}"));
    let file = scratch.path("found.json");
    let model = root().join("www/models").join(name);
    let json = file.to_str().unwrap();
    let output = experiments(&model, &["--prompts", prompts, "--json", json]);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let found: Value = serde_json::from_slice(&std::fs::read(&file).unwrap()).unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    (printed, found.as_array().unwrap().clone())
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn ids(fixture: &Fixture, trial: &Value) -> Vec<u32> {
    let file = root().join("www/models").join(&fixture.name);
    let bytes = std::fs::read(file.join("tokenizer.json")).unwrap();
    let texts: Vec<&str> = list(&trial["tokens"])
        .iter()
        .map(|t| t.as_str().unwrap())
        .collect();
    let text = texts[1..].concat();
    let encoded = Tokenizer::from_bytes(&bytes)
        .unwrap()
        .encode(&text, 1024)
        .unwrap();
    fixture.model.with_bos(encoded)
}

fn index(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

fn interventions(arm: &Value) -> Vec<Intervention> {
    let set = list(&arm["set"]).iter().map(|set| Intervention {
        layer: index(&set["layer"]),
        position: index(&set["position"]),
        feature: index(&set["feature"]),
        value: set["value"].as_f64().unwrap() as f32,
    });
    set.collect()
}

/// Steers both arms of every trial anew.
fn check_answers(fixture: &Fixture, tracer: &Tracer<Cpu>, experiment: &Value) {
    for setting in list(&experiment["settings"]) {
        let mode = match setting["mode"].as_str().unwrap() {
            "patterns" => Mode::PatternsFrozen,
            _ => Mode::Free,
        };
        for trial in list(&setting["trials"]) {
            let ids = ids(fixture, trial);
            for arm in [&trial["steered"], &trial["control"]] {
                let set = interventions(arm);
                let run = intervene(&tracer.network, &ids, &set, &mode);
                let outcome = pollster::block_on(run).unwrap();
                let logits = outcome.last_logits(tracer.network.config().vocabulary);
                let top = &answers(logits, 1)[0];
                assert_eq!(arm["answer"], fixture.model.vocabulary.token(top.token));
                let probability = arm["probability"].as_f64().unwrap() as f32;
                assert!((probability - top.probability).abs() < 1e-4);
            }
            let of = |arm: &str| list(&trial[arm]["set"]).len();
            assert!(of("control") <= of("steered"));
        }
    }
}

fn find<'a>(found: &'a [Value], id: &str) -> &'a Value {
    found.iter().find(|one| one["id"] == id).unwrap()
}

#[test]
fn sums_are_steered_by_the_roles_of_their_features() {
    let (printed, found) = written("addition", "3");
    assert_eq!(found.len(), 7);
    let fixture = Fixture::shipped("addition");
    let tracer = fixture.tracer(Cpu);
    for experiment in &found {
        assert!(printed.contains(experiment["name"].as_str().unwrap()));
        assert_eq!(list(&experiment["settings"]).len(), 4);
        check_answers(&fixture, &tracer, experiment);
    }
    let first = &list(&find(&found, "ones-digit")["settings"])[0];
    assert_eq!(
        (first["factor"].as_f64(), first["mode"].as_str()),
        (Some(0.0), Some("patterns"))
    );
    let mut plots = None;
    for trial in list(&first["trials"]) {
        let ids = ids(&fixture, trial);
        let (template, a, b) =
            Template::find::<&str>(&ids, &fixture.model.vocabulary, &[]).unwrap();
        // Held-out sums are right, and the criteria are as the top answer shows.
        let sum = a + b;
        assert_eq!(trial["before"], sum.to_string());
        let plots = plots.get_or_insert_with(|| {
            let mut plots = OperandPlots::new(template);
            while !pollster::block_on(plots.step(&tracer.network)).unwrap() {}
            plots
        });
        for arm in ["steered", "control"] {
            let top = trial[arm]["answer"].as_str().unwrap().parse::<usize>();
            let gone = top.as_ref().map_or(true, |top| top % 10 != sum % 10);
            let near = top.is_ok_and(|top| top.abs_diff(sum) <= 9);
            let holds = [gone, near].map(Value::from);
            assert_eq!(list(&trial[arm]["holds"]), holds);
            for set in interventions(&trial[arm]) {
                let role = role(&plots.plot(set.layer, set.position, set.feature));
                let is_ones = role.is_some_and(|role| role.precision == Precision::Ones);
                assert_eq!(is_ones, arm == "steered", "{set:?}");
            }
        }
        // Nothing of the role is left out: the plots say what is active.
        let steered = interventions(&trial["steered"]);
        let active = plots
            .places()
            .into_iter()
            .filter(|(layer, position, feature)| {
                let plot = plots.plot(*layer, *position, *feature);
                let is_ones = |role: Role| role.precision == Precision::Ones;
                // A pixel is rounded, and one that is faint may be black.
                plot.pixels[100 * a + b] > 0 && role(&plot).is_some_and(is_ones)
            });
        for place in active {
            let is_it = |one: &Intervention| (one.layer, one.position, one.feature) == place;
            assert!(steered.iter().any(is_it), "{place:?}");
        }
    }
    swapped(&fixture, &tracer, find(&found, "swap"), &plots.unwrap());
}

/// In a swap, lookups of the ones digits have the activations of the other prompt.
fn swapped(fixture: &Fixture, tracer: &Tracer<Cpu>, experiment: &Value, plots: &OperandPlots) {
    for trial in list(&experiment["settings"][0]["trials"]) {
        let mut ids = ids(fixture, trial);
        let (template, a, b) =
            Template::find::<&str>(&ids, &fixture.model.vocabulary, &[]).unwrap();
        let other = if a % 10 < 7 { a + 3 } else { a - 3 };
        assert_eq!(trial["expected"][0], (other + b).to_string());
        ids[template.a_position] = fixture.model.vocabulary.id_of_number(other as u32).unwrap();
        let there = pollster::block_on(intervene(&tracer.network, &ids, &[], &Mode::Free)).unwrap();
        let set = interventions(&trial["steered"]);
        assert!(!set.is_empty());
        for one in set {
            let role = role(&plots.plot(one.layer, one.position, one.feature)).unwrap();
            assert_eq!(
                (role.precision, role.reads),
                (Precision::Ones, Reads::Lookup)
            );
            let values = &there.activations[one.layer];
            let expected = values[one.position * (values.len() / ids.len()) + one.feature];
            assert!((one.value - expected).abs() < 1e-5, "{one:?}: {expected}");
        }
    }
}

#[test]
fn vignettes_are_steered_by_the_features_of_their_leading_condition() {
    let (printed, found) = written("diagnosis", "3");
    let fixture = Fixture::shipped("diagnosis");
    let tracer = fixture.tracer(Cpu);
    assert_eq!(found.len(), 2);
    for experiment in &found {
        assert!(printed.contains(experiment["name"].as_str().unwrap()));
        check_answers(&fixture, &tracer, experiment);
        for trial in list(&experiment["settings"][0]["trials"]) {
            let expected = list(&trial["expected"]);
            for arm in [&trial["steered"], &trial["control"]] {
                let changes = Value::from(arm["answer"] != trial["before"]);
                let suits = Value::from(expected.contains(&arm["answer"]));
                let holds = [changes, suits];
                let of = list(&arm["holds"]);
                assert_eq!(of, &holds[..of.len()]);
            }
        }
    }
}

#[test]
fn bad_input_is_told_in_one_sentence() {
    let said = |output: &Output| {
        assert!(!output.status.success());
        String::from_utf8(output.stderr.clone()).unwrap()
    };
    let missing = said(&experiments(Path::new("nowhere"), &[]));
    assert!(missing.contains("evaluation.json"), "{missing}");
    let none = said(&experiments(Path::new("nowhere"), &["--prompts", "0"]));
    assert!(none.contains("a whole number, 1 or more"), "{none}");
    // A model that knows no numbers has no sums.
    let scratch = Scratch::new("experiments-none");
    let model = scratch.model();
    let evaluation = r#"{"domain": "addition", "explanations": [],
        "contexts": [{"name": "calc", "title": "Plain", "templates": ["t{a.ones} t{b.ones}| t{digit}"]}],
        "held_out": {"everywhere": [[3, 4]]}}"#;
    std::fs::write(model.join("evaluation.json"), evaluation).unwrap();
    let nothing = said(&experiments(&model, &[]));
    assert!(
        nothing.contains("There is nothing to experiment on in"),
        "{nothing}"
    );
    for said in [missing, nothing] {
        assert_eq!(said.trim().lines().count(), 1, "{said}");
        assert!(
            said.starts_with("attograph: ") && said.trim().ends_with('.'),
            "{said}"
        );
    }
}
