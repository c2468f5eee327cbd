//! Buffers, used again and again: making them is dear, in browsers above all.

use std::sync::{Arc, Mutex};

use super::locked;

/// Bytes that may lie idle, or as many as are in use: weights, mostly. Beyond it, those buffers that
/// waited longest are let go.
const IDLE_LIMIT: u64 = 64 << 20;

/// The least that a buffer holds: WebGPU has no empty bindings.
const SMALLEST: u64 = 256;

/// The bytes to make a buffer of for `bytes`: buffers come in few sizes, an eighth of a power of
/// two apart, so that they can serve again. No more than `limit` unless `bytes` are.
fn size_class(bytes: u64, limit: u64) -> u64 {
    let bytes = bytes.max(SMALLEST);
    let step = (bytes.next_power_of_two() / 16).max(SMALLEST);
    match bytes.div_ceil(step) * step {
        size if size <= limit => size,
        _ => bytes.next_multiple_of(4),
    }
}

/// A buffer on the GPU, which goes back to its pool when it is dropped.
#[derive(Debug)]
pub struct Buffer {
    handle: wgpu::Buffer,
    id: u64,
    epoch: u64,
    pool: Arc<Mutex<Pool>>,
}

impl Buffer {
    /// wgpu's buffer.
    pub fn handle(&self) -> &wgpu::Buffer {
        &self.handle
    }

    /// A number that no other buffer has or had.
    pub fn id(&self) -> u64 {
        self.id
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        locked(&self.pool).give_back(self.handle.clone(), self.id, self.epoch);
    }
}

#[derive(Debug)]
struct Idle {
    handle: wgpu::Buffer,
    id: u64,
    /// The recording in which it was given back.
    freed: u64,
}

/// The buffers of one device.
#[derive(Debug, Default)]
pub struct Pool {
    /// By size, in the order of sizes, which are few. The last one given back is the first one
    /// taken, so that a repeated sequence of operations finds the same buffers, and with them its
    /// bind groups.
    idle: Vec<(u64, Vec<Idle>)>,
    idle_bytes: u64,
    /// Buffers on the device, idle and in use, and their bytes.
    buffers: usize,
    bytes: u64,
    /// Those that a failure may have broken, to be let go at the next submission.
    distrusted: Vec<Idle>,
    /// Counts buffers.
    next: u64,
    /// Counts submissions.
    recording: u64,
    /// Counts failures: what was made before one may be broken, and isn't used again.
    epoch: u64,
}

/// What a buffer is taken for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    /// To be written by an operation. It may be one that earlier operations of the same recording
    /// have used, as they run in order.
    Result,
    /// To be written from here, before anything that is recorded but not submitted runs. So it
    /// must be one that nothing recorded uses.
    Upload,
}

impl Pool {
    /// A buffer of at least `bytes`, and whether it is new, which means zero.
    pub fn take(
        pool: &Arc<Mutex<Pool>>,
        device: &wgpu::Device,
        bytes: u64,
        limit: u64,
        purpose: Use,
    ) -> (Buffer, bool) {
        let size = size_class(bytes, limit);
        let (found, id, epoch) = {
            let mut pool = locked(pool);
            match pool.find(size, purpose) {
                Some(idle) => (Some(idle.handle), idle.id, pool.epoch),
                None => {
                    pool.next += 1;
                    pool.buffers += 1;
                    pool.bytes += size;
                    (None, pool.next, pool.epoch)
                }
            }
        };
        let new = found.is_none();
        // Not while the pool is borrowed: an error here may be reported at once.
        let handle = found.unwrap_or_else(|| {
            device.create_buffer(&wgpu::BufferDescriptor {
                label: None,
                size,
                usage: wgpu::BufferUsages::STORAGE
                    | wgpu::BufferUsages::COPY_DST
                    | wgpu::BufferUsages::COPY_SRC,
                mapped_at_creation: false,
            })
        });
        let buffer = Buffer {
            handle,
            id,
            epoch,
            pool: Arc::clone(pool),
        };
        (buffer, new)
    }

    /// Where the idle ones of a size are, or would be.
    fn place(&self, size: u64) -> Result<usize, usize> {
        self.idle.binary_search_by_key(&size, |(size, _)| *size)
    }

    fn find(&mut self, size: u64, purpose: Use) -> Option<Idle> {
        let recording = self.recording;
        let at = self.place(size).ok()?;
        let idle = &mut self.idle[at].1;
        let place = idle
            .iter()
            .rposition(|idle| purpose == Use::Result || idle.freed < recording)?;
        self.idle_bytes -= size;
        Some(idle.remove(place))
    }

    fn give_back(&mut self, handle: wgpu::Buffer, id: u64, epoch: u64) {
        let size = handle.size();
        let freed = self.recording;
        let idle = Idle { handle, id, freed };
        if epoch == self.epoch {
            self.idle_bytes += size;
            match self.place(size) {
                Ok(at) => self.idle[at].1.push(idle),
                Err(at) => self.idle.insert(at, (size, vec![idle])),
            }
        } else {
            self.distrusted.push(idle);
        }
    }

    /// Everything recorded so far has been submitted, so that buffers may be let go. Returns the ids
    /// of those that were.
    pub fn submitted(&mut self) -> Vec<u64> {
        self.recording += 1;
        let mut gone = std::mem::take(&mut self.distrusted);
        let limit = IDLE_LIMIT.max(self.bytes - self.idle_bytes);
        while self.idle_bytes > limit {
            // Within a size, the first has waited longest.
            let oldest = self
                .idle
                .iter_mut()
                .filter(|(_, idle)| !idle.is_empty())
                .min_by_key(|(size, idle)| (idle[0].freed, std::cmp::Reverse(*size)));
            let Some((size, idle)) = oldest else { break };
            gone.push(idle.remove(0));
            self.idle_bytes -= *size;
        }
        self.buffers -= gone.len();
        self.bytes -= gone.iter().map(|idle| idle.handle.size()).sum::<u64>();
        gone.iter()
            .map(|idle| {
                // Browsers would keep the memory until they collect garbage.
                idle.handle.destroy();
                idle.id
            })
            .collect()
    }

    /// How many buffers there are, idle and in use, and their bytes.
    pub fn holds(&self) -> (usize, u64) {
        (self.buffers, self.bytes)
    }

    /// Lets go of all idle buffers, and of those in use as soon as they aren't: after a failure,
    /// which is also the end of what was recorded.
    pub fn distrust(&mut self) {
        self.epoch += 1;
        for (_, idle) in self.idle.drain(..) {
            self.distrusted.extend(idle);
        }
        self.idle_bytes = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::size_class;

    #[test]
    fn sizes_are_few_and_near() {
        for bytes in (0..5_000_000).step_by(997) {
            let size = size_class(bytes, u64::MAX);
            assert!(
                size >= bytes && size <= (bytes + bytes / 8).max(bytes + 256),
                "{bytes}: {size}"
            );
            assert_eq!(size % 256, 0);
            assert_eq!(size_class(size, u64::MAX), size);
        }
    }

    #[test]
    fn limit_is_kept() {
        assert_eq!(size_class(100_001, 110_000), 106_496);
        assert_eq!(size_class(100_001, 100_004), 100_004);
    }
}
