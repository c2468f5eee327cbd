//! What a command prints, and the record that it writes.

use crate::common::calls::{PROMPT, addition, call, printed};
use crate::common::scratch::Scratch;
use serde_json::Value;

/// What a command prints, and the record that it writes.
pub fn written(scratch: &Scratch, command: &str, more: &[&str]) -> (String, Value) {
    let json = scratch.path("record.json");
    let more = [more, &["--json", json.to_str().unwrap()]].concat();
    let text = printed(&call(command, &addition(), PROMPT, &more));
    let record = serde_json::from_slice(&std::fs::read(json).unwrap()).unwrap();
    (text, record)
}

pub fn array<'a>(record: &'a Value, field: &str) -> &'a Vec<Value> {
    let array = record[field].as_array();
    array.unwrap_or_else(|| panic!("{field} is {}", record[field]))
}

pub fn number(record: &Value, field: &str) -> f64 {
    let number = record[field].as_f64();
    number.unwrap_or_else(|| panic!("{field} is {}", record[field]))
}

/// The most influential feature of the first layer, as its setting begins: `0/153@6=`.
pub fn feature(scratch: &Scratch) -> String {
    let (_, grade) = written(scratch, "grade", &[]);
    let mut features = array(&grade, "features").iter();
    let first = features.find(|feature| feature["layer"] == 0).unwrap();
    format!("0/{}@{}=", first["index"], first["position"])
}
