//! What a file says of itself and of what its reader did, as far as it is read.

use super::Arrangement;
use super::lenient::Loose;
use super::own::Own;
use super::rewrite::{fields, items};
use serde_json::value::RawValue;

/// Most tokens, pins, groups and labels that are read, each.
const MOST_LISTED: usize = 20_000;

/// A file's `metadata`.
#[derive(Default)]
pub(super) struct Metadata<'a> {
    pub scan: Loose<'a>,
    pub prompt: Loose<'a>,
    tokens: Vec<Loose<'a>>,
    /// Of nodes and edges; those of `pruning_settings`.
    thresholds: [Option<f32>; 2],
    settings: [Option<f32>; 2],
    /// What only this project's files say; nothing where it is not as they have it.
    pub own: Option<Own>,
}

impl<'a> Metadata<'a> {
    /// What is no object says nothing.
    pub fn read(raw: &'a RawValue) -> Metadata<'a> {
        let mut metadata = Metadata::default();
        let _ = fields(raw.get(), &mut |key, value| match key {
            "scan" => metadata.scan = Loose::new(value),
            "prompt" => metadata.prompt = Loose::new(value),
            "prompt_tokens" => metadata.tokens = texts(value),
            "pruning_settings" => {
                let _ = fields(value.get(), &mut |key, value| {
                    threshold(key, value, &mut metadata.settings);
                });
            }
            "attograph" => metadata.own = Own::read(value),
            _ => threshold(key, value, &mut metadata.thresholds),
        });
        metadata
    }

    /// The texts of the prompt's tokens; none where it is no text.
    pub fn tokens(&self) -> impl Iterator<Item = Option<&str>> {
        self.tokens.iter().map(Loose::text)
    }

    /// The shares of influence that nodes and edges kept; 1 where none is told.
    pub fn thresholds(&self) -> [f32; 2] {
        [0, 1].map(|i| self.thresholds[i].or(self.settings[i]).unwrap_or(1.0))
    }
}

/// Takes over a threshold of nodes or edges, if it is one.
fn threshold(key: &str, value: &RawValue, thresholds: &mut [Option<f32>; 2]) {
    let names = ["node_threshold", "edge_threshold"];
    if let Some(i) = names.iter().position(|name| *name == key) {
        let share = Loose::new(value).number();
        thresholds[i] = share.filter(|share| (0.0..=1.0).contains(share));
    }
}

/// What a reader did, by the file's ids: its `qParams`. Lists may also be written as text, as in the
/// URLs of viewers; what is of another form is left out.
pub(super) fn arrangement(raw: &RawValue) -> Arrangement {
    let mut arrangement = Arrangement::default();
    let text = |value: &RawValue| Loose::new(value).text().unwrap_or_default().to_owned();
    let _ = fields(raw.get(), &mut |key, value| match key {
        "pinnedIds" => {
            arrangement.pinned = match Loose::new(value) {
                Loose::Text(ids) => {
                    let ids = ids.split(',').take(MOST_LISTED);
                    ids.map(|id| id.trim().to_owned()).collect()
                }
                _ => strings(&texts(value)),
            }
        }
        "supernodes" => arrangement.supernodes = lists(value),
        "clickedId" => arrangement.clicked = text(value),
        "sg_pos" => arrangement.positions = text(value),
        "clerps" => {
            let pairs = lists(value).into_iter();
            let pairs = pairs.filter_map(|pair| <[String; 2]>::try_from(pair).ok());
            arrangement.labels.clear();
            for [id, label] in pairs {
                arrangement.labels.insert(id, label);
            }
        }
        _ => {}
    });
    arrangement
}

/// A list, of which texts are read; empty for anything else.
fn texts(raw: &RawValue) -> Vec<Loose<'_>> {
    let mut texts = Vec::new();
    items(raw, &mut |number, item| {
        if number < MOST_LISTED {
            texts.push(Loose::new(item));
        }
    });
    texts
}

fn strings(texts: &[Loose]) -> Vec<String> {
    let texts = texts.iter().filter_map(Loose::text);
    texts.map(str::to_owned).collect()
}

/// A list of lists of texts, or the same as text.
fn lists(raw: &RawValue) -> Vec<Vec<String>> {
    let text = match Loose::new(raw) {
        Loose::Text(text) => RawValue::from_string(text.into_owned()).ok(),
        _ => None,
    };
    let mut lists = Vec::new();
    items(text.as_deref().unwrap_or(raw), &mut |number, item| {
        if number < MOST_LISTED && item.get().starts_with('[') {
            lists.push(strings(&texts(item)));
        }
    });
    lists
}
