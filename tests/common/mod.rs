//! What the tests share. Not every test uses all of it.
#![allow(dead_code)]

#[cfg(feature = "cli")]
pub mod calls;
pub mod cases;
pub mod edges;
pub mod fixtures;
pub mod folders;
pub mod random;
pub mod reference;
pub mod scratch;
pub mod statistics;
