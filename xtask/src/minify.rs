//! Minifies the page's scripts and styles, and bundles them: what a worker loads into one file, and what the page loads into one for
//! the first graph and one for each part that is asked for later.

use crate::bundle::{bundle, esbuild, option};
use crate::element_style;
use crate::npm;
use crate::process::{run, target};
use crate::studies;
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

/// The page's first script. What it imports when asked becomes a file of its own, named by its content, in the same folder.
const PAGE: &str = "lab/main.js";
/// What another page imports to have a lab of its own, or the engine alone; they share files with the page's first script, and on one page
/// the engine.
const LAB: &str = "lab/create.js";
const HOST: &str = "lab/engine-host.js";
/// Says which build it is.
const BUILD: &str = "lab/build.js";
const CHUNKS: &str = "--chunk-names=lab/[name]-[hash]";

/// What a page of somebody else's names, and what stands in a frame; and their parts, as the page's.
pub const ELEMENTS: [&str; 3] = [
    "elements/atto.js",
    "elements/embed.js",
    "elements/stories.js",
];
const ELEMENT_CHUNKS: &str = "--chunk-names=elements/[name]-[hash]";
/// The stylesheets of what elements draw.
pub const ELEMENT_STYLES: [&str; 2] = ["style/element.css", "style/element-story.css"];

/// The stylesheets and the scripts of the workers: all that they import becomes a part of them. They stand
/// one folder deep, as all that they import does, so that addresses beside a module are the same in the bundle.
const ENTRIES: [&str; 8] = [
    "style/all.css",
    "talk/speaker-page.js",
    "worker/main.js",
    "worker/second-worker.js",
    "lab/offline.js",
    "lab/early.js",
    "style/docs.css",
    "style/studies.css",
];

/// In place of every script and stylesheet among `files` (names in the site, and where each is now) its
/// minified form, below `target/minified`. Returns what is loaded at once, as names in the site.
pub fn minify(files: &mut BTreeMap<PathBuf, PathBuf>) -> Result<AtOnce> {
    npm::install()?;
    let folder = target("minified");
    let (sources, made) = (folder.join("sources"), folder.join("made"));
    empty(&made)?;
    let names = copy_code(files, &sources)?;
    name_build(files, &sources.join(BUILD))?;
    let page = bundle(
        &sources,
        &bundles(),
        &[PAGE, LAB, HOST],
        &["--splitting", CHUNKS],
    )?;
    let others = bundle(&sources, &bundles(), &ENTRIES, &[])?;
    let split = ["--splitting", ELEMENT_CHUNKS];
    // Studies are made of elements, and share their files.
    let scripts = studies::scripts();
    let entries: Vec<&str> = ELEMENTS
        .iter()
        .copied()
        .chain(scripts.iter().map(String::as_str))
        .collect();
    let elements = bundle(&sources, &bundles(), &entries, &split)?;
    let style = bundle(&sources, &bundles(), &ELEMENT_STYLES, &[])?;
    for style in ELEMENT_STYLES {
        element_style::convert(&bundles().join(style))?;
    }
    let all = [&page, &others, &elements, &style];
    let bundled: BTreeSet<&PathBuf> = all.iter().flat_map(|each| &each.inputs).collect();
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
    for name in all.iter().flat_map(|each| each.outputs.keys()) {
        files.insert(name.clone(), bundles().join(name));
    }
    let first = page.at_once(Path::new(PAGE));
    let sooner: BTreeSet<PathBuf> = page.needed_by(&SOONER).into_iter().collect();
    let later = page.needed_by(&LATER).into_iter();
    let later = later.filter(|name| !first.contains(name) && !sooner.contains(name));
    let nodes = page.needed_by(&["lab/readable"]).into_iter();
    Ok(AtOnce {
        later: later.collect(),
        nodes: nodes.filter(|name| !first.contains(name)).collect(),
        page: first,
        recorded: elements.needed_by(&RECORDED),
    })
}

/// What is loaded at once, as names in the site.
pub struct AtOnce {
    /// By the page's first script, which is none of it.
    pub page: Vec<PathBuf>,
    /// By what comes after the first graph, or when its nodes are wanted in place of its story, and by nothing else.
    pub later: Vec<PathBuf>,
    /// By the page where it shows nodes in place of a story, beside what its first script loads.
    pub nodes: Vec<PathBuf>,
    /// By an element that shows a recorded graph, with its operand plot.
    pub recorded: Vec<PathBuf>,
}

/// The modules that are asked for after the first graph or for its nodes, and those that may be asked for with it.
const LATER: [&str; 2] = ["lab/parts", "lab/readable"];
const SOONER: [&str; 3] = ["lab/inspected", "lab/create.js", "lab/engine-host.js"];
/// The modules that an element with a recorded graph asks for.
const RECORDED: [&str; 4] = [
    "elements/atto.js",
    "elements/started",
    "elements/graph",
    "elements/big-plot",
];

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

/// Writes the module by which bundles that stand on one page tell whether they are of one build, and so of one engine.
fn name_build(files: &BTreeMap<PathBuf, PathBuf>, module: &Path) -> Result<()> {
    let mut sum = Sha256::new();
    for (name, path) in files {
        if is_code(name) || name.extension() == Some(OsStr::new("wasm")) {
            sum.update(fs::read(path)?);
        }
    }
    let name = &format!("{:x}", sum.finalize())[..16];
    Ok(fs::write(
        module,
        format!("export const BUILD = \"{name}\";\n"),
    )?)
}

/// The bundles of the single file.
pub struct SingleBundles {
    pub page: String,
    pub style: String,
    pub worker: String,
    pub second: String,
}

/// How the parts of the single file are found, in place of how those of the site are.
pub const SINGLE_DELIVERY: &str = "lab/delivery-single.js";

/// Bundles `files` for the single file.
pub fn bundle_single(files: &BTreeMap<PathBuf, PathBuf>) -> Result<SingleBundles> {
    npm::install()?;
    let folder = target("minified/single");
    let (sources, made) = (folder.join("sources"), folder.join("bundled"));
    empty(&made)?;
    copy_code(files, &sources)?;
    fs::copy(
        sources.join(SINGLE_DELIVERY),
        sources.join("lab/delivery.js"),
    )?;
    bundle(&sources, &made, &[PAGE], &[])?;
    bundle(&sources, &made, &ENTRIES, &[])?;
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
    let [style, _, worker, second, ..] = ENTRIES;
    Ok(SingleBundles {
        page: read(PAGE)?,
        style: read(style)?,
        worker: read(worker)?,
        second: read(second)?,
    })
}

fn bundles() -> PathBuf {
    target("minified/bundled")
}

fn is_code(name: &Path) -> bool {
    ["js", "css"]
        .map(OsStr::new)
        .contains(&name.extension().unwrap_or_default())
}
