//! Answers of more than one token: which one a token begins, and how probable all of it is.

use crate::common::calls::{PROMPT, addition, printed, trace};
use crate::common::fixtures::{Fixture, root};
use crate::common::scratch::Scratch;
use attograph::engine::cpu::Cpu;
use attograph::evaluate::Known;
use attograph::model::Vocabulary;
use attograph::study::{self, whole_answer};
use attograph::trace::Answer;
use std::cell::RefCell;

/// Tokens of a vocabulary that is these texts, in order.
fn vocabulary(texts: &[&str]) -> Vocabulary {
    let tokens: Vec<String> = texts
        .iter()
        .enumerate()
        .map(|(id, text)| format!("{text:?}: {id}"))
        .collect();
    let json = format!(
        r#"{{"added_tokens": [], "model": {{"type": "BPE", "vocab": {{{}}}, "merges": []}}}}"#,
        tokens.join(", ")
    );
    Vocabulary::parse("tokenizer.json", json.as_bytes()).unwrap()
}

const TOKENS: [&str; 8] = [
    " chest", " pain", " at", " night", " tremor", " s", "weating", "",
];

/// The answer that a token of probability 0.5 begins, where the model says these tokens after each text, all with a
/// probability of 0.5; and how often the model was asked.
fn found(
    known: &[&str],
    first: &str,
    says: &[(&str, &[&str])],
) -> (Option<(String, usize, f32)>, usize) {
    let vocabulary = vocabulary(&TOKENS);
    let id = |text: &str| TOKENS.iter().position(|token| *token == text).unwrap() as u32;
    let known: Vec<String> = known.iter().map(|answer| (*answer).to_string()).collect();
    let asked = RefCell::new(0);
    let next = async |more: &[u32]| {
        *asked.borrow_mut() += 1;
        let said: String = more.iter().map(|id| TOKENS[*id as usize]).collect();
        let next = says.iter().find(|(text, _)| *text == said);
        let tokens = next.map_or(&[][..], |(_, tokens)| tokens);
        let answer = |token: &&str| Answer {
            token: id(token),
            probability: 0.5,
            logit: 0.0,
        };
        Ok::<_, ()>(tokens.iter().map(answer).collect())
    };
    let whole = pollster::block_on(whole_answer(&vocabulary, &known, (id(first), 0.5), next));
    let whole = whole.unwrap();
    let whole = whole.map(|one| (one.text, one.tokens, one.probability));
    (whole, asked.into_inner())
}

#[test]
fn a_token_that_begins_one_answer_begins_all_of_it() {
    let known = [" chest pain", " tremor"];
    let whole = |text: &str, tokens, probability| Some((text.to_string(), tokens, probability));
    let one = found(&known, " chest", &[(" chest", &[" pain"])]);
    assert_eq!(one, (whole(" chest pain", 2, 0.25), 1));
    // However probable the rest is.
    let weak = found(&known, " chest", &[(" chest", &[" at", " night", " pain"])]);
    assert_eq!(weak, (whole(" chest pain", 2, 0.25), 1));
    // Nothing has to be computed for an answer of one token, or for none.
    assert_eq!(found(&known, " tremor", &[]), (whole(" tremor", 1, 0.5), 0));
    assert_eq!(found(&known, " night", &[]), (None, 0));
    assert_eq!(found(&[], " night", &[]), (None, 0));
    // The rest is not among what is probable, the context is full, or it never goes on.
    assert_eq!(found(&known, " chest", &[(" chest", &[" at"])]), (None, 1));
    assert_eq!(found(&known, " chest", &[]), (None, 1));
    assert_eq!(found(&known, " chest", &[(" chest", &[""])]), (None, 1));
    // A word may be several tokens.
    let word = found(&[" sweating"], " s", &[(" s", &["weating"])]);
    assert_eq!(word, (whole(" sweating", 2, 0.25), 1));
}

#[test]
fn where_several_begin_alike_the_model_decides() {
    let known = [" chest pain", " chest pain at night", " chest tremor"];
    let whole = |says: &[(&str, &[&str])]| {
        let (whole, _) = found(&known, " chest", says);
        whole.map(|(text, tokens, _)| (text, tokens))
    };
    let answer = |text: &str, tokens| Some((text.to_string(), tokens));
    assert_eq!(
        whole(&[(" chest", &[" tremor", " pain"])]),
        answer(" chest tremor", 2)
    );
    // Only its most probable token counts.
    assert_eq!(whole(&[(" chest", &[" at", " pain"])]), None);
    // One answer is the beginning of another.
    let pain: (&str, &[&str]) = (" chest", &[" pain"]);
    assert_eq!(whole(&[pain]), answer(" chest pain", 2));
    assert_eq!(
        whole(&[pain, (" chest pain", &[" tremor", " at"])]),
        answer(" chest pain", 2)
    );
    let on: (&str, &[&str]) = (" chest pain", &[" at"]);
    assert_eq!(
        whole(&[pain, on, (" chest pain at", &[" night"])]),
        answer(" chest pain at night", 4)
    );
    // Once one alone is left it is followed.
    let rest: (&str, &[&str]) = (" chest pain at", &[" pain", " night"]);
    assert_eq!(whole(&[pain, on, rest]), answer(" chest pain at night", 4));
}

#[test]
fn what_goes_wrong_meanwhile_is_told() {
    let vocabulary = vocabulary(&TOKENS);
    let known = [" chest pain".to_string()];
    let next = async |_: &[u32]| Err("the device is lost");
    let whole = pollster::block_on(whole_answer(&vocabulary, &known, (0, 0.5), next));
    assert_eq!(whole, Err("the device is lost"));
}

/// The shipped model's first example asks for a finding of two words.
#[test]
fn the_diagnosis_models_answers_are_whole() {
    let folder = root().join("www/models/diagnosis");
    let known = Known::load(&folder).unwrap().answers;
    let fixture = Fixture::shipped("diagnosis");
    let tracer = fixture.tracer(Cpu);
    let vocabulary = &tracer.network.model.vocabulary;
    let text = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut several = 0;
    for example in manifest["examples"].as_array().unwrap().iter().take(6) {
        let ids: Vec<u32> = serde_json::from_value(example["ids"].clone()).unwrap();
        let next = |ids: &[u32]| pollster::block_on(study::next(&tracer, ids)).unwrap();
        let answer = next(&ids).swap_remove(0);
        let first = (answer.token, answer.probability);
        let more = async |more: &[u32]| Ok::<_, ()>(next(&[&ids[..], more].concat()));
        let whole = pollster::block_on(whole_answer(vocabulary, &known, first, more)).unwrap();
        let whole = whole.unwrap_or_else(|| panic!("{} has no answer", example["title"]));
        // As the model goes on by itself.
        let (mut ids, mut said, mut probability) = (ids, String::new(), 1.0);
        for _ in 0..whole.tokens {
            let token = next(&ids).swap_remove(0);
            said += &vocabulary.token(token.token);
            probability *= token.probability;
            ids.push(token.token);
        }
        assert_eq!(whole.text, said);
        assert!(
            (whole.probability - probability).abs() < 1e-6 * probability,
            "{whole:?}"
        );
        assert!(known.contains(&said), "{said:?}");
        several += usize::from(whole.tokens > 1);
    }
    assert!(
        several > 2,
        "{several} of six answers have more than one token"
    );
}

#[test]
fn the_command_line_tells_the_whole_answer() {
    let folder = root().join("www/models/diagnosis");
    let known = Known::load(&folder).unwrap().answers;
    let text = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut several = 0;
    for example in manifest["examples"].as_array().unwrap().iter().take(3) {
        let text = printed(&trace(&folder, example["prompt"].as_str().unwrap(), &[]));
        let line = text.lines().next().unwrap();
        let answer = line.split('"').nth(1).unwrap();
        assert!(known.iter().any(|one| one == answer), "{line}");
        if let Some((_, first)) = line.split_once(", the graph for its first token \"") {
            let (token, _) = first.split_once('"').unwrap();
            assert!(
                answer.len() > token.len() && answer.starts_with(token),
                "{line}"
            );
            several += 1;
        }
    }
    assert!(several > 0, "no answer has more than one token");
    // A sum is one token, and its line as it was.
    let text = printed(&trace(&addition(), PROMPT, &[]));
    let line = text.lines().next().unwrap();
    assert!(
        line.starts_with("answer        \"95\" (") && line.ends_with(" %)"),
        "{line}"
    );
}

#[test]
fn answers_are_read_of_a_manifest_or_there_are_none() {
    let folder = Scratch::new("answers");
    let read = |text: &str| {
        std::fs::write(folder.path("manifest.json"), text).unwrap();
        Known::load(&folder.path("."))
            .map(|known| known.answers)
            .map_err(|error| error.to_string())
    };
    assert_eq!(
        Known::load(&folder.path(".")).map(|known| known.answers),
        Ok(Vec::new())
    );
    assert_eq!(read("{}"), Ok(Vec::new()));
    assert_eq!(
        read(r#"{"answers": [" a b"]}"#),
        Ok(vec![" a b".to_string()])
    );
    for wrong in ["[", r#"{"answers": 5}"#, r#"{"answers": [5]}"#] {
        let error = read(wrong).unwrap_err();
        assert!(
            error.contains("manifest.json") && error.ends_with('.'),
            "{error}"
        );
    }
}
