//! What sources write carried up with all held, and what targets read carried down in a graph's
//! reading, on the host. Where both meet, an edge falls into parts.

mod down;
mod host;
mod products;
mod up;

pub(super) use down::CarriedDown;
pub(super) use host::{HostPrompt, OnHost, each_its_own};
pub(super) use products::{dot, push};
pub(super) use up::CarriedUp;
pub use up::StreamSource;

use super::{Graph, Run, TraceError, Tracer};
use crate::engine::Engine;
use crate::network::Reading;
use crate::order;

/// Most bytes of sources that are carried up at once.
const AT_ONCE: usize = 64 << 20;

impl<E: Engine> Tracer<E> {
    /// Calls `meet` for each (source, target) of `pairs` with a graph's prompt, what the sources brought up, the place of
    /// this one among them, what the target reads, and the number of the pair.
    ///
    /// # Errors
    /// A node that does not exist or a target without inputs, or an engine that fails.
    pub(super) async fn meet(
        &self,
        run: &Run<E>,
        graph: &Graph,
        pairs: &[(usize, usize)],
        reading: Reading,
        meet: &mut dyn FnMut(&HostPrompt<'_>, &CarriedUp, usize, &CarriedDown, usize),
    ) -> Result<(), TraceError> {
        for (source, target) in pairs {
            let nodes = graph.nodes();
            if let Some(node) = [*source, *target].into_iter().find(|node| *node >= nodes) {
                return Err(TraceError::NoSuchNode { node, nodes });
            }
            if graph.row_index(*target).is_none() {
                return Err(TraceError::NoInputs { node: *target });
            }
        }
        let prompt = self.prompt(run, graph, reading).await?;
        let [layers, tokens, width] = prompt.sizes();
        let by_source = order::indices(pairs.len(), &|a, b| pairs[a].0.cmp(&pairs[b].0));
        let alike: Vec<&[usize]> = by_source
            .chunk_by(|a, b| pairs[*a].0 == pairs[*b].0)
            .collect();
        let at_once = (AT_ONCE / (12 * layers * tokens * width)).max(1);
        for alike in alike.chunks(at_once) {
            let sources = alike
                .iter()
                .map(|same| StreamSource::Node(pairs[same[0]].0));
            let risen = prompt.carry_up(&sources.collect::<Vec<_>>(), layers);
            // (place among these sources, pair), by target.
            let mut wanted: Vec<(usize, usize)> = Vec::new();
            for (place, same) in alike.iter().enumerate() {
                wanted.extend(same.iter().map(|pair| (place, *pair)));
            }
            let target = |(_, pair): &(usize, usize)| pairs[*pair].1;
            order::sort(&mut wanted, &|a, b| target(a).cmp(&target(b)));
            for same in wanted.chunk_by(|a, b| target(a) == target(b)) {
                let read = prompt.carry_down(target(&same[0]));
                for (place, pair) in same {
                    meet(&prompt, &risen, *place, &read, *pair);
                }
            }
        }
        Ok(())
    }
}
