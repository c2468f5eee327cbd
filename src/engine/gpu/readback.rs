//! Readback: results copied into one buffer that this side can map.

use std::future::{Future, poll_fn};
use std::ops::Range;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Poll, Waker};

use super::device::Device;
use super::locked;
use super::pool::Buffer;
use super::recorder::Recorder;
use crate::engine::EngineError;

/// Where parts of a mapped buffer may start.
const MAP_ALIGNMENT: u64 = wgpu::MAP_ALIGNMENT;

/// Mappable buffers that are kept for the next read.
const KEPT: usize = 4;

/// Mappable buffers that are not in use.
#[derive(Debug, Default)]
pub struct Readback {
    idle: Mutex<Vec<wgpu::Buffer>>,
}

impl Readback {
    /// Submits what was recorded, and returns the first `length` values of each buffer.
    ///
    /// # Errors
    /// [`EngineError`] if anything since the last read went wrong.
    pub async fn read(
        &self,
        device: &Device,
        recorder: &Mutex<Recorder>,
        wanted: &[(&Buffer, usize)],
    ) -> Result<Vec<Vec<f32>>, EngineError> {
        let mut bytes = 0u64;
        let parts: Vec<Range<u64>> = wanted
            .iter()
            .map(|(_, length)| {
                let start = bytes.saturating_add(bytes % MAP_ALIGNMENT);
                bytes = start.saturating_add((*length as u64).saturating_mul(4));
                start..bytes
            })
            .collect();
        if bytes > device.limits.max_buffer_size {
            device.faults.put(EngineError::TooLarge {
                what: "The result".into(),
                bytes,
                limit: device.limits.max_buffer_size,
            });
        }
        if let Some(error) = device.faults.take() {
            locked(recorder).discard();
            return Err(error);
        }

        let staging = self.take(device, bytes);
        let (submission, checks) = {
            let mut recorder = locked(recorder);
            let submission = recorder.submit(device, |encoder| {
                for ((buffer, _), part) in wanted.iter().zip(&parts) {
                    let size = part.end - part.start;
                    if size > 0 {
                        let from = buffer.handle();
                        encoder.copy_buffer_to_buffer(from, 0, &staging, part.start, size);
                    }
                }
            });
            (submission, recorder.take_checks())
        };
        let mapping = map(device, &staging, bytes.max(4), submission);
        let answered = async {
            let (mapped, ()) = both(
                async {
                    let mapped = mapping.await;
                    device.heard();
                    mapped
                },
                async {
                    for check in checks {
                        let error = check.await;
                        device.heard();
                        error.iter().for_each(|error| device.faults.note(error));
                    }
                },
            )
            .await;
            mapped
        };
        let mapped = device.answer(answered).await;
        if !matches!(mapped, Some(Ok(()))) {
            let message = "its results could not be read".into();
            device.faults.put(EngineError::Device(message));
        }
        if let Some(error) = device.faults.take() {
            // What was recorded in the meantime is gone, and its reader must know.
            if locked(recorder).discard() {
                device.faults.put(error.clone());
            }
            return Err(error);
        }

        let results = parts
            .into_iter()
            .map(|part| copy(&staging, part))
            .collect::<Result<_, _>>()?;
        staging.unmap();
        let mut idle = locked(&self.idle);
        if idle.len() == KEPT {
            idle.remove(0);
        }
        idle.push(staging);
        Ok(results)
    }

    fn take(&self, device: &Device, bytes: u64) -> wgpu::Buffer {
        let mut idle = locked(&self.idle);
        let place = idle
            .iter()
            .position(|buffer| buffer.size() >= bytes && buffer.size() / 4 <= bytes.max(1024));
        match place {
            Some(place) => idle.remove(place),
            None => {
                let size = bytes.max(1024).next_power_of_two();
                let size = if size <= device.limits.max_buffer_size {
                    size
                } else {
                    bytes
                };
                device.handle.create_buffer(&wgpu::BufferDescriptor {
                    label: Some("results"),
                    size,
                    usage: wgpu::BufferUsages::MAP_READ | wgpu::BufferUsages::COPY_DST,
                    mapped_at_creation: false,
                })
            }
        }
    }
}

/// A mapping's result, once it is there, and whom to wake for it.
type Mapping = (Option<Result<(), wgpu::BufferAsyncError>>, Option<Waker>);

/// Asks for the buffer to be mapped once the submission has run, which what it returns waits for;
/// natively it blocks until then.
fn map(
    device: &Device,
    buffer: &wgpu::Buffer,
    bytes: u64,
    submission: wgpu::SubmissionIndex,
) -> impl Future<Output = Result<(), wgpu::BufferAsyncError>> + use<> {
    let mapping = Arc::new(Mutex::new(Mapping::default()));
    let noted = Arc::clone(&mapping);
    buffer.map_async(wgpu::MapMode::Read, 0..bytes, move |result| {
        let mut mapping = noted.lock().unwrap_or_else(PoisonError::into_inner);
        mapping.0 = Some(result);
        if let Some(waker) = mapping.1.take() {
            waker.wake();
        }
    });
    // In browsers this does nothing, and the callback comes later.
    let waited = device.handle.poll(wgpu::PollType::Wait {
        submission_index: Some(submission),
        timeout: None,
    });
    poll_fn(move |context| {
        let mut mapping = mapping.lock().unwrap_or_else(PoisonError::into_inner);
        match mapping.0.take() {
            Some(result) => Poll::Ready(result),
            // Nobody would come to wake us.
            None if waited.is_err() => Poll::Ready(Err(wgpu::BufferAsyncError)),
            None => {
                mapping.1 = Some(context.waker().clone());
                Poll::Pending
            }
        }
    })
}

/// Both results, whichever comes first.
async fn both<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    let (mut a, mut b) = (pin!(a), pin!(b));
    let (mut first, mut second) = (None, None);
    poll_fn(move |context| {
        if first.is_none() {
            first = ready(a.as_mut().poll(context));
        }
        if second.is_none() {
            second = ready(b.as_mut().poll(context));
        }
        match (first.take(), second.take()) {
            (Some(a), Some(b)) => Poll::Ready((a, b)),
            waiting => {
                (first, second) = waiting;
                Poll::Pending
            }
        }
    })
    .await
}

/// What came of a poll, if it is ready.
fn ready<T>(poll: Poll<T>) -> Option<T> {
    match poll {
        Poll::Ready(value) => Some(value),
        Poll::Pending => None,
    }
}

/// The values of a part of a mapped buffer.
fn copy(buffer: &wgpu::Buffer, bytes: Range<u64>) -> Result<Vec<f32>, EngineError> {
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    let mut values = vec![0.0f32; ((bytes.end - bytes.start) / 4) as usize];
    let view = buffer
        .get_mapped_range(bytes)
        .map_err(|error| EngineError::Device(error.to_string()))?;
    let target: &mut [u8] = bytemuck::cast_slice_mut(&mut values);
    // As bytes, the view would be copied into wasm's memory first.
    #[cfg(target_arch = "wasm32")]
    view.as_uint8array().copy_to(target);
    #[cfg(not(target_arch = "wasm32"))]
    target.copy_from_slice(&view);
    Ok(values)
}
