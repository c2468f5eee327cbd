//! Finds or fetches a compiler for `wasm32-unknown-unknown`.
//!
//! With rustup this is `rustup target add`. Where rustup can fetch nothing, Debian has a whole
//! compiler with the source of its standard library (packages `rustc-web`, `rust-web-src`). They
//! are unpacked into `target/wasm-toolchain`, never installed: as packages they conflict with
//! rustup. The standard library is then built along with the crate (`-Zbuild-std`).

use crate::debian;
use crate::process::{cargo, on_path, output, program, succeeds_within, target};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

/// The target of everything that runs in a browser.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// A compiler that can build for the web.
pub enum Toolchain {
    /// rustup's own, with the target's standard library installed.
    Rustup,
    /// Debian's, unpacked below this folder.
    Debian(PathBuf),
}

impl Toolchain {
    /// Finds a toolchain, or fetches one. `ATTOGRAPH_WASM=debian` takes Debian's even where
    /// rustup's would do, so that this route can be tested anywhere.
    pub fn find() -> Result<Toolchain> {
        let unpacked = target("wasm-toolchain");
        let stamp = unpacked.join("complete");
        let only_debian = std::env::var("ATTOGRAPH_WASM").is_ok_and(|route| route == "debian");
        if !only_debian && rustup_has_target()? {
            return Ok(Toolchain::Rustup);
        }
        if stamp.exists() {
            return Ok(Toolchain::Debian(unpacked));
        }
        if !only_debian && on_path("rustup").is_some() {
            println!("Adding the target {TARGET} with rustup");
            let mut add = program("rustup");
            add.args(["target", "add", TARGET]);
            if succeeds_within(&mut add, Duration::from_secs(180)) && rustup_has_target()? {
                return Ok(Toolchain::Rustup);
            }
            println!("rustup could not add it; taking Debian's compiler instead");
        }
        debian::unpack(&["rustc-web", "rust-web-clippy", "rust-web-src"], &unpacked).context(
            "rustup has no wasm32-unknown-unknown, and Debian's compiler cannot be had either",
        )?;
        fs::write(stamp, "")?;
        let toolchain = Toolchain::Debian(unpacked);
        println!("Unpacked Debian's {}", toolchain.version()?.trim());
        Ok(toolchain)
    }

    /// `cargo build` or `cargo clippy` for the web with this toolchain.
    pub fn cargo(&self, task: &str) -> Result<Command> {
        let folder = match self {
            Toolchain::Rustup => {
                let mut command = cargo();
                command.args([task, "--target", TARGET]);
                return Ok(command);
            }
            Toolchain::Debian(folder) => folder,
        };
        let mut command = match task {
            // Starts the cargo of `$CARGO`, with the Clippy of its own compiler.
            "clippy" => program(folder.join("usr/bin/cargo-clippy")),
            _ => cargo(),
        };
        command
            .args([task, "--target", TARGET])
            // Lets a stable cargo take `-Zbuild-std`.
            .arg("-Zbuild-std=std,panic_abort")
            .env("RUSTC_BOOTSTRAP", "1")
            .env("RUSTC", folder.join("usr/bin/rustc"))
            .env("LD_LIBRARY_PATH", libraries(folder))
            .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", rust_lld()?);
        Ok(command)
    }

    /// The compiler's version, in words.
    pub fn version(&self) -> Result<String> {
        let Toolchain::Debian(folder) = self else {
            return output(program("rustc").arg("--version"));
        };
        let mut rustc = program(folder.join("usr/bin/rustc"));
        output(
            rustc
                .arg("--version")
                .env("LD_LIBRARY_PATH", libraries(folder)),
        )
    }

    /// A folder name that keeps the two compilers' outputs apart.
    pub fn name(&self) -> &'static str {
        match self {
            Toolchain::Rustup => "rustup",
            Toolchain::Debian(_) => "debian",
        }
    }
}

fn sysroot() -> Result<PathBuf> {
    let sysroot = output(program("rustc").args(["--print", "sysroot"]))?;
    Ok(PathBuf::from(sysroot.trim()))
}

fn rustup_has_target() -> Result<bool> {
    let libraries = sysroot()?.join("lib/rustlib").join(TARGET).join("lib");
    Ok(libraries.is_dir())
}

/// The wasm linker that comes with rustup's compiler; Debian's has none of its own.
fn rust_lld() -> Result<PathBuf> {
    let about = output(program("rustc").arg("-vV"))?;
    let host = about
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .context("`rustc -vV` names no host")?;
    let lld = sysroot()?.join(format!("lib/rustlib/{host}/bin/rust-lld"));
    if !lld.is_file() {
        bail!("no wasm linker at {}", lld.display());
    }
    Ok(lld)
}

fn libraries(folder: &Path) -> PathBuf {
    let triplet = format!("{}-linux-gnu", std::env::consts::ARCH);
    folder.join("usr/lib").join(triplet)
}
