//! Minifies the page's scripts and styles, and bundles what the page and its workers each load into one file.

use crate::npm;
use crate::process::{program, root, run, target};
use anyhow::{Context, Result};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The page's first script, its stylesheet, the scripts of its workers and what it loads later: all that they import becomes a part
/// of them. They stand one folder deep, as all that they import does, so that addresses beside a module are the same in the bundle.
const ENTRIES: [&str; 5] = [
    "app/main.js",
    "style/all.css",
    "worker/main.js",
    "worker/second-worker.js",
    "app/offline.js",
];

/// In place of every script and stylesheet among `files` (names in the site, and where each is now) its
/// minified form, below `target/minified`.
pub fn minify(files: &mut BTreeMap<PathBuf, PathBuf>) -> Result<()> {
    npm::install()?;
    let folder = target("minified");
    let (sources, made) = (folder.join("sources"), folder.join("made"));
    empty(&made)?;
    let names = copy_code(files, &sources)?;
    let bundled = imported(&sources, &bundles())?;
    let (bundle, names): (Vec<PathBuf>, Vec<PathBuf>) =
        names.into_iter().partition(|name| bundled.contains(name));
    // The engine's own script keeps its names: tests put faults into its classes.
    let (engine, rest): (Vec<&PathBuf>, Vec<&PathBuf>) = names
        .iter()
        .partition(|name| name.ends_with("wasm/engine.js"));
    for (part, how) in [
        (rest, &["--minify"][..]),
        (engine, &["--minify-whitespace", "--minify-syntax"]),
    ] {
        run(esbuild()
            .args(part.iter().map(|name| sources.join(name)))
            .args(how)
            .arg(option("--outbase=", &sources))
            .arg(option("--outdir=", &made)))?;
    }
    for name in bundle {
        files.remove(&name);
    }
    for name in names {
        let path = made.join(&name);
        files.insert(name, path);
    }
    for name in ENTRIES {
        files.insert(name.into(), bundles().join(name));
    }
    Ok(())
}

/// A folder with nothing in it.
fn empty(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    Ok(fs::create_dir_all(folder)?)
}

/// Copies scripts and styles, which come from several folders: esbuild keeps the tree below one. Tells their names.
fn copy_code(files: &BTreeMap<PathBuf, PathBuf>, sources: &Path) -> Result<Vec<PathBuf>> {
    empty(sources)?;
    let names: Vec<PathBuf> = files.keys().filter(|name| is_code(name)).cloned().collect();
    for name in &names {
        let copy = sources.join(name);
        fs::create_dir_all(copy.parent().expect("a file below a folder"))?;
        fs::copy(&files[name], &copy)
            .with_context(|| format!("cannot copy {}", files[name].display()))?;
    }
    Ok(names)
}

/// The bundles of the single file.
pub struct Bundles {
    pub page: String,
    pub style: String,
    pub worker: String,
    pub second: String,
}

/// How the parts of the single file are found, in place of how those of the site are.
pub const SINGLE_DELIVERY: &str = "app/delivery-single.js";

/// Bundles `files` for the single file.
pub fn bundle_single(files: &BTreeMap<PathBuf, PathBuf>) -> Result<Bundles> {
    npm::install()?;
    let folder = target("minified/single");
    let (sources, made) = (folder.join("sources"), folder.join("bundled"));
    empty(&made)?;
    copy_code(files, &sources)?;
    fs::copy(
        sources.join(SINGLE_DELIVERY),
        sources.join("app/delivery.js"),
    )?;
    imported(&sources, &made)?;
    // Chromium starts no module worker from a page without an origin, as a file is. That the engine's script cannot tell where it
    // is does not matter: it is given its wasm.
    run(esbuild()
        .args(["worker/main.js", "worker/second-worker.js"].map(|name| made.join(name)))
        .args(["--format=iife", "--minify"])
        .arg("--log-override:empty-import-meta=silent")
        .arg("--allow-overwrite")
        .arg(option("--outbase=", &made))
        .arg(option("--outdir=", &made)))?;
    let read = |name: &str| -> Result<String> {
        let text = fs::read_to_string(made.join(name))?;
        Ok(text.trim_end().to_string())
    };
    let [page, style, worker, second, _] = ENTRIES;
    Ok(Bundles {
        page: read(page)?,
        style: read(style)?,
        worker: read(worker)?,
        second: read(second)?,
    })
}

/// Bundles files, and tells what is in the bundles, as names in the site.
fn imported(sources: &Path, made: &Path) -> Result<BTreeSet<PathBuf>> {
    #[derive(Deserialize)]
    struct Listing {
        inputs: BTreeMap<PathBuf, IgnoredAny>,
    }
    let listing = made.join("listing.json");
    run(esbuild()
        .args(ENTRIES.iter().map(|name| sources.join(name)))
        .args(["--bundle", "--minify"])
        .arg(option("--outbase=", sources))
        .arg(option("--outdir=", made))
        .arg(option("--metafile=", &listing)))?;
    let listed: Listing = serde_json::from_slice(&fs::read(listing)?)?;
    let names = listed.inputs.into_keys().map(|path| {
        let name = root().join(path);
        name.strip_prefix(sources)
            .map(Path::to_path_buf)
            .with_context(|| format!("{} is none of the page's files", name.display()))
    });
    names.collect()
}

fn bundles() -> PathBuf {
    target("minified/bundled")
}

fn esbuild() -> Command {
    let mut esbuild = program(npm::bin("esbuild"));
    esbuild
        .args(["--format=esm", "--target=es2022"])
        .args(["--charset=utf8", "--legal-comments=none"])
        .arg("--log-level=warning");
    esbuild
}

fn is_code(name: &Path) -> bool {
    ["js", "css"]
        .map(OsStr::new)
        .contains(&name.extension().unwrap_or_default())
}

fn option(name: &str, path: &Path) -> std::ffi::OsString {
    let mut option = std::ffi::OsString::from(name);
    option.push(path);
    option
}
