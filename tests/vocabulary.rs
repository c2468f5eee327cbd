//! The names of tokens, read from tokenizer.json without the tokenizer.

mod common;

use attograph::engine::Network;
use attograph::engine::cpu::Cpu;
use attograph::model::Vocabulary;
use attograph::trace::{Options, Tracer};
use common::folders::{
    CLT, TOKENIZER, assert_one_sentence, assert_says, byte_level, fixture, load, replace_text,
};
use pollster::block_on;
use serde_json::json;
use std::sync::Arc;

#[test]
fn a_missing_or_broken_tokenizer_leaves_token_numbers() {
    for bytes in [
        None,
        Some(&b"{ not json"[..]),
        Some(b"{}"),
        Some(b"\xFF"),
        Some(b"{\"model\":{\"vocab\":3}}"),
    ] {
        let mut files = fixture(CLT);
        match bytes {
            Some(bytes) => files.insert(TOKENIZER, bytes.to_vec()),
            None => drop(files.remove(TOKENIZER)),
        }
        assert_eq!(load(&files).unwrap().vocabulary.token(12), "#12");
    }
}

/// Common where tokens were added and the embedding was not enlarged: only their use is refused.
#[test]
fn a_tokenizer_may_have_more_tokens_than_the_model() {
    for id in [40, u32::MAX] {
        let mut files = fixture(CLT);
        replace_text(
            &mut files,
            TOKENIZER,
            "\"t38\":38",
            &format!("\"38\":38,\"38\":{id},\"7\":{id}"),
        );
        let model = Arc::new(load(&files).unwrap());
        assert_eq!(model.vocabulary.token(id), "7");
        // What the model cannot read is no operand of a template.
        assert_eq!(model.vocabulary.id_of_number(7), None);
        let tracer = Tracer::new(Network::new(Cpu, model));
        let trace = |ids: &[u32]| block_on(tracer.trace(ids, &Options::default(), |_| {}));
        trace(&[39, 5, 6]).unwrap();
        let sentence = trace(&[39, 5, id]).unwrap_err().to_string();
        assert_one_sentence(&sentence);
        assert_says(&sentence, &[&format!("Token {id}, 7,"), "knows 40 tokens"]);
    }
}

#[test]
fn byte_symbols_are_shown_as_text() {
    let vocabulary = Vocabulary::parse("tokenizer.json", &byte_level()).unwrap();
    let token = |id| vocabulary.token(id);
    assert_eq!(
        [token(32), token(10), token(256), token(257)],
        [" ", "\n", "36", " 3"]
    );
    assert_eq!(
        [token(258), token(259), token(0xE2)],
        ["€", "\\xE2\\x82", "\\xE2"]
    );
    assert_eq!(
        [token(260), token(261), token(u32::MAX)],
        ["<bos>", "#261", "#4294967295"]
    );
    for byte in 0..128_u8 {
        assert_eq!(token(u32::from(byte)), char::from(byte).to_string());
    }
    assert_eq!(vocabulary.last(), Some(260));
}

#[test]
fn numbers_are_found_among_tokens() {
    let vocabulary = Vocabulary::parse("tokenizer.json", &byte_level()).unwrap();
    assert_eq!(vocabulary.number(256), Some(36));
    assert_eq!(vocabulary.number(u32::from(b'7')), Some(7));
    assert_eq!(vocabulary.number(u32::from(b'0')), Some(0));
    assert_eq!(
        [
            vocabulary.number(257),
            vocabulary.number(260),
            vocabulary.number(999)
        ],
        [None; 3]
    );
    assert_eq!(vocabulary.id_of_number(36), Some(256));
    assert_eq!(vocabulary.id_of_number(0), Some(u32::from(b'0')));
    assert_eq!(vocabulary.id_of_number(37), None);

    let words = json!({"model": {"vocab": {"007": 0, "7": 1, "": 2, "99999999999999999999": 3, "+7": 4, "٣": 5}}});
    let vocabulary =
        Vocabulary::parse("tokenizer.json", &serde_json::to_vec(&words).unwrap()).unwrap();
    assert_eq!(
        (0..6).map(|id| vocabulary.number(id)).collect::<Vec<_>>(),
        [None, Some(7), None, None, None, None]
    );
    assert_eq!(vocabulary.id_of_number(7), Some(1));
}

#[test]
fn tokens_of_other_models_stand_as_they_are() {
    let scored = json!({"decoder": null, "model": {"type": "Unigram", "vocab": [["<unk>", 0.0], ["▁a", -1.5], ["Ġ", -2]]}});
    let vocabulary =
        Vocabulary::parse("tokenizer.json", &serde_json::to_vec(&scored).unwrap()).unwrap();
    assert_eq!([vocabulary.token(1), vocabulary.token(2)], ["▁a", "Ġ"]);
    assert_eq!(Vocabulary::empty().token(5), "#5");
    assert_eq!(Vocabulary::empty().last(), None);
}

#[test]
fn a_vocabulary_that_cannot_be_read_is_told() {
    for bytes in [
        &b"{ not json"[..],
        b"{}",
        b"",
        b"{\"model\":{\"vocab\":{\"a\":-1}}}",
        b"<html>",
    ] {
        let sentence = Vocabulary::parse("tokenizer.json", bytes)
            .unwrap_err()
            .to_string();
        assert_one_sentence(&sentence);
        assert_says(&sentence, &["tokenizer.json"]);
    }
}
