//! The circuit behind all sums: which features take part at which token, what they add to each other and to the right answer in the mean
//! ("Circuit Tracing", 2025, section on global weights: expected residual attribution), and what flows between their parts.

use super::{LEAST_PROMPTS, Place, Studies, part_of, rounded};
use crate::engine::cpu::Cpu;
use crate::evaluate::{EvaluateError, Names, Observe};
use crate::study::{Part, flows_among};
use crate::trace::{Graph, Options, Targets};
use rayon::prelude::*;
use serde::Serialize;
use std::collections::HashMap;

/// Features are listed that have this share of all features' influence, the most influential first.
const NOTICEABLE: f64 = 0.98;
/// Edges that are kept into each feature.
const MOST_EDGES: usize = 6;
/// A flow is listed from this size on, in shares of the answers' probability.
const LEAST_FLOW: f64 = 0.001;
/// Graphs that are held at a time.
const TOGETHER: usize = 100;

/// The token that a feature fires on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum At {
    /// The first number.
    First,
    /// The second.
    Second,
    /// The last token, `=`.
    End,
    /// Any other token.
    Other,
}

/// The tokens that features are listed of.
const LISTED: [At; 3] = [At::First, At::Second, At::End];

/// `circuit.json`.
#[derive(Clone, Debug, Serialize)]
pub struct Circuit {
    /// The command that wrote this.
    pub command: String,
    /// Sums asked as `calc: a+b=`, a graph each, of the right answer's logit.
    pub prompts: usize,
    /// Of how many the most probable token is the sum.
    pub right: usize,
    /// Share of all features' influence that the listed ones have.
    pub kept: f32,
    /// By token, layer and index.
    pub features: Vec<CircuitFeature>,
    /// Source and target, places in `features`, and the mean over all prompts of the edge from one to the other, nothing where one of them
    /// is not active: the strongest into each target, first by target.
    pub edges: Vec<(usize, usize, f32)>,
    /// The most influential first.
    pub parts: Vec<CircuitPart>,
    /// The strongest first.
    pub flows: Vec<CircuitFlow>,
    /// Where features have their influence.
    pub tokens: Vec<Share>,
}

/// A feature at a token.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CircuitFeature {
    pub layer: usize,
    pub index: usize,
    pub at: At,
    /// Its label by its operand plot, or else by the sample texts.
    pub words: String,
    /// Its part in the addition, as [`Part`] writes it; empty where its plot shows none.
    pub part: String,
    /// Share of the prompts on which it is active there.
    pub share: f32,
    /// Its mean activation where it is.
    pub mean: f32,
    /// What it adds to the right answer's logit in the mean where it is active, along all paths, with attention patterns and norms held.
    pub answer: f32,
    /// The same of the direct edge alone.
    pub direct: f32,
    /// Its share of all features' influence on the answers.
    pub influence: f32,
}

/// All features of one part at one token, those that are not listed included.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CircuitPart {
    pub part: String,
    pub at: At,
    /// Layers of the listed ones.
    pub layers: Vec<usize>,
    /// How many are listed.
    pub features: usize,
    /// Their share of all features' influence on the answers.
    pub influence: f32,
    /// The mean influence that passes from them to the answer directly, with the sign of what is added.
    pub answer: f32,
}

/// What flows between parts: source and target, places in [`Circuit::parts`]; the sum of the mean edges between their listed features;
/// and the mean influence on the answer that passes from all features of one to those of the other, with the sign of what is added.
pub type CircuitFlow = (usize, usize, f32, f32);

/// What features at a token have of all features' influence.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Share {
    pub at: At,
    pub influence: f32,
}

/// Sums over prompts of one feature at one token.
#[derive(Clone, Copy, Default)]
struct Sums {
    prompts: usize,
    activation: f64,
    effect: f64,
    direct: f64,
    influence: f64,
}

/// Sums over prompts.
struct Tally {
    prompts: usize,
    right: usize,
    /// Every feature at a listed token that is active on some sum, in order, and its place.
    places: Vec<Place>,
    place_of: HashMap<Place, usize>,
    /// Its group: part and token.
    groups: Vec<(Option<Part>, At)>,
    group_of: Vec<usize>,
    /// [places]
    sums: Vec<Sums>,
    /// [target, source], both places.
    edges: Vec<f64>,
    /// [target, source], both groups, and behind these the answer.
    flows: Vec<f64>,
    /// Of features at other tokens.
    elsewhere: f64,
}

impl Studies {
    /// The circuit behind these sums. `command` is for the reader.
    ///
    /// # Errors
    /// Logits or edges that are no finite numbers.
    pub fn circuit(
        &self,
        sums: &[(u32, u32)],
        command: &str,
        observe: Observe<'_>,
    ) -> Result<Circuit, EvaluateError> {
        let mut tally = Tally::new(self);
        for some in sums.chunks(TOGETHER) {
            let graphs = some.par_iter().map(|sum| self.graph_of(*sum));
            // Added up in order, so that the same comes of any number of threads.
            for graph in graphs.collect::<Result<Vec<_>, _>>()? {
                tally.add(&graph);
            }
            observe("circuit", tally.prompts, sums.len());
        }
        let listed = tally.listed();
        let mut names = self.names()?;
        let features = listed
            .iter()
            .map(|place| self.feature(&mut names, &tally, *place))
            .collect::<Result<Vec<_>, _>>()?;
        let (parts, flows) = tally.parts(&listed);
        let all = tally.influence();
        let shares = LISTED.iter().map(|at| (*at, tally.influence_at(*at)));
        let shares = shares.chain([(At::Other, tally.elsewhere)]);
        let kept: f64 = listed.iter().map(|it| tally.sums[*it].influence).sum();
        Ok(Circuit {
            command: command.to_owned(),
            prompts: tally.prompts,
            right: tally.right,
            kept: rounded(kept / all),
            features,
            edges: tally.edges_among(&listed),
            parts,
            flows,
            tokens: shares
                .map(|(at, influence)| Share {
                    at,
                    influence: rounded(influence / all),
                })
                .collect(),
        })
    }

    /// The graph of the right answer, and whether it is the most probable one.
    fn graph_of(&self, sum: (u32, u32)) -> Result<(Graph, bool), EvaluateError> {
        let (ids, right) = self.sum(sum)?;
        let options = Options {
            targets: Targets::Tokens(vec![right]),
            ..Options::default()
        };
        let graph = pollster::block_on(self.tracer().trace(&ids, &options, |_| {}))?;
        let is_right = graph.answers[0].token == right;
        Ok((graph, is_right))
    }

    fn at(&self, position: usize) -> At {
        let found = self.positions.iter().position(|it| *it == position);
        found.map_or(At::Other, |at| LISTED[at])
    }

    fn feature(
        &self,
        names: &mut Names<'_, Cpu>,
        tally: &Tally,
        at: usize,
    ) -> Result<CircuitFeature, EvaluateError> {
        let (place, sums) = (tally.places[at], &tally.sums[at]);
        let called = self.called(names, place)?;
        let mean = |sum: f64| rounded(sum / sums.prompts as f64);
        Ok(CircuitFeature {
            layer: place.0,
            index: place.2,
            at: self.at(place.1),
            part: part_of(&called),
            words: called.words,
            share: rounded(sums.prompts as f64 / tally.prompts as f64),
            mean: mean(sums.activation),
            answer: mean(sums.effect),
            direct: mean(sums.direct),
            influence: rounded(sums.influence / tally.influence()),
        })
    }
}

impl Tally {
    fn new(studies: &Studies) -> Tally {
        let all = studies.called.keys().copied();
        let mut places: Vec<Place> = all
            .filter(|(_, position, _)| studies.at(*position) != At::Other)
            .collect();
        places.sort_by_key(|(layer, position, index)| (*position, *layer, *index));
        let mut groups: Vec<(Option<Part>, At)> = Vec::new();
        let group = |place: &Place| {
            let called = studies.called[place].as_ref();
            let key = (called.and_then(|it| it.part), studies.at(place.1));
            let known = groups.iter().position(|it| *it == key);
            known.unwrap_or_else(|| {
                groups.push(key);
                groups.len() - 1
            })
        };
        let group_of: Vec<usize> = places.iter().map(group).collect();
        Tally {
            prompts: 0,
            right: 0,
            place_of: places.iter().enumerate().map(|(i, it)| (*it, i)).collect(),
            sums: vec![Sums::default(); places.len()],
            edges: vec![0.0; places.len() * places.len()],
            flows: vec![0.0; (groups.len() + 1) * (groups.len() + 1)],
            elsewhere: 0.0,
            places,
            groups,
            group_of,
        }
    }

    /// Adds a prompt's graph, whose only target is the right answer.
    fn add(&mut self, (graph, right): &(Graph, bool)) {
        self.prompts += 1;
        self.right += usize::from(*right);
        let place = |it: &crate::trace::Feature| self.place_of.get(&it.place()).copied();
        let places: Vec<Option<usize>> = graph.features.iter().map(place).collect();
        self.add_features(graph, &places);
        let size = self.places.len();
        for (target, row) in places.iter().zip(graph.rows.chunks_exact(graph.nodes())) {
            let Some(target) = target else { continue };
            let edges = &mut self.edges[target * size..(target + 1) * size];
            for (source, edge) in places.iter().zip(row) {
                if let Some(source) = source {
                    edges[*source] += f64::from(*edge);
                }
            }
        }
        let groups = self.groups.len() + 1;
        let mut group_of: Vec<Option<usize>> = places
            .iter()
            .map(|place| place.map(|place| self.group_of[place]))
            .collect();
        group_of.resize(graph.nodes(), None);
        group_of[graph.nodes() - 1] = Some(groups - 1);
        for flow in flows_among(graph, &group_of, groups) {
            self.flows[flow.target * groups + flow.source] += f64::from(flow.weight);
        }
    }

    fn add_features(&mut self, graph: &Graph, places: &[Option<usize>]) {
        let (influence, _) = graph.influence();
        let effects = graph.effects(&[1.0]);
        let direct = graph
            .inputs(graph.nodes() - 1)
            .expect("an answer has inputs");
        for (node, place) in places.iter().enumerate() {
            let influence = f64::from(influence[node]);
            let Some(place) = place else {
                self.elsewhere += influence;
                continue;
            };
            let sums = &mut self.sums[*place];
            sums.prompts += 1;
            sums.activation += f64::from(graph.features[node].activation);
            sums.effect += effects[node];
            sums.direct += f64::from(direct[node]);
            sums.influence += influence;
        }
    }

    /// The influence of all features.
    fn influence(&self) -> f64 {
        self.sums.iter().map(|it| it.influence).sum::<f64>() + self.elsewhere
    }

    fn influence_at(&self, at: At) -> f64 {
        let here = self.sums.iter().zip(&self.group_of);
        let here = here.filter(|(_, group)| self.groups[**group].1 == at);
        here.map(|(sums, _)| sums.influence).sum()
    }

    /// The features that are listed, in order.
    fn listed(&self) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.sums.len()).collect();
        order.sort_by(|a, b| self.sums[*b].influence.total_cmp(&self.sums[*a].influence));
        let all: f64 = self.sums.iter().map(|it| it.influence).sum();
        let mut before = 0.0;
        order.retain(|place| {
            let noticeable = before < NOTICEABLE * all;
            before += self.sums[*place].influence;
            noticeable && self.sums[*place].prompts >= LEAST_PROMPTS.min(self.prompts)
        });
        order.sort_unstable();
        order
    }

    /// The strongest mean edges into each listed feature from others.
    fn edges_among(&self, listed: &[usize]) -> Vec<(usize, usize, f32)> {
        let mut all = Vec::new();
        for (target, place) in listed.iter().enumerate() {
            let row = &self.edges[place * self.places.len()..];
            let sources = listed.iter().enumerate();
            let mut edges: Vec<(usize, f64)> = sources
                .map(|(source, place)| (source, row[*place] / self.prompts as f64))
                .filter(|(_, weight)| *weight != 0.0)
                .collect();
            edges.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then(a.0.cmp(&b.0)));
            edges.truncate(MOST_EDGES);
            all.extend(
                edges
                    .iter()
                    .map(|(source, weight)| (*source, target, rounded(*weight))),
            );
        }
        all
    }

    /// The groups that have listed features, and what flows between them.
    fn parts(&self, listed: &[usize]) -> (Vec<CircuitPart>, Vec<CircuitFlow>) {
        let answer = self.groups.len();
        let mut found: Vec<(usize, CircuitPart)> = (0..answer)
            .map(|group| (group, self.part(group, listed)))
            .filter(|(_, part)| part.features > 0)
            .collect();
        found.sort_by(|a, b| b.1.influence.total_cmp(&a.1.influence).then(a.0.cmp(&b.0)));
        let mut flows = Vec::new();
        for (target, (into, _)) in found.iter().enumerate() {
            for (source, (from, _)) in found.iter().enumerate() {
                let influence = self.flow(*from, *into);
                if influence.abs() >= LEAST_FLOW {
                    let weight = self.weight(*from, *into, listed);
                    flows.push((source, target, rounded(weight), rounded(influence)));
                }
            }
        }
        flows.sort_by(|a, b| b.3.abs().total_cmp(&a.3.abs()));
        (found.into_iter().map(|(_, part)| part).collect(), flows)
    }

    fn part(&self, group: usize, listed: &[usize]) -> CircuitPart {
        let (part, at) = self.groups[group];
        let mine: Vec<usize> = self.members(group, listed).collect();
        let mut layers: Vec<usize> = mine.iter().map(|it| self.places[*it].0).collect();
        layers.sort_unstable();
        layers.dedup();
        let all = self.sums.iter().zip(&self.group_of);
        let influence = all.filter(|(_, of)| **of == group);
        let influence: f64 = influence.map(|(sums, _)| sums.influence).sum();
        CircuitPart {
            part: part.map(|part| part.to_string()).unwrap_or_default(),
            at,
            layers,
            features: mine.len(),
            influence: rounded(influence / self.influence()),
            answer: rounded(self.flow(group, self.groups.len())),
        }
    }

    fn members(&self, group: usize, listed: &[usize]) -> impl Iterator<Item = usize> {
        let mine = listed.iter().copied();
        mine.filter(move |place| self.group_of[*place] == group)
    }

    /// The mean influence that passes from one group to another.
    fn flow(&self, from: usize, into: usize) -> f64 {
        self.flows[into * (self.groups.len() + 1) + from] / self.prompts as f64
    }

    /// The sum of the mean edges from one group's listed features to another's.
    fn weight(&self, from: usize, into: usize, listed: &[usize]) -> f64 {
        let mut sum = 0.0;
        for target in self.members(into, listed) {
            let row = &self.edges[target * self.places.len()..];
            sum += self
                .members(from, listed)
                .map(|source| row[source])
                .sum::<f64>();
        }
        sum / self.prompts as f64
    }
}
