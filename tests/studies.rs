//! `attograph studies` on the addition model: what the shipped files say is what the weights give, on a part of the sums.

use crate::common::fixtures::root;
use attograph::evaluate::studies::Studies;
use serde_json::Value;
use std::collections::HashMap;
use std::process::Command;
use std::sync::OnceLock;

const COMMAND: &str = "cargo run --release -- studies --model www/models/addition";

fn shipped(name: &str) -> Value {
    let file = root().join("www/studies").join(name);
    serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

/// Read once for all tests.
fn studies() -> &'static Studies {
    static READ: OnceLock<Studies> = OnceLock::new();
    READ.get_or_init(|| Studies::new(&root().join("www/models/addition")).unwrap())
}

/// So many sums at random, the same each time.
fn some(count: usize) -> Vec<(u32, u32)> {
    let mut state: u64 = 7;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32 % 100
    };
    (0..count).map(|_| (next(), next())).collect()
}

fn untold(_: &str, _: usize, _: usize) {}

/// A feature's name, and where it is active.
fn key(feature: &Value) -> String {
    ["layer", "index", "at"]
        .map(|field| feature[field].to_string())
        .join(" ")
}

/// Five standard deviations of a share among so many, and rounding.
fn room(share: f64, of: usize) -> f64 {
    5.0 * (share * (1.0 - share) / of.max(1) as f64).sqrt() + 0.01
}

#[test]
fn the_circuit_is_that_of_the_weights() {
    let file = shipped("circuit.json");
    assert_eq!(
        (&file["command"], &file["prompts"]),
        (&COMMAND.into(), &10_000.into())
    );
    const PROMPTS: usize = 300;
    let found = studies().circuit(&some(PROMPTS), COMMAND, &untold).unwrap();
    assert_eq!((found.prompts, found.right), (PROMPTS, PROMPTS));
    let found = serde_json::to_value(found).unwrap();
    let here: HashMap<String, &Value> = list(&found["features"])
        .iter()
        .map(|it| (key(it), it))
        .collect();
    let features = list(&file["features"]);
    let mut compared = 0;
    for feature in features.iter().filter(|it| number(&it["share"]) >= 0.1) {
        // What is hardly noticeable may be missing among fewer sums.
        let Some(here) = here.get(&key(feature)) else {
            assert!(number(&feature["influence"]) < 0.001, "{feature}");
            continue;
        };
        assert_eq!(
            (&feature["words"], &feature["part"]),
            (&here["words"], &here["part"])
        );
        let (share, in_some) = (number(&feature["share"]), number(&here["share"]));
        assert!(
            (share - in_some).abs() <= room(share, PROMPTS),
            "{feature} {here}"
        );
        let (mean, in_some) = (number(&feature["mean"]), number(&here["mean"]));
        assert!((mean - in_some).abs() <= 0.4 * mean, "{feature} {here}");
        compared += 1;
    }
    assert!(compared > 50, "{compared}");
    let all: f64 = list(&file["tokens"])
        .iter()
        .map(|it| number(&it["influence"]))
        .sum();
    assert!((all - 1.0).abs() < 1e-3, "{all}");
    let parts = list(&file["parts"]);
    let listed: u64 = parts
        .iter()
        .map(|part| part["features"].as_u64().unwrap())
        .sum();
    assert_eq!(listed as usize, features.len());
    for edge in list(&file["edges"]) {
        let place = |end: usize| edge[end].as_u64().unwrap() as usize;
        assert!(features[place(0)]["layer"].as_u64() < features[place(1)]["layer"].as_u64());
    }
}

#[test]
fn features_serve_other_contexts() {
    let file = shipped("contexts.json");
    assert_eq!(file["command"], COMMAND);
    const SUMS: usize = 400;
    let found = studies().contexts(&some(SUMS), COMMAND, &untold).unwrap();
    let found = serde_json::to_value(found).unwrap();
    assert_eq!(found["contexts"], file["contexts"]);
    let here: HashMap<String, &Value> = list(&found["features"])
        .iter()
        .map(|it| (key(it), it))
        .collect();
    let features = list(&file["features"]);
    let mut compared = 0;
    for feature in features {
        let Some(here) = here.get(&key(feature)) else {
            continue;
        };
        assert_eq!(feature["words"], here["words"]);
        let active = number(&feature["active"]);
        let of = [active, 1.0 - active].map(|share| (share * SUMS as f64) as usize);
        if of[0] < 40 {
            continue;
        }
        for (field, of) in ["fires", "strays"].into_iter().zip(of) {
            for (whole, part) in list(&feature[field]).iter().zip(list(&here[field])) {
                let (whole, part) = (number(whole), number(part));
                assert!(
                    (whole - part).abs() <= room(whole, of) + 0.02,
                    "{feature} {here}"
                );
            }
        }
        compared += 1;
    }
    assert!(compared > 20, "{compared}");
    let serves = |it: &Value| {
        list(&it["fires"])
            .iter()
            .filter(|it| number(it) >= 0.5)
            .count()
    };
    let lookups = features.iter().filter(|it| it["lookup"] == true);
    assert!(
        lookups
            .clone()
            .all(|it| it["part"].as_str().unwrap().starts_with("both"))
    );
    assert!(lookups.map(serves).any(|contexts| contexts >= 4));
}

#[test]
fn an_explanation_is_told_token_by_token() {
    let file = shipped("explanations.json");
    assert_eq!(
        (&file["command"], &file["sums"]),
        (&COMMAND.into(), &100.into())
    );
    let found = studies().explanations(2, COMMAND, &untold).unwrap();
    assert_eq!((found.sums, found.right), (2, 1.0));
    let found = serde_json::to_value(found).unwrap();
    assert_eq!(found["example"], file["example"]);
    let text: String = list(&file["example"]["tokens"])
        .iter()
        .map(|it| it["text"].as_str().unwrap())
        .collect();
    assert!(text.ends_with("calc: 36+59=95. How? I added the ones: 6+9=15. I wrote 5 and carried 1. Then the tens: 3+5+1=9. So it is 95."), "{text}");
    let names: Vec<&str> = list(&file["numbers"])
        .iter()
        .map(|it| it["name"].as_str().unwrap())
        .collect();
    assert_eq!(names[..4], ["a.ones", "b.ones", "ones", "digit"]);
    for overlap in [&file, &file["steps"]] {
        for share in ["shared_influence", "explanation_of_shared"] {
            assert!((0.0..=1.0).contains(&number(&overlap[share])));
        }
        for set in ["answer_only", "explanation_only", "shared", "random"] {
            assert!(number(&overlap["off"][set]["features"]) > 0.0, "{set}");
        }
    }
}

#[test]
fn a_model_that_does_not_add_is_refused() {
    let output = Command::new(env!("CARGO_BIN_EXE_attograph"))
        .current_dir(root())
        .args(["studies", "--model", "www/models/diagnosis", "--out"])
        .arg(std::env::temp_dir())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("of a model that adds"), "{said}");
}
