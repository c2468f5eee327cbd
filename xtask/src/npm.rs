//! npm packages, at the versions of package-lock.json.

use crate::process::{on_path, output, program, root, run};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::PathBuf;

/// The oldest Node.js that the scripts here run on.
const NODE: u32 = 20;

/// Installs the packages into `node_modules/`, unless those of this lock file are there.
pub fn install() -> Result<()> {
    let lock = fs::read(root().join("package-lock.json"))?;
    let stamp = root().join("node_modules/.attograph-lock");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    check_node()?;
    println!("Installing npm packages");
    run(program("npm").args(["ci", "--no-audit", "--no-fund", "--ignore-scripts"]))?;
    fs::write(stamp, lock)?;
    Ok(())
}

/// A program that one of the packages brings.
pub fn bin(name: &str) -> PathBuf {
    root().join("node_modules/.bin").join(name)
}

fn check_node() -> Result<()> {
    if on_path("npm").is_none() {
        bail!("Node.js {NODE} or later, with npm, is needed: https://nodejs.org");
    }
    let version = output(program("node").arg("--version"))?;
    let major: u32 = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|number| number.parse().ok())
        .with_context(|| format!("cannot read Node.js's version in {version:?}"))?;
    if major < NODE {
        bail!(
            "Node.js {NODE} or later is needed; this is {}",
            version.trim()
        );
    }
    Ok(())
}
