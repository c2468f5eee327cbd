//! The same feature elsewhere: the features that find a sum where `calc: a+b=` is answered, at the answers of other texts.

use super::{CONTEXT, EXAMPLE, LEAST_PROMPTS, Studies, part_of, rounded};
use crate::evaluate::asked::Context;
use crate::evaluate::experiments::pick::Random;
use crate::evaluate::{EvaluateError, Observe};
use crate::study::{Called, Reads, sum_text};
use serde::Serialize;

/// A context counts as served where a feature fires on this share of the sums on which it does in `calc: a+b=`.
const SERVES: f32 = 0.5;

/// `contexts.json`.
#[derive(Clone, Debug, Serialize)]
pub struct Contexts {
    /// The command that wrote this.
    pub command: String,
    /// Sums that were asked in each context, each in one of its wordings at random.
    pub sums: usize,
    pub contexts: Vec<Elsewhere>,
    /// Those that serve most contexts first, then by how often they fire.
    pub features: Vec<ContextFeature>,
}

/// A kind of text that asks for sums.
#[derive(Clone, Debug, Serialize)]
pub struct Elsewhere {
    pub name: String,
    pub title: String,
    /// Its first wording, about 36 and 59.
    pub example: String,
}

/// A feature that reads both numbers or the sum at the answering token of `calc: a+b=`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ContextFeature {
    pub layer: usize,
    pub index: usize,
    /// Its label by its operand plot there.
    pub words: String,
    /// Its part in the addition, as [`crate::study::Part`] writes it.
    pub part: String,
    /// Whether it reads both numbers and not the sum alone.
    pub lookup: bool,
    /// Share of the sums on which it is active there.
    pub active: f32,
    /// Of each context, the share of those sums on which it is active at the answering token there, too.
    pub fires: Vec<f32>,
    /// Of each context, the share of all other sums on which it is.
    pub strays: Vec<f32>,
    /// Contexts where it fires on at least half of them.
    pub serves: usize,
}

impl Studies {
    /// How the features behind these sums in `calc: a+b=` fire in each context. `command` is for the reader.
    ///
    /// # Errors
    /// Templates that do not fit the model.
    pub fn contexts(
        &self,
        sums: &[(u32, u32)],
        command: &str,
        observe: Observe<'_>,
    ) -> Result<Contexts, EvaluateError> {
        let total = self.addition.contexts.len() + 1;
        let wording = &self.wordings(CONTEXT).expect("it was there when read")[..1];
        let calc = self.active(wording, sums, 0)?;
        observe("contexts", 1, total);
        let mut everywhere = Vec::new();
        for (number, context) in self.addition.contexts.iter().enumerate() {
            everywhere.push(self.active(&context.templates, sums, number)?);
            observe("contexts", number + 2, total);
        }
        let size = self.tracer().network.model.transcoder.features();
        let mut features = Vec::new();
        for (layer, index, called) in self.answering() {
            let at = layer * size + index;
            let often = calc[at].iter().filter(|active| **active).count();
            if often < LEAST_PROMPTS {
                continue;
            }
            let there: Vec<&[bool]> = everywhere.iter().map(|active| &active[at][..]).collect();
            let (fires, strays) = shares(&calc[at], &there);
            features.push(ContextFeature {
                layer,
                index,
                words: called.words.clone(),
                part: part_of(called),
                lookup: called.part.is_some_and(|it| it.reads == Reads::Lookup),
                active: rounded(often as f64 / sums.len() as f64),
                serves: fires.iter().filter(|share| **share >= SERVES).count(),
                fires,
                strays,
            });
        }
        let fires = |it: &ContextFeature| it.fires.iter().sum::<f32>();
        features.sort_by(|a, b| {
            let firing = fires(b).total_cmp(&fires(a));
            let places = (a.layer, a.index).cmp(&(b.layer, b.index));
            b.serves.cmp(&a.serves).then(firing).then(places)
        });
        let contexts = self.addition.contexts.iter().map(|it| self.elsewhere(it));
        Ok(Contexts {
            command: command.to_owned(),
            sums: sums.len(),
            contexts: contexts.collect::<Result<_, _>>()?,
            features,
        })
    }

    /// Which features are active where each sum is answered: [layers x features][sums].
    fn active(
        &self,
        templates: &[String],
        sums: &[(u32, u32)],
        number: usize,
    ) -> Result<Vec<Vec<bool>>, EvaluateError> {
        let texts = sums.iter().map(|(a, b)| {
            let mut random = Random::new(number, 100 * *a as usize + *b as usize);
            let wording = random.choose(&(0..templates.len()).collect::<Vec<_>>(), 1)[0];
            Ok(self.asked(&templates[wording], (*a, *b))?.0)
        });
        let texts = texts.collect::<Result<Vec<_>, EvaluateError>>()?;
        let transcoder = &self.tracer().network.model.transcoder;
        let features = transcoder.layers.len() * transcoder.features();
        let mut active = vec![vec![false; sums.len()]; features];
        for (sum, firing) in self.active_last(&texts, |_| {})?.iter().enumerate() {
            for feature in firing {
                active[*feature as usize][sum] = true;
            }
        }
        Ok(active)
    }

    /// The features with a plot of both numbers or the sum at the answering token of `calc: a+b=`, in order: layer, index and name.
    fn answering(&self) -> Vec<(usize, usize, &Called)> {
        let end = self.positions[2];
        let mut found: Vec<_> = self
            .called
            .iter()
            .filter(|((_, position, _), _)| *position == end)
            .filter_map(|((layer, _, index), called)| Some((*layer, *index, called.as_ref()?)))
            .filter(|(.., called)| {
                let reads = called.part.map(|part| part.reads);
                matches!(reads, Some(Reads::Lookup | Reads::Sum))
            })
            .collect();
        found.sort_by_key(|(layer, index, _)| (*layer, *index));
        found
    }

    fn elsewhere(&self, context: &Context) -> Result<Elsewhere, EvaluateError> {
        let (a, b) = EXAMPLE;
        let filled = sum_text::fill(&context.templates[0], a, b);
        let (example, _) = filled.map_err(|reason| self.wrong(reason))?;
        Ok(Elsewhere {
            name: context.name.clone(),
            title: context.title.clone(),
            example,
        })
    }
}

/// How often a feature fires in each context where it does in `calc: a+b=`, and where it does not: both [contexts]. `calc` says where it
/// does, [sums].
fn shares(calc: &[bool], elsewhere: &[&[bool]]) -> (Vec<f32>, Vec<f32>) {
    let share = |there: &[bool], wanted: bool| {
        let pairs = calc.iter().zip(there).filter(|(here, _)| **here == wanted);
        let (fires, all) = pairs.fold((0, 0), |(fires, all), (_, there)| {
            (fires + usize::from(*there), all + 1)
        });
        rounded(f64::from(fires as u32) / f64::from(all.max(1) as u32))
    };
    let shares_where = |wanted| elsewhere.iter().map(|it| share(it, wanted)).collect();
    (shares_where(true), shares_where(false))
}

#[cfg(test)]
mod tests {
    use super::shares;

    #[test]
    fn what_fires_with_it_and_what_strays() {
        let calc = [true, true, false, false];
        let there: [&[bool]; 2] = [&[true, false, false, false], &[true, true, true, false]];
        assert_eq!(shares(&calc, &there), (vec![0.5, 1.0], vec![0.0, 0.5]));
    }
}
