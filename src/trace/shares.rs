//! What an edge of a reading that holds less has of what is not held: shares that add up to it.
//!
//! On its way down, a gradient takes at every live site what it would take if that were held, and the
//! site's own part: that of where a head looks, of a norm's denominator, or of what an MLP answers beyond the features. The parts of all sites,
//! each carried on with all held, sum to the edge. A path that meets several live sites so counts
//! for the one that is nearest to the target.

use super::carry::{CarriedDown, CarriedUp, HostPrompt, dot};
use super::{Graph, Run, TraceError, Tracer};
use crate::engine::Engine;

/// An edge in parts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shares {
    /// With patterns and denominators held: through values and the residual stream alone.
    pub held: f64,
    /// Through where each head looks, of its query and of its key: [layers, heads, 2]. Zero where
    /// patterns are held.
    pub looks: Vec<f64>,
    /// Through the norms' denominators. Zero where they are held.
    pub norms: f64,
    /// Through what MLPs answer beyond the features. Zero where errors are held.
    pub errors: f64,
}

impl Shares {
    /// The edge.
    pub fn sum(&self) -> f64 {
        self.held + self.norms + self.errors + self.looks.iter().sum::<f64>()
    }
}

impl<E: Engine> Tracer<E> {
    /// Parts of edges, each (source, target) of `pairs` being nodes of a graph of this tracer's, by
    /// what is not held in it.
    ///
    /// # Errors
    /// A node that does not exist or a target without inputs, or an engine that fails.
    ///
    /// # Panics
    /// If the graph is of another model, or the run of another prompt.
    pub async fn shares(
        &self,
        run: &Run<E>,
        graph: &Graph,
        pairs: &[(usize, usize)],
    ) -> Result<Vec<Shares>, TraceError> {
        let mut out = vec![Shares::default(); pairs.len()];
        self.meet(
            run,
            graph,
            pairs,
            graph.reading,
            &mut |prompt, risen, place, target, pair| {
                out[pair] = share(prompt, risen, place, target);
            },
        )
        .await?;
        Ok(out)
    }
}

fn share(prompt: &HostPrompt<'_>, risen: &CarriedUp, place: usize, target: &CarriedDown) -> Shares {
    let [layers, tokens, width] = prompt.sizes();
    let here = place * tokens * width..(place + 1) * tokens * width;
    let stream = risen.mids.get(target.layer).unwrap_or(&risen.last);
    let at = here.start + target.position * width;
    let start = &stream[at..at + width];
    let mut shares = Shares {
        held: dot(&target.held, start),
        looks: vec![0.0; layers * prompt.config().heads * 2],
        norms: dot(&target.live, start),
        errors: 0.0,
    };
    for (layer, read) in target.reads.iter().enumerate() {
        let before = &risen.before[layer][here.clone()];
        shares.norms += dot(&read.live.norm, before);
        let mid = &risen.mids[layer][here.clone()];
        shares.norms += dot(&read.live.mlp_norm, mid);
        shares.errors += dot(&read.live.errors, mid);
        let first = layer * prompt.config().heads * 2;
        for (share, looks) in shares.looks[first..].iter_mut().zip(&read.live.looks) {
            *share += dot(looks, before);
        }
    }
    shares
}
