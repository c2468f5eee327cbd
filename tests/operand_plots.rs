//! Operand plots share the work of their prompts' common beginnings; each value must be what a
//! trace of that very prompt finds.

mod common;

use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::engine::gpu::Gpu;
use attograph::model::{Model, Tokenizer};
use attograph::study::{OPERANDS, OperandPlots, Template};
use attograph::trace::{Feature, Options, Tracer};
use common::fixtures::{Fixture, root};
use std::collections::HashMap;

fn tokenizer() -> Tokenizer {
    let file = root().join("www/models/addition/tokenizer.json");
    Tokenizer::from_bytes(&std::fs::read(file).unwrap()).unwrap()
}

fn template(model: &Model, prompt: &str) -> Option<(Template, usize, usize)> {
    Template::find(&tokenizer().encode(prompt).unwrap(), &model.vocabulary)
}

#[test]
fn plots_hold_what_each_prompt_does_on_the_cpu() {
    // Every first operand: all 100 steps.
    check(Cpu, OPERANDS, &[(0, 0), (36, 59), (99, 99), (8, 70)]);
}

#[test]
fn plots_hold_what_each_prompt_does_on_the_gpu() {
    let gpu = pollster::block_on(Gpu::new()).expect("a Vulkan device, perhaps in software");
    check(gpu, 3, &[(0, 0), (1, 59), (2, 99)]);
}

fn check<E: Engine>(engine: E, steps: usize, pairs: &[(usize, usize)]) {
    let fixture = Fixture::shipped("addition");
    let tracer = fixture.tracer(engine);
    let (template, a, b) = template(&fixture.model, "calc: 36+59=").unwrap();
    assert_eq!((a, b), (36, 59));
    let mut plots = OperandPlots::new(template);
    for step in 1..=steps {
        let finished = pollster::block_on(plots.step(&tracer.network)).unwrap();
        assert_eq!(plots.done(), step);
        assert_eq!(finished, step == OPERANDS);
    }
    for (a, b) in pairs {
        compare(&tracer, &plots, *a, *b);
    }
}

fn compare<E: Engine>(tracer: &Tracer<E>, plots: &OperandPlots, a: usize, b: usize) {
    let ids = tokenizer().encode(&format!("calc: {a}+{b}=")).unwrap();
    let options = Options::default();
    let graph = pollster::block_on(tracer.trace(&ids, &options, |_| {})).unwrap();
    let active: HashMap<_, _> = graph
        .features
        .iter()
        .map(|feature| {
            let Feature {
                layer,
                position,
                index,
                activation,
            } = *feature;
            ((layer, position, index), activation)
        })
        .collect();
    assert!(active.len() > 20, "{} features", active.len());
    // Silent features too: theirs must be black here.
    let features = tracer.network.model.transcoder.features();
    for layer in 0..graph.layers {
        for position in 1..ids.len() {
            for index in 0..features {
                let plot = plots.plot(layer, position, index);
                let value = f32::from(plot.pixels[OPERANDS * a + b]) / 255.0 * plot.max;
                let place = (layer, position, index);
                let expected = active.get(&place).copied().unwrap_or(0.0);
                // A pixel has 256 steps.
                assert!(
                    (value - expected).abs() <= plot.max * 0.6 / 255.0,
                    "{a}+{b}: {place:?} is {expected}, and {value} in the plot"
                );
            }
        }
    }
}

#[test]
fn a_template_has_exactly_two_operands_below_100() {
    let model = Fixture::shipped("addition").model;
    let key = |prompt: &str| template(&model, prompt).map(|(template, ..)| template.key());
    assert_eq!(key("calc: 36+59="), key("calc: 7+0="));
    assert_ne!(key("calc: 36+59="), key("calc: 36-59="));
    assert_eq!(key("calc: 36="), None);
    assert_eq!(key("calc: 1+2+3="), None);
    assert_eq!(key("calc: 36+159="), None);
    assert_eq!(key("nothing here"), None);
}

#[test]
fn what_is_silent_or_not_computed_is_black() {
    let model = Fixture::shipped("addition").model;
    let (template, ..) = template(&model, "calc: 36+59=").unwrap();
    let plots = OperandPlots::new(template);
    let plot = plots.plot(0, 7, 0);
    assert_eq!(plot.max, 0.0);
    assert!(plot.pixels.iter().all(|pixel| *pixel == 0));
}
