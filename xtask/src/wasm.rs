//! Builds the two wasm modules of the page, with their JavaScript and its types.

use crate::npm;
use crate::process::{program, root, run, target};
use crate::wasm_toolchain::Toolchain;
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use wasm_bindgen_cli_support::Bindgen;

/// One of the page's wasm modules.
struct Module {
    name: &'static str,
    feature: &'static str,
    /// What `wasm-opt` optimises for.
    goal: &'static str,
}

/// The engine draws the first graph and should be fast; the tokenizer arrives later and should be
/// small.
const MODULES: [Module; 2] = [
    Module {
        name: "engine",
        feature: "web-engine",
        goal: "-O3",
    },
    Module {
        name: "tokenizer",
        feature: "web-tokenizer",
        goal: "-Oz",
    },
];

/// Both modules take the same flags, so that they share their compiled dependencies.
const RUSTFLAGS: &str = "-Ctarget-feature=+simd128 --cfg getrandom_backend=\"wasm_js\"";

/// The wasm features that rustc's output uses; every browser with wasm SIMD has them.
const WASM_FEATURES: [&str; 7] = [
    "--enable-simd",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];

/// What [`build`] made.
pub struct Modules {
    /// The `.js` and `.wasm` files of the page.
    pub files: Vec<PathBuf>,
}

/// Builds both modules into `target/web`. What has not changed is not done again.
pub fn build() -> Result<Modules> {
    let toolchain = Toolchain::find()?;
    npm::install()?;
    let mut files = Vec::new();
    for module in &MODULES {
        let compiled = compile(&toolchain, module)?;
        files.extend(bind(&compiled, module)?);
    }
    Ok(Modules { files })
}

fn compile(toolchain: &Toolchain, module: &Module) -> Result<PathBuf> {
    let folder = target("web").join(toolchain.name());
    run(toolchain
        .cargo_build()?
        .args(["--package", "attograph", "--lib", "--profile", "web"])
        .args(["--no-default-features", "--features", module.feature])
        .arg("--target-dir")
        .arg(&folder)
        .env("RUSTFLAGS", RUSTFLAGS))?;
    // The next module's build writes to the same place.
    let made = folder
        .join(Toolchain::output_folder())
        .join("web/attograph.wasm");
    let kept = target("web").join(format!("{}.wasm", module.name));
    fs::copy(&made, &kept).with_context(|| format!("cannot copy {}", made.display()))?;
    Ok(kept)
}

/// Runs wasm-bindgen and wasm-opt, unless they ran on these very bytes before.
fn bind(compiled: &Path, module: &Module) -> Result<Vec<PathBuf>> {
    let folder = target("web/bound").join(module.name);
    let script = folder.join(format!("{}.js", module.name));
    let binary = folder.join(format!("{}_bg.wasm", module.name));
    let stamp = folder.join("stamp");

    let mut hash = Sha256::new();
    hash.update(fs::read(compiled)?);
    hash.update(fs::read(root().join("package-lock.json"))?);
    hash.update(fs::read(root().join("Cargo.lock"))?);
    hash.update(module.goal);
    hash.update(WASM_FEATURES.concat());
    let wanted = format!("{:x}", hash.finalize());
    if fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return Ok(vec![script, binary]);
    }

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
        .generate(&folder)
        .with_context(|| format!("wasm-bindgen cannot bind the {}", module.name))?;
    let small = folder.join("optimised.wasm");
    run(program(npm::bin("wasm-opt"))
        .arg(module.goal)
        .args(WASM_FEATURES)
        .arg(&binary)
        .arg("-o")
        .arg(&small))?;
    fs::rename(&small, &binary)?;

    // Beside the page's sources, as far as tsc can tell: see `rootDirs` in tsconfig.json.
    let types = target("web/types/wasm");
    fs::create_dir_all(&types)?;
    let declared = format!("{}.d.ts", module.name);
    fs::copy(folder.join(&declared), types.join(&declared))?;
    fs::write(stamp, wanted)?;
    Ok(vec![script, binary])
}
