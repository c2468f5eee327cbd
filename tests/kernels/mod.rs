//! Every kernel against its counterpart on the CPU, and the rules of recording. On a machine without a
//! GPU, Mesa's software driver does (packages `libvulkan1` and `mesa-vulkan-drivers`).
#![cfg(feature = "gpu")]

mod attention;
mod attention_back;
mod compare;
mod elementwise;
mod norms;
mod products;
mod recording;
mod transcoders;
