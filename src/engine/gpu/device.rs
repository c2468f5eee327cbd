//! The device: which GPU is taken, what it is called, and what goes wrong with it.

use crate::model::clause;
use std::sync::{Arc, Mutex};

use crate::engine::{Description, EngineError};

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
}

/// wgpu's own account lists every back end that was left out of the build.
const NO_ADAPTER: &str = if cfg!(target_arch = "wasm32") {
    "this browser's WebGPU offers none"
} else {
    "no Vulkan, Metal or Direct3D 12 driver offers one"
};

impl Device {
    /// Opens the fastest GPU there is; a software one if there is no other.
    ///
    /// # Errors
    /// [`EngineError::NoGpu`] if there is none, or if it can't be opened.
    pub async fn open() -> Result<Device, EngineError> {
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
            .map_err(|error| EngineError::NoGpu(clause(&error)))?;
        let faults = Arc::new(Faults::default());
        let noted = Arc::clone(&faults);
        handle.on_uncaptured_error(Arc::new(move |error| noted.note(&error)));
        let noted = Arc::clone(&faults);
        handle.set_device_lost_callback(move |_, message| noted.lose(&message));
        let description = describe(&adapter.get_info(), &handle);
        Ok(Device {
            handle,
            queue,
            limits,
            description,
            faults,
        })
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
        device: if name.is_empty() { "GPU".into() } else { name },
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
            error => clause(error),
        }));
    }

    /// Notes an error, unless there is an earlier one.
    pub fn put(&self, error: EngineError) {
        self.lock().first.get_or_insert(error);
    }

    /// Notes that the device is gone.
    fn lose(&self, message: &str) {
        let reason = match clause(message) {
            reason if reason.is_empty() => "it was lost".into(),
            reason => format!("it was lost ({reason})"),
        };
        self.lock().lost.get_or_insert(reason);
    }

    /// Whether something went wrong since the last read.
    pub fn any(&self) -> bool {
        let state = self.lock();
        state.first.is_some() || state.lost.is_some()
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

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
