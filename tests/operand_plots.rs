//! Operand plots share the work of their prompts' common beginnings; each value must be what a
//! trace of that very prompt finds.

use crate::common::fixtures::{Fixture, root};
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::engine::gpu::Gpu;
use attograph::model::{Model, Tokenizer};
use attograph::study::{OPERANDS, OperandPlots, Template, sum_text};
use attograph::trace::{Feature, Options, Tracer};
use std::collections::HashMap;

fn tokenizer() -> Tokenizer {
    let file = root().join("www/models/addition/tokenizer.json");
    Tokenizer::from_bytes(&std::fs::read(file).unwrap()).unwrap()
}

fn ids(model: &Model, prompt: &str) -> Vec<u32> {
    let limit = model.language.config.context;
    model.with_bos(tokenizer().encode(prompt, limit).unwrap())
}

/// The templates of the shipped model's manifest.
fn texts() -> Vec<String> {
    let file = root().join("www/models/addition/manifest.json");
    let manifest: serde_json::Value =
        serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    serde_json::from_value(manifest["templates"].clone()).unwrap()
}

fn template(model: &Model, prompt: &str) -> Option<(Template, usize, usize)> {
    Template::find(&ids(model, prompt), &model.vocabulary, &texts())
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
        compare(&tracer, &plots, &format!("calc: {a}+{b}="), (*a, *b));
    }
}

fn compare<E: Engine>(
    tracer: &Tracer<E>,
    plots: &OperandPlots,
    prompt: &str,
    (a, b): (usize, usize),
) {
    let ids = ids(&tracer.network.model, prompt);
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
                    "{prompt}: {place:?} is {expected}, and {value} in the plot"
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

#[test]
fn the_manifest_has_the_templates_that_the_model_is_asked_in() {
    let file = root().join("www/models/addition/evaluation.json");
    let asked: serde_json::Value = serde_json::from_slice(&std::fs::read(file).unwrap()).unwrap();
    let contexts = asked["contexts"].as_array().unwrap().iter();
    let asked: Vec<&str> = contexts
        .flat_map(|context| context["templates"].as_array().unwrap())
        .chain(asked["explanations"].as_array().unwrap())
        .map(|template| template.as_str().unwrap())
        .collect();
    let texts = texts();
    for one in &asked {
        assert!(texts.iter().any(|text| text == one), "{one}");
    }
    // The others are these in other cases.
    let lower = |text: &str| text.to_lowercase();
    for text in &texts {
        assert!(asked.iter().any(|one| lower(one) == lower(text)), "{text}");
    }
}

/// In every text that the model knows the operands are found, wherever they stand, and the template's other prompts
/// have the tokens that the tokenizer gives them.
#[test]
fn operands_are_found_in_every_text_that_the_model_knows() {
    let model = Fixture::shipped("addition").model;
    for text in texts() {
        let write = |a, b, answered| {
            let (prompt, answer) = sum_text::fill(&text, a, b).unwrap();
            if answered { prompt + &answer } else { prompt }
        };
        for answered in [false, true] {
            let ids = ids(&model, &write(36, 59, answered));
            let found = Template::find(&ids, &model.vocabulary, &texts());
            let (template, a, b) = found.unwrap_or_else(|| panic!("no operands in {text}"));
            assert_eq!((a, b), (36, 59), "{text}");
            for (a, b) in [(36, 59), (0, 0), (7, 8), (99, 99), (10, 90), (5, 94)] {
                let expected = self::ids(&model, &write(a, b, answered));
                let tokens: Vec<u32> = (0..template.tokens())
                    .map(|position| template.token(position, a as usize, b as usize))
                    .collect();
                assert_eq!(tokens, expected, "{text}, {a}, {b}");
            }
        }
    }
}

#[test]
fn a_third_number_and_larger_ones_do_not_hide_the_operands() {
    let model = Fixture::shipped("addition").model;
    let found = |prompt: &str| template(&model, prompt).map(|(_, a, b)| (a, b));
    for (prompt, expected) in [
        (
            "calc: 36+59=95. How? I added the ones: 6+9=",
            Some((36, 59)),
        ),
        ("calc: 1+2=3. calc: 36+59=", Some((36, 59))),
        ("In 1959 there were 3. calc: 36+59=", Some((36, 59))),
        (
            "The journal was founded in 1936. Volume 59 appeared in 1",
            Some((36, 59)),
        ),
        (
            "The journal was founded in 1936. Volume 59 appeared in 2",
            None,
        ),
        ("calc: 136+59=", None),
        ("from 1959 to 36", None),
    ] {
        assert_eq!(found(prompt), expected, "{prompt}");
    }
}

/// A journal's volume: years and the first digit of the answer's year follow the operands.
#[test]
fn plots_of_a_text_with_years_hold_what_each_prompt_does() {
    let fixture = Fixture::shipped("addition");
    let tracer = fixture.tracer(Cpu);
    let prompt = |a: usize, b: usize| {
        let (start, end) = (1900 + a, 1900 + a + b);
        format!(
            "The journal was founded in {start}. Volume {b} appeared in {}",
            end / 1000
        )
    };
    let (template, a, b) = template(&fixture.model, &prompt(2, 98)).unwrap();
    assert_eq!((a, b), (2, 98));
    let mut plots = OperandPlots::new(template);
    for _ in 0..3 {
        pollster::block_on(plots.step(&tracer.network)).unwrap();
    }
    for (a, b) in [(0, 0), (2, 97), (2, 98)] {
        compare(&tracer, &plots, &prompt(a, b), (a, b));
    }
}
