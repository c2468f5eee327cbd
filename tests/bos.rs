//! What is put in front of a prompt: circuit-tracer's rule (`ensure_tokenized`), by a table of cases.

use crate::common::folders::{
    CLT, CONFIG, assert_one_sentence, assert_says, complaint, configure, fixture, load,
};
use attograph::model::{InMemory, LoadError, Model};
use serde_json::{Value, json};

const TOKENIZER_CONFIG: &str = "model/tokenizer_config.json";
const MAP: &str = "model/special_tokens_map.json";

/// A model of 40 tokens whose tokenizer has these added tokens, and says this of them.
fn model(config: Value, tokenizer: Option<Value>, map: Option<Value>) -> InMemory {
    let mut files = fixture(CLT);
    configure(&mut files, "bos_token_id", None);
    configure(&mut files, "eos_token_id", None);
    for (field, value) in config.as_object().unwrap() {
        configure(&mut files, field, Some(value.clone()));
    }
    let token = |id: u32, content: &str, special: bool| {
        json!({"id": id, "content": content, "single_word": false, "lstrip": false, "rstrip": false,
            "normalized": false, "special": special})
    };
    let words: Vec<(String, u32)> = (0..35).map(|id| (format!("t{id}"), id)).collect();
    let words: serde_json::Map<String, Value> = words
        .into_iter()
        .map(|(word, id)| (word, json!(id)))
        .collect();
    let file = json!({"version": "1.0", "added_tokens": [token(35, "<s>", true), token(36, "</s>", true),
        token(37, "<pad>", true), token(38, "<plain>", false), token(39, "<|endoftext|>", true), token(70, "<far>", true)],
        "normalizer": null, "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null, "decoder": null,
        "model": {"type": "WordLevel", "unk_token": "t0", "vocab": words}});
    files.insert("model/tokenizer.json", serde_json::to_vec(&file).unwrap());
    for (path, file) in [(TOKENIZER_CONFIG, tokenizer), (MAP, map)] {
        if let Some(file) = file {
            files.insert(path, serde_json::to_vec(&file).unwrap());
        }
    }
    files
}

fn opened(files: &InMemory) -> Model {
    load(files).unwrap()
}

#[test]
fn a_prompt_gets_the_token_that_circuit_tracer_puts_in_front() {
    let fast = "PreTrainedTokenizerFast";
    let none = || json!({});
    for (config, tokenizer, map, expected, why) in [
        (
            none(),
            Some(json!({"bos_token": "<s>", "pad_token": "<pad>"})),
            None,
            Some(35),
            "the tokenizer's bos",
        ),
        (
            none(),
            Some(json!({"bos_token": {"content": "<s>", "__type": "AddedToken"}})),
            None,
            Some(35),
            "a record",
        ),
        (
            json!({"bos_token_id": 3}),
            Some(json!({"bos_token": "<s>"})),
            None,
            Some(35),
            "before the model's",
        ),
        (
            json!({"bos_token_id": 3}),
            Some(json!({"tokenizer_class": fast})),
            None,
            Some(3),
            "the model's",
        ),
        (
            none(),
            Some(json!({"tokenizer_class": fast, "pad_token": "<pad>", "eos_token": "</s>"})),
            None,
            Some(37),
            "pad before eos",
        ),
        (
            none(),
            Some(json!({"tokenizer_class": fast, "eos_token": "</s>"})),
            None,
            Some(36),
            "eos",
        ),
        (
            none(),
            Some(json!({"tokenizer_class": fast, "cls_token": "<s>", "unk_token": "t9"})),
            None,
            Some(9),
            "any: unk before cls",
        ),
        (
            none(),
            Some(json!({"tokenizer_class": fast, "additional_special_tokens": ["</s>"]})),
            None,
            Some(36),
            "any other",
        ),
        (
            none(),
            Some(json!({"tokenizer_class": fast})),
            Some(json!({"bos_token": "</s>"})),
            Some(36),
            "of the map",
        ),
        (
            none(),
            Some(json!({"tokenizer_class": fast, "bos_token": "t0"})),
            None,
            Some(0),
            "token 0 is one, too",
        ),
        (
            none(),
            Some(json!({"tokenizer_class": "GPT2Tokenizer"})),
            None,
            Some(39),
            "GPT-2's own",
        ),
        (
            none(),
            None,
            None,
            Some(39),
            "GPT-2's own where nothing is said",
        ),
        (
            none(),
            Some(json!({"tokenizer_class": fast})),
            None,
            Some(35),
            "the first that is marked",
        ),
        (
            none(),
            Some(json!({"tokenizer_class": fast, "bos_token": "<far>", "eos_token": "</s>"})),
            None,
            Some(36),
            "not one without an embedding",
        ),
        (
            json!({"bos_token_id": 50256, "eos_token_id": 50256}),
            Some(json!({"tokenizer_class": fast, "bos_token": null, "eos_token": "</s>"})),
            None,
            Some(36),
            "not one beyond the vocabulary",
        ),
        (
            json!({"eos_token_id": [5, 6]}),
            Some(json!({"tokenizer_class": fast})),
            None,
            Some(5),
            "the model's eos",
        ),
    ] {
        let model = opened(&model(config, tokenizer, map));
        let with: Vec<u32> = expected.into_iter().chain([7, 8]).collect();
        assert_eq!(model.with_bos(vec![7, 8]), with, "{why}");
        // Never twice.
        assert_eq!(model.with_bos(with.clone()), with, "{why}");
    }
}

#[test]
fn a_prompt_that_begins_with_any_special_token_gets_none() {
    let config =
        json!({"bos_token": "<s>", "eos_token": "</s>", "additional_special_tokens": ["<pad>"]});
    let model = opened(&model(json!({}), Some(config), None));
    for special in [35, 36, 37] {
        assert_eq!(model.with_bos(vec![special, 7]), [special, 7]);
    }
    // Nor is a marked one special that the tokenizer does not name.
    for other in [38, 39, 7] {
        assert_eq!(model.with_bos(vec![other, 7]), [35, other, 7]);
    }
    assert!(model.with_bos(Vec::new()).is_empty());
}

#[test]
fn a_model_without_special_tokens_gets_none() {
    let mut files = model(
        json!({}),
        Some(json!({"tokenizer_class": "PreTrainedTokenizerFast"})),
        None,
    );
    let mut tokenizer: Value =
        serde_json::from_slice(&files.remove("model/tokenizer.json").unwrap()).unwrap();
    tokenizer["added_tokens"] = json!([]);
    files.insert(
        "model/tokenizer.json",
        serde_json::to_vec(&tokenizer).unwrap(),
    );
    let model = opened(&files);
    assert_eq!(model.language.config.bos, None);
    assert_eq!(model.with_bos(vec![7, 8]), [7, 8]);
}

/// `transformers` lets tokenizer_config.json overrule tokenizer.json.
#[test]
fn a_config_that_makes_another_tokenizer_is_refused() {
    for (config, part, step, says) in [
        (
            json!({"split_special_tokens": true}),
            "normalizer",
            Value::Null,
            "split_special_tokens",
        ),
        (
            json!({"add_prefix_space": true}),
            "pre_tokenizer",
            json!({"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true}),
            "add_prefix_space",
        ),
        (
            json!({"do_lower_case": false}),
            "normalizer",
            json!({"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
                "strip_accents": null, "lowercase": true}),
            "do_lower_case",
        ),
    ] {
        let mut files = model(json!({}), Some(config), None);
        let mut tokenizer: Value =
            serde_json::from_slice(&files.remove("model/tokenizer.json").unwrap()).unwrap();
        tokenizer[part] = step;
        files.insert(
            "model/tokenizer.json",
            serde_json::to_vec(&tokenizer).unwrap(),
        );
        assert_says(&complaint(&files), &["tokenizer_config.json", says]);
    }
    let mut files = model(json!({}), None, None);
    files.insert(MAP, b"{ not json".to_vec());
    assert_says(&complaint(&files), &["special_tokens_map.json", "JSON"]);
    // A byte order mark is no part of a file.
    files.insert(MAP, b"\xEF\xBB\xBF{\"bos_token\": \"<s>\"}".to_vec());
    let loaded: Result<Model, LoadError> = load(&files);
    assert_eq!(loaded.unwrap().language.config.bos, Some(35));
    let sentence = load(&{
        files.insert(CONFIG, b"[]".to_vec());
        files
    });
    assert_one_sentence(&sentence.unwrap_err().to_string());
}
