//! The items of a story: features that do the same for a prompt, tokens, and answers.

use super::{Called, Item, Kind, MOST_ITEMS, Part, runs};
use crate::order;
use crate::study::Reads;
use crate::study::label::HEDGE;
use crate::trace::{Graph, Node, Pruned};
use std::ops::RangeInclusive;

/// Rows from the tokens up.
const READ: usize = 1;
const COMBINED: usize = 2;
const CONCLUDED: usize = 3;
const ANSWERED: usize = 4;

/// The least influential tokens that together have at most this share of all tokens' influence are idle.
const IDLE: f32 = 0.08;
/// Most tokens of a sum that have an item each.
const MOST_TOKENS: usize = 6;
/// Most tokens of a text whose phrases are told, most of these, and most items of features beside them: their names are long.
const MOST_TOKENS_READ: usize = 18;
const MOST_PHRASES: usize = 6;
const MOST_ITEMS_OF_TEXT: usize = 8;
/// An answer beside the first stands in the story where it is so probable.
const RIVAL: f32 = 0.1;
/// A token that breaks phrases, such as a question mark, has an item of its own where all tokens' influence is this share its own.
const LOUD: f32 = 0.1;
/// Items of less than this share of the largest are left out rather than mixed with others.
const SMALL: f32 = 0.01;

/// What features are called that no rule names.
const UNEXPLAINED: &str = "no simple name";
/// Ends the name of an item that was joined by features which follow none of what it names.
const OTHERS: &str = ", and others";
/// What features are called that no rule names, joined by some that one does.
const MIXED: &str = "no common name";

/// A feature, and what it is called.
type Member<'a> = (usize, &'a Called);
/// Of an addition: a part, or none and then a position.
type Key = (Option<Part>, usize);
/// Of a text: a row, and what is followed there.
type Followed<'a> = (usize, Vec<&'a str>);
type Name<'a> = &'a dyn Fn(usize) -> Option<Called>;

/// By row, the most influential first.
pub(super) fn grouped(
    graph: &Graph,
    pruned: &Pruned,
    texts: &[&str],
    called: Name<'_>,
) -> Vec<Item> {
    let features: Vec<(usize, Called)> = (0..graph.features.len())
        .filter(|node| pruned.nodes[*node])
        .map(|node| (node, called(node).unwrap_or_default()))
        .collect();
    let numeric = features.iter().any(|(_, called)| called.part.is_some());
    let items = match numeric {
        true => by_part(graph, texts, &features),
        false => by_phrase(graph, texts, &features),
    };
    let (mut read, mut items): (Vec<Item>, Vec<Item>) = items
        .into_iter()
        .partition(|item| item.kind == Kind::Tokens);
    shrink(graph, &mut read, MOST_PHRASES);
    let most = if numeric {
        MOST_ITEMS
    } else {
        MOST_ITEMS_OF_TEXT
    };
    shrink(graph, &mut items, most);
    items.extend(read);
    if numeric {
        items.extend(tokens(graph, texts));
    }
    items.extend(answers(graph));
    order::sort(&mut items, &|a, b| {
        a.row.cmp(&b.row).then(b.influence.total_cmp(&a.influence))
    });
    items
}

/// Tokens that no item has, and their share of what all tokens add.
pub(super) fn idle(graph: &Graph, in_item: &[bool]) -> (usize, f32) {
    let [_, tokens, logits] = graph.starts();
    let (influence, _) = graph.influence();
    let all: f32 = influence[tokens..logits].iter().sum();
    let left = (tokens..logits).filter(|node| !in_item[*node]);
    let sum: f32 = left.clone().map(|node| influence[node]).sum();
    (left.count(), if all > 0.0 { sum / all } else { 0.0 })
}

/// Features by the part that they have in an addition; those without one by their token.
fn by_part(graph: &Graph, texts: &[&str], features: &[(usize, Called)]) -> Vec<Item> {
    let mut groups: Vec<(Key, Vec<Member<'_>>)> = Vec::new();
    for (node, called) in features {
        let place = match called.part {
            Some(_) => 0,
            None => graph.features[*node].position,
        };
        put(&mut groups, (called.part, place), (*node, called));
    }
    let item = |((part, position), members): (Key, Vec<Member<'_>>)| {
        let row = match part.map(|part| part.reads) {
            Some(Reads::First | Reads::Second) => READ,
            Some(Reads::Sum) => CONCLUDED,
            Some(Reads::Lookup) => COMBINED,
            None => row_of(graph, members[0].0),
        };
        let words = |leader: &Called| match leader.words.as_str() {
            "" => format!("at “{}”", texts[position].trim()),
            words => words.to_owned(),
        };
        made(graph, members, part, row, words)
    };
    groups.into_iter().map(item).collect()
}

/// Features over a phrase are what is read there; over the last token, what is combined and concluded, by what they are called.
fn by_phrase(graph: &Graph, texts: &[&str], features: &[(usize, Called)]) -> Vec<Item> {
    let last = texts.len() - 1;
    let mut out = vec![false; texts.len()];
    for (node, _) in features {
        out[graph.features[*node].position] = true;
    }
    for position in weighty(graph, MOST_TOKENS_READ) {
        out[position] = true;
    }
    let phrases = runs::phrases(texts, &out);
    let mut groups: Vec<(Followed<'_>, Vec<Member<'_>>)> = Vec::new();
    let mut read: Vec<Vec<Member<'_>>> = vec![Vec::new(); phrases.len()];
    for (node, called) in features {
        let position = graph.features[*node].position;
        let phrase = phrases.iter().position(|run| run.contains(&position));
        match phrase {
            Some(phrase) if position < last => read[phrase].push((*node, called)),
            // What stands over the last token is not about that token.
            _ => {
                let key = (row_of(graph, *node), things(&called.words));
                put(&mut groups, key, (*node, called));
            }
        }
    }
    let (influence, _) = graph.influence();
    let of_phrase = |(phrase, members): (&RangeInclusive<usize>, Vec<Member<'_>>)| {
        let mut item = made(graph, members, None, 0, |_| runs::text(texts, phrase));
        let first = graph.starts()[1];
        let tokens = phrase.clone().map(|position| first + position);
        item.kind = Kind::Tokens;
        item.influence += tokens.clone().map(|node| influence[node]).sum::<f32>();
        if item.nodes.is_empty() {
            item.leader = first + phrase.end();
        }
        item.nodes.extend(tokens);
        item
    };
    let concluded = |((row, _), members): (Followed<'_>, Vec<Member<'_>>)| {
        made(graph, members, None, row, |leader| {
            let words = leader.words.as_str();
            let words = if words.is_empty() { UNEXPLAINED } else { words };
            words.to_owned()
        })
    };
    let all: f32 = influence[graph.starts()[1]..graph.starts()[2]].iter().sum();
    let loud = weighty(graph, MOST_TOKENS_READ)
        .into_iter()
        .filter(|position| !phrases.iter().any(|run| run.contains(position)))
        .map(|position| token(graph, texts, position))
        .filter(|item| item.influence >= LOUD * all);
    let read = phrases.iter().zip(read).map(of_phrase);
    let groups = groups.into_iter().map(concluded);
    read.chain(loud).chain(groups).collect()
}

/// What a name lists, whatever its order and however sure it is.
fn things(words: &str) -> Vec<&str> {
    let words = words.strip_prefix(HEDGE).unwrap_or(words);
    let words = words.strip_suffix(OTHERS).unwrap_or(words);
    let mut things: Vec<&str> = words.split(", ").flat_map(|it| it.split(" or ")).collect();
    things.sort_unstable();
    things
}

/// Whether two items of features name a thing in common, or have the same part in an addition.
fn shares(item: &Item, other: &Item) -> bool {
    let named = things(&item.words);
    let same_part = item.part.is_some() && item.part == other.part;
    item.kind == Kind::Features
        && (same_part
            || things(&other.words)
                .iter()
                .any(|thing| named.contains(thing)))
}

fn put<K: PartialEq, V>(groups: &mut Vec<(K, Vec<V>)>, key: K, value: V) {
    match groups.iter_mut().find(|(each, _)| *each == key) {
        Some((_, members)) => members.push(value),
        None => groups.push((key, vec![value])),
    }
}

/// The row of a feature without a part, by its layer.
fn row_of(graph: &Graph, node: usize) -> usize {
    match 2 * graph.features[node].layer >= graph.layers {
        true => CONCLUDED,
        false => COMBINED,
    }
}

/// An item of features; where there are none, of the tokens that follow.
fn made(
    graph: &Graph,
    members: Vec<Member<'_>>,
    part: Option<Part>,
    row: usize,
    words: impl Fn(&Called) -> String,
) -> Item {
    let (influence, _) = graph.influence();
    let leader =
        members
            .iter()
            .copied()
            .reduce(|best, each| match influence[each.0] > influence[best.0] {
                true => each,
                false => best,
            });
    let none = Called::default();
    Item {
        kind: Kind::Features,
        part,
        row,
        words: words(leader.map_or(&none, |(_, called)| called)),
        leader: leader.map_or(0, |(node, _)| node),
        influence: members.iter().map(|(node, _)| influence[*node]).sum(),
        nodes: members.into_iter().map(|(node, _)| node).collect(),
    }
}

/// Positions of the tokens that are not idle, the most influential first.
fn weighty(graph: &Graph, most: usize) -> Vec<usize> {
    let [_, tokens, _] = graph.starts();
    let (influence, _) = graph.influence();
    let of_tokens = &influence[tokens..tokens + graph.tokens.len()];
    let all: f32 = of_tokens.iter().sum();
    let mut left = all;
    let mut found = Vec::new();
    for position in order::largest_first(of_tokens) {
        if left <= IDLE * all || found.len() == most {
            break;
        }
        found.push(position);
        left -= of_tokens[position];
    }
    found
}

fn tokens(graph: &Graph, texts: &[&str]) -> Vec<Item> {
    let weighty = weighty(graph, MOST_TOKENS).into_iter();
    weighty
        .map(|position| token(graph, texts, position))
        .collect()
}

fn token(graph: &Graph, texts: &[&str], position: usize) -> Item {
    let node = graph.starts()[1] + position;
    let (influence, _) = graph.influence();
    Item {
        kind: Kind::Tokens,
        part: None,
        row: 0,
        words: texts[position].to_owned(),
        nodes: vec![node],
        leader: node,
        influence: influence[node],
    }
}

/// The first answer, and those beside it that are nearly as probable.
fn answers(graph: &Graph) -> Vec<Item> {
    let [_, _, logits] = graph.starts();
    let targets = graph.targets.iter().enumerate();
    let told = targets.filter(|(i, target)| *i == 0 || target.probability >= RIVAL);
    told.map(|(i, target)| Item {
        kind: Kind::Answer,
        part: None,
        row: ANSWERED,
        words: target.name.clone(),
        nodes: vec![logits + i],
        leader: logits + i,
        influence: target.probability,
    })
    .collect()
}

/// Makes of too many items as many as can be read: in the fullest row the least influential joins the one that does the most alike, or is
/// left out where it is next to nothing.
fn shrink(graph: &Graph, items: &mut Vec<Item>, most: usize) {
    let largest = items.iter().map(|item| item.influence).fold(0.0, f32::max);
    while items.len() > most {
        let count = |row: usize| items.iter().filter(|item| item.row == row).count();
        let fullest = (0..=ANSWERED).max_by_key(|row| count(*row)).unwrap_or(0);
        let mut row: Vec<usize> = (0..items.len())
            .filter(|at| items[*at].row == fullest)
            .collect();
        order::sort(&mut row, &|a, b| {
            items[*a].influence.total_cmp(&items[*b].influence)
        });
        let least = items.remove(row[0]);
        if least.influence < SMALL * largest {
            continue;
        }
        let profile = profile(graph, &least);
        let alike = |item: &Item| cosine(&profile, &self::profile(graph, item));
        let others = (0..items.len()).filter(|at| items[*at].row == fullest);
        let best = others.max_by(|a, b| alike(&items[*a]).total_cmp(&alike(&items[*b])));
        if let Some(best) = best {
            join(&mut items[best], least);
        }
    }
}

/// Adds a less influential item to one.
fn join(item: &mut Item, other: Item) {
    if item.kind == Kind::Tokens {
        let [first, second] = match item.nodes.last() < other.nodes.last() {
            true => [&item.words, &other.words], // as they stand in the text
            false => [&other.words, &item.words],
        };
        item.words = format!("{first}; {second}");
    } else if item.words == UNEXPLAINED && other.words != UNEXPLAINED {
        item.words = MIXED.to_owned();
    } else if !shares(item, &other) && item.words != MIXED && !item.words.ends_with(OTHERS) {
        item.words.push_str(OTHERS);
    }
    item.part = item.part.filter(|part| other.part == Some(*part));
    item.influence += other.influence;
    item.nodes.extend(other.nodes);
    order::sort(&mut item.nodes, &|a, b| a.cmp(b));
}

/// What an item adds to each row, in shares of the rows' inputs: [features + targets].
fn profile(graph: &Graph, item: &Item) -> Vec<f32> {
    let nodes = graph.nodes();
    let (influence, _) = graph.influence();
    let rows = graph.rows.chunks_exact(nodes).enumerate();
    rows.map(|(row, edges)| {
        let node = graph.row_node(row);
        let weight = match graph.node(node) {
            Node::Logit(logit) => influence[node] + graph.targets[logit].probability,
            _ => influence[node],
        };
        if weight == 0.0 {
            return 0.0;
        }
        let size: f32 = edges.iter().map(|edge| edge.abs()).sum();
        let sum: f32 = item.nodes.iter().map(|node| edges[*node]).sum();
        if size > 0.0 { weight * sum / size } else { 0.0 }
    })
    .collect()
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    let dot = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    let sizes = (dot(a, a) * dot(b, b)).sqrt();
    if sizes > 0.0 { dot(a, b) / sizes } else { 0.0 }
}
