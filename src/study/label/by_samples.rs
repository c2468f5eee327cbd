//! A feature's name without a plot: what it is active on in sample texts, and what it says.

use super::words::{LONGEST, length, listed, quoted, shorten};
use super::{Label, MOST_LISTED};
use crate::model::Model;
use crate::order;
use crate::study::FeatureFacts;

/// What stands where a feature is active.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trigger {
    pub token: u32,
    pub before: u32,
    /// None at the end of a text.
    pub after: Option<u32>,
    pub activation: f32,
}

/// Most tokens that a feature is named after where no few hold its activation: those that have no room in the name are counted there.
const MOST_ON: usize = 8;
/// Share of the activation that the named tokens must hold.
const NAMED: f32 = 0.7;
/// Share of a token's places that a feature must be active on for the token to be the reason.
const SPECIFIC: f32 = 0.5;
/// A feature says the one token whose effect is so many times the third largest, or else some.
const CLEARLY: f32 = 1.5;

/// What each token holds, in the order of tokens, from parts by their tokens.
pub fn by_token(mut parts: Vec<(u32, f32)>) -> Vec<(u32, f32)> {
    order::sort(&mut parts, &|a, b| a.0.cmp(&b.0));
    let of_one = parts.chunk_by(|a, b| a.0 == b.0);
    of_one
        .map(|parts| (parts[0].0, parts.iter().map(|part| part.1).sum()))
        .collect()
}

/// A feature's name by what it is active on (`on “fever”`), and by what it says where its effect on
/// one logit stands out (`says “pneumonia”`), with the F1 of the tokens that it names, their share of its activation against the
/// share of their places; 0 where it names none. `occurs` is how often a token stands in the texts.
pub fn sample_label(
    model: &Model,
    layer: usize,
    triggers: &[Trigger],
    occurs: impl Fn(u32) -> usize,
    facts: &FeatureFacts,
) -> Label {
    let says = stands_out(facts).then(|| said(model, facts, 1));
    if triggers.is_empty() {
        let words = says.unwrap_or_else(|| "never active in the samples".into());
        return Label { words, fit: 0.0 };
    }
    let (few, is_few) = holders(triggers, |trigger| Some(trigger.token), MOST_LISTED);
    let (many, enough) = holders(triggers, |trigger| Some(trigger.token), MOST_ON);
    let tokens = if is_few || !enough { few } else { many };
    let on = listed(model, &tokens);
    // Where no few tokens hold it, one beside it may, and is the shorter name.
    if !enough || tokens.len() > MOST_LISTED {
        let near = beside(model, triggers);
        if !enough || near.is_some() {
            let words = shorten(near.or(says).unwrap_or_else(|| format!("on {on}…")));
            return Label { words, fit: 0.0 };
        }
    }
    let [held, places] = shares(triggers, &tokens, occurs);
    let specific = places >= SPECIFIC;
    // Early features have many ways to the logits; of late ones what they say is the point.
    let late = 2 * (layer + 1) > model.language.config.layers;
    // What is active on some places of a token is there for another reason than the token.
    let says = says.or_else(|| (late && !specific).then(|| said(model, facts, 2)));
    let both = |says: &String| match late {
        true => Some(format!("on {on} → {says}")).filter(|label| length(label) <= LONGEST),
        false => None,
    };
    let words = shorten(match says {
        Some(says) if specific => both(&says).unwrap_or_else(|| format!("on {on}")),
        Some(says) => both(&says).filter(|_| tokens.len() == 1).unwrap_or(says),
        None if specific => format!("on {on}"),
        None => format!("on some {on}"),
    });
    Label {
        words,
        fit: 2.0 * held * places / (held + places),
    }
}

/// Whether its effect on one logit is clearly larger than those on others.
fn stands_out(facts: &FeatureFacts) -> bool {
    let top = &facts.top;
    top.len() > 2 && top[0].value >= CLEARLY * top[2].value.max(0.0)
}

/// What it says, by the logits that it raises most.
fn said(model: &Model, facts: &FeatureFacts, count: usize) -> String {
    let tokens = facts.top.iter().take(count).map(|effect| effect.token);
    format!("says {}", quoted(model, tokens))
}

/// A token that most often stands beside what it is active on.
fn beside(model: &Model, triggers: &[Trigger]) -> Option<String> {
    let near = [
        (
            "after",
            holders(triggers, |trigger| Some(trigger.before), 1),
        ),
        ("before", holders(triggers, |trigger| trigger.after, 1)),
    ];
    let near = near.into_iter().find(|(_, (_, enough))| *enough);
    near.map(|(where_, (token, _))| format!("{where_} {}", quoted(model, token)))
}

/// The fewest of the tokens at a place, up to a limit, that hold most of the activation, and whether they do.
fn holders(
    triggers: &[Trigger],
    at: fn(&Trigger) -> Option<u32>,
    limit: usize,
) -> (Vec<u32>, bool) {
    let least = NAMED * activation(triggers);
    let parts = triggers.iter();
    let parts = parts.filter_map(|trigger| Some((at(trigger)?, trigger.activation)));
    let mut held = by_token(parts.collect());
    order::sort(&mut held, &|a, b| b.1.total_cmp(&a.1));
    let (mut named, mut sum) = (Vec::new(), 0.0);
    for (token, mass) in held.into_iter().take(limit) {
        if sum < least {
            named.push(token);
            sum += mass;
        }
    }
    (named, sum >= least)
}

/// The share of the activation that these tokens hold, and the share of their places that are active.
fn shares(triggers: &[Trigger], tokens: &[u32], occurs: impl Fn(u32) -> usize) -> [f32; 2] {
    let named = triggers.iter().filter(|one| tokens.contains(&one.token));
    let places: usize = tokens.iter().map(|token| occurs(*token)).sum();
    [
        activation(named.clone()) / activation(triggers),
        named.count() as f32 / places.max(1) as f32,
    ]
}

/// All of it together.
fn activation<'a>(triggers: impl IntoIterator<Item = &'a Trigger>) -> f32 {
    triggers.into_iter().map(|trigger| trigger.activation).sum()
}
