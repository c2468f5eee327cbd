//! Runs everything that can fail, stage by stage, and sums up at the end.

use crate::process::{cargo, program, root, run, target};
use crate::{browser, npm, single, site, wasm};
use anyhow::{Result, bail};
use std::time::{Duration, Instant};

type Stage = (&'static str, fn() -> Result<()>);

/// Every stage, the quick ones first; browser tests need the built site, types its wasm modules.
const STAGES: [Stage; 9] = [
    ("format", format),
    ("unit", unit),
    ("lints", lints),
    ("types", types),
    ("native", native),
    ("training", training),
    ("site", single::build),
    ("browser", browser::test),
    ("browsers", browser::journeys),
];

/// What a change is tried with while it is made, under one name.
const QUICK: [&str; 5] = ["format", "unit", "lints", "types", "native"];

/// What has lints and tests of its own.
const PACKAGES: [&str; 3] = ["attograph", "attograph-kernels", "xtask"];

/// Runs the named stages, or all of them; `quick` names several. A stage that fails does not keep the next from running;
/// the error, at the end, names all that failed.
pub fn test(names: &[String]) -> Result<()> {
    let names: Vec<&str> = names
        .iter()
        .flat_map(|name| match name.as_str() {
            "quick" => QUICK.to_vec(),
            other => vec![other],
        })
        .collect();
    for name in &names {
        if !STAGES.iter().any(|(stage, _)| stage == name) {
            let stages: Vec<_> = STAGES.iter().map(|(stage, _)| *stage).collect();
            bail!(
                "no stage is called {name:?}; there are: {}",
                stages.join(" ")
            );
        }
    }
    let mut outcomes: Vec<(&str, bool, Duration)> = Vec::new();
    for (name, stage) in STAGES {
        if !names.is_empty() && !names.contains(&name) {
            continue;
        }
        println!("\n=== {name}");
        let start = Instant::now();
        let outcome = stage();
        if let Err(error) = &outcome {
            println!("{name} failed: {error:#}");
        }
        outcomes.push((name, outcome.is_ok(), start.elapsed()));
    }
    println!("\n=== summary");
    for (name, passed, time) in &outcomes {
        let verdict = if *passed { "passed" } else { "FAILED" };
        println!("{name:<10}{verdict}{:>8.1} s", time.as_secs_f64());
    }
    let failed = outcomes.iter().filter(|(_, passed, _)| !passed).count();
    println!(
        "stages: {} passed, {failed} failed",
        outcomes.len() - failed
    );
    if failed > 0 {
        bail!(
            "{failed} of {} stages failed; what failed is said above",
            outcomes.len()
        );
    }
    Ok(())
}

/// Of Rust, and of the page's scripts and styles.
fn format() -> Result<()> {
    run(cargo().args(["fmt", "--all", "--check"]))?;
    npm::install()?;
    run(program(npm::bin("biome")).args(["format", "--error-on-warnings"]))
}

/// The page's modules that need no page, in Node.js.
fn unit() -> Result<()> {
    // Named one by one: what a folder means differs between versions of Node.js.
    let files = site::files_below(&root().join("tests/unit"))?;
    let tests = files
        .into_values()
        .filter(|file| file.to_string_lossy().ends_with(".test.mjs"));
    run(program("node").arg("--test").args(tests))
}

/// Of the page's scripts and styles; then Clippy, natively and for the web. The release profile, because its build scripts and macros are
/// the ones that the tests use.
fn lints() -> Result<()> {
    npm::install()?;
    run(program(npm::bin("biome")).args(["lint", "--error-on-warnings"]))?;
    for package in PACKAGES {
        run(cargo()
            .args(["clippy", "--release", "--all-targets", "--package", package])
            .args(["--", "--deny", "warnings"]))?;
    }
    wasm::lint()
}

/// The Rust tests, on both engines. The packages are tested one after the other because together
/// they would share features, and everything heavy would be compiled a second time.
fn native() -> Result<()> {
    browser::software_vulkan()?;
    for package in PACKAGES {
        run(cargo().args(["test", "--release", "--package", package]))?;
    }
    Ok(())
}

/// The training code's tests, from data to a traced graph at tiny sizes, and the shipped folders in
/// transformers and circuit-tracer. The first run makes a Python environment.
fn training() -> Result<()> {
    const TESTS: [&str; 10] = [
        "training.test_tokenizer",
        "training.test_folder",
        "training.test_transcoder",
        "training.test_gradients",
        "training.test_train_lm",
        "training.test_muon",
        "training.test_held",
        "training.addition.test_addition",
        "training.diagnosis.test_diagnosis",
        "training.test_smoke",
    ];
    run(cargo().args(["build", "--release", "--package", "attograph"]))?;
    run(program("tests/oracle/run")
        .args(["python", "-m", "unittest"])
        .args(TESTS)
        .env("ATTOGRAPH_CLI", target("release/attograph")))?;
    run(program("tests/oracle/run").arg("loads"))
}

/// The types of the page's JavaScript, its agreement with the wasm modules, and the types of the
/// browser tests, which know Node.js as well.
fn types() -> Result<()> {
    npm::install()?;
    wasm::build()?;
    for project in [
        "tsconfig.json",
        "tests/browser/tsconfig.json",
        "tests/unit/tsconfig.json",
    ] {
        run(program(npm::bin("tsc")).args(["--project", project]))?;
    }
    Ok(())
}
