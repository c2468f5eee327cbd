//! How edges pass through attention: the exact split of an edge over the heads of each layer.
//!
//! With patterns and denominators held all is linear, so what a source writes can be carried up
//! and what a target reads carried down until both meet at a layer. There each head's part of the
//! edge is one product, and what no head takes is in the residual stream. ("Circuit Tracing",
//! 2025, sums these paths up in one edge; here they are told apart, one layer at a time.)

use super::carry::{CarriedDown, CarriedUp, HostPrompt, dot};
use super::{Graph, Run, TraceError, Tracer};
use crate::engine::Engine;
use crate::network::Reading;

impl<E: Engine> Tracer<E> {
    /// Splits edges over attention heads: for each (source, target) of `pairs`, both nodes of a
    /// graph of this tracer's, and for each layer, the part of the edge that goes through each head
    /// there, and last the part that goes through none: [pairs, layers, heads + 1]. The latter
    /// stays in the residual stream, is written above the layer, or is read below it. Each layer's
    /// numbers sum to the edge. What no source writes to (logits, errors of the first position)
    /// gives zeros. Of a graph that holds less, these are the parts of the edge with all held;
    /// [`Tracer::shares`] says what else it has.
    ///
    /// # Errors
    /// A node that does not exist or a target without inputs, or an engine that fails.
    ///
    /// # Panics
    /// If the graph is of another model, or the run of another prompt.
    pub async fn heads(
        &self,
        run: &Run<E>,
        graph: &Graph,
        pairs: &[(usize, usize)],
    ) -> Result<Vec<f32>, TraceError> {
        let config = self.network.config();
        let numbers = config.layers * (config.heads + 1);
        let mut out = vec![0.0; pairs.len() * numbers];
        self.meet(
            run,
            graph,
            pairs,
            Reading::Held,
            &mut |prompt, risen, place, target, pair| {
                let out = &mut out[pair * numbers..(pair + 1) * numbers];
                split(prompt, risen, place, pairs[pair].0, target, out);
            },
        )
        .await?;
        Ok(out)
    }
}

/// Splits one edge: `out` is [layers, heads + 1].
fn split(
    prompt: &HostPrompt<'_>,
    risen: &CarriedUp,
    place: usize,
    source: usize,
    target: &CarriedDown,
    out: &mut [f32],
) {
    let [_, tokens, width] = prompt.sizes();
    let (config, reads) = (prompt.config(), &target.reads);
    let (heads, inner) = (config.heads, config.query_width());
    let here = place * tokens * width..(place + 1) * tokens * width;
    let writes = prompt.writes(source);
    // What the source writes to this layer's MLP output or a later one.
    let mut above = 0.0;
    let (read, beyond) = out.split_at_mut(reads.len() * (heads + 1));
    for (layer, (read, out)) in reads
        .iter()
        .zip(read.chunks_exact_mut(heads + 1))
        .enumerate()
        .rev()
    {
        for write in writes.iter().filter(|write| write.layer == layer) {
            let at = write.position * width;
            if let Some(read) = read.written.get(at..at + width) {
                above += dot(read, &write.vector);
            }
        }
        let by = dot(&read.mid, &risen.before[layer][here.clone()]);
        out[heads] = (by + above) as f32;
        let values = &risen.values[layer][place * tokens * inner..(place + 1) * tokens * inner];
        let rows = values
            .chunks_exact(inner)
            .zip(read.values.chunks_exact(inner));
        let mut through = vec![0.0f64; heads];
        for (value, read) in rows {
            let lanes = value
                .chunks_exact(config.head_width)
                .zip(read.chunks_exact(config.head_width));
            for (through, (value, read)) in through.iter_mut().zip(lanes) {
                *through += dot(value, read);
            }
        }
        for (out, through) in out.iter_mut().zip(through) {
            *out = through as f32;
        }
    }
    // Layers above the target's have no part in the edge.
    let edge: f32 = read[read.len() - (heads + 1)..].iter().sum();
    for out in beyond.chunks_exact_mut(heads + 1) {
        out[heads] = edge;
    }
}
