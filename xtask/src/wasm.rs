//! Builds the two wasm modules of the page, with their JavaScript and its types.

use crate::alike;
use crate::fold;
use crate::imports;
use crate::npm;
use crate::process::{cargo, program, root, run, target};
use crate::wasm_toolchain::{TARGET, Toolchain};
use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

/// One of the page's wasm modules.
struct Module {
    name: &'static str,
    feature: &'static str,
}

const MODULES: [Module; 2] = [
    Module {
        name: "engine",
        feature: "web-engine",
    },
    Module {
        name: "tokenizer",
        feature: "web-tokenizer",
    },
];

/// What rustc is given, for both modules the same, so that they share their compiled dependencies. Where the builder keeps sources of
/// dependencies is nobody's business: panics name files of theirs.
fn flags() -> String {
    let mut flags = vec![
        "-Ctarget-feature=+simd128".to_owned(),
        "--cfg=getrandom_backend=\"wasm_js\"".to_owned(),
    ];
    if let Some(kept) = dependencies() {
        flags.push(format!("--remap-path-prefix={}=cargo", kept.display()));
    }
    // As cargo takes flags that may have spaces.
    flags.join("\u{1f}")
}

/// Where cargo keeps them.
fn dependencies() -> Option<PathBuf> {
    let own = || Some(env::home_dir()?.join(".cargo"));
    env::var_os("CARGO_HOME").map(PathBuf::from).or_else(own)
}

/// Builds both modules into `target/web`, and returns the `.js` and `.wasm` files of the page.
/// What has not changed is not done again.
pub fn build() -> Result<Vec<PathBuf>> {
    let toolchain = Toolchain::find()?;
    let mut files = Vec::new();
    for module in &MODULES {
        let compiled = compile(&toolchain, module)?;
        files.extend(bind(&compiled, module)?);
    }
    Ok(files)
}

/// Runs Clippy on what only the page's modules have.
pub fn lint() -> Result<()> {
    let toolchain = Toolchain::find()?;
    let features = MODULES.map(|module| module.feature).join(",");
    run(toolchain
        .cargo("clippy")?
        .args(["--package", "attograph", "--lib", "--profile", "web"])
        .args(["--no-default-features", "--features", &features])
        .arg("--target-dir")
        .arg(target("web").join(toolchain.name()))
        .args(["--", "--deny", "warnings"])
        .env("CARGO_ENCODED_RUSTFLAGS", flags()))
}

/// Writes `www/lab/wire.d.ts`: the types that cross to JavaScript, from those in Rust.
pub fn write_types() -> Result<()> {
    npm::install()?;
    run(cargo()
        .args([
            "test",
            "--release",
            "--package",
            "attograph",
            "--lib",
            "wire::declared",
        ])
        .env("ATTOGRAPH_WRITE_WIRE", "1"))?;
    run(program(npm::bin("biome")).args(["format", "--write", "www/lab/wire.d.ts"]))
}

/// Compiles a module, unless it was compiled from these very sources before. Cargo alone would
/// compile both anew each time: they are one crate, and it gives their output the same name.
fn compile(toolchain: &Toolchain, module: &Module) -> Result<PathBuf> {
    let folder = target("web").join(toolchain.name());
    let kept = folder.join(module.name).with_extension("wasm");
    let sources = kept.with_extension("d");
    let stamp = kept.with_extension("stamp");
    let identity = || -> Result<String> {
        let mut hash = Sha256::new();
        hash.update(root().as_os_str().as_encoded_bytes());
        for path in listed_sources(&sources)? {
            hash.update(fs::read(path)?);
        }
        for name in ["Cargo.toml", "Cargo.lock"] {
            hash.update(fs::read(root().join(name))?);
        }
        hash.update(toolchain.version()?);
        hash.update(flags());
        hash.update(fs::read(&kept)?);
        Ok(format!("{:x}", hash.finalize()))
    };
    let written = fs::read_to_string(&stamp);
    if identity().is_ok_and(|now| written.is_ok_and(|then| then == now)) {
        return Ok(kept);
    }

    println!("Compiling the {} for the web", module.name);
    run(toolchain
        .cargo("build")?
        .args(["--package", "attograph", "--lib", "--profile", "web"])
        .args(["--no-default-features", "--features", module.feature])
        .arg("--target-dir")
        .arg(&folder)
        .env("CARGO_ENCODED_RUSTFLAGS", flags()))?;
    let made = folder.join(TARGET).join("web/attograph.wasm");
    for (from, to) in [(&made, &kept), (&made.with_extension("d"), &sources)] {
        fs::copy(from, to).with_context(|| format!("cannot copy {}", from.display()))?;
    }
    let bytes = fs::read(&kept)?;
    let names = |path: PathBuf| {
        let path = path.into_os_string().into_encoded_bytes();
        bytes.windows(path.len()).any(|here| here == path)
    };
    ensure!(
        !dependencies().is_some_and(names) && !names(root().to_owned()),
        "{} names a folder of this machine",
        kept.display()
    );
    fs::write(stamp, identity()?)?;
    Ok(kept)
}

/// The source files that rustc read, from the file it lists them in: `output: source source`, with
/// spaces in names escaped.
fn listed_sources(list: &Path) -> Result<Vec<PathBuf>> {
    let text = fs::read_to_string(list)?;
    let (_, sources) = text
        .split_once(": ")
        .with_context(|| format!("{} lists no sources", list.display()))?;
    let sources = sources.trim().replace("\\ ", "\0");
    Ok(sources
        .split_whitespace()
        .map(|name| PathBuf::from(name.replace('\0', " ")))
        .collect())
}

/// Runs wasm-bindgen, unless it ran on these very bytes before.
///
/// `wasm-opt -Oz` afterwards was tried: the module is 9 % smaller, but 8 % larger as gzip packs it.
fn bind(compiled: &Path, module: &Module) -> Result<Vec<PathBuf>> {
    let folder = target("web/bound").join(module.name);
    let files = ["js", "wasm", "d.ts"].map(|kind| {
        let stem = if kind == "wasm" { "_bg" } else { "" };
        folder.join(format!("{}{stem}.{kind}", module.name))
    });
    let [script, binary, types] = files;
    let stamp = folder.join("stamp");

    let mut hash = Sha256::new();
    hash.update(fs::read(compiled)?);
    hash.update(fs::read(std::env::current_exe()?)?); // it contains wasm-bindgen
    let wanted = format!("{:x}", hash.finalize());
    if !fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        if folder.exists() {
            fs::remove_dir_all(&folder)?;
        }
        // The library's version is the one that Cargo.lock has for the crate itself: both ask for
        // exactly their own version of `wasm-bindgen-shared`, of which there can be only one.
        Bindgen::new()
            .input_path(compiled)
            .out_name(module.name)
            .web(true)?
            .typescript(true)
            .remove_name_section(true)
            .remove_producers_section(true)
            .generate(&folder)
            .with_context(|| format!("wasm-bindgen cannot bind the {}", module.name))?;
        let bound = (fs::read(&binary)?, fs::read_to_string(&script)?);
        let (short, renamed) = imports::shorten(&bound.0, &bound.1)?;
        fs::write(&script, renamed)?;
        fs::write(&binary, alike::side_by_side(&fold::identical(&short)?)?)?;
        fs::write(stamp, wanted)?;
    }
    // Beside the page's sources, as far as tsc can tell: see `rootDirs` in tsconfig.json.
    let declared = target("web/types/wasm").join(format!("{}.d.ts", module.name));
    fs::create_dir_all(declared.parent().expect("it has a folder"))?;
    fs::copy(types, declared)?;
    Ok(vec![script, binary])
}
