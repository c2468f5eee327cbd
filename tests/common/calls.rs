//! The command line as one would call it.

use super::fixtures::root;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A prompt of the addition model.
pub const PROMPT: &str = "calc: 36+59=";

pub fn addition() -> PathBuf {
    root().join("www/models/addition")
}

/// How many tokens the addition model knows.
pub fn vocabulary() -> usize {
    let config = std::fs::read(addition().join("config.json")).unwrap();
    let config: serde_json::Value = serde_json::from_slice(&config).unwrap();
    config["vocab_size"].as_u64().unwrap() as usize
}

pub fn trace(model: &Path, prompt: &str, more: &[&str]) -> Output {
    call("trace", model, prompt, more)
}

pub fn call(command: &str, model: &Path, prompt: &str, more: &[&str]) -> Output {
    begun(command, model, prompt, more).output().unwrap()
}

/// A call that is not made yet.
pub fn begun(command: &str, model: &Path, prompt: &str, more: &[&str]) -> Command {
    let mut call = Command::new(env!("CARGO_BIN_EXE_attograph"));
    call.args([command, "--model"])
        .arg(model)
        .arg(prompt)
        .args(more);
    call
}

pub fn printed(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// What a failed call says: one line on the error output, and nothing that looks like a panic.
#[track_caller]
pub fn complaint(output: &Output) -> String {
    assert_eq!(
        output.status.code(),
        Some(1),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let said = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(!said.contains("panicked"), "{said}");
    assert_eq!(said.trim().lines().count(), 1, "{said}");
    assert!(said.trim().ends_with('.'), "{said}");
    said
}
