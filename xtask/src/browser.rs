//! What drives a browser: its tests, and pictures of the site.

use crate::process::{cargo, on_path, program, run, target};
use crate::{debian, npm, site};
use anyhow::{Context, Result};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Programs that are Chromium, by the names they are installed as.
const CHROMIUMS: [&str; 4] = [
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
];

/// Programs that are Firefox.
const FIREFOXES: [&str; 2] = ["firefox-esr", "firefox"];

/// Runs the tests of the built site in Chromium. Some of them compare it with the command line.
pub fn test() -> Result<()> {
    let cli = command_line()?;
    run(script("tests/browser/run.mjs", Some(chromium()?))?.env("ATTOGRAPH_CLI", cli))
}

/// Goes the main journeys through the built site in Firefox, on both engines, and in WebKit.
pub fn journeys() -> Result<()> {
    let cli = command_line()?;
    // Firefox's WebGPU runs on it.
    software_vulkan()?;
    let (firefox, mini_browser) = (firefox()?, webkit()?);
    run(script("tests/browser/run.mjs", None)?
        .arg("--journeys")
        .env("ATTOGRAPH_CLI", cli)
        .env("FIREFOX", firefox)
        .env("MINI_BROWSER", mini_browser))
}

/// Builds the native command line.
pub fn command_line() -> Result<PathBuf> {
    run(cargo().args(["build", "--release", "--package", "attograph"]))?;
    Ok(target("release").join(format!("attograph{}", std::env::consts::EXE_SUFFIX)))
}

/// Takes pictures of the built site; `arguments` are those of `screenshots.mjs`.
pub fn screenshots(arguments: &[String]) -> Result<()> {
    site::build()?;
    let cli = command_line()?;
    run(script("tests/browser/screenshots.mjs", Some(chromium()?))?
        .args(arguments)
        .env("ATTOGRAPH_CLI", cli))
}

/// Measures the built site; `arguments` are those of `bench.mjs`.
pub fn bench(arguments: &[String]) -> Result<()> {
    site::build()?;
    run(script("tests/browser/bench.mjs", Some(chromium()?))?.args(arguments))
}

/// A Node.js script, told how to serve the site and, where it drives that, where Chromium is.
fn script(path: &str, chromium: Option<OsString>) -> Result<Command> {
    npm::install()?;
    let mut node = program("node");
    node.arg(path).env(
        "ATTOGRAPH_XTASK",
        std::env::current_exe().context("cannot name this program")?,
    );
    if let Some(chromium) = chromium {
        node.env("CHROMIUM", chromium);
    }
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

/// Firefox: `$FIREFOX`, or what is installed, or Debian's package.
fn firefox() -> Result<OsString> {
    if let Some(named) = std::env::var_os("FIREFOX") {
        return Ok(named);
    }
    let installed = || FIREFOXES.iter().find_map(|name| on_path(name));
    if installed().is_none() {
        debian::install(&["firefox-esr", "fonts-dejavu-core"], "Firefox")?;
    }
    Ok(installed()
        .context("Firefox is still not on the PATH")?
        .into_os_string())
}

/// The browser that WebKitWebDriver drives, which its package brings below a library folder that
/// has the machine and the version in its path; with the driver itself and a screen for it.
fn webkit() -> Result<PathBuf> {
    let installed = || {
        on_path("WebKitWebDriver").and(on_path("Xvfb"))?;
        mini_browser(Path::new("/usr/lib"), 2)
            .or_else(|| mini_browser(Path::new("/usr/libexec"), 1))
    };
    if installed().is_none() {
        debian::install(
            &["webkit2gtk-driver", "xvfb", "fonts-dejavu-core"],
            "WebKit's WebDriver, or a screen for it,",
        )?;
    }
    installed().context("WebKitWebDriver, its MiniBrowser or Xvfb is still missing")
}

/// `webkit2gtk-<version>/MiniBrowser`, at most so many folders deep.
fn mini_browser(folder: &Path, depth: usize) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?.flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    folders.sort();
    folders.iter().find_map(|below| {
        let name = below.file_name()?.to_string_lossy();
        let program = below.join("MiniBrowser");
        if name.starts_with("webkit2gtk-") && program.is_file() {
            return Some(program);
        }
        // On Debian there is a folder for each kind of machine in between.
        let between = depth > 1 && name.ends_with("-linux-gnu");
        between.then(|| mini_browser(below, depth - 1)).flatten()
    })
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
            Path::new("/usr/lib")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn webkits_browser_is_found_below_a_library_folder() {
        let scratch = std::env::temp_dir().join(format!("attograph-webkit-{}", std::process::id()));
        let folder = scratch.join("x86_64-linux-gnu/webkit2gtk-4.1");
        std::fs::create_dir_all(&folder).unwrap();
        assert_eq!(mini_browser(&scratch, 2), None);
        std::fs::write(folder.join("MiniBrowser"), "").unwrap();
        assert_eq!(mini_browser(&scratch, 2), Some(folder.join("MiniBrowser")));
        assert_eq!(
            mini_browser(&scratch.join("x86_64-linux-gnu"), 1),
            mini_browser(&scratch, 2)
        );
        assert_eq!(mini_browser(&scratch, 1), None);
        std::fs::remove_dir_all(scratch).unwrap();
    }
}
