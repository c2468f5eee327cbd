//! The schema's JSON as it is found: each node of a file, in whichever dialect it is written.
//!
//! - A layer is a number or its digits; `E` for embeddings.
//! - Features have the id `layer_index_position`, and as `feature` a Cantor pair or their index.
//! - Errors have the id `layer_-1_position`, or in circuit-tracer 0.5.0 `0_layer_position`.
//! - Any `feature_type` with `error`, `logit` or `embed` in it is one; all others are features.
//! - `null` and a field that is missing are the same.

use super::json::cantor_pair;
use serde::Deserialize;
use serde_json::Value;

/// The largest layer, index or position that is read. Pairs of them stay within `i64`.
const LARGEST: u64 = i32::MAX as u64;

/// A file of the schema.
#[derive(Deserialize)]
#[serde(expecting = "an object with nodes and links")]
pub(super) struct File {
    #[serde(default)]
    pub metadata: Value,
    #[serde(default, rename = "qParams")]
    pub parameters: Value,
    pub nodes: Vec<NodeRecord>,
    pub links: Vec<LinkRecord>,
}

#[derive(Deserialize)]
#[serde(expecting = "a node")]
pub(super) struct NodeRecord {
    #[serde(rename = "node_id")]
    pub id: String,
    #[serde(default)]
    layer: Value,
    #[serde(default)]
    feature: Value,
    #[serde(default, rename = "ctx_idx")]
    position: Value,
    #[serde(default)]
    feature_type: Value,
    #[serde(default)]
    clerp: Value,
    #[serde(default)]
    token_prob: Value,
    #[serde(default)]
    influence: Value,
    #[serde(default)]
    activation: Value,
}

#[derive(Deserialize)]
#[serde(expecting = "a link")]
pub(super) struct LinkRecord {
    pub source: String,
    pub target: String,
    pub weight: f64,
}

/// What a node stands for; its position is told apart from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Feature {
        layer: usize,
        index: usize,
    },
    Error {
        layer: usize,
    },
    /// With its id, 0 where that is not known.
    Token(u32),
    /// Layers of the model + 1, if it is told.
    Logit {
        layer: Option<usize>,
        token: u32,
    },
}

impl NodeRecord {
    /// What the node stands for, or what keeps it from being understood.
    pub fn kind(&self) -> Result<Kind, &'static str> {
        let kind = self.feature_type.as_str().unwrap_or_default();
        let [first, second, _] = self.id_parts();
        if kind.contains("embed") || self.layer == "E" {
            let id = second.filter(|_| first == Some("E"));
            return Ok(Kind::Token(id.and_then(digits).unwrap_or(0) as u32));
        }
        let layer = whole(&self.layer);
        if kind.contains("logit") {
            let token = second.and_then(digits).or_else(|| whole(&self.feature));
            let token = token.ok_or("has no number of a token, in its id or as its `feature`")?;
            let token = token as u32;
            return Ok(Kind::Logit { layer, token });
        }
        let layer = layer.ok_or("has a `layer` that is no number")?;
        if kind.contains("error") {
            return Ok(Kind::Error { layer });
        }
        let in_id = second.filter(|_| first.and_then(digits) == Some(layer));
        match in_id.and_then(digits).or_else(|| self.index(layer)) {
            Some(index) => Ok(Kind::Feature { layer, index }),
            None => Err("has no index of a feature, in its id or as its `feature`"),
        }
    }

    /// The index by `feature` alone: a Cantor pair with this very layer, or else the number itself.
    fn index(&self, layer: usize) -> Option<usize> {
        let number = self.feature.as_u64()?;
        // The diagonal that the pair lies on: the sum of the two. Rounding may miss it by one.
        let diagonal = ((8.0 * number as f64 + 1.0).sqrt() as u64).saturating_sub(1) / 2;
        let paired = (diagonal.saturating_sub(1)..=diagonal + 1)
            .filter_map(|diagonal| diagonal.checked_sub(layer as u64))
            .filter(|index| *index <= LARGEST)
            .find(|index| cantor_pair(layer, *index as usize) as u64 == number);
        paired
            .or(Some(number))
            .filter(|index| *index <= LARGEST)
            .map(|index| index as usize)
    }

    /// The position of the node's token.
    pub fn position(&self) -> Result<usize, &'static str> {
        whole(&self.position)
            .or_else(|| self.id_parts()[2].and_then(digits))
            .ok_or("has no position: its `ctx_idx` is no number")
    }

    /// The three parts of an id.
    fn id_parts(&self) -> [Option<&str>; 3] {
        let mut parts = self.id.split('_');
        let three = [parts.next(), parts.next(), parts.next()];
        match (three[2], parts.next()) {
            (Some(_), None) => three,
            _ => [None; 3],
        }
    }

    /// Its label, empty where it has none.
    pub fn clerp(&self) -> &str {
        self.clerp.as_str().unwrap_or_default()
    }

    /// The text between quotes in its label, such as a token's, or else all of it without a
    /// probability. None where there is no such text.
    pub fn quoted(&self) -> Option<&str> {
        let clerp = self.clerp();
        let text = match clerp.rfind("(p=") {
            Some(end) => clerp[..end].trim_end(),
            None => clerp,
        };
        let inner = || {
            let (start, _) = text.char_indices().find(|(_, c)| is_quote(*c))?;
            let (end, _) = text.char_indices().rfind(|(_, c)| is_quote(*c))?;
            let inner = text.get(start..end)?;
            Some(&inner[inner.chars().next()?.len_utf8()..])
        };
        inner().or_else(|| Some(text).filter(|text| !text.is_empty()))
    }

    /// A logit's probability, above 0 and up to 1, by its own field or by `(p=0.123)` in its label.
    pub fn probability(&self) -> Option<f32> {
        let known = |p: &f32| *p > 0.0 && *p <= 1.0;
        let own = number(&self.token_prob).filter(known);
        own.or_else(|| {
            let (_, rest) = self.clerp().rsplit_once("(p=")?;
            rest.split_once(')')?.0.trim().parse().ok().filter(known)
        })
    }

    /// Its cumulative share of influence, 0 to 1.
    pub fn influence(&self) -> Option<f32> {
        number(&self.influence).filter(|share| (0.0..=1.0).contains(share))
    }

    /// A feature's activation.
    pub fn activation(&self) -> Option<f32> {
        number(&self.activation)
    }
}

/// A finite number.
pub(super) fn number(value: &Value) -> Option<f32> {
    let number = value.as_f64()? as f32;
    number.is_finite().then_some(number)
}

/// A whole number or its digits.
fn whole(value: &Value) -> Option<usize> {
    match value {
        Value::String(text) => digits(text),
        _ => value.as_u64().filter(|n| *n <= LARGEST).map(|n| n as usize),
    }
}

fn digits(text: &str) -> Option<usize> {
    let number: u64 = text.parse().ok()?;
    (number <= LARGEST).then_some(number as usize)
}

fn is_quote(character: char) -> bool {
    matches!(character, '"' | '\u{201C}' | '\u{201D}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn record(value: Value) -> NodeRecord {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_feature_is_found_by_its_id_its_pair_or_its_number() {
        let kind = |id: &str, layer: Value, feature: Value| {
            let type_ = "cross layer transcoder";
            let value =
                json!({"node_id": id, "layer": layer, "feature": feature, "feature_type": type_});
            record(value).kind()
        };
        let feature = |layer, index| Ok(Kind::Feature { layer, index });
        assert_eq!(kind("3_00042_1", json!("3"), json!(30042)), feature(3, 42));
        let pair = cantor_pair(3, 42);
        assert_eq!(kind("some", json!(3), json!(pair)), feature(3, 42));
        let pair = cantor_pair(25, 2_000_000_000);
        assert_eq!(
            kind("some", json!(25), json!(pair)),
            feature(25, 2_000_000_000)
        );
        assert_eq!(kind("some", json!(3), json!(7)), feature(3, 7));
        assert!(kind("some", json!(3), json!(null)).is_err());
        assert!(kind("some", json!(3), json!(u64::MAX)).is_err());
        assert!(kind("some", json!("high"), json!(7)).is_err());
    }

    #[test]
    fn a_name_and_a_probability_are_read_from_a_label() {
        let node = |clerp: &str| record(json!({"node_id": "9_5_1", "clerp": clerp}));
        for (clerp, name, probability) in [
            ("Output \" Austin\" (p=0.412)", Some(" Austin"), Some(0.412)),
            ("Output \"\"\" (p=1.000)", Some("\""), Some(1.0)),
            ("Emb: “ü”", Some("ü"), None),
            ("jumps (p=0.81)", Some("jumps"), Some(0.81)),
            ("Emb: \"\"", Some(""), None),
            ("a \" b", Some("a \" b"), None),
            ("(p=12)", None, None),
            ("(p=0.5", None, None),
            ("", None, None),
        ] {
            assert_eq!(node(clerp).quoted(), name, "{clerp}");
            assert_eq!(node(clerp).probability(), probability, "{clerp}");
        }
    }
}
