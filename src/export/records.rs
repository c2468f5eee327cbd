//! The schema's JSON as it is found: each node of a file, in whichever dialect it is written.
//!
//! - A layer is a number or its digits; `E` for embeddings.
//! - Features have the id `layer_index_position`, or with a kind as `layer_lor_index_position`, and
//!   as `feature` a Cantor pair or their index.
//! - Errors have the id `layer_-1_position`, or in circuit-tracer 0.5.0 `0_layer_position`.
//! - Any `feature_type` with `error`, `logit`, `bias` or `embed` in it is one; all others are
//!   features. Features and errors of attention layers have `lorsa` or `att` in it.
//! - `null` and a field that is missing are the same.

use super::json::cantor_pair;
use super::lenient::Loose;
use super::no_graph;
use super::open::OpenError;
use super::rewrite::{fields, items};
use serde_json::value::RawValue;
use std::borrow::Cow;

/// The largest layer, index or position that is read. Pairs of them stay within `i64`.
const LARGEST: u64 = i32::MAX as u64;
/// Most nodes of a graph; of more, only the number is read.
pub(super) const MOST_NODES: usize = 20_000;

/// A file of the schema. What is in it besides is passed over here, and kept by
/// [`super::resave`].
pub(super) struct File<'a> {
    pub metadata: &'a RawValue,
    pub parameters: &'a RawValue,
    pub nodes: Vec<NodeRecord<'a>>,
    pub links: Vec<LinkRecord<'a>>,
}

#[derive(Default)]
pub(super) struct NodeRecord<'a> {
    pub id: Cow<'a, str>,
    layer: Loose<'a>,
    feature: Loose<'a>,
    position: Loose<'a>,
    feature_type: Loose<'a>,
    clerp: Loose<'a>,
    token: Loose<'a>,
    token_prob: Loose<'a>,
    influence: Loose<'a>,
    activation: Loose<'a>,
}

pub(super) struct LinkRecord<'a> {
    pub source: Cow<'a, str>,
    pub target: Cow<'a, str>,
    /// Perhaps not finite.
    pub weight: f32,
}

impl<'a> File<'a> {
    /// Reads a file's lists.
    ///
    /// # Errors
    /// What is no graph, too many nodes, or a node or link without what all have.
    pub fn read(json: &'a str) -> Result<File<'a>, OpenError> {
        let [mut metadata, mut parameters] = [RawValue::NULL; 2];
        let [mut nodes, mut links] = [None; 2];
        let mut each = |key: &str, value: &'a RawValue| match key {
            "metadata" => metadata = value,
            "qParams" => parameters = value,
            "nodes" => nodes = Some(value),
            "links" => links = Some(value),
            _ => {}
        };
        fields(json, &mut each).map_err(OpenError::syntax)?;
        let (Some(nodes), Some(links)) = (nodes, links) else {
            return Err(no_graph::other_json(json));
        };
        for (name, list) in [("nodes", nodes), ("links", links)] {
            if !list.get().starts_with('[') {
                return Err(OpenError::Syntax(format!("its `{name}` are no list")));
            }
        }
        let mut wrong = None;
        let mut records = Vec::new();
        let mut count = 0;
        items(nodes, &mut |index, node| {
            count = index + 1;
            if count > MOST_NODES || wrong.is_some() {
                return;
            }
            match NodeRecord::read(node) {
                Some(record) => records.push(record),
                None => wrong = Some(format!("nodes[{index}] has no `node_id` that is a text")),
            }
        });
        if count > MOST_NODES {
            return Err(OpenError::ManyNodes {
                nodes: count as u64,
                limit: MOST_NODES,
            });
        }
        let mut read = Vec::new();
        items(links, &mut |index, link| {
            if wrong.is_some() {
                return;
            }
            match LinkRecord::read(link) {
                Some(link) => read.push(link),
                None => {
                    let what =
                        "has no `source` and `target` that are texts and `weight` that is a number";
                    wrong = Some(format!("links[{index}] {what}"));
                }
            }
        });
        match wrong {
            Some(wrong) => Err(OpenError::Syntax(wrong)),
            None => Ok(File {
                metadata,
                parameters,
                nodes: records,
                links: read,
            }),
        }
    }
}

impl<'a> LinkRecord<'a> {
    fn read(raw: &'a RawValue) -> Option<LinkRecord<'a>> {
        let (mut source, mut target, mut weight) = (Loose::Nothing, Loose::Nothing, Loose::Nothing);
        let each = &mut |key: &str, value| match key {
            "source" => source = Loose::new(value),
            "target" => target = Loose::new(value),
            "weight" => weight = Loose::new(value),
            _ => {}
        };
        fields(raw.get(), each).ok()?;
        let weight = match weight {
            Loose::Whole(number) => number as f32,
            Loose::Number(number) => number as f32,
            _ => return None,
        };
        match (source, target) {
            (Loose::Text(source), Loose::Text(target)) => Some(LinkRecord {
                source,
                target,
                weight,
            }),
            _ => None,
        }
    }
}

/// What a node stands for; its position is told apart from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Feature {
        layer: usize,
        index: usize,
        /// Whether it is one of an attention layer, and not of an MLP's transcoder.
        attention: bool,
    },
    Error {
        layer: usize,
        attention: bool,
    },
    /// With its id, 0 where that is not known.
    Token(u32),
    /// Layers of the model + 1, if it is told.
    Logit {
        layer: Option<usize>,
        token: u32,
    },
    /// A constant, or what its writer calls `unknown`.
    Bias {
        layer: usize,
    },
}

impl<'a> NodeRecord<'a> {
    /// A node, if it has an id.
    fn read(raw: &'a RawValue) -> Option<NodeRecord<'a>> {
        let mut record = NodeRecord::default();
        let mut id = Loose::Nothing;
        let each = &mut |key: &str, value: &'a RawValue| {
            let field = match key {
                "node_id" => &mut id,
                "layer" => &mut record.layer,
                "feature" => &mut record.feature,
                "ctx_idx" => &mut record.position,
                "feature_type" => &mut record.feature_type,
                "clerp" => &mut record.clerp,
                "token" => &mut record.token,
                "token_prob" => &mut record.token_prob,
                "influence" => &mut record.influence,
                "activation" => &mut record.activation,
                _ => return,
            };
            *field = Loose::new(value);
        };
        fields(raw.get(), each).ok()?;
        match id {
            Loose::Text(id) => Some(NodeRecord { id, ..record }),
            _ => None,
        }
    }

    /// What the node stands for, or what keeps it from being understood.
    pub fn kind(&self) -> Result<Kind, &'static str> {
        let kind = self.feature_type.text().unwrap_or_default();
        let [first, second, _] = self.id_parts();
        if kind.contains("embed") || self.layer.text() == Some("E") {
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
        let attention = kind.contains("lorsa") || kind.contains("att");
        if kind.contains("error") {
            return Ok(Kind::Error { layer, attention });
        }
        if kind.contains("bias") || kind == "unknown" {
            return Ok(Kind::Bias { layer });
        }
        let in_id = second.filter(|_| first.and_then(digits) == Some(layer));
        match in_id.and_then(digits).or_else(|| self.index(layer)) {
            Some(index) => Ok(Kind::Feature {
                layer,
                index,
                attention,
            }),
            None => Err("has no index of a feature, in its id or as its `feature`"),
        }
    }

    /// The index by `feature` alone: a Cantor pair with this very layer, or else the number itself.
    fn index(&self, layer: usize) -> Option<usize> {
        let number = self.feature.whole()?;
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
        let in_id = || self.id.rsplit_once('_').and_then(|(_, last)| digits(last));
        whole(&self.position)
            .or_else(in_id)
            .ok_or("has no position: its `ctx_idx` is no number")
    }

    /// The layer, the index and the position as an id has them, whether or not it tells a kind
    /// between layer and index.
    fn id_parts(&self) -> [Option<&str>; 3] {
        let mut parts = self.id.split('_');
        let [first, second, third, fourth] = std::array::from_fn(|_| parts.next());
        match (third, fourth, parts.next()) {
            (Some(_), None, None) => [first, second, third],
            (_, Some(_), None) if second.is_some_and(|kind| digits(kind).is_none()) => {
                [first, third, fourth]
            }
            _ => [None; 3],
        }
    }

    /// Its label, empty where it has none.
    pub fn clerp(&self) -> &str {
        self.clerp.text().unwrap_or_default()
    }

    /// The text of the token that it stands for: its own field, the text between quotes in its
    /// label, or else all of that without a probability. None where there is no such text.
    pub fn token_text(&self) -> Option<&str> {
        self.token.text().or_else(|| quoted(self.clerp()))
    }

    /// A logit's probability, above 0 and up to 1, by its own field or by `(p=0.123)` in its label.
    pub fn probability(&self) -> Option<f32> {
        let known = |p: &f32| *p > 0.0 && *p <= 1.0;
        let own = self.token_prob.number().filter(known);
        own.or_else(|| {
            let (_, rest) = self.clerp().rsplit_once("(p=")?;
            Loose::read(rest.split_once(')')?.0).number().filter(known)
        })
    }

    /// Its cumulative share of influence, 0 to 1.
    pub fn influence(&self) -> Option<f32> {
        let share = self.influence.number();
        share.filter(|share| (0.0..=1.0).contains(share))
    }

    /// A feature's activation.
    pub fn activation(&self) -> Option<f32> {
        self.activation.number()
    }
}

/// See [`NodeRecord::token_text`].
fn quoted(label: &str) -> Option<&str> {
    // What is in a token is no probability.
    let end = label.rfind("(p=");
    let end = end.filter(|end| !label[*end..].contains(is_quote));
    let text = end.map_or(label, |end| label[..end].trim_end());
    // A group's name may stand in front: `[big or "large"] Output "large"`.
    let text = match text.starts_with('[') {
        true => ["] Output \"", "] Logit \""]
            .iter()
            .find_map(|name| Some(&text[text.find(name)? + 2..]))
            .unwrap_or(text),
        false => text,
    };
    let inner = || {
        let (start, quote) = text.char_indices().find(|(_, c)| is_quote(*c))?;
        let (end, _) = text.char_indices().rfind(|(_, c)| is_quote(*c))?;
        text.get(start + quote.len_utf8()..end)
    };
    inner().or_else(|| Some(text).filter(|text| !text.is_empty()))
}

/// A whole number or its digits.
fn whole(value: &Loose) -> Option<usize> {
    match value.text() {
        Some(text) => digits(text),
        None => value.whole().filter(|n| *n <= LARGEST).map(|n| n as usize),
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
    use serde_json::{Value, json};

    fn kind(id: &str, type_: &str, layer: Value, feature: Value) -> Result<Kind, &'static str> {
        let value =
            json!({"node_id": id, "layer": layer, "feature": feature, "feature_type": type_});
        let raw = RawValue::from_string(value.to_string()).unwrap();
        NodeRecord::read(&raw).unwrap().kind()
    }

    fn feature(layer: usize, index: usize, attention: bool) -> Result<Kind, &'static str> {
        Ok(Kind::Feature {
            layer,
            index,
            attention,
        })
    }

    #[test]
    fn a_feature_is_found_by_its_id_its_pair_or_its_number() {
        let kind_of = |id: &str, layer: Value, feature: Value| {
            kind(id, "cross layer transcoder", layer, feature)
        };
        let found = |layer, index| feature(layer, index, false);
        assert_eq!(kind_of("3_00042_1", json!("3"), json!(30042)), found(3, 42));
        let pair = cantor_pair(3, 42);
        assert_eq!(kind_of("some", json!(3), json!(pair)), found(3, 42));
        let pair = cantor_pair(25, 2_000_000_000);
        assert_eq!(
            kind_of("some", json!(25), json!(pair)),
            found(25, 2_000_000_000)
        );
        assert_eq!(kind_of("some", json!(3), json!(7)), found(3, 7));
        assert_eq!(kind_of("0_cro_20_2", json!(0), json!(null)), found(0, 20));
        assert!(kind_of("some", json!(3), json!(null)).is_err());
        assert!(kind_of("0_1_20_2", json!(0), json!(null)).is_err());
        assert!(kind_of("some", json!(3), json!(u64::MAX)).is_err());
        assert!(kind_of("some", json!("high"), json!(7)).is_err());
        assert!(kind_of("some", json!([3]), json!(7)).is_err());
    }

    #[test]
    fn attention_and_constants_are_told_apart_from_the_mlp() {
        let null = || json!(null);
        let lorsa = kind("0_lor_50_2", "lorsa", json!(0), json!(1325));
        assert_eq!(lorsa, feature(0, 50, true));
        let error = |attention| {
            Ok(Kind::Error {
                layer: 0,
                attention,
            })
        };
        let type_ = "lorsa error";
        assert_eq!(kind("0_error_attn_2", type_, json!(0), null()), error(true));
        let type_ = "mlp reconstruction error";
        assert_eq!(kind("0_error_mlp_2", type_, json!(0), null()), error(false));
        for (id, type_) in [("1_bias_tc_bD_2", "bias"), ("1_unknown_x_2", "unknown")] {
            assert_eq!(
                kind(id, type_, json!(1), null()),
                Ok(Kind::Bias { layer: 1 })
            );
        }
    }

    #[test]
    fn a_name_and_a_probability_are_read_from_a_label() {
        for (clerp, name, probability) in [
            ("Output \" Austin\" (p=0.412)", Some(" Austin"), Some(0.412)),
            ("Output \"\"\" (p=1.000)", Some("\""), Some(1.0)),
            (
                "Output \"a\n\"b\" (p=1.2e-05)",
                Some("a\n\"b"),
                Some(1.2e-5),
            ),
            ("Emb: “ü”", Some("ü"), None),
            ("jumps (p=0.81)", Some("jumps"), Some(0.81)),
            ("Emb: \"\"", Some(""), None),
            ("Output \"(p=\"", Some("(p="), None),
            (
                "[Output \"big\" or \"large\"] Output \"large\" (p=0.420)",
                Some("large"),
                Some(0.42),
            ),
            ("[say it] Logit \"[x] \" (p=0.5)", Some("[x] "), Some(0.5)),
            ("Emb: \"[\"", Some("["), None),
            ("[\"", Some("[\""), None),
            ("a \" b", Some("a \" b"), None),
            ("(p=12)", None, None),
            ("(p=0.5", None, None),
            ("", None, None),
        ] {
            let text = json!({"node_id": "9_5_1", "clerp": clerp}).to_string();
            let raw = RawValue::from_string(text).unwrap();
            let node = NodeRecord::read(&raw).unwrap();
            assert_eq!(node.token_text(), name, "{clerp}");
            assert_eq!(node.probability(), probability, "{clerp}");
        }
    }
}
