//! Runs everything that can fail, stage by stage, and sums up at the end.

use crate::process::{cargo, program, run, target};
use crate::{browser, npm, site, wasm};
use anyhow::{Result, bail};
use std::time::{Duration, Instant};

type Stage = (&'static str, fn() -> Result<()>);

/// Every stage, the quick ones first; types and browser tests need the built site.
const STAGES: [Stage; 8] = [
    ("format", format),
    ("lints", lints),
    ("native", native),
    ("training", training),
    ("site", || site::build().map(drop)),
    ("types", types),
    ("browser", browser::test),
    ("browsers", browser::journeys),
];

/// Runs the named stages, or all of them. A stage that fails does not keep the next from running;
/// the error, at the end, names all that failed.
pub fn test(names: &[String]) -> Result<()> {
    for name in names {
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
        if !names.is_empty() && !names.iter().any(|wanted| wanted == name) {
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

fn format() -> Result<()> {
    run(cargo().args(["fmt", "--all", "--check"]))
}

/// Clippy, natively and for the web. The release profile, because its build scripts and macros are
/// the ones that the tests use.
fn lints() -> Result<()> {
    for package in ["attograph", "xtask"] {
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
    for package in ["attograph", "xtask"] {
        run(cargo().args(["test", "--release", "--package", package]))?;
    }
    Ok(())
}

/// The training code's tests, from data to a traced graph at tiny sizes, and the shipped folders in
/// transformers and circuit-tracer. The first run makes a Python environment.
fn training() -> Result<()> {
    const TESTS: [&str; 4] = [
        "training.test_training",
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
    for project in ["tsconfig.json", "tests/browser/tsconfig.json"] {
        run(program(npm::bin("tsc")).args(["--project", project]))?;
    }
    Ok(())
}
