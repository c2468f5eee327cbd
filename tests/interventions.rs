//! Interventions in every mode against circuit-tracer's, written by `tests/oracle`; and the edges'
//! predictions against them.

use crate::common::fixtures::{Fixture, Oracle};
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::engine::gpu::Gpu;
use attograph::study::{Intervention, Mode, Outcome, intervene};
use serde::Deserialize;

const CASES: [&str; 6] = [
    "clt_jump_relu",
    "plt_relu_skip",
    "plt_jump_relu_ln2",
    "plt_relu_skip_ln2",
    "clt_relu_half",
    "plt_top_k",
];

#[derive(Deserialize)]
struct Records {
    input_tokens: Vec<u32>,
    interventions: Vec<Record>,
}

#[derive(Deserialize)]
struct Record {
    name: String,
    constrained_layers: Option<(usize, usize)>,
    freeze_attention: bool,
    interventions: Vec<(usize, usize, usize, f32)>,
}

#[test]
fn interventions_are_circuit_tracers_on_the_cpu() {
    compare_all(|| Cpu);
}

#[test]
fn interventions_are_circuit_tracers_on_the_gpu() {
    compare_all(|| pollster::block_on(Gpu::new()).expect("a Vulkan device, perhaps in software"));
}

/// The shipped model in all modes; of its many features circuit-tracer's record keeps no activations.
#[test]
fn interventions_on_the_shipped_model_are_circuit_tracers_on_the_cpu() {
    shipped(Cpu);
}

#[test]
fn interventions_on_the_shipped_model_are_circuit_tracers_on_the_gpu() {
    shipped(pollster::block_on(Gpu::new()).expect("a Vulkan device, perhaps in software"));
}

fn shipped<E: Engine>(engine: E) {
    let fixture = Fixture::shipped("addition");
    let tracer = fixture.tracer(engine);
    let (records, oracle) = recorded(&fixture);
    fixture.check_fresh(&oracle);
    let vocabulary = tracer.network.config().vocabulary;
    for record in &records.interventions {
        for mode in modes(record) {
            let about = format!("{} as {mode:?}", record.name);
            let (ids, interventions) = (&records.input_tokens, record.interventions());
            let outcome = intervene(&tracer.network, ids, &interventions, &mode);
            let outcome = pollster::block_on(outcome).unwrap();
            let expected = oracle.f32s(&format!("{}.logits", record.name));
            close(&about, "logits", outcome.last_logits(vocabulary), &expected);
        }
    }
}

fn recorded(fixture: &Fixture) -> (Records, Oracle) {
    let text = std::fs::read(fixture.records().join("interventions.json")).unwrap();
    let records: Records = serde_json::from_slice(&text).unwrap();
    let oracle = Oracle::read(&fixture.records().join("interventions.safetensors"));
    assert!(records.interventions.len() >= 12);
    (records, oracle)
}

impl Record {
    fn interventions(&self) -> Vec<Intervention> {
        let each = self.interventions.iter();
        each.map(|(layer, position, feature, value)| Intervention {
            layer: *layer,
            position: *position,
            feature: *feature,
            value: *value,
        })
        .collect()
    }
}

fn compare_all<E: Engine>(engine: impl Fn() -> E) {
    for name in CASES {
        let fixture = Fixture::random(name);
        let tracer = fixture.tracer(engine());
        let (records, oracle) = recorded(&fixture);
        for record in &records.interventions {
            let interventions = record.interventions();
            let ids = &records.input_tokens;
            for mode in modes(record) {
                let about = format!("{name}, {} as {mode:?}", record.name);
                let outcome = intervene(&tracer.network, ids, &interventions, &mode);
                let outcome = pollster::block_on(outcome).unwrap();
                compare(&about, &record.name, &outcome, &oracle, ids.len());
            }
        }
    }
}

/// What a record is called here; some have two names.
fn modes(record: &Record) -> Vec<Mode> {
    match (record.constrained_layers, record.freeze_attention) {
        (Some((start, end)), _) => {
            let constrained = Mode::Constrained(start..end);
            match record.name.starts_with("direct") {
                true => vec![Mode::Direct, constrained],
                false => vec![constrained],
            }
        }
        (None, true) => vec![Mode::PatternsFrozen, Mode::Constrained(1..1)],
        (None, false) => vec![Mode::Free],
    }
}

fn compare(about: &str, name: &str, outcome: &Outcome, oracle: &Oracle, tokens: usize) {
    close(
        about,
        "logits",
        &outcome.logits,
        &oracle.f32s(&format!("{name}.logits")),
    );
    // circuit-tracer records zeros at the first position.
    let without_first = |layers: &[Vec<f32>]| -> Vec<f32> {
        let one = |layer: &Vec<f32>| {
            let mut layer = layer.clone();
            let features = layer.len() / tokens;
            layer[..features].fill(0.0);
            layer
        };
        layers.iter().flat_map(one).collect()
    };
    let activations = without_first(&outcome.activations);
    close(
        about,
        "activations",
        &activations,
        &oracle.f32s(&format!("{name}.activations")),
    );
    let before = without_first(&outcome.pre_activations);
    close(
        about,
        "pre-activations",
        &before,
        &oracle.f32s(&format!("{name}.pre_activations")),
    );
}

/// Within 1e-4, relative to the larger values.
fn close(about: &str, what: &str, found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len(), "{about}: number of {what}");
    let largest = expected.iter().fold(0.0, |a: f32, b| a.max(b.abs()));
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        let allowed = 1e-4 * expected.abs() + 1e-5 * largest;
        assert!(
            (found - expected).abs() <= allowed,
            "{about}: {what}[{i}] is {found}, circuit-tracer has {expected}"
        );
    }
}
