//! Whether a prompt is like the training texts: surprises against plain computations, what `trace`
//! says of it, and how the shipped model tells.

use crate::common::calls::{complaint, printed, trace};
use crate::common::fixtures::{Fixture, root};
use crate::common::scratch::Scratch;
use attograph::engine::cpu::Cpu;
use attograph::evaluate::{self, Known};
use attograph::study::{Likeness, near, surprises};
use attograph::trace::{TraceError, Tracer};
use serde_json::json;

fn surprising(tracer: &Tracer<Cpu>, ids: &[u32]) -> Result<Vec<f32>, TraceError> {
    let run = pollster::block_on(tracer.run(ids))?;
    pollster::block_on(surprises(&tracer.network, &run))
}

#[test]
fn surprises_are_those_of_each_token_after_the_tokens_before_it() {
    let fixture = Fixture::shipped("addition");
    let tracer = fixture.tracer(Cpu);
    // More rows than are read back together cannot be had in this model's context, but all of that.
    let ids = fixture.ids(&format!("calc: 36+59={}", "1+".repeat(27)));
    let of = |ids: &[u32]| surprising(&tracer, ids);
    let found = of(&ids).unwrap();
    assert_eq!(found.len(), ids.len() - 1);
    for (i, found) in found.iter().enumerate() {
        let network = &tracer.network;
        let logits = network.last_logits(&network.forward(&ids[..=i], 1, None));
        let powers: Vec<f64> = logits.iter().map(|logit| f64::from(*logit).exp()).collect();
        let sum: f64 = powers.iter().sum();
        let entropy: f64 = powers.iter().map(|p| -p / sum * (p / sum).ln()).sum();
        let expected = -(powers[ids[i + 1] as usize] / sum).ln() - entropy;
        assert!(
            (f64::from(*found) - expected).abs() < 1e-3,
            "{found}, not {expected}, at {i}"
        );
    }
    let none = of(&ids[..1]).unwrap();
    assert!(none.is_empty());
    let empty = of(&[]);
    assert_eq!(empty, Err(TraceError::Empty));
    let wrong = of(&[0, 1_000_000]);
    assert!(matches!(wrong, Err(TraceError::UnknownToken { .. })));
}

#[test]
fn the_shipped_model_tells_prompts_that_are_unlike_its_texts() {
    let folder = root().join("www/models/addition");
    let (likeness, measures) = evaluate::likeness(&folder, "", &|_, _, _| {}).unwrap();
    let value = |id: &str| {
        let mut all = measures.iter();
        all.find(|measure| measure.measure == id).unwrap().value
    };
    assert!(value("likeness/like") <= 1.0, "{measures:?}");
    for id in ["third", "larger", "minus", "replaced", "half"] {
        assert!(value(&format!("likeness/{id}")) >= 95.0, "{measures:?}");
    }

    let fixture = Fixture::shipped("addition");
    let tracer = fixture.tracer(Cpu);
    let templates = Known::load(&folder).unwrap().templates;
    let told = |prompt: &str| {
        let ids = fixture.ids(prompt);
        let excess = surprising(&tracer, &ids).unwrap();
        let most = likeness.most(&ids, &excess).unwrap();
        let token = tracer.network.model.vocabulary.token(ids[most.position]);
        let near = near(prompt, &templates, most.is_unlike());
        (most.is_unlike(), token, near)
    };
    for prompt in [
        "calc: 36+59=",
        "What is 36 plus 59? Answer:",
        "count: 17,18,19,",
    ] {
        assert!(!told(prompt).0, "{prompt}");
        assert_eq!(told(prompt).2, None);
    }
    let (unlike, token, near) = told("calc: 36-59=");
    assert!(unlike && token == "-" && near.is_none());
    let (unlike, token, _) = told("calc: 36+259=");
    assert!(unlike && token == "259");
    assert!(told("hello world").0 && told("calc: 36+59+12=").0);
    let (unlike, _, near) = told("calc: 36+59==");
    assert!(unlike);
    assert_eq!(near.as_deref(), Some("calc: 36+59="));
    assert_eq!(told("calc: 36+59").2.as_deref(), Some("calc: 36+59="));
}

/// It never learned to foretell the words of a vignette, so that only a text of another kind surprises it more than usual, at most
/// tokens: a single strange word is one that no training text has.
#[test]
fn the_diagnosis_model_tells_texts_of_another_kind() {
    let folder = root().join("www/models/diagnosis");
    let likeness = Known::load(&folder).unwrap().likeness.unwrap();
    let fixture = Fixture::shipped("diagnosis");
    let tracer = fixture.tracer(Cpu);
    let is_unlike = |prompt: &str| {
        let ids = fixture.ids(prompt);
        let excess = surprising(&tracer, &ids).unwrap();
        likeness.most(&ids, &excess).unwrap().is_unlike()
    };
    for prompt in [
        "hello",
        "The capital of France is",
        "What is 36+59?",
        "Once upon a time there was a princess who lived in a castle",
    ] {
        assert!(is_unlike(prompt), "{prompt}");
    }
    for prompt in [
        "A 45-year-old man presents with fatigue",
        "A 45-year-old man presents with fatigue, breathlessness and swollen ankles. The most likely diagnosis is",
    ] {
        assert!(!is_unlike(prompt), "{prompt}");
    }
}

#[test]
fn a_word_that_no_training_text_has_is_told_whole() {
    let told = |model: &str, prompt: &str| {
        let fixture = Fixture::shipped(model);
        let unseen = Known::load(&root().join("www/models").join(model))
            .unwrap()
            .unseen;
        let vocabulary = &fixture.tracer(Cpu).network.model.vocabulary;
        unseen
            .word(vocabulary, &fixture.ids(prompt))
            .map(|word| word.text.trim_start().to_string())
    };
    for (prompt, word) in [
        (
            "A 45-year-old man presents with markedly swollen ankles.",
            "markedly",
        ),
        ("A 45-year-old man presents with swollen naïveté", "naïveté"),
        ("A 45-year-old man presents with (fatigue)", "("),
        ("A 45-year-old man presents with fatigue—and nausea", "—"),
        ("A 45-year-old man presents with fatigue…and nausea", "…"),
        ("A 45-year-old man presents with fatigue→nausea", "→"),
        ("hello", "hello"),
    ] {
        assert_eq!(told("diagnosis", prompt).as_deref(), Some(word), "{prompt}");
    }
    let usual = "A 63-year-old female comes in with hair loss. On examination, she has a goitre.";
    assert_eq!(told("diagnosis", usual), None);
    assert_eq!(told("addition", "calc: 36+259=").as_deref(), Some("259"));
    for (prompt, word) in [
        ("calc: 36×59=", "×"),
        ("calc: 36−59=", "−"),
        ("36😀59", "😀"),
    ] {
        assert_eq!(told("addition", prompt).as_deref(), Some(word), "{prompt}");
    }
    assert_eq!(told("addition", "CALC: 36+59="), None);
}

#[test]
fn trace_says_so_where_the_manifest_says_how_to_tell() {
    let scratch = Scratch::new("likeness");
    let folder = scratch.model();
    let write = |likeness: serde_json::Value| {
        let manifest = json!({"likeness": likeness, "templates": ["t{a}+{b}|{sum}"]});
        std::fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
    };
    let said = || printed(&trace(&folder, "t3 t4 t5", &[]));
    let unlike = |text: &str| text.lines().filter(|l| l.starts_with("unlike")).count();
    assert_eq!(unlike(&said()), 0);
    let with = |surprise: f32| {
        serde_json::to_value(Likeness {
            surprise,
            after: Vec::new(),
            mean: None,
        })
        .unwrap()
    };
    write(with(1000.0));
    assert_eq!(unlike(&said()), 0);
    write(with(-1000.0));
    let text = said();
    assert_eq!(unlike(&text), 1, "{text}");
    assert!(text.contains("the training texts: \""), "{text}");

    let unseen = |ranges: &str| {
        let manifest = json!({"unseen": ranges});
        std::fs::write(folder.join("manifest.json"), manifest.to_string()).unwrap();
    };
    unseen("3,5-6");
    let text = said();
    assert!(text.contains("none of them has \"t3t4t5\""), "{text}");
    unseen("7,9-20");
    assert_eq!(unlike(&said()), 0);
    unseen("7,9-x");
    let sentence = complaint(&trace(&folder, "t3 t4 t5", &[]));
    assert!(
        sentence.contains("manifest.json") && sentence.contains("9-x"),
        "{sentence}"
    );

    write(json!({"surprise": "much", "after": []}));
    let sentence = complaint(&trace(&folder, "t3 t4 t5", &[]));
    assert!(sentence.contains("manifest.json"), "{sentence}");
}
