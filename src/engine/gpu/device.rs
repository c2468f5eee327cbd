//! The device: which GPU is taken, what it is called, and what goes wrong with it.

use crate::model::clause;
use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::task::{Poll, ready};

use crate::engine::{Description, EngineError};

/// Where waiting must not block, a timer: each call gives a future that is ready so many milliseconds
/// later.
pub type Timer = fn(i32) -> Pin<Box<dyn Future<Output = ()>>>;

/// Milliseconds between two looks at whether an answer is there.
const TICK_MS: i32 = 500;

/// Milliseconds between two empty submissions while an answer is waited for. Firefox looks for
/// finished work every 100 ms only, and at every submission.
const NUDGE_MS: i32 = 4;

/// Ticks after which a GPU that does not answer is given up: 10 s. No recording takes nearly as long
/// (see `WORK_LIMIT` in `recorder.rs`), unless the GPU is emulated. Ticks and not the clock, because
/// while a machine sleeps or a tab is frozen at most one of them passes.
const PATIENCE: u32 = 20;
const SOFTWARE: u32 = 2 * PATIENCE;

/// And before the first answer, for which the kernels have to be compiled.
const FIRST: u32 = 4 * PATIENCE;

/// An opened GPU.
#[derive(Debug)]
pub struct Device {
    /// Makes buffers and pipelines.
    pub handle: wgpu::Device,
    /// Runs what was recorded.
    pub queue: wgpu::Queue,
    /// What the adapter allows, all of which was asked for.
    pub limits: wgpu::Limits,
    /// Name and kind, for people to read.
    pub description: Description,
    /// What went wrong since the last read.
    pub faults: Arc<Faults>,
    timer: Option<Timer>,
    /// Whether the GPU has answered before.
    answered: AtomicBool,
}

/// Whether what browsers and drivers say is for those who build this. In a browser it is full of
/// names of JavaScript's types, and readers are told in plain words instead.
const FOR_READERS: bool = cfg!(target_arch = "wasm32");

/// wgpu's own account lists every back end that was left out of the build.
const NO_ADAPTER: &str = if FOR_READERS {
    "the browser's WebGPU offers this page none, perhaps because hardware acceleration is off"
} else {
    "no Vulkan, Metal or Direct3D 12 driver offers one"
};

impl Device {
    /// Opens the fastest GPU there is; a software one if there is no other.
    ///
    /// With a timer, a GPU that doesn't answer is given up after a while.
    ///
    /// # Errors
    /// [`EngineError::NoGpu`] if there is none, or if it can't be opened.
    pub async fn open(timer: Option<Timer>) -> Result<Device, EngineError> {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor::new_without_display_handle());
        // Natively and in browsers, real GPUs come before software ones with this preference.
        let adapter = instance
            .request_adapter(&wgpu::RequestAdapterOptions {
                power_preference: wgpu::PowerPreference::HighPerformance,
                ..Default::default()
            })
            .await
            .map_err(|_| EngineError::NoGpu(NO_ADAPTER.into()))?;
        // The defaults allow less than most GPUs do: 128 MiB a binding.
        let limits = adapter.limits();
        let (handle, queue) = adapter
            .request_device(&wgpu::DeviceDescriptor {
                label: Some("attograph"),
                required_limits: limits.clone(),
                ..Default::default()
            })
            .await
            .map_err(|error| {
                EngineError::NoGpu(match FOR_READERS {
                    true => "the browser did not open the one that it has".into(),
                    false => clause(&error),
                })
            })?;
        let faults = Arc::new(Faults::default());
        let noted = Arc::clone(&faults);
        handle.on_uncaptured_error(Arc::new(move |error| noted.note(&error)));
        let noted = Arc::clone(&faults);
        handle.set_device_lost_callback(move |_, message| {
            noted.lose(&match clause(&message) {
                reason if FOR_READERS || reason.is_empty() => "it was lost".into(),
                reason => format!("it was lost ({reason})"),
            });
        });
        let description = describe(&adapter.get_info(), &handle);
        Ok(Device {
            handle,
            queue,
            limits,
            description,
            faults,
            timer,
            answered: AtomicBool::new(false),
        })
    }

    /// What the GPU answers; nothing, and the device is lost, if that takes too long.
    pub async fn answer<T>(&self, answer: impl Future<Output = T>) -> Option<T> {
        let Some(timer) = self.timer else {
            return Some(answer.await);
        };
        let mut answer = pin!(answer);
        let mut tick = timer(TICK_MS);
        let mut nudge = timer(NUDGE_MS);
        let mut waited = 0;
        poll_fn(|context| {
            loop {
                if let Poll::Ready(value) = answer.as_mut().poll(context) {
                    return Poll::Ready(Some(value));
                }
                while nudge.as_mut().poll(context).is_ready() {
                    self.queue.submit([]);
                    nudge = timer(NUDGE_MS);
                }
                ready!(tick.as_mut().poll(context));
                waited += 1;
                if waited >= self.patience() {
                    let seconds = waited * TICK_MS as u32 / 1000;
                    self.faults
                        .lose(&format!("it did not answer for {seconds} s"));
                    return Poll::Ready(None);
                }
                tick = timer(TICK_MS);
            }
        })
        .await
    }

    /// Notes that the GPU has answered something, so that its kernels are compiled.
    pub fn heard(&self) {
        self.answered.store(true, Ordering::Relaxed);
    }

    /// Ticks that an answer may take.
    fn patience(&self) -> u32 {
        match (
            self.answered.load(Ordering::Relaxed),
            self.description.software,
        ) {
            (false, _) => FIRST,
            (true, false) => PATIENCE,
            (true, true) => SOFTWARE,
        }
    }

    /// The most bytes that one tensor may take.
    pub fn largest_tensor(&self) -> u64 {
        self.limits
            .max_storage_buffer_binding_size
            .min(self.limits.max_buffer_size)
    }
}

fn describe(info: &wgpu::AdapterInfo, device: &wgpu::Device) -> Description {
    let name = match info.name.trim() {
        "" => browser_name(device),
        name => name.to_owned(),
    };
    let software = info.device_type == wgpu::DeviceType::Cpu
        || ["llvmpipe", "swiftshader", "basic render"]
            .iter()
            .any(|known| name.to_ascii_lowercase().contains(known));
    Description {
        engine: "gpu",
        device: name,
        software,
    }
}

/// Browsers hide the adapter's name from pages, and give vendor and architecture instead.
#[cfg(target_arch = "wasm32")]
fn browser_name(device: &wgpu::Device) -> String {
    let Some(device) = device.as_webgpu() else {
        return String::new();
    };
    let info = device.adapter_info();
    let parts = [info.vendor(), info.architecture()];
    parts.join(" ").trim().to_owned()
}

#[cfg(not(target_arch = "wasm32"))]
fn browser_name(_device: &wgpu::Device) -> String {
    String::new()
}

/// What went wrong since the last read. The first cause is the one worth telling.
#[derive(Debug, Default)]
pub struct Faults {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    first: Option<EngineError>,
    /// Why the device is gone: it doesn't come back.
    lost: Option<String>,
}

impl Faults {
    /// Notes what the device reported.
    pub fn note(&self, error: &wgpu::Error) {
        self.put(EngineError::Device(match error {
            wgpu::Error::OutOfMemory { .. } => "it is out of memory".into(),
            _ if FOR_READERS => "it refused an operation".into(),
            error => clause(error),
        }));
    }

    /// Notes an error, unless there is an earlier one.
    pub fn put(&self, error: EngineError) {
        self.lock().first.get_or_insert(error);
    }

    /// Notes that the device is gone, and why.
    fn lose(&self, reason: &str) {
        self.lock().lost.get_or_insert_with(|| reason.into());
    }

    /// Whether something went wrong since the last read.
    pub fn any(&self) -> bool {
        let state = self.lock();
        state.first.is_some() || state.lost.is_some()
    }

    /// Whether the device is gone.
    pub fn lost(&self) -> bool {
        self.lock().lost.is_some()
    }

    /// What went wrong since the last read, which forgets it; a lost device stays lost.
    pub fn take(&self) -> Option<EngineError> {
        let mut state = self.lock();
        let first = state.first.take();
        match &state.lost {
            Some(reason) => Some(EngineError::Device(reason.clone())),
            None => first,
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        super::locked(&self.state)
    }
}
