//! The names of tokens, read from tokenizer.json without the tokenizer.

use crate::common::folders::{
    CLT, TOKENIZER, assert_one_sentence, assert_says, byte_level, fixture, load, replace_text,
};
use attograph::engine::cpu::Cpu;
use attograph::model::Vocabulary;
use attograph::network::Network;
use attograph::trace::{Options, Tracer};
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

/// Runs of tokens are cut between characters, never in one.
#[test]
fn parts_of_a_character_are_one_text() {
    let vocabulary = Vocabulary::parse("tokenizer.json", &byte_level()).unwrap();
    let pieces = |ids: &[u32]| -> Vec<(String, usize, bool)> {
        let pieces = vocabulary.pieces(ids).into_iter();
        pieces
            .map(|piece| (piece.text, piece.tokens, piece.whole))
            .collect()
    };
    let piece = |text: &str, tokens, whole| (text.to_string(), tokens, whole);
    assert_eq!(
        pieces(&[97, 256]),
        [piece("a", 1, true), piece("36", 1, true)]
    );
    // The euro sign in one token, two and three.
    assert_eq!(
        pieces(&[258, 97]),
        [piece("€", 1, true), piece("a", 1, true)]
    );
    assert_eq!(
        pieces(&[259, 0xAC, 97]),
        [piece("€", 2, true), piece("a", 1, true)]
    );
    assert_eq!(pieces(&[0xE2, 0x82, 0xAC]), [piece("€", 3, true)]);
    // Unfinished, and never to be finished.
    assert_eq!(
        pieces(&[97, 0xF0, 0x9F]),
        [piece("a", 1, true), piece("\\xF0\\x9F", 2, false)]
    );
    assert_eq!(
        pieces(&[0xF0, 97, 98]),
        [piece("\\xF0a", 2, false), piece("b", 1, true)]
    );
    assert_eq!(
        pieces(&[0x82, 260]),
        [piece("\\x82", 1, false), piece("<bos>", 1, true)]
    );
    assert!(pieces(&[]).is_empty());

    let fallback = json!({"decoder": {"type": "Sequence", "decoders": [{"type": "ByteFallback"}]},
        "model": {"vocab": {"<0xE2>": 0, "<0x82>": 1, "<0xAC>": 2, "<0x0A>": 3, "<0xZZ>": 4}}});
    let vocabulary =
        Vocabulary::parse("tokenizer.json", &serde_json::to_vec(&fallback).unwrap()).unwrap();
    assert_eq!(vocabulary.pieces(&[0, 1, 2])[0].text, "€");
    assert_eq!(
        [
            vocabulary.token(0),
            vocabulary.token(3),
            vocabulary.token(4)
        ],
        ["\\xE2", "\n", "<0xZZ>"]
    );
}

/// Whatever a token is, it has a name that can be seen and typed, and that finds it and no other.
#[test]
fn every_token_can_be_named() {
    let odd = json!({"model": {"vocab": {"": 0, " ": 1, "\n": 2, "\u{200b}": 3, "\u{ad}": 4, "\u{202e}": 5,
        "\u{301}": 6, "#8": 7, "a": 8, " a": 9, "#": 10, "#99999999999": 11, "\\xE2": 12, "\u{1b}[31m": 13,
        "␣": 14, "\\u{41}": 15, "e\u{301}": 16, " b": 17, "  ": 18, "A": 19}}});
    let odd = serde_json::to_vec(&odd).unwrap();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let shipped = |name: &str| {
        std::fs::read(root.join("www/models").join(name).join("tokenizer.json")).unwrap()
    };
    for (what, bytes) in [
        ("odd", odd),
        ("bytes", byte_level()),
        ("addition", shipped("addition")),
        ("diagnosis", shipped("diagnosis")),
    ] {
        let vocabulary = Vocabulary::parse("tokenizer.json", &bytes).unwrap();
        let size = vocabulary.last().unwrap() as usize + 1;
        for id in 0..size as u32 {
            let name = vocabulary.name(id);
            assert_eq!(vocabulary.named(&name, size), Some(id), "{what}: {name:?}");
            assert_eq!(
                vocabulary.named(&format!("#{id}"), size),
                Some(id),
                "{what}: {id}"
            );
            assert!(
                !name.trim().is_empty() && !name.chars().any(char::is_control),
                "{what}: {name:?}"
            );
        }
        assert_eq!(vocabulary.named(&format!("#{size}"), size), None);
        assert_eq!(vocabulary.named("#99999999999", size), None);
        if what == "odd" {
            let names = [0, 1, 3, 6, 7, 8, 10, 16].map(|id| vocabulary.name(id));
            assert_eq!(names, ["#0", "#1", "#3", "#6", "#7", "a", "#", "e\u{301}"]);
            // With a space in front, and as it is shown.
            for (typed, id) in [("b", 17), ("␣␣", 18), ("↵", 2), ("␣", 14), ("\\u{41}", 15)]
            {
                assert_eq!(vocabulary.named(typed, size), Some(id), "{typed}");
            }
        }
    }
}
