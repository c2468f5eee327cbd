//! `attograph evaluate` on small random models: its figures against plain computations, the manifest
//! that it writes, and what it says of an evaluation.json that is spoilt.

mod answers;
mod asked;
mod features;
mod files;
mod graphs;
mod plain;
