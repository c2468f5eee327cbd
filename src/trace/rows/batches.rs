//! Targets in batches: in which order, how far back each one reaches, and rows read back.

use super::{Beginning, Sources, Start};
use crate::engine::Engine;
use crate::network::Leading;
use crate::order;
use crate::trace::constants::dot;
use crate::trace::{Feature, TraceError, finite};

/// Most bytes of rows that are read back at once.
const AT_ONCE: usize = 32 << 20;

/// Lengths of a prompt's beginnings are multiples of so many tokens.
pub(super) const BEGINNINGS: usize = 4;

/// Beginnings of a prompt, by how many tokens they have, and what embeddings become in each.
type Beginnings<'f, E> =
    Vec<Option<(Leading<'f, <E as Engine>::Tensor>, Option<Beginning<'f, E>>)>>;

impl<E: Engine> Sources<'_, E> {
    /// Computes the rows of these targets, at most `batch` at a time. Each is given to `keep` with its target's number and its remainder, in
    /// whatever order they come; `observe` is told how many are done.
    ///
    /// # Errors
    /// An engine that fails, or [`TraceError::NotFiniteEdge`].
    pub async fn rows(
        &self,
        starts: &[Start<'_>],
        batch: usize,
        keep: &mut dyn FnMut(usize, &[f32], f32),
        observe: &mut dyn FnMut(usize),
    ) -> Result<(), TraceError> {
        let order = self.in_order(starts);
        let sorted: Vec<Start<'_>> = order.iter().map(|i| starts[*i]).collect();
        let columns = self.columns();
        let one = self.forward.tokens * self.network.widest(self.error_derivatives.is_some());
        let batch = batch.min(self.network.engine.rows_at_once(one)).max(1);
        // Few readbacks, but none so large that a device could not hold it.
        let at_once = (AT_ONCE / (4 * columns * batch)).max(1) * batch;
        // By their lengths.
        let mut beginnings: Beginnings<'_, E> = (0..=self.forward.tokens).map(|_| None).collect();

        let places = finite::Places {
            features: self.features,
            layers: self.constants.len(),
            tokens: self.forward.tokens,
        };
        let mut next = order.into_iter();
        let mut done = 0;
        for starts in sorted.chunks(at_once) {
            let batches: Vec<(&[Start<'_>], usize)> = starts
                .chunks(batch)
                .map(|starts| (starts, self.reach(starts)))
                .collect();
            self.add_beginnings(&mut beginnings, &batches);
            let recorded = self.network.engine.each(batches.len(), |i| {
                let (starts, tokens) = batches[i];
                let beginning = beginnings[tokens].as_ref();
                let (leading, beginning) = beginning.expect("every reach has its beginning");
                self.record(starts, leading, beginning.as_ref())
            });
            let lengths = batches.iter().map(|(starts, _)| starts.len() * columns);
            let wanted: Vec<_> = recorded.iter().zip(lengths).collect();
            let held = recorded.iter().map(|rows| self.network.engine.held(rows));
            let read: Vec<Vec<f32>>;
            let held: Option<Vec<&[f32]>> = held.collect();
            let values = match held {
                Some(held) => held,
                None => {
                    read = self.network.engine.read(&wanted).await?;
                    read.iter().map(|values| &values[..]).collect()
                }
            };
            let values = values.iter().zip(&wanted);
            let computed: Vec<&[f32]> = values
                .flat_map(|(values, (_, length))| values[..*length].chunks_exact(columns))
                .collect();
            let checked = self.network.engine.each(starts.len(), |i| {
                let (edges, remainder) = computed[i].split_at(self.width());
                let remainder = match self.adds_up {
                    true => remainder.iter().sum::<f32>() + self.constant(&starts[i]),
                    false => 0.0,
                };
                (remainder, finite::is_row(edges, remainder))
            });
            for (place, ((remainder, is_finite), i)) in
                checked.into_iter().zip(&mut next).enumerate()
            {
                let edges = &computed[place][..self.width()];
                if !is_finite {
                    return Err(places.fault(&starts[place], edges, remainder));
                }
                keep(i, edges, remainder);
            }
            done += starts.len();
            observe(done);
        }
        Ok(())
    }

    /// The targets' numbers in the order in which they are computed.
    fn in_order(&self, starts: &[Start<'_>]) -> Vec<usize> {
        // From the last layer to the first, so that those under way are a leading part; and by position, since no
        // target has an edge from a later token.
        let place_of = |start: &Start<'_>| match start {
            Start::Logit(_) => (self.constants.len(), 0),
            Start::Feature(feature) => {
                let Feature {
                    layer, position, ..
                } = self.features[*feature];
                (layer, position)
            }
        };
        order::indices(starts.len(), &|a, b| {
            let ((layer, position), other) = (place_of(&starts[a]), place_of(&starts[b]));
            other.0.cmp(&layer).then(position.cmp(&other.1))
        })
    }

    /// Adds the beginnings that batches of targets, each with how many tokens it reaches, want and that are not there.
    fn add_beginnings<'f>(
        &'f self,
        beginnings: &mut Beginnings<'f, E>,
        batches: &[(&[Start<'_>], usize)],
    ) {
        let wanted = |tokens: &usize| batches.iter().any(|(_, reach)| reach == tokens);
        let missing: Vec<usize> = (0..beginnings.len())
            .filter(|tokens| beginnings[*tokens].is_none() && wanted(tokens))
            .collect();
        let made = self.network.engine.each(missing.len(), |i| {
            let tokens = missing[i];
            let (network, pushed) = (self.network, self.pushed.as_ref());
            let from = usize::from(pushed.is_some());
            let leading = network.leading(self.forward, tokens, from, &self.hold);
            let beginning = pushed.map(|pushed| self.beginning(pushed, tokens));
            (leading, beginning)
        });
        for (tokens, beginning) in missing.into_iter().zip(made) {
            beginnings[tokens] = Some(beginning);
        }
    }

    /// How many tokens, from the first on, these targets can have edges from; a few more, so that few beginnings are wanted.
    fn reach(&self, starts: &[Start<'_>]) -> usize {
        let all = self.forward.tokens;
        let reach = starts.iter().map(|start| match start {
            Start::Logit(_) => all,
            Start::Feature(feature) => self.features[*feature].position + 1,
        });
        let reach = reach.max().unwrap_or(all);
        reach.next_multiple_of(BEGINNINGS).min(all)
    }

    /// The part of a target's pre-activation that no path through the network brings.
    fn constant(&self, start: &Start<'_>) -> f32 {
        match start {
            Start::Logit(target) => {
                let norm = &self.network.model.language.final_norm;
                let bias = norm.bias.as_deref().unwrap_or_default();
                dot(&target.direction, bias)
            }
            Start::Feature(feature) => {
                let Feature { layer, index, .. } = self.features[*feature];
                self.constants[layer].encoder[index]
            }
        }
    }
}
