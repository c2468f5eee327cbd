//! What is read is compared with a whole reader of YAML.

use super::*;

/// What is read, by a whole reader of YAML.
fn elsewhere(text: &str) -> Result<Map<String, Value>, serde_norway::Error> {
    serde_norway::from_slice(text.as_bytes())
}

/// Both are the same, but for the last bit of a fraction.
fn assert_alike(ours: Map<String, Value>, theirs: Map<String, Value>, text: &str) {
    fn alike(ours: &Value, theirs: &Value) -> bool {
        match (ours, theirs) {
            (Value::Number(a), Value::Number(b)) if a.is_f64() && b.is_f64() => {
                let [a, b] = [a, b].map(|number| number.as_f64().expect("a fraction"));
                (a - b).abs() <= f64::EPSILON * b.abs()
            }
            (Value::Array(a), Value::Array(b)) => {
                a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b))
            }
            (Value::Object(a), Value::Object(b)) => {
                let known = |(key, a)| b.get(key).is_some_and(|b| alike(a, b));
                a.len() == b.len() && a.iter().all(known)
            }
            _ => ours == theirs,
        }
    }
    let (ours, theirs) = (Value::Object(ours), Value::Object(theirs));
    assert!(alike(&ours, &theirs), "{text:?}\n{ours}\n{theirs}");
}

const READ: &[&str] = &[
    "model_kind: transcoder_set\nk: 5\n",
    "---\n# a comment\nname: \"mwhanna/qwen3\"  # behind\nk: 5\n\n",
    "transcoders:\n- layer_0.safetensors\n- 'layer_1.safetensors'\nlast: yes",
    "transcoders:\n  - a\n  - b # c\n  -\n  - - 1\n    - 2\n  - a: 1\n    b:\n      c: ~\nlast:\r\nnone: null\r\n",
    "list: [a, 'b', \"c\", 1, -2, 3.5, true, [], {}, {a: 1, \"b\":2, c}]\nflow: {a: [1,\n  2], b: }",
    "{\"a\": 1, \"b\": [1, 2.5e3, null], \"c\": {\"d\": \"\\u00e4\\n\\\\\"}}",
    "a: it's # not ''\nb: 'it''s'\nc: a#b\nd: a:b\ne: http://a.b/c\nf: -1x\ng: \"a # b\"\nh: - \n",
    "numbers: [0, 007, -0, +3, 1_000, .5, 1., 1e3, 12e5678, 0b12, 18446744073709551615, -9223372036854775808]",
    "fractions: [1e-05, -.5, +1.5E3, 00.5, 1.e2, -1.25e-2, 6.02e+23, 3.14159265358979, 1e, .e1, 1.2.3, 1e400, -., 1.5x, 1 .5]",
    "true: 1\n5: 2\n~: 3\nspace in key: 4\n\"quoted key\" : 5\na: 1\na: 2",
    "ä: ö\nemoji: \"😀\"\n-dash: ?x\n? : 1",
    "a:   \n  b:\n    c: 1\n  d: 2\ne: 3",
];

#[test]
fn settings_are_read_as_elsewhere() {
    for text in READ {
        match (mapping(text.as_bytes()), elsewhere(text)) {
            (Ok(ours), Ok(theirs)) => assert_alike(ours, theirs, text),
            (Err(problem), Ok(theirs)) => panic!("{problem}: {text}\n{theirs:?}"),
            (ours, Err(error)) => assert!(ours.is_err(), "{text}: {error}, {ours:?}"),
        }
    }
}

/// What is beyond is refused with its line.
#[test]
fn what_is_not_read_is_named() {
    for (text, says) in [
        ("a: 1\nb: &x 2", "line 2 has an anchor"),
        ("a: *x", "line 1 has an anchor"),
        ("a: !!str 1", "a tag"),
        ("a: |\n  text", "several lines"),
        ("a: 1\n---\nb: 2", "line 2 ends a document"),
        ("a: one\n  two", "line 2 is not indented as"),
        ("a:\n\tb: 1", "line 2 is indented by a tab"),
        ("a: 'open\n", "does not close"),
        ("a: \"\\q\"", "a backslash"),
        ("a: 0x1F", "not in tens"),
        ("a: 99999999999999999999", "out of range"),
        ("a: .inf", "out of range"),
        ("a: \u{7}", "a character"),
        ("", "no fields"),
        ("- 1", "no fields"),
        ("text", "no fields"),
    ] {
        let problem = mapping(text.as_bytes()).unwrap_err();
        assert!(problem.contains(says), "{text}: {problem}");
    }
    for hostile in ["[", "{a: ", "- ", "a: [", "{\"a\":"] {
        let text = format!("a: {}", hostile.repeat(100_000));
        assert!(mapping(text.as_bytes()).is_err());
    }
}

/// Whatever is read of a text that was changed at random is what others read.
#[test]
fn nothing_is_read_as_something_else() {
    const PIECES: &[&str] = &[
        " ", "  ", "\n", "\n  ", "\t", ":", ": ", "- ", "-", "#", " #", ",", "[", "]", "{", "}",
        "'", "\"", "\\", "?", "? ", "&", "*", "!", "|", ">", "%", "@", "~", "null", "0", "1", ".",
        "e", "x", "---", "...", "\r", "a", "=", "<<", "\u{85}", "\u{2028}", "\u{feff}", "\u{1}",
        "é",
    ];
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % below as u64) as usize
    };
    let (mut read, mut refused) = (0, 0);
    for _ in 0..60_000 {
        let mut text: Vec<char> = READ[random(READ.len())].chars().collect();
        for _ in 0..1 + random(4) {
            let at = random(text.len() + 1);
            let end = (at + random(3)).min(text.len());
            text.splice(at..end, PIECES[random(PIECES.len())].chars());
        }
        let text: String = text.into_iter().collect();
        match mapping(text.as_bytes()) {
            Ok(ours) => {
                let theirs = elsewhere(&text);
                let theirs = theirs.unwrap_or_else(|error| panic!("{text:?}: {error}\n{ours:?}"));
                assert_alike(ours, theirs, &text);
                read += 1;
            }
            Err(_) => refused += 1,
        }
    }
    assert!(read > 10_000 && refused > 10_000, "{read} {refused}");
}
