//! JSON written again piece by piece: what does not change is copied as it stands.

use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// Writes an object again, each value by `value`. Of the fields of `added` it gets those that it
/// has not got, also by `value`. What is no object is left away.
pub(super) fn object(
    json: &str,
    added: &[(&str, String)],
    out: &mut String,
    value: &mut dyn FnMut(&str, &RawValue, &mut String),
) {
    let start = out.len() + 1;
    out.push('{');
    let mut write = |key: &str, raw: &RawValue| {
        if out.len() > start {
            out.push(',');
        }
        out.push_str(&serde_json::to_string(key).expect("a text"));
        out.push(':');
        value(key, raw, out);
    };
    let mut missing: Vec<&(&str, String)> = added.iter().collect();
    let mut each = |key: &str, raw: &RawValue| {
        missing.retain(|(name, _)| *name != key);
        write(key, raw);
    };
    // It was read before, so only what is no object at all fails.
    let _ = fields(json, &mut each);
    for (name, text) in missing {
        let raw = RawValue::from_string(text.clone()).expect("it was written as JSON");
        write(name, &raw);
    }
    out.push('}');
}

/// Goes through the fields of an object.
///
/// # Errors
/// What is no object, or no JSON; the fields before that were gone through.
pub(super) fn fields<'a>(
    json: &'a str,
    each: &mut dyn FnMut(&str, &'a RawValue),
) -> serde_json::Result<()> {
    let mut from = serde_json::Deserializer::from_str(json);
    from.deserialize_map(Fields(each))?;
    from.end()
}

/// Goes through the items of a list, with their numbers; anything else has none.
pub(super) fn items<'a>(raw: &'a RawValue, each: &mut dyn FnMut(usize, &'a RawValue)) {
    let mut from = serde_json::Deserializer::from_str(raw.get());
    let _ = from.deserialize_seq(Items(each));
}

/// Writes a list again: the items that `item` writes, which says whether it did.
pub(super) fn list(
    raw: &RawValue,
    out: &mut String,
    item: &mut dyn FnMut(usize, &RawValue, &mut String) -> bool,
) {
    out.push('[');
    let start = out.len();
    items(raw, &mut |number, raw| {
        let end = out.len();
        if end > start {
            out.push(',');
        }
        if !item(number, raw, out) {
            out.truncate(end);
        }
    });
    out.push(']');
}

struct Fields<'a, 'de>(&'a mut dyn FnMut(&str, &'de RawValue));

impl<'de> Visitor<'de> for Fields<'_, 'de> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((key, value)) = map.next_entry::<Key, &RawValue>()? {
            self.0(&key.0, value);
        }
        Ok(())
    }
}

/// A field's name, borrowed where it needs no unescaping.
#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

struct Items<'a, 'de>(&'a mut dyn FnMut(usize, &'de RawValue));

impl<'de> Visitor<'de> for Items<'_, 'de> {
    type Value = ();

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let mut number = 0;
        while let Some(item) = list.next_element::<&RawValue>()? {
            self.0(number, item);
            number += 1;
        }
        Ok(())
    }
}
