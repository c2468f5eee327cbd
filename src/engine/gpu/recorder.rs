//! Recording: operations become dispatches of one compute pass, submitted when results are read.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use super::device::Device;
use super::kernels::SHADERS;
use super::locked;
use super::pool::{Buffer, Pool};

/// The bytes that a kernel's parameters may take.
pub const PARAMS_SIZE: usize = 64;

/// The dispatches that one submission holds, each with a slot for its parameters.
const SLOTS: usize = 1024;

/// The multiplications after which a recording is submitted early: a tenth of a second on a slow
/// GPU. Drivers kill what runs for seconds.
const WORK_LIMIT: u64 = 40_000_000_000;

/// The bind groups that are kept.
const GROUP_LIMIT: usize = 2048;

/// The most workgroups in a dimension of a grid, as in `shaders/shared/fold.wgsl`.
const FOLD: u64 = 65535;

/// What an operation asks of a kernel.
#[derive(Debug)]
pub struct Dispatch<'a> {
    /// Where the kernel is in [`SHADERS`].
    pub kernel: usize,
    /// What the kernel is told, as its uniform has it.
    pub params: &'a [u8],
    /// What it reads, in the order of its bindings.
    pub reads: &'a [&'a Buffer],
    /// What it writes; none of them may be among `reads`.
    pub writes: &'a [&'a Buffer],
    /// How many workgroups it takes; more than 0.
    pub workgroups: u64,
    /// About how many multiplications it takes.
    pub work: u64,
}

/// What is recorded but not submitted.
struct Open {
    // Dropped, and so ended, before the encoder is finished.
    pass: wgpu::ComputePass<'static>,
    encoder: wgpu::CommandEncoder,
}

struct Pipeline {
    handle: wgpu::ComputePipeline,
    layout: Layout,
}

/// Kernels with as many reads and writes share a layout, and bind groups.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct Layout {
    reads: usize,
    writes: usize,
}

/// Which buffers a bind group binds, after the parameters.
#[derive(PartialEq, Eq, Hash)]
struct Group {
    layout: Layout,
    buffers: [u64; 6],
}

/// The error that a submission may turn out to have.
#[cfg(not(target_arch = "wasm32"))]
pub type Check = Pin<Box<dyn Future<Output = Option<wgpu::Error>> + Send>>;

/// The error that a submission may turn out to have.
#[cfg(target_arch = "wasm32")]
pub type Check = Pin<Box<dyn Future<Output = Option<wgpu::Error>>>>;

/// Records dispatches and submits them.
pub struct Recorder {
    pool: Arc<Mutex<Pool>>,
    layouts: HashMap<Layout, wgpu::BindGroupLayout>,
    pipelines: Vec<Pipeline>,
    /// Parameters of all dispatches of a recording, a slot each.
    arena: wgpu::Buffer,
    /// What the arena will hold when the recording runs.
    params: Vec<u8>,
    slot: usize,
    groups: HashMap<Group, wgpu::BindGroup>,
    open: Option<Open>,
    work: u64,
    checks: Vec<Check>,
}

impl Recorder {
    /// Compiles all kernels. Browsers do that beside the page, so the earlier it is asked for the
    /// better: weights take longer to arrive.
    pub fn new(device: &Device, pool: Arc<Mutex<Pool>>) -> Recorder {
        let mut layouts = HashMap::new();
        let pipelines = SHADERS
            .iter()
            .map(|shader| {
                let layout = Layout {
                    reads: shader.reads,
                    writes: shader.writes,
                };
                let bindings: &wgpu::BindGroupLayout = layouts
                    .entry(layout)
                    .or_insert_with(|| bind_group_layout(device, layout));
                let pipeline_layout =
                    device
                        .handle
                        .create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
                            label: None,
                            bind_group_layouts: &[Some(bindings)],
                            immediate_size: 0,
                        });
                let module = device
                    .handle
                    .create_shader_module(wgpu::ShaderModuleDescriptor {
                        label: Some(shader.name),
                        source: wgpu::ShaderSource::Wgsl(shader.source().into()),
                    });
                let handle =
                    device
                        .handle
                        .create_compute_pipeline(&wgpu::ComputePipelineDescriptor {
                            label: Some(shader.name),
                            layout: Some(&pipeline_layout),
                            module: &module,
                            entry_point: Some("main"),
                            compilation_options: wgpu::PipelineCompilationOptions {
                                // The kernels write before they read.
                                zero_initialize_workgroup_memory: false,
                                ..Default::default()
                            },
                            cache: None,
                        });
                Pipeline { handle, layout }
            })
            .collect();
        let alignment = device.limits.min_uniform_buffer_offset_alignment as usize;
        let slot = PARAMS_SIZE.next_multiple_of(alignment.max(256));
        let arena = device.handle.create_buffer(&wgpu::BufferDescriptor {
            label: Some("parameters"),
            size: (slot * SLOTS) as u64,
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
            mapped_at_creation: false,
        });
        Recorder {
            pool,
            layouts,
            pipelines,
            arena,
            params: Vec::with_capacity(slot * SLOTS),
            slot,
            groups: HashMap::new(),
            open: None,
            work: 0,
            checks: Vec::new(),
        }
    }

    /// Records a dispatch, after submitting what was recorded if that is much.
    pub fn dispatch(&mut self, device: &Device, dispatch: &Dispatch<'_>) {
        let full = self.params.len() == self.slot * SLOTS;
        let long = self.work > 0 && self.work.saturating_add(dispatch.work) > WORK_LIMIT;
        if full || long {
            self.submit(device, |_| ());
        }
        self.work = self.work.saturating_add(dispatch.work);

        let offset = self.params.len() as u32;
        self.params.extend_from_slice(dispatch.params);
        self.params.resize(offset as usize + self.slot, 0);

        let pipeline = &self.pipelines[dispatch.kernel];
        let mut group = Group {
            layout: pipeline.layout,
            buffers: [0; 6],
        };
        let buffers = dispatch.reads.iter().chain(dispatch.writes);
        for (id, buffer) in group.buffers.iter_mut().zip(buffers.clone()) {
            *id = buffer.id();
        }
        if self.groups.len() == GROUP_LIMIT {
            self.groups.clear();
        }
        let group = self.groups.entry(group).or_insert_with(|| {
            let mut entries = vec![wgpu::BindGroupEntry {
                binding: 0,
                resource: wgpu::BindingResource::Buffer(wgpu::BufferBinding {
                    buffer: &self.arena,
                    offset: 0,
                    size: wgpu::BufferSize::new(PARAMS_SIZE as u64),
                }),
            }];
            entries.extend(
                (1..)
                    .zip(buffers)
                    .map(|(binding, buffer)| wgpu::BindGroupEntry {
                        binding,
                        resource: buffer.handle().as_entire_binding(),
                    }),
            );
            device.handle.create_bind_group(&wgpu::BindGroupDescriptor {
                label: None,
                layout: &self.layouts[&pipeline.layout],
                entries: &entries,
            })
        });

        let pass = &mut self.open.get_or_insert_with(|| open(device)).pass;
        pass.set_pipeline(&pipeline.handle);
        pass.set_bind_group(0, &*group, &[offset]);
        let x = dispatch.workgroups.min(FOLD);
        let y = dispatch.workgroups.div_ceil(FOLD);
        pass.dispatch_workgroups(x as u32, y as u32, 1);
    }

    /// Submits what was recorded, and after it what `finally` adds, such as copies.
    pub fn submit(
        &mut self,
        device: &Device,
        finally: impl FnOnce(&mut wgpu::CommandEncoder),
    ) -> wgpu::SubmissionIndex {
        let Open { pass, mut encoder } = self.open.take().unwrap_or_else(|| open(device));
        drop(pass);
        // Errors that no scope catches may arrive after the results do, in browsers.
        let scope = device
            .handle
            .push_error_scope(wgpu::ErrorFilter::Validation);
        finally(&mut encoder);
        if !self.params.is_empty() {
            device.queue.write_buffer(&self.arena, 0, &self.params);
            self.params.clear();
        }
        let submission = device.queue.submit([encoder.finish()]);
        self.checks.push(Box::pin(scope.pop()));
        self.work = 0;
        let gone = locked(&self.pool).submitted();
        if !gone.is_empty() {
            self.groups
                .retain(|group, _| !group.buffers.iter().any(|id| gone.contains(id)));
        }
        submission
    }

    /// Forgets what was recorded, and everything that an error may have broken. Returns whether
    /// anything was recorded.
    pub fn discard(&mut self) -> bool {
        let recorded = self.open.take().is_some();
        self.params.clear();
        self.work = 0;
        self.checks.clear();
        self.groups.clear();
        locked(&self.pool).distrust();
        recorded
    }

    /// How many bind groups are kept.
    pub fn groups(&self) -> usize {
        self.groups.len()
    }

    /// The errors that submissions since the last call may turn out to have.
    pub fn take_checks(&mut self) -> Vec<Check> {
        std::mem::take(&mut self.checks)
    }
}

fn open(device: &Device) -> Open {
    let mut encoder = device
        .handle
        .create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
    let pass = encoder
        .begin_compute_pass(&wgpu::ComputePassDescriptor::default())
        .forget_lifetime();
    Open { pass, encoder }
}

fn bind_group_layout(device: &Device, layout: Layout) -> wgpu::BindGroupLayout {
    let entry = |binding, ty, has_dynamic_offset| wgpu::BindGroupLayoutEntry {
        binding,
        visibility: wgpu::ShaderStages::COMPUTE,
        ty: wgpu::BindingType::Buffer {
            ty,
            has_dynamic_offset,
            min_binding_size: None,
        },
        count: None,
    };
    let storage = |read_only| wgpu::BufferBindingType::Storage { read_only };
    let mut entries = vec![entry(0, wgpu::BufferBindingType::Uniform, true)];
    let reads = 1..=layout.reads as u32;
    let writes = reads.end() + 1..=reads.end() + layout.writes as u32;
    entries.extend(reads.map(|binding| entry(binding, storage(true), false)));
    entries.extend(writes.map(|binding| entry(binding, storage(false), false)));
    device
        .handle
        .create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: None,
            entries: &entries,
        })
}
