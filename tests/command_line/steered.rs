//! What `steer` prints and writes.

use super::record::{array, feature, number, written};
use crate::common::calls::{PROMPT, vocabulary};
use crate::common::scratch::Scratch;
use serde_json::Value;

#[test]
fn steering_is_printed_and_written_the_same_on_both_engines() {
    let scratch = Scratch::new("steer");
    let feature = feature(&scratch);
    let (off, set) = (format!("{feature}x0"), format!("{feature}x-10"));
    let mut records = Vec::new();
    for engine in ["cpu", "gpu"] {
        // The later of two settings counts.
        let more = [
            "--engine", engine, "--set", &off, "--set", &set, "--go-on", "2",
        ];
        let (text, record) = written(&scratch, "steer", &more);
        check_steered(&text, &record);
        records.push(record);
    }
    for field in ["prompt", "tokens", "goes_on", "targets"] {
        assert_eq!(records[0][field], records[1][field], "{field}");
    }
    let logits = |record: &Value| -> Vec<f64> {
        let answers = array(record, "answers").iter();
        answers
            .map(|answer| number(answer, "logit_after"))
            .collect()
    };
    for (a, b) in logits(&records[0]).iter().zip(logits(&records[1])) {
        assert!((a - b).abs() < 1e-3 * a.abs().max(1.0), "{a}, {b}");
    }
}

fn check_steered(text: &str, record: &Value) {
    assert_eq!(record["prompt"], PROMPT);
    assert_eq!(array(record, "tokens").len(), 8);
    assert_eq!(record["tokens"][7], "=");
    let set = array(record, "set");
    assert_eq!(set.len(), 1);
    let (before, after) = (number(&set[0], "before"), number(&set[0], "after"));
    assert!(before > 0.0 && (after + 10.0 * before).abs() < 1e-4 * before);

    // A line for each answer, in order.
    let mut lines = text.lines();
    let heading = lines.next().unwrap();
    assert!(
        ["token", "before", "after", "logit"]
            .iter()
            .all(|word| heading.contains(word))
    );
    for answer in array(record, "answers") {
        let line: Vec<&str> = lines.next().unwrap().split_whitespace().collect();
        let token = format!("{:?}", answer["token"].as_str().unwrap());
        let percent = |field: &str| format!("{:.2}", 100.0 * number(answer, field));
        let change = number(answer, "logit_after") - number(answer, "logit_before");
        let expected = [&percent("before"), "%", &percent("after"), "%"];
        assert_eq!(line[..line.len() - 5].concat(), token.replace(' ', ""));
        assert_eq!(line[line.len() - 5..line.len() - 1], expected);
        let shown: f64 = line[line.len() - 1].parse().unwrap();
        assert!((shown - change).abs() < 0.002, "{line:?}, {change}");
    }
    assert_eq!(lines.next(), Some(""));
    let (pearson, slope) = (number(record, "pearson"), number(record, "slope"));
    let fit = format!("r = {pearson:.3}, slope {slope:.3}");
    assert!(lines.next().unwrap().ends_with(&fit), "{fit} in {text}");

    let goes_on = array(record, "goes_on");
    for (tokens, name) in goes_on.iter().zip(["without", "with   "]) {
        let tokens = tokens.as_array().unwrap();
        assert_eq!(tokens.len(), 2);
        let said: String = tokens.iter().map(|token| token.as_str().unwrap()).collect();
        assert!(
            text.contains(&format!("\n{name}  {said}\n")),
            "{said:?} in {text}"
        );
    }
    assert_eq!(goes_on.len(), 2);
    assert_eq!(goes_on[0][0], "95");
    // So far from what they were, the features change the answer, with which the text begins.
    assert_ne!(goes_on[1][0], "95");
    assert_eq!(goes_on[1][0], record["answers"][0]["token"]);

    let rows = array(record, "features").len() + array(record, "targets").len();
    assert_eq!(array(record, "predicted").len(), rows);
    assert_eq!(array(record, "measured").len(), rows);
    assert_eq!(array(record, "logits").len(), vocabulary());
    for one in array(record, "newly_active") {
        assert!(number(one, "activation") > 0.0);
    }
}

#[test]
fn a_mode_freezes_what_it_says() {
    let scratch = Scratch::new("modes");
    let set = format!("{}x0", feature(&scratch));
    let of = |mode: &str| written(&scratch, "steer", &["--set", &set, "--mode", mode]).1;
    let (direct, all) = (of("direct"), of("constrained:0-3"));
    for field in ["answers", "measured", "predicted"] {
        assert_eq!(direct[field], all[field], "{field}");
    }
    assert!((number(&direct, "pearson") - 1.0).abs() < 1e-5);
    assert!((number(&direct, "slope") - 1.0).abs() < 1e-4);
    let (free, patterns) = (of("free"), of("patterns"));
    assert_ne!(free["measured"], patterns["measured"]);
    assert_ne!(free["measured"], direct["measured"]);
    assert_eq!(free["predicted"], patterns["predicted"]);
    assert_ne!(free["predicted"], direct["predicted"]);
    // Free is the default.
    assert_eq!(written(&scratch, "steer", &["--set", &set]).1, free);
    let nothing: [Vec<String>; 2] = Default::default();
    assert_eq!(free["goes_on"], serde_json::json!(nothing));
}

#[test]
fn text_goes_on_until_the_context_is_full() {
    let scratch = Scratch::new("go-on");
    let (_, record) = written(&scratch, "steer", &["--set", "0/1@6=x2", "--go-on", "100"]);
    for tokens in array(&record, "goes_on") {
        // Of 64 tokens the prompt takes 8; after the last comes one more.
        assert_eq!(tokens.as_array().unwrap().len(), 64 - 8 + 1);
    }
}
