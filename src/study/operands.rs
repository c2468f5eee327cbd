//! Operand plots: a feature's activation over all pairs of operands ("On the Biology of a Large
//! Language Model", 2025, section on addition).

use super::{StudyError, Template};
use crate::engine::Engine;
use crate::network::{Forward, Network, Past};
use crate::order;
use std::collections::HashMap;

/// Operands run from 0 to 99.
pub const OPERANDS: usize = 100;

/// Most activations that are kept, 8 bytes each. The prompts that a transcoder learned from need
/// about a million; a text of another kind can need hundreds of times as many.
const MOST_KEPT: usize = 1 << 23;

/// A heat map over operands.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    /// [100, 100]: row a, column b; 255 is the largest activation.
    pub pixels: Vec<u8>,
    /// The largest activation.
    pub max: f32,
}

/// Activations of all features over all 10,000 prompts of a template, computed for one first
/// operand after the other. Few are active, so only those are kept.
pub struct OperandPlots {
    template: Template,
    done: usize,
    /// Of (layer, position, index): the places with an activation, `100 a + b`. Before the second
    /// operand an activation is the same for all b: there it is kept once, at b = 0.
    active: HashMap<(u32, u32, u32), Vec<(u16, f32)>>,
    /// Activations in all of them.
    kept: usize,
}

impl OperandPlots {
    /// Plots of a template, with nothing computed yet.
    pub fn new(template: Template) -> Self {
        OperandPlots {
            template,
            done: 0,
            active: HashMap::new(),
            kept: 0,
        }
    }

    /// The prompts that the plots are over.
    pub fn template(&self) -> &Template {
        &self.template
    }

    /// First operands computed, of 100.
    pub fn done(&self) -> usize {
        self.done
    }

    /// Computes the next first operand; true once all are. The tokens up to the second operand are
    /// run once, and the rest for all 100 second operands together.
    ///
    /// # Errors
    /// An engine that fails, or [`StudyError::TooManyActivations`].
    ///
    /// # Panics
    /// If the template's prompts cannot be run: see [`crate::trace::Tracer::check`].
    pub async fn step<E: Engine>(&mut self, network: &Network<E>) -> Result<bool, StudyError> {
        if self.done == OPERANDS {
            return Ok(true);
        }
        let a = self.done;
        let (tokens, b_position) = (self.template.tokens(), self.template.b_position);
        let before: Vec<u32> = (0..b_position)
            .map(|position| self.template.token(position, a, 0))
            .collect();
        let past = network.forward(&before, 1, None);
        let after: Vec<u32> = (0..OPERANDS)
            .flat_map(|b| (b_position..tokens).map(move |position| (b, position)))
            .map(|(b, position)| self.template.token(position, a, b))
            .collect();
        let rest = network.forward(&after, OPERANDS, Some(Past { forward: &past }));

        // The first position, a BOS, has no features.
        self.keep(network, &past, 1, 0, a).await?;
        self.keep(network, &rest, 0, b_position, a).await?;
        self.done += 1;
        Ok(self.done == OPERANDS)
    }

    /// Reads the activations of a forward pass. Its sequences are the second operands, its tokens
    /// from `skip` on are kept; the first of all its tokens is at `offset`.
    async fn keep<E: Engine>(
        &mut self,
        network: &Network<E>,
        forward: &Forward<E::Tensor>,
        skip: usize,
        offset: usize,
        a: usize,
    ) -> Result<(), StudyError> {
        let rows = forward.sequences * forward.tokens;
        let layers = network.encode(forward);
        let (layers, _) = network.read_active(&layers, rows, &[]).await?;
        for (layer, found) in layers.iter().enumerate() {
            for found in found {
                let (b, token) = (found.row / forward.tokens, found.row % forward.tokens);
                if token < skip {
                    continue;
                }
                let feature = found.feature as u32;
                let place = (layer as u32, (offset + token) as u32, feature);
                let pair = (OPERANDS * a + b) as u16;
                if self.kept == MOST_KEPT {
                    return Err(StudyError::TooManyActivations { limit: MOST_KEPT });
                }
                self.kept += 1;
                let kept = self.active.entry(place).or_default();
                kept.push((pair, found.activation));
            }
        }
        Ok(())
    }

    /// Every (layer, position, index) that is active on one of the prompts computed, in order.
    pub fn places(&self) -> Vec<(usize, usize, usize)> {
        let active = self.active.keys();
        let mut places: Vec<_> = active
            .map(|(layer, position, index)| (*layer as usize, *position as usize, *index as usize))
            .collect();
        order::sort(&mut places, &|a, b| a.cmp(b));
        places
    }

    /// The plot of a feature at a position; black where it has not been computed yet.
    pub fn plot(&self, layer: usize, position: usize, index: usize) -> Plot {
        let place = (layer as u32, position as u32, index as u32);
        let active = self.active.get(&place).map_or(&[][..], Vec::as_slice);
        let max = active
            .iter()
            .fold(0.0, |max: f32, (_, value)| max.max(*value));
        let mut pixels = vec![0; OPERANDS * OPERANDS];
        for (pair, value) in active {
            let pixel = (255.0 * value / max).round() as u8;
            let at = usize::from(*pair);
            if position < self.template.b_position {
                pixels[at..at + OPERANDS].fill(pixel);
            } else {
                pixels[at] = pixel;
            }
        }
        Plot { pixels, max }
    }
}
