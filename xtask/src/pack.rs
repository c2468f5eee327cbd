//! The elements as an npm package: what `npm/` says of them, and of `dist/` what they load.

use crate::process::{root, target};
use crate::recorded::is_further;
use crate::site::{built, files_below, mirror};
use crate::sizes::is_for_elements;
use anyhow::Result;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What the elements load beside their own files.
const LOADED: [&str; 4] = ["worker", "wasm", "models", "recorded"];

/// Puts the package together, of the site as it is built, and returns its folder.
pub fn pack() -> Result<PathBuf> {
    let mut wanted: BTreeMap<PathBuf, PathBuf> = files_below(&root().join("npm"))?;
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        wanted.insert(licence.into(), root().join(licence));
    }
    for (name, path) in files_below(&built()?)? {
        let loaded = LOADED
            .iter()
            .any(|folder| name.starts_with(Path::new(folder)));
        if is_for_elements(&name) || (loaded && !is_further(&name)) {
            wanted.insert(name, path);
        }
    }
    let package = target("npm/attograph");
    mirror(&wanted, &package)?;
    println!("Packed {}", package.display());
    Ok(package)
}
