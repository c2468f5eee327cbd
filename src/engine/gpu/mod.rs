//! The operations on a GPU, by wgpu: natively and in browsers. Plain f32 and no extensions, so that
//! it runs wherever WebGPU does. Each operation is a kernel in `shaders/`, with its twin in
//! [`cpu`](crate::engine::cpu).

mod device;
mod kernels;
mod pool;
mod readback;
mod recorder;
mod wgsl;

use std::cell::RefCell;
use std::ops::Deref;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use super::{
    Activation, Attention, Decoding, Description, Edges, Engine, EngineError, NormBack, NormRows,
    Product, Rotation, Spread,
};
use device::Device;
pub use device::Timer;
use kernels::{Kernel, SHADERS};
use pool::{Buffer, Pool, Use};
use readback::Readback;
use recorder::{Dispatch, Recorder};

/// Rows up to which a product takes the kernel for few.
const FEW_ROWS: usize = 32;

/// Bytes after which uploads are handed on, so that copies of whole models don't pile up.
const UPLOAD_LIMIT: u64 = 32 << 20;

/// f32 values on the GPU. Its memory is used again once it is dropped.
#[derive(Debug)]
pub struct Tensor {
    buffer: Buffer,
    length: u64,
}

/// u32 values on the GPU. Its memory is used again once it is dropped.
#[derive(Debug)]
pub struct Indices {
    buffer: Buffer,
    length: u64,
}

/// A tensor in an operation, and how many of its values the operation touches.
#[derive(Clone, Copy)]
struct Operand<'a> {
    buffer: &'a Buffer,
    length: u64,
    needed: u64,
}

impl Tensor {
    fn first(&self, needed: u64) -> Operand<'_> {
        Operand {
            buffer: &self.buffer,
            length: self.length,
            needed,
        }
    }
}

impl Indices {
    fn first(&self, needed: usize) -> Operand<'_> {
        Operand {
            buffer: &self.buffer,
            length: self.length,
            needed: needed as u64,
        }
    }
}

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

/// The GPU as an engine. Operations are recorded, and run at the next [`Engine::read`]. Its clones are the same one: models on them
/// share its device, its kernels and the memory that they let go of.
#[derive(Clone)]
pub struct Gpu(Arc<Opened>);

/// What there is once of an opened GPU.
pub struct Opened {
    device: Device,
    pool: Arc<Mutex<Pool>>,
    recorder: Mutex<Recorder>,
    readback: Readback,
    uploaded: AtomicU64,
}

impl Gpu {
    /// Opens the fastest GPU there is, and compiles the kernels.
    ///
    /// # Errors
    /// [`EngineError::NoGpu`] if there is no GPU that wgpu can use. What goes wrong with the kernels
    /// shows at the first [`Engine::read`].
    pub async fn new() -> Result<Gpu, EngineError> {
        Gpu::open(None).await
    }

    /// The same, where a GPU that does not answer is to be given up: with a timer. Natively waiting
    /// blocks, and drivers have limits of their own.
    ///
    /// # Errors
    /// As [`Gpu::new`]; a GPU that does not answer is an error of the [`Engine::read`] that waits for
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
    fn buffer(&self, what: impl FnOnce() -> String, length: u64, purpose: Use) -> (Buffer, bool) {
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
    fn result<K: Kernel>(&self, length: u64) -> Tensor {
        let what = || format!("The result of {}", SHADERS[K::INDEX].name);
        let (buffer, _) = self.buffer(what, length, Use::Result);
        Tensor { buffer, length }
    }

    fn write<T: bytemuck::Pod>(&self, values: &[T]) -> Buffer {
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
    fn check(&self, what: &str, operand: Operand<'_>) -> bool {
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
    fn run<K: Kernel>(
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

    /// `out = a b + bias`, or `out += a b`.
    fn product(
        &self,
        out: &Tensor,
        a: &Tensor,
        b: &Tensor,
        bias: Option<&Tensor>,
        add: bool,
        product: Product,
    ) {
        let Product {
            rows,
            inner,
            columns,
            transposed,
        } = product;
        let reads = [
            a.first(size(&[rows, inner])),
            b.first(size(&[inner, columns])),
            match bias {
                Some(bias) => bias.first(columns as u64),
                // The binding must hold something.
                None => a.first(0),
            },
        ];
        let writes = [out.first(size(&[rows, columns]))];
        let work = size(&[rows, inner, columns]);
        let onto = if add { 2 } else { u32::from(bias.is_some()) };
        let (rows_each, columns_each) = if rows <= FEW_ROWS { (8, 32) } else { (64, 64) };
        let blocks = columns.div_ceil(columns_each);
        let workgroups = size(&[rows.div_ceil(rows_each), blocks]);
        if rows <= FEW_ROWS {
            let params = kernels::MatmulFewRows {
                rows: narrow(rows),
                inner: narrow(inner),
                columns: narrow(columns),
                transposed: u32::from(transposed),
                onto,
                blocks: narrow(blocks),
            };
            self.run(params, &reads, &writes, workgroups, work);
        } else {
            let params = kernels::Matmul {
                rows: narrow(rows),
                inner: narrow(inner),
                columns: narrow(columns),
                transposed: u32::from(transposed),
                onto,
                blocks: narrow(blocks),
            };
            self.run(params, &reads, &writes, workgroups, work);
        }
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
fn locked<T>(held: &Mutex<T>) -> MutexGuard<'_, T> {
    held.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The number of values in a tensor of this shape.
fn size(shape: &[usize]) -> u64 {
    shape
        .iter()
        .fold(1, |size: u64, next| size.saturating_mul(*next as u64))
}

/// Workgroups of 64 threads.
fn groups(threads: u64) -> u64 {
    threads.div_ceil(64)
}

/// A size as kernels take it. Those that don't fit belong to tensors that don't either, and
/// [`Gpu::run`] refuses them.
fn narrow(size: usize) -> u32 {
    size as u32
}

/// What attention reads: the past's queries, keys and values, and of the tokens' own rows of `stride`
/// values. Where there is no past, a kernel reads nothing of it, but something has to be bound.
fn attended<'a>(
    past: Option<&'a Tensor>,
    own: &'a Tensor,
    stride: usize,
    sizes: Attention,
) -> [Operand<'a>; 2] {
    let own = own.first(size(&[sizes.sequences, sizes.tokens, stride]));
    let past = past.map(|past| past.first(size(&[sizes.past, sizes.stride()])));
    [past.unwrap_or(own), own]
}

impl Engine for Gpu {
    type Tensor = Tensor;
    type Indices = Indices;

    fn describe(&self) -> Description {
        self.device.description.clone()
    }

    fn rows_at_once(&self, _values: usize) -> usize {
        usize::MAX
    }

    fn upload(&self, values: &[f32]) -> Tensor {
        Tensor {
            buffer: self.write(values),
            length: values.len() as u64,
        }
    }

    fn upload_indices(&self, values: &[u32]) -> Indices {
        Indices {
            buffer: self.write(values),
            length: values.len() as u64,
        }
    }

    fn zeros(&self, length: usize) -> Tensor {
        let length = length as u64;
        let (buffer, new) = self.buffer(|| "A tensor".into(), length, Use::Result);
        let out = Tensor { buffer, length };
        if !new {
            let params = kernels::Fill {
                length: length as u32,
            };
            self.run(params, &[], &[out.first(length)], groups(length), 0);
        }
        out
    }

    async fn read(&self, tensors: &[(&Tensor, usize)]) -> Result<Vec<Vec<f32>>, EngineError> {
        for (tensor, length) in tensors {
            self.check("the result", tensor.first(*length as u64));
        }
        let wanted: Vec<(&Buffer, usize)> = tensors
            .iter()
            .map(|(tensor, length)| (&tensor.buffer, *length))
            .collect();
        self.readback
            .read(&self.device, &self.recorder, &wanted)
            .await
    }

    fn matmul(&self, a: &Tensor, b: &Tensor, bias: Option<&Tensor>, product: Product) -> Tensor {
        let out = self.result::<kernels::Matmul>(size(&[product.rows, product.columns]));
        self.product(&out, a, b, bias, false, product);
        out
    }

    fn matmul_add(&self, out: &mut Tensor, a: &Tensor, b: &Tensor, product: Product) {
        self.product(out, a, b, None, true, product);
    }

    fn add(&self, a: &Tensor, b: &Tensor, length: usize) -> Tensor {
        let count = length as u64;
        let out = self.result::<kernels::Add>(count);
        let params = kernels::Add {
            length: narrow(length),
        };
        let reads = [a.first(count), b.first(count)];
        self.run(params, &reads, &[out.first(count)], groups(count), count);
        out
    }

    fn add_scaled(
        &self,
        out: &mut Tensor,
        offset: usize,
        x: &Tensor,
        from: usize,
        length: usize,
        factor: f32,
    ) {
        let count = length as u64;
        let params = kernels::AddScaled {
            offset: narrow(offset),
            origin: narrow(from),
            length: narrow(length),
            factor,
        };
        let reads = [x.first((from as u64).saturating_add(count))];
        let writes = [out.first((offset as u64).saturating_add(count))];
        self.run(params, &reads, &writes, groups(count), count);
    }

    fn scale_tokens(
        &self,
        x: &Tensor,
        scale: &Tensor,
        rows: usize,
        tokens: usize,
        width: usize,
    ) -> Tensor {
        let count = size(&[rows, tokens, width]);
        let out = self.result::<kernels::ScaleTokens>(count);
        let params = kernels::ScaleTokens {
            length: count as u32,
            tokens: narrow(tokens),
            width: narrow(width),
        };
        let reads = [x.first(count), scale.first(tokens as u64)];
        self.run(params, &reads, &[out.first(count)], groups(count), count);
        out
    }

    fn norm(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        epsilon: f32,
        sizes: NormRows,
    ) -> (Tensor, Tensor) {
        let NormRows {
            rows,
            width,
            centred,
        } = sizes;
        let count = size(&[rows, width]);
        let out = self.result::<kernels::Norm>(count);
        let scales = self.result::<kernels::Norm>(rows as u64);
        let params = kernels::Norm {
            rows: narrow(rows),
            width: narrow(width),
            centred: u32::from(centred),
            epsilon,
        };
        let reads = [
            x.first(count),
            weight.first(width as u64),
            bias.first(width as u64),
        ];
        let writes = [out.first(count), scales.first(rows as u64)];
        self.run(params, &reads, &writes, rows as u64, count);
        (out, scales)
    }

    fn norm_frozen(
        &self,
        x: &Tensor,
        weight: &Tensor,
        bias: &Tensor,
        scale: &Tensor,
        sizes: NormRows,
    ) -> Tensor {
        let NormRows {
            rows,
            width,
            centred,
        } = sizes;
        let count = size(&[rows, width]);
        let out = self.result::<kernels::NormFrozen>(count);
        let params = kernels::NormFrozen {
            rows: narrow(rows),
            width: narrow(width),
            centred: u32::from(centred),
        };
        let reads = [
            x.first(count),
            weight.first(width as u64),
            bias.first(width as u64),
            scale.first(rows as u64),
        ];
        self.run(params, &reads, &[out.first(count)], rows as u64, count);
        out
    }

    fn norm_back(
        &self,
        out: &mut Tensor,
        gradient: &Tensor,
        x: &Tensor,
        weight: &Tensor,
        scale: &Tensor,
        sizes: NormBack,
    ) {
        let NormBack {
            targets,
            tokens,
            width,
            centred,
            held,
        } = sizes;
        let rows = size(&[targets, tokens]);
        let count = rows.saturating_mul(width as u64);
        let params = kernels::NormBack {
            rows: rows as u32,
            tokens: narrow(tokens),
            width: narrow(width),
            centred: u32::from(centred),
            held: u32::from(held),
        };
        let reads = [
            gradient.first(count),
            x.first(size(&[tokens, width])),
            weight.first(width as u64),
            scale.first(tokens as u64),
        ];
        self.run(params, &reads, &[out.first(count)], rows, count);
    }

    fn activate(&self, x: &Tensor, activation: Activation, length: usize) -> Tensor {
        let count = length as u64;
        let out = self.result::<kernels::Activate>(count);
        let params = kernels::Activate {
            length: narrow(length),
            kind: match activation {
                Activation::GeluNew => 0,
                Activation::Gelu => 1,
                Activation::Relu => 2,
                Activation::Silu => 3,
            },
        };
        let work = count.saturating_mul(8);
        self.run(
            params,
            &[x.first(count)],
            &[out.first(count)],
            groups(count),
            work,
        );
        out
    }

    fn jump_relu(&self, x: &Tensor, threshold: &Tensor, rows: usize, features: usize) -> Tensor {
        let count = size(&[rows, features]);
        let out = self.result::<kernels::JumpRelu>(count);
        let params = kernels::JumpRelu {
            length: count as u32,
            features: narrow(features),
        };
        let reads = [x.first(count), threshold.first(features as u64)];
        self.run(params, &reads, &[out.first(count)], groups(count), count);
        out
    }

    fn top_k(&self, x: &Tensor, k: usize, rows: usize, features: usize) -> Tensor {
        let count = size(&[rows, features]);
        let out = self.result::<kernels::TopK>(count);
        let params = kernels::TopK {
            rows: narrow(rows),
            features: narrow(features),
            k: narrow(k),
        };
        // Each value is looked at once for each bit of a value and of a place.
        let work = count.saturating_mul(32 + 24);
        let (reads, writes) = ([x.first(count)], [out.first(count)]);
        self.run(params, &reads, &writes, rows as u64, work);
        out
    }

    fn rotate(&self, x: &mut Tensor, table: &Tensor, sizes: Rotation) {
        let Rotation {
            rows,
            tokens,
            first,
            stride,
            heads,
            head_width,
            back,
        } = sizes;
        let count = size(&[rows, heads, head_width / 2]);
        let params = kernels::Rotate {
            length: count as u32,
            tokens: narrow(tokens),
            first: narrow(first),
            stride: narrow(stride),
            heads: narrow(heads),
            head_width: narrow(head_width),
            sign: if back { -1.0 } else { 1.0 },
        };
        let reads = [table.first(size(&[first.saturating_add(tokens), head_width]))];
        let writes = [x.first(size(&[rows, stride]))];
        self.run(params, &reads, &writes, groups(count), count);
    }

    fn attention_pattern(&self, past: Option<&Tensor>, qkv: &Tensor, sizes: Attention) -> Tensor {
        let Attention {
            sequences,
            tokens,
            past: before,
            heads,
            width,
            ..
        } = sizes;
        let rows = size(&[sequences, heads, tokens]);
        let count = size(&[sequences, heads, tokens, before + tokens]);
        let head_width = sizes.head_width();
        let out = self.result::<kernels::AttentionPattern>(count);
        let params = kernels::AttentionPattern {
            rows: rows as u32,
            tokens: narrow(tokens),
            past: narrow(before),
            heads: narrow(heads),
            group: narrow(sizes.group()),
            width: narrow(width),
            key_width: narrow(sizes.key_width()),
            head_width: narrow(head_width),
            factor: 1.0 / (head_width as f32).sqrt(),
        };
        let reads = attended(past, qkv, sizes.stride(), sizes);
        let work = count.saturating_mul(head_width as u64);
        self.run(params, &reads, &[out.first(count)], rows, work);
        out
    }

    fn attention_mix(
        &self,
        pattern: &Tensor,
        past: Option<&Tensor>,
        values: &Tensor,
        parts: usize,
        sizes: Attention,
    ) -> Tensor {
        let Attention {
            sequences,
            tokens,
            past: before,
            heads,
            width,
            ..
        } = sizes;
        let stride = match parts {
            1 => sizes.key_width(),
            _ => sizes.stride(),
        };
        let count = size(&[sequences, tokens, width]);
        let out = self.result::<kernels::AttentionMix>(count);
        let params = kernels::AttentionMix {
            length: count as u32,
            tokens: narrow(tokens),
            past: narrow(before),
            heads: narrow(heads),
            group: narrow(sizes.group()),
            width: narrow(width),
            key_width: narrow(sizes.key_width()),
            head_width: narrow(sizes.head_width()),
            stride: narrow(stride),
        };
        let pattern = pattern.first(size(&[sequences, heads, tokens, before + tokens]));
        let [past, own] = attended(past, values, stride, sizes);
        let reads = [pattern, past, own];
        let work = count.saturating_mul((before + tokens) as u64);
        self.run(params, &reads, &[out.first(count)], groups(count), work);
        out
    }

    fn attention_unmix(&self, pattern: &Tensor, gradient: &Tensor, sizes: Attention) -> Tensor {
        let Attention {
            sequences,
            tokens,
            heads,
            width,
            ..
        } = sizes;
        let key_width = sizes.key_width();
        let count = size(&[sequences, tokens, key_width]);
        let out = self.result::<kernels::AttentionUnmix>(count);
        let blocks = tokens.div_ceil(4);
        let params = kernels::AttentionUnmix {
            rows: narrow(sequences),
            tokens: narrow(tokens),
            group: narrow(sizes.group()),
            width: narrow(width),
            key_width: narrow(key_width),
            head_width: narrow(sizes.head_width()),
            blocks: narrow(blocks),
        };
        let reads = [
            pattern.first(size(&[heads, tokens, tokens])),
            gradient.first(size(&[sequences, tokens, width])),
        ];
        let workgroups = groups(size(&[sequences, blocks, key_width]));
        let work = size(&[sequences, tokens, tokens, width]);
        self.run(params, &reads, &[out.first(count)], workgroups, work);
        out
    }

    fn head_products(&self, a: &Tensor, b: &Tensor, columns: usize, sizes: Attention) -> Tensor {
        let Attention { heads, width, .. } = sizes;
        let (head_width, key_width) = (sizes.head_width(), sizes.key_width());
        let rows = size(&[sizes.sequences, sizes.tokens]);
        let count = rows.saturating_mul(size(&[heads, columns]));
        let out = self.result::<kernels::HeadProducts>(count);
        let params = kernels::HeadProducts {
            length: count as u32,
            columns: narrow(columns),
            heads: narrow(heads),
            group: narrow(sizes.group()),
            width: narrow(width),
            key_width: narrow(key_width),
            head_width: narrow(head_width),
        };
        let reads = [
            a.first(rows.saturating_mul(width as u64)),
            b.first(size(&[columns, key_width])),
        ];
        let work = count.saturating_mul(head_width as u64);
        self.run(params, &reads, &[out.first(count)], groups(count), work);
        out
    }

    fn attention_spread(
        &self,
        out: &mut Tensor,
        weights: &Tensor,
        rows: &Tensor,
        at: &Indices,
        sizes: Spread,
    ) {
        let Spread {
            first,
            count,
            tokens,
            heads,
            width,
        } = sizes;
        let blocks = tokens.div_ceil(4);
        let params = kernels::AttentionSpread {
            first: narrow(first),
            count: narrow(count),
            tokens: narrow(tokens),
            heads: narrow(heads),
            width: narrow(width),
            blocks: narrow(blocks),
        };
        let reads = [
            weights.first(size(&[count, heads, tokens])),
            rows.first(size(&[count, heads, width])),
            at.first(count),
        ];
        let writes = [out.first(size(&[first.saturating_add(count), tokens, width]))];
        let workgroups = groups(size(&[count, blocks, width]));
        let work = size(&[count, tokens, heads, width]);
        self.run(params, &reads, &writes, workgroups, work);
    }

    fn softmax_back(&self, x: &Tensor, gradient: &Tensor, rows: usize, columns: usize) -> Tensor {
        let length = size(&[rows, columns]);
        let out = self.result::<kernels::SoftmaxBack>(length);
        let params = kernels::SoftmaxBack {
            rows: narrow(rows),
            columns: narrow(columns),
        };
        let reads = [x.first(length), gradient.first(length)];
        self.run(params, &reads, &[out.first(length)], rows as u64, length);
        out
    }

    fn attention_scores_back(
        &self,
        pattern: &Tensor,
        qkv: &Tensor,
        gradient: &Tensor,
        sizes: Attention,
    ) -> Tensor {
        let Attention {
            sequences,
            tokens,
            heads,
            width,
            ..
        } = sizes;
        let rows = size(&[sequences, heads, tokens]);
        let count = rows.saturating_mul(tokens as u64);
        let out = self.result::<kernels::AttentionScoresBack>(count);
        let params = kernels::AttentionScoresBack {
            rows: rows as u32,
            tokens: narrow(tokens),
            heads: narrow(heads),
            group: narrow(sizes.group()),
            width: narrow(width),
            key_width: narrow(sizes.key_width()),
            head_width: narrow(sizes.head_width()),
        };
        let reads = [
            pattern.first(size(&[heads, tokens, tokens])),
            qkv.first(size(&[tokens, sizes.stride()])),
            gradient.first(size(&[sequences, tokens, width])),
        ];
        let work = size(&[sequences, tokens, tokens, width]);
        self.run(params, &reads, &[out.first(count)], rows, work);
        out
    }

    fn attention_back(
        &self,
        pattern: &Tensor,
        scores: &Tensor,
        qkv: &Tensor,
        gradient: &Tensor,
        sizes: Attention,
    ) -> Tensor {
        let Attention {
            sequences,
            tokens,
            heads,
            width,
            ..
        } = sizes;
        let count = size(&[sequences, tokens, sizes.stride()]);
        let head_width = sizes.head_width();
        let out = self.result::<kernels::AttentionBack>(count);
        let params = kernels::AttentionBack {
            length: count as u32,
            tokens: narrow(tokens),
            heads: narrow(heads),
            group: narrow(sizes.group()),
            width: narrow(width),
            key_width: narrow(sizes.key_width()),
            head_width: narrow(head_width),
            factor: 1.0 / (head_width as f32).sqrt(),
        };
        let reads = [
            pattern.first(size(&[heads, tokens, tokens])),
            scores.first(size(&[sequences, heads, tokens, tokens])),
            qkv.first(size(&[tokens, sizes.stride()])),
            gradient.first(size(&[sequences, tokens, width])),
        ];
        let work = count.saturating_mul(tokens as u64);
        self.run(params, &reads, &[out.first(count)], groups(count), work);
        out
    }

    fn decode(
        &self,
        out: &mut Tensor,
        activations: &Tensor,
        decoder: &Tensor,
        sizes: Decoding,
        factor: f32,
    ) {
        let Decoding {
            tokens,
            features,
            outputs,
            width,
            layer,
        } = sizes;
        let length = size(&[outputs, width]);
        let blocks = groups(length);
        let params = kernels::Decode {
            tokens: narrow(tokens),
            features: narrow(features),
            length: length as u32,
            width: narrow(width),
            layer: narrow(layer),
            blocks: blocks as u32,
            factor,
        };
        let reads = [
            activations.first(size(&[tokens, features])),
            decoder.first(size(&[features, outputs, width])),
        ];
        let writes = [out.first(size(&[layer.saturating_add(outputs), tokens, width]))];
        let workgroups = blocks.saturating_mul(tokens as u64);
        // One in ten features is active, say.
        let work = size(&[tokens, features, outputs, width]) / 10;
        self.run(params, &reads, &writes, workgroups, work);
    }

    fn steer(
        &self,
        out: &mut Tensor,
        activations: &Tensor,
        decoder: &Tensor,
        positions: &Indices,
        features: &Indices,
        values: &Tensor,
        count: usize,
        sizes: Decoding,
    ) {
        if count == 0 {
            return;
        }
        let Decoding {
            tokens,
            outputs,
            width,
            layer,
            ..
        } = sizes;
        let length = size(&[outputs, width]);
        let params = kernels::Steer {
            count: narrow(count),
            tokens: narrow(tokens),
            features: narrow(sizes.features),
            length: length as u32,
            width: narrow(width),
            layer: narrow(layer),
        };
        let reads = [
            activations.first(size(&[tokens, sizes.features])),
            decoder.first(size(&[sizes.features, outputs, width])),
            positions.first(count),
            features.first(count),
            values.first(count as u64),
        ];
        let writes = [out.first(size(&[layer.saturating_add(outputs), tokens, width]))];
        let threads = length.saturating_mul(tokens as u64);
        let work = threads.saturating_mul(count as u64);
        self.run(params, &reads, &writes, groups(threads), work);
    }

    fn gather_rows(
        &self,
        table: &Tensor,
        indices: &Indices,
        scales: &Tensor,
        count: usize,
        width: usize,
    ) -> Tensor {
        let length = size(&[count, width]);
        let out = self.result::<kernels::GatherRows>(length);
        let params = kernels::GatherRows {
            length: length as u32,
            width: narrow(width),
        };
        let reads = [
            table.first(width as u64),
            indices.first(count),
            scales.first(count as u64),
        ];
        self.run(params, &reads, &[out.first(length)], groups(length), length);
        out
    }

    fn scatter_rows(
        &self,
        out: &mut Tensor,
        rows: &Tensor,
        indices: &Indices,
        count: usize,
        width: usize,
    ) {
        let length = size(&[count, width]);
        let params = kernels::ScatterRows {
            length: length as u32,
            width: narrow(width),
        };
        let reads = [rows.first(length), indices.first(count)];
        let writes = [out.first(width as u64)];
        self.run(params, &reads, &writes, groups(length), length);
    }

    fn edges(
        &self,
        out: &mut Tensor,
        gradient: &Tensor,
        vectors: &Tensor,
        positions: &Indices,
        columns: &Indices,
        sizes: Edges,
    ) {
        let Edges {
            targets,
            tokens,
            width,
            sources,
            stride,
            offset,
            columns: row,
        } = sizes;
        if sources == 0 {
            return;
        }
        let blocks = sources.div_ceil(16);
        let params = kernels::Edges {
            targets: narrow(targets),
            tokens: narrow(tokens),
            width: narrow(width),
            sources: narrow(sources),
            stride: narrow(stride),
            offset: narrow(offset),
            columns: narrow(row),
            blocks: narrow(blocks),
        };
        let last = size(&[sources - 1, stride]);
        let reads = [
            gradient.first(size(&[targets, tokens, width])),
            vectors.first(
                last.saturating_add(offset as u64)
                    .saturating_add(width as u64),
            ),
            positions.first(sources),
            columns.first(sources),
        ];
        let writes = [out.first(size(&[targets, row]))];
        let workgroups = size(&[targets.div_ceil(64), blocks]);
        let work = size(&[targets, sources, width]);
        self.run(params, &reads, &writes, workgroups, work);
    }
}
