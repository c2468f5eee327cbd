//! All native tests in one program: one is linked in seconds, one for each file takes minutes. Only those that count memory have
//! programs of their own.

mod common;

mod active;
mod arithmetic;
mod bos;
mod circuit_tracer;
mod command_line;
mod command_line_manners;
mod edges;
mod evaluate;
mod experiments;
mod features;
mod formats;
mod grade;
mod graph_files;
mod heads;
mod interventions;
mod kernels;
mod known_fields;
mod known_tensors;
mod ladder;
mod likeness;
mod loading;
mod next;
mod not_finite;
mod operand_plots;
mod parts;
mod refused;
mod steering;
mod studies;
mod tokenizer;
mod tokenizer_fields;
mod transcoders;
mod unconnected;
mod vocabulary;
mod whole_answers;

/// A file that nobody names here would never run.
#[test]
fn every_test_file_is_in_a_program() {
    let tests = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let (suite, manifest) = (include_str!("suite.rs"), include_str!("../Cargo.toml"));
    let mut found = 0;
    for entry in std::fs::read_dir(tests).expect("tests can be listed") {
        let path = entry.expect("a test file can be listed").path();
        if path.extension().is_none_or(|ending| ending != "rs") && !path.join("mod.rs").exists() {
            continue;
        }
        let name = path
            .file_stem()
            .and_then(|name| name.to_str())
            .expect("a test file's name is text");
        let named = suite.lines().any(|line| line == format!("mod {name};"));
        let apart = manifest
            .lines()
            .any(|line| line == format!("name = \"{name}\""));
        assert!(
            named || apart,
            "tests/{name} is neither a module of tests/suite.rs nor a [[test]] of Cargo.toml"
        );
        found += 1;
    }
    assert!(found > 30, "only {found} test files were found");
}
