//! What drives a browser: its tests, and pictures of the site.

use crate::process::{cargo, on_path, program, run, target};
use crate::{debian, npm, site};
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::process::Command;

/// Programs that are Chromium, by the names they are installed as.
const CHROMIUMS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Runs the browser tests on the built site. One of them compares it with the command line.
pub fn test() -> Result<()> {
    run(cargo().args(["build", "--release", "--package", "attograph"]))?;
    let cli = target("release").join(format!("attograph{}", std::env::consts::EXE_SUFFIX));
    run(script("tests/browser/run.mjs")?.env("ATTOGRAPH_CLI", cli))
}

/// Takes pictures of the built site; `arguments` are those of `screenshots.mjs`.
pub fn screenshots(arguments: &[String]) -> Result<()> {
    site::build()?;
    run(script("tests/browser/screenshots.mjs")?.args(arguments))
}

/// Measures the built site.
pub fn bench() -> Result<()> {
    site::build()?;
    run(&mut script("tests/browser/bench.mjs")?)
}

/// A Node.js script, told where Chromium is and how to serve the site.
fn script(path: &str) -> Result<Command> {
    npm::install()?;
    let chromium = chromium()?;
    let mut node = program("node");
    node.arg(path).env("CHROMIUM", chromium).env(
        "ATTOGRAPH_XTASK",
        std::env::current_exe().context("cannot name this program")?,
    );
    Ok(node)
}

/// Chromium: `$CHROMIUM`, or what is installed, or Debian's package.
fn chromium() -> Result<OsString> {
    if let Some(named) = std::env::var_os("CHROMIUM") {
        return Ok(named);
    }
    let installed = || CHROMIUMS.iter().find_map(|name| on_path(name));
    if installed().is_none() {
        // Without a font, pages are measured and pictured as boxes.
        debian::install(&["chromium", "fonts-dejavu-core"], "Chromium")?;
    }
    Ok(installed()
        .context("Chromium is still not on the PATH")?
        .into_os_string())
}

/// Makes sure that the native GPU tests have a Vulkan device: Mesa's, in software.
pub fn software_vulkan() -> Result<()> {
    let present = std::fs::read_dir("/usr/share/vulkan/icd.d").is_ok_and(|drivers| {
        drivers
            .flatten()
            .any(|driver| driver.file_name().to_string_lossy().starts_with("lvp_icd"))
    });
    let loader = ["x86_64-linux-gnu", "aarch64-linux-gnu", ""]
        .iter()
        .any(|folder| {
            std::path::Path::new("/usr/lib")
                .join(folder)
                .join("libvulkan.so.1")
                .exists()
        });
    if !cfg!(target_os = "linux") || (present && loader) {
        return Ok(());
    }
    debian::install(
        &["libvulkan1", "mesa-vulkan-drivers"],
        "a software Vulkan driver",
    )
}
