//! Reports what a visitor downloads, and fails when it exceeds its budget.

use crate::docs;
use crate::minify::AtOnce;
use crate::packing::gzipped;
use crate::previews;
use crate::site::files_below;
use crate::studies;
use anyhow::{Result, bail};
use std::fs;
use std::path::Path;

/// The page, wasm and tokenizer before weights, gzipped.
const BUDGET: usize = 955_000;
/// The engine's module, gzipped: the live graph waits for it.
const ENGINE_BUDGET: usize = 390_000;
/// The page and viewer alone, without wasm, gzipped.
const PAGE_BUDGET: usize = 150_000;
/// The page's scripts until the first graph, gzipped: what is asked for later comes later.
const FIRST_BUDGET: usize = 60_000;
/// A recorded graph, gzipped: with the scripts, it is all that the first picture waits for.
const RECORDED_BUDGET: usize = 60_000;
/// The documentation without its pictures, gzipped: a browser keeps it with the page.
const DOCS_BUDGET: usize = 100_000;
/// The studies with their data, gzipped, beside the elements that they are made of.
const STUDIES_BUDGET: usize = 150_000;
/// The scripts and the style of an element that shows a recorded graph, gzipped.
const ELEMENT_BUDGET: usize = 60_000;
/// A shipped model with its transcoders, gzipped; the diagnosis model has more words to know.
fn model_budget(name: &str) -> usize {
    match name {
        "diagnosis" => 15_000_000,
        _ => 10_000_000,
    }
}

/// Shown where the project or a link to it is presented; the page itself never loads them.
pub const NOT_LOADED: [&str; 2] = ["screenshot.png", previews::PICTURE];

/// Fetched after the first graph, beside the parts that `minify` tells: what serves a visit without a network or an installed page.
const LATER: [&str; 6] = [
    "talk/",
    "lab/offline.js",
    "service-worker.js",
    "files.json",
    "manifest.webmanifest",
    "icons",
];

/// For pages of others and for frames: the page itself loads nothing of it.
const ELEMENTS: [&str; 4] = [
    "elements",
    "embed.html",
    "style/element.css",
    "style/element-story.css",
];
/// For pages of others that have a whole lab in one of their elements, from this site.
const LABS: [&str; 3] = ["lab/create.js", "lab/engine-host.js", "lab/markup.html"];

/// Whether a file is for pages of others alone.
pub fn is_for_elements(name: &Path) -> bool {
    ELEMENTS.iter().any(|each| name.starts_with(each))
}

/// The scripts that the page names itself.
const FIRST: [&str; 3] = ["lab/main.js", "lab/early.js", "lab/unloaded.js"];

#[derive(Default, Clone, Copy)]
struct Size {
    raw: usize,
    gzipped: usize,
}

/// Prints the sizes of what is in `dist`; an error if a budget is exceeded.
///
/// `at_once` are the files that are loaded at once.
pub fn report(dist: &Path, at_once: &AtOnce) -> Result<()> {
    let mut page = Size::default();
    let mut first = Size::default();
    let mut wasm = Size::default();
    let mut element = Size::default();
    let mut recorded = Vec::new();
    let mut afterwards = Size::default();
    let mut documentation = Size::default();
    let mut told = Size::default();
    let (mut lines, mut failures) = (Vec::new(), Vec::new());
    for (name, path) in files_below(dist)? {
        if name.starts_with("models") || NOT_LOADED.iter().any(|picture| name == Path::new(picture))
        {
            continue;
        }
        let size = measure(&path)?;
        if docs::is_of_docs(&name) {
            if !docs::is_picture(&name) {
                add(&mut documentation, size);
            }
            continue;
        }
        if studies::is_of_studies(&name) {
            add(&mut told, size);
            continue;
        }
        let later = |start: &&str| name.to_string_lossy().starts_with(start);
        if at_once.later.contains(&name) || LATER.iter().any(later) {
            add(&mut afterwards, size);
            continue;
        }
        if LABS.iter().any(|lab| name == Path::new(lab)) {
            continue;
        }
        if is_for_elements(&name) {
            if at_once.recorded.contains(&name) || name == Path::new("style/element.css") {
                add(&mut element, size);
            }
            continue;
        }
        if at_once.page.contains(&name) || FIRST.iter().any(|script| name == Path::new(script)) {
            add(&mut first, size);
        }
        if name.starts_with("recorded") {
            recorded.push((name.display().to_string(), size));
        } else if name.starts_with("wasm") {
            add(&mut wasm, size);
            if name == Path::new("wasm/engine_bg.wasm") {
                limit(&mut failures, "The engine's module", size, ENGINE_BUDGET);
            }
            lines.push((name.display().to_string(), size));
        } else {
            add(&mut page, size);
        }
    }
    let mut all = page;
    add(&mut all, wasm);
    lines.push(("page without wasm".into(), page));
    lines.push(("all before weights".into(), all));
    lines.push(("after the first graph".into(), afterwards));

    lines.push(("scripts until the first graph".into(), first));

    lines.push(("element, recorded graph".into(), element));

    lines.push(("documentation".into(), documentation));
    lines.push(("studies".into(), told));

    limit(
        &mut failures,
        "The documentation",
        documentation,
        DOCS_BUDGET,
    );
    limit(&mut failures, "The studies", told, STUDIES_BUDGET);
    limit(
        &mut failures,
        "An element with a recorded graph",
        element,
        ELEMENT_BUDGET,
    );
    limit(
        &mut failures,
        "The scripts until the first graph",
        first,
        FIRST_BUDGET,
    );
    for (name, size) in &recorded {
        limit(&mut failures, name, *size, RECORDED_BUDGET);
    }
    let largest = recorded.iter().max_by_key(|(_, size)| size.gzipped);
    lines.extend(largest.map(|(name, size)| (format!("largest: {name}"), *size)));
    limit(&mut failures, "The page without wasm", page, PAGE_BUDGET);
    limit(
        &mut failures,
        "The page with wasm, before weights,",
        all,
        BUDGET,
    );
    for (name, size) in models(dist)? {
        limit(
            &mut failures,
            &format!("The model {name}"),
            size,
            model_budget(&name),
        );
        lines.push((format!("models/{name}"), size));
    }

    println!("{:<30}{:>12}{:>12}", "bytes", "raw", "gzipped");
    for (name, size) in lines {
        println!("{name:<30}{:>12}{:>12}", size.raw, size.gzipped);
    }
    if !failures.is_empty() {
        bail!(failures.join("\n"));
    }
    Ok(())
}

fn models(dist: &Path) -> Result<Vec<(String, Size)>> {
    let folder = dist.join("models");
    let mut sizes = Vec::new();
    if !folder.exists() {
        return Ok(sizes);
    }
    for entry in fs::read_dir(folder)? {
        let model = entry?.path();
        if !model.is_dir() {
            continue;
        }
        let mut size = Size::default();
        for path in files_below(&model)?.into_values() {
            add(&mut size, measure(&path)?);
        }
        let name = model.file_name().unwrap_or_default().to_string_lossy();
        sizes.push((name.into_owned(), size));
    }
    sizes.sort_by(|a, b| a.0.cmp(&b.0));
    Ok(sizes)
}

fn limit(failures: &mut Vec<String>, what: &str, size: Size, budget: usize) {
    if size.gzipped > budget {
        failures.push(format!(
            "{what} takes {} bytes gzipped; its budget is {budget}",
            size.gzipped
        ));
    }
}

fn add(total: &mut Size, size: Size) {
    total.raw += size.raw;
    total.gzipped += size.gzipped;
}

fn measure(path: &Path) -> Result<Size> {
    let bytes = fs::read(path)?;
    Ok(Size {
        raw: bytes.len(),
        gzipped: gzipped(&bytes)?.len(),
    })
}
