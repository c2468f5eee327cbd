//! What the weights say of features, against interventions on models where nothing else is in the
//! way; and features over sample texts, against traces.

use crate::common::fixtures::Fixture;
use crate::common::random::{Shape, VOCABULARY, model, norms, prompt};
use attograph::engine::Engine;
use attograph::engine::cpu::Cpu;
use attograph::engine::gpu::Gpu;
use attograph::model::{EncoderInput, Model, TranscoderKind};
use attograph::network::Network;
use attograph::study::{
    Connection, Effect, Intervention, Mode, Samples, Trigger, feature_facts, intervene,
    sample_label,
};
use attograph::trace::{Options, Tracer};
use std::collections::HashMap;
use std::sync::Arc;

const SHAPE: Shape = Shape {
    layers: 4,
    width: 16,
    heads: 2,
    inner: 24,
    features: 40,
    kind: TranscoderKind::CrossLayer,
    input: EncoderInput::ResidualMid,
    jump: true,
    skip: false,
    tied: false,
};

/// A model whose attention writes nothing that depends on the prompt.
fn without_attention(shape: Shape, seed: u64) -> Model {
    let mut model = model(shape, seed);
    for block in &mut model.language.blocks {
        block.attention_out.weight.values.fill(0.0);
    }
    model
}

/// A model of each case as it is made, and with RMSNorm without biases in its norms' place.
fn with_each_norm(make: impl Fn(Shape) -> Model) -> impl Iterator<Item = (Shape, Model)> {
    cases().flat_map(move |shape| {
        [true, false].map(|centred| {
            let mut model = make(shape);
            for norm in norms(&mut model).filter(|_| !centred) {
                norm.centred = false;
                norm.bias = None;
            }
            (shape, model)
        })
    })
}

fn cases() -> impl Iterator<Item = Shape> {
    [TranscoderKind::CrossLayer, TranscoderKind::PerLayer]
        .into_iter()
        .flat_map(|kind| {
            [EncoderInput::ResidualMid, EncoderInput::MlpNorm].map(|input| Shape {
                kind,
                input,
                ..SHAPE
            })
        })
}

fn assert_close(found: f32, expected: f32, about: &str) {
    let error = (found - expected).abs();
    assert!(
        error <= 2e-4 * (1.0 + expected.abs()),
        "{about}: {found} is not {expected}"
    );
}

/// With attention silent and the norms frozen, setting a feature a unit higher must move logits and
/// pre-activations by what the facts say, over the norms' denominators.
#[test]
fn facts_are_what_a_direct_intervention_does() {
    for (shape, model) in with_each_norm(|shape| without_attention(shape, 3)) {
        let model = Arc::new(model);
        let network = Network::new(Cpu, model.clone());
        let ids = prompt(6, 5);
        let last = ids.len() - 1;
        let forward = network.forward(&ids, 1, None);
        let final_scale = forward.final_scale[last];
        for (layer, feature) in [(0, 7), (1, 0), (2, 39), (3, 12)] {
            let about = format!("{shape:?}, feature {feature} of layer {layer}");
            let facts = feature_facts(&model, layer, feature).unwrap();
            let set = |value| {
                let one = Intervention {
                    layer,
                    position: last,
                    feature,
                    value,
                };
                pollster::block_on(intervene(&network, &ids, &[one], &Mode::Direct)).unwrap()
            };
            let (low, high) = (set(1.0), set(2.0));
            let vocabulary = model.language.config.vocabulary;
            let mut moved: Vec<f32> = (last * vocabulary..(last + 1) * vocabulary)
                .map(|at| high.logits[at] - low.logits[at])
                .collect();
            let mean = moved.iter().sum::<f32>() / vocabulary as f32;
            moved.iter_mut().for_each(|value| *value -= mean);
            for effect in facts.top.iter().chain(&facts.bottom) {
                let expected = moved[effect.token as usize];
                assert_close(effect.value * final_scale, expected, &about);
            }
            moved.sort_by(|a, b| b.total_cmp(a));
            assert_close(facts.top[0].value * final_scale, moved[0], &about);
            let least = moved[vocabulary - 1];
            assert_close(facts.bottom[0].value * final_scale, least, &about);

            assert_eq!(
                facts.outputs.is_empty(),
                layer + 1 == shape.layers,
                "{about}"
            );
            for output in &facts.outputs {
                assert!(output.layer > layer);
                let at = last * shape.features + output.index;
                let moved =
                    high.pre_activations[output.layer][at] - low.pre_activations[output.layer][at];
                let scale = match shape.input {
                    EncoderInput::ResidualMid => 1.0,
                    EncoderInput::MlpNorm => forward.layers[output.layer].mlp_scale[last],
                };
                assert_close(output.weight * scale, moved, &about);
            }
        }
    }
}

/// What one feature sends is what the other receives.
#[test]
fn inputs_and_outputs_are_the_same_weights() {
    for (_, model) in with_each_norm(|shape| model(shape, 8)) {
        let facts = feature_facts(&model, 3, 11).unwrap();
        assert_eq!(facts.inputs.len(), 20);
        let mut compared = 0;
        for input in &facts.inputs {
            assert!(input.layer < 3);
            let source = feature_facts(&model, input.layer, input.index).unwrap();
            let same = |output: &&Connection| (output.layer, output.index) == (3, 11);
            if let Some(output) = source.outputs.iter().find(same) {
                assert_close(output.weight, input.weight, "sent and received");
                compared += 1;
            }
        }
        assert!(compared > 3);
    }
}

/// A token's embedding is worth to a feature of the first layer what the facts say.
#[test]
fn what_an_encoder_reads_is_its_share_of_the_pre_activation() {
    for (shape, mut model) in with_each_norm(|shape| model(shape, 4)) {
        for block in &mut model.language.blocks {
            block.attention_out.weight.values.fill(0.0);
            block.attention_out.bias = None;
        }
        model.language.position_embedding = None;
        let model = Arc::new(model);
        let network = Network::new(Cpu, model.clone());
        let facts = feature_facts(&model, 0, 5).unwrap();
        for read in &facts.reads {
            let ids = [0, read.token];
            let forward = network.forward(&ids, 1, None);
            let state = &forward.layers[0];
            let input = network.encoder_input(&state.mid, &state.mlp_normed);
            let pre = network.pre_activations(0, input, 2)[shape.features + 5];
            let transcoder = &model.transcoder.layers[0];
            let mut constant = transcoder.encoder_bias[5];
            let mut scale = 1.0;
            if shape.input == EncoderInput::MlpNorm {
                scale = state.mlp_scale[1];
                let bias = model.language.blocks[0].mlp_norm.bias.iter().flatten();
                let pairs = transcoder.encoder.row(5).iter().zip(bias);
                constant += pairs.map(|(a, b)| a * b).sum::<f32>();
            }
            assert_close(read.value * scale + constant, pre, "read");
        }
        assert!(facts.reads.is_sorted_by(|a, b| a.value >= b.value));
    }
}

#[test]
fn numbers_need_tokens_of_their_own() {
    let fixture = Fixture::shipped("addition");
    let facts = feature_facts(&fixture.model, 3, 0).unwrap();
    let numbers = facts.numbers.unwrap();
    assert_eq!(numbers.len(), 200);
    let vocabulary = &fixture.model.vocabulary;
    for effect in &facts.top {
        if let Some(number) = vocabulary.number(effect.token)
            && number < 200
            && vocabulary.id_of_number(number) == Some(effect.token)
        {
            assert_eq!(numbers[number as usize], effect.value);
        }
    }
    assert!(
        feature_facts(&model(SHAPE, 1), 0, 0)
            .unwrap()
            .numbers
            .is_none()
    );
}

#[test]
fn a_feature_that_does_not_exist_is_told() {
    let model = model(SHAPE, 1);
    for (layer, index) in [(4, 0), (0, 40)] {
        let error = feature_facts(&model, layer, index).unwrap_err().to_string();
        let feature = format!("There is no feature {index} at layer {layer}");
        assert!(error.starts_with(&feature), "{error}");
    }
}

/// Texts of several lengths, each with its context.
fn texts() -> Vec<(u32, Vec<u32>)> {
    let lengths = [5, 3, 7, 5, 2, 7, 5, 9, 3, 5];
    let text = |(i, length)| (i as u32 % 3, prompt(length, 40 + i as u64));
    lengths.into_iter().enumerate().map(text).collect()
}

fn finished<E: Engine>(tracer: &Tracer<E>, texts: Vec<(u32, Vec<u32>)>) -> Samples {
    let mut samples = Samples::new(&tracer.network.model, texts);
    for step in 1..=samples.total() {
        let finished = pollster::block_on(samples.step(&tracer.network)).unwrap();
        assert_eq!(samples.done(), step);
        assert_eq!(finished, step == samples.total());
    }
    samples
}

#[test]
fn samples_hold_what_each_text_does_on_the_cpu() {
    check_samples(|| Cpu);
}

#[test]
fn samples_hold_what_each_text_does_on_the_gpu() {
    check_samples(|| pollster::block_on(Gpu::new()).expect("a Vulkan device, perhaps in software"));
}

fn check_samples<E: Engine>(engine: impl Fn() -> E) {
    for shape in cases() {
        let tracer = Tracer::new(Network::new(engine(), Arc::new(model(shape, 6))));
        let model = tracer.network.model.clone();
        let samples = finished(&tracer, texts());
        // By (layer, index): (context, prompt, position, activation).
        let mut expected: HashMap<_, Vec<(u32, usize, usize, f32)>> = HashMap::new();
        let mut tokens = 0;
        for (prompt, (context, ids)) in texts().into_iter().enumerate() {
            tokens += ids.len() - 1;
            let options = Options::default();
            let graph = pollster::block_on(tracer.trace(&ids, &options, |_| {})).unwrap();
            for feature in graph.features {
                let place = (context, prompt, feature.position, feature.activation);
                let of = (feature.layer, feature.index);
                expected.entry(of).or_default().push(place);
            }
        }
        let frequencies = samples.frequencies();
        for layer in 0..shape.layers {
            for index in 0..shape.features {
                let about = format!("{shape:?}: {layer}/{index}");
                let facts = samples.feature(&model, layer, index).unwrap();
                let places = expected.remove(&(layer, index)).unwrap_or_default();
                assert_eq!(
                    (facts.active, facts.tokens),
                    (places.len(), tokens),
                    "{about}"
                );
                let share = frequencies[layer * shape.features + index];
                assert_close(share * tokens as f32, places.len() as f32, &about);
                let max = places.iter().fold(0.0, |max: f32, place| max.max(place.3));
                assert_close(facts.max, max, &about);
                assert_eq!(facts.histogram.len(), 24);
                let counted: u32 = facts.histogram.iter().sum();
                assert_eq!(counted as usize, places.len(), "{about}");
                for context in 0..3 {
                    // Of each prompt its strongest token, of these the strongest three.
                    let mut strongest: HashMap<usize, f32> = HashMap::new();
                    for place in places.iter().filter(|place| place.0 == context) {
                        let value = strongest.entry(place.1).or_default();
                        *value = value.max(place.3);
                    }
                    let mut strongest: Vec<f32> = strongest.into_values().collect();
                    strongest.sort_by(|a, b| b.total_cmp(a));
                    strongest.truncate(3);
                    let of_context =
                        |example: &&attograph::study::Example| example.context == context;
                    let found: Vec<_> = facts.examples.iter().filter(of_context).collect();
                    assert_eq!(found.len(), strongest.len(), "{about}");
                    for (example, value) in found.iter().zip(strongest) {
                        assert_close(example.activations[example.position], value, &about);
                    }
                }
                for example in &facts.examples {
                    assert_eq!(example.tokens, texts()[example.prompt].1, "{about}");
                    for (position, activation) in example.activations.iter().enumerate() {
                        let here = places
                            .iter()
                            .find(|place| (place.1, place.2) == (example.prompt, position));
                        assert_close(*activation, here.map_or(0.0, |place| place.3), &about);
                    }
                }
                assert!(
                    facts.label.words.chars().count() <= 48,
                    "{about}: {}",
                    facts.label.words
                );
            }
        }
        assert!(
            expected.is_empty(),
            "features that do not exist: {expected:?}"
        );
    }
}

#[test]
fn samples_get_their_bos() {
    let tracer = Tracer::new(Network::new(Cpu, Arc::new(model(SHAPE, 6))));
    let bare = texts()
        .into_iter()
        .map(|(context, ids)| (context, ids[1..].to_vec()));
    let bare = finished(&tracer, bare.collect());
    let whole = finished(&tracer, texts());
    assert_eq!(bare.frequencies(), whole.frequencies());
    assert!(whole.frequencies().iter().any(|share| *share > 0.0));
    let last = VOCABULARY as u32 - 1;
    assert_eq!(
        Samples::new(&tracer.network.model, [(0, vec![last])]).total(),
        1
    );
    let none = finished(&tracer, Vec::new());
    let facts = none.feature(&tracer.network.model, 0, 0).unwrap();
    assert_eq!((facts.active, facts.tokens, facts.max), (0, 0, 0.0));
    assert!(none.feature(&tracer.network.model, 4, 0).is_err());
}

/// The token of a word of the diagnosis model.
fn word(model: &Model, text: &str) -> u32 {
    let vocabulary = model.language.config.vocabulary as u32;
    let same = |id: &u32| model.vocabulary.token(*id) == format!(" {text}");
    (0..vocabulary).find(same).unwrap()
}

#[test]
fn labels_tell_what_a_feature_reads_and_says() {
    let model = Fixture::shipped("diagnosis").model;
    let mut facts = feature_facts(&model, 0, 0).unwrap();
    let says = |words: [(&str, f32); 3]| {
        words
            .map(|(text, value)| Effect {
                token: word(&model, text),
                value,
            })
            .to_vec()
    };
    let clearly = says([("pneumonia", 3.0), ("cough", 2.5), ("fever", 1.0)]);
    let vaguely = says([("pneumonia", 3.0), ("cough", 2.9), ("fever", 2.8)]);
    // A feature that is active on these words, strongly or weakly, each of which stands so often in
    // the texts; "with" comes before all, and "and" after.
    let (with, and) = (word(&model, "with"), word(&model, "and"));
    let mut label =
        |layer, words: &[(&str, f32)], occurs, top: &[Effect], (before, after): (bool, bool)| {
            facts.top = top.to_vec();
            let triggers: Vec<Trigger> = words
                .iter()
                .enumerate()
                .map(|(at, (text, activation))| Trigger {
                    token: word(&model, text),
                    before: if before { with } else { 900 + at as u32 },
                    after: after.then_some(and),
                    activation: *activation,
                })
                .collect();
            sample_label(&model, layer, &triggers, |_| occurs, &facts).words
        };
    let nothing = (false, false);
    let fever = [("fever", 2.0)];
    assert_eq!(label(0, &fever, 1, &clearly, nothing), "on “fever”");
    assert_eq!(
        label(3, &fever, 1, &clearly, nothing),
        "on “fever” → says “pneumonia”"
    );
    assert_eq!(label(3, &fever, 1, &vaguely, nothing), "on “fever”");
    assert_eq!(label(0, &fever, 9, &vaguely, nothing), "on some “fever”");
    assert_eq!(label(0, &fever, 9, &clearly, nothing), "says “pneumonia”");
    let both = "on “fever” → says “pneumonia”, “cough”";
    assert_eq!(label(3, &fever, 9, &vaguely, nothing), both);
    let two = [("fever", 2.0), ("chills", 1.5), ("cough", 0.5)];
    assert_eq!(label(0, &two, 1, &vaguely, nothing), "on “fever”, “chills”");
    let many = ["fever", "chills", "cough", "nausea", "rash", "tremor"].map(|text| (text, 1.0));
    assert_eq!(label(0, &many, 1, &vaguely, (true, true)), "after “with”");
    assert_eq!(label(0, &many, 1, &clearly, (false, true)), "before “and”");
    // Up to eight tokens hold it; where they do on some of their places alone, what it says is the better name.
    let several = "on “chills”, “cough”, “fever” or 2 more";
    assert_eq!(label(0, &many, 1, &clearly, nothing), several);
    assert_eq!(label(0, &many, 9, &clearly, nothing), "says “pneumonia”");
    let more = [
        "fever",
        "chills",
        "cough",
        "nausea",
        "rash",
        "tremor",
        "pallor",
        "vomiting",
        "itching",
        "seizures",
        "jaundice",
        "confusion",
    ]
    .map(|text| (text, 1.0));
    assert_eq!(label(0, &more, 1, &clearly, nothing), "says “pneumonia”");
    let listed = label(0, &more, 1, &vaguely, nothing);
    assert!(
        listed.starts_with("on “") && listed.ends_with("”…"),
        "{listed}"
    );
    assert_eq!(
        label(0, &[], 0, &vaguely, nothing),
        "never active in the samples"
    );
}
