//! Bytes gzipped, as a server sends them, and in base64, as a text holds them.

use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use std::io::{Result, Write};

/// Gzipped as a server does it while it sends.
pub fn gzipped(bytes: &[u8]) -> Result<Vec<u8>> {
    packed(bytes, Compression::default())
}

/// Gzipped as small as it gets, for what is packed once and sent often.
pub fn gzipped_well(bytes: &[u8]) -> Result<Vec<u8>> {
    packed(bytes, Compression::best())
}

fn packed(bytes: &[u8], level: Compression) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes)?;
    encoder.finish()
}

/// In base64, as RFC 4648 has it.
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}
