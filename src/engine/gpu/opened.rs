//! An opened GPU: what is allocated, written and recorded on it.

use super::device::{Device, Timer};
use super::kernels::{Kernel, SHADERS};
use super::pool::{Buffer, Pool, Use};
use super::readback::Readback;
use super::recorder::{Dispatch, Recorder};
use super::tensor::{Operand, Tensor};
use crate::engine::EngineError;
use std::cell::RefCell;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

/// Bytes after which uploads are handed on, so that copies of whole models don't pile up.
const UPLOAD_LIMIT: u64 = 32 << 20;

/// What an engine holds on its device, in use and for the next operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holdings {
    /// Buffers of tensors and indices.
    pub buffers: usize,
    /// Their bytes.
    pub bytes: u64,
    /// Bind groups that are kept for operations that come again.
    pub bind_groups: usize,
}

/// The GPU as an engine. Operations are recorded, and run at the next [`read`](crate::engine::Engine::read). Its clones are the same one: models on them
/// share its device, its kernels and the memory that they let go of.
#[derive(Clone)]
pub struct Gpu(Arc<Opened>);

/// What there is once of an opened GPU.
pub struct Opened {
    pub(super) device: Device,
    pool: Arc<Mutex<Pool>>,
    pub(super) recorder: Mutex<Recorder>,
    pub(super) readback: Readback,
    uploaded: AtomicU64,
}

impl Gpu {
    /// Opens the fastest GPU there is, and compiles the kernels.
    ///
    /// # Errors
    /// [`EngineError::NoGpu`] if there is no GPU that wgpu can use. What goes wrong with the kernels
    /// shows at the first [`read`](crate::engine::Engine::read).
    pub async fn new() -> Result<Gpu, EngineError> {
        Gpu::open(None).await
    }

    /// The same, where a GPU that does not answer is to be given up: with a timer. Natively waiting
    /// blocks, and drivers have limits of their own.
    ///
    /// # Errors
    /// As [`Gpu::new`]; a GPU that does not answer is an error of the [`read`](crate::engine::Engine::read) that waits for
    /// it, and of every later one.
    #[cfg_attr(
        target_arch = "wasm32",
        expect(
            clippy::arc_with_non_send_sync,
            reason = "browsers have no threads here"
        )
    )]
    pub async fn open(timer: Option<Timer>) -> Result<Gpu, EngineError> {
        let device = Device::open(timer).await?;
        let pool = Arc::default();
        let recorder = Mutex::new(Recorder::new(&device, Arc::clone(&pool)));
        Ok(Gpu(Arc::new(Opened {
            device,
            pool,
            recorder,
            readback: Readback::default(),
            uploaded: AtomicU64::new(0),
        })))
    }

    /// The one that this thread has open, unless it was lost; else one is opened as [`Gpu::open`] does. It closes with the last clone.
    ///
    /// # Errors
    /// As [`Gpu::open`].
    pub async fn shared(timer: Option<Timer>) -> Result<Gpu, EngineError> {
        let open = OPEN.with_borrow(Weak::upgrade);
        if let Some(open) = open.filter(|open| !open.device.faults.lost()) {
            return Ok(Gpu(open));
        }
        let gpu = Gpu::open(timer).await?;
        OPEN.set(Arc::downgrade(&gpu.0));
        Ok(gpu)
    }

    /// What this engine holds on the device.
    pub fn holdings(&self) -> Holdings {
        let (buffers, bytes) = locked(&self.pool).holds();
        Holdings {
            buffers,
            bytes,
            bind_groups: locked(&self.recorder).groups(),
        }
    }

    /// A buffer for `length` values of 4 bytes, and whether it is new, which means zero. One of the
    /// smallest size, and an error at the next read, if the device allows none so large.
    pub(super) fn buffer(
        &self,
        what: impl FnOnce() -> String,
        length: u64,
        purpose: Use,
    ) -> (Buffer, bool) {
        let limit = self.device.largest_tensor();
        let mut bytes = length.saturating_mul(4);
        if bytes > limit {
            let what = what();
            self.device
                .faults
                .put(EngineError::TooLarge { what, bytes, limit });
            bytes = 0;
        }
        Pool::take(&self.pool, &self.device.handle, bytes, limit, purpose)
    }

    /// A tensor for the result of an operation, with any values.
    pub(super) fn result<K: Kernel>(&self, length: u64) -> Tensor {
        let what = || format!("The result of {}", SHADERS[K::INDEX].name);
        let (buffer, _) = self.buffer(what, length, Use::Result);
        Tensor { buffer, length }
    }

    pub(super) fn write<T: bytemuck::Pod>(&self, values: &[T]) -> Buffer {
        let length = values.len() as u64;
        let (buffer, _) = self.buffer(|| "A tensor".into(), length, Use::Upload);
        if length > 0 && buffer.handle().size() >= length * 4 {
            let bytes = bytemuck::cast_slice(values);
            self.device.queue.write_buffer(buffer.handle(), 0, bytes);
            let uploaded = self.uploaded.fetch_add(4 * length, Ordering::Relaxed) + 4 * length;
            if uploaded > UPLOAD_LIMIT {
                self.uploaded.store(0, Ordering::Relaxed);
                self.device.queue.submit(None);
            }
        }
        buffer
    }

    /// Whether a tensor has the values that are needed of it; an error at the next read if not.
    pub(super) fn check(&self, what: &str, operand: Operand<'_>) -> bool {
        let Operand { length, needed, .. } = operand;
        if needed > length {
            self.device.faults.put(EngineError::Device(format!(
                "{what} needs {needed} values of a tensor that has {length}"
            )));
        }
        needed <= length
    }

    /// Records a kernel that takes so many workgroups and about so many multiplications; nothing if
    /// there is nothing to do, or after an error.
    pub(super) fn run<K: Kernel>(
        &self,
        params: K,
        reads: &[Operand<'_>],
        writes: &[Operand<'_>],
        workgroups: u64,
        work: u64,
    ) {
        let params = bytemuck::bytes_of(&params);
        self.record(K::INDEX, params, reads, writes, workgroups, work);
    }

    /// What [`Gpu::run`] does, once for all kernels.
    fn record(
        &self,
        kernel: usize,
        params: &[u8],
        reads: &[Operand<'_>],
        writes: &[Operand<'_>],
        workgroups: u64,
        work: u64,
    ) {
        if workgroups == 0 || self.device.faults.any() {
            return;
        }
        let name = SHADERS[kernel].name;
        if !reads
            .iter()
            .chain(writes)
            .all(|operand| self.check(name, *operand))
        {
            return;
        }
        let reads: Vec<&Buffer> = reads.iter().map(|operand| operand.buffer).collect();
        let writes: Vec<&Buffer> = writes.iter().map(|operand| operand.buffer).collect();
        let dispatch = Dispatch {
            kernel,
            params,
            reads: &reads,
            writes: &writes,
            workgroups,
            work,
        };
        locked(&self.recorder).dispatch(&self.device, &dispatch);
    }
}

thread_local! {
    /// What [`Gpu::shared`] opened last.
    static OPEN: RefCell<Weak<Opened>> = const { RefCell::new(Weak::new()) };
}

impl Deref for Gpu {
    type Target = Opened;

    fn deref(&self) -> &Opened {
        &self.0
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        // Browsers would keep the memory until they collect garbage.
        self.device.handle.destroy();
    }
}

/// What a mutex holds; nothing that is kept in one is left half done by a panic.
pub(super) fn locked<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}
