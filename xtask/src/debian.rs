//! Debian packages: installed as root, or unpacked into a folder by anyone.

use crate::process::{on_path, output, program, run, shown, target};
use anyhow::{Context, Result, bail};
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Installs packages if this is root on a Debian system; otherwise an error that names the
/// command to run. `what` says what they are needed for.
pub fn install(packages: &[&str], what: &str) -> Result<()> {
    let mut install = program("apt-get");
    install
        .args(["install", "--yes", "--no-install-recommends"])
        .args(packages)
        .env("DEBIAN_FRONTEND", "noninteractive");
    let wanted = shown(&install);
    if on_path("apt-get").is_none() {
        bail!(
            "{what} is missing, and this is no Debian system: install it by hand (Debian's packages are {})",
            packages.join(" ")
        );
    }
    if output(program("id").arg("-u"))?.trim() != "0" {
        bail!("{what} is missing; install it with: sudo apt-get update && sudo {wanted}");
    }
    println!("Installing {what}: {wanted}");
    run(program("apt-get").args(["--quiet", "update"]))?;
    run(&mut install)
}

/// Downloads packages, with whatever they depend on that is not installed, and unpacks them below
/// `folder`. Needs no root: the package lists are fetched into a folder of the build's own.
pub fn unpack(packages: &[&str], folder: &Path) -> Result<()> {
    if on_path("apt-get").is_none() || on_path("dpkg").is_none() {
        bail!("this is no Debian system (no apt-get)");
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?; // what an interrupted attempt left
    }
    let lists = target("debian-lists");
    fs::create_dir_all(lists.join("partial"))?;
    let debs = folder.join("debs");
    fs::create_dir_all(&debs)?;
    run(apt("apt-get", &lists)?.args(["--quiet", "update"]))?;

    let wanted = with_dependencies(packages, &lists)?;
    println!("Unpacking into {}: {}", folder.display(), wanted.join(" "));
    run(apt("apt-get", &lists)?
        .args(["--quiet", "download"])
        .args(&wanted)
        .current_dir(&debs))?;
    for entry in fs::read_dir(&debs)? {
        run(program("dpkg").arg("-x").arg(entry?.path()).arg(folder))?;
    }
    fs::remove_dir_all(&debs)?;
    Ok(())
}

/// One of apt's programs, with lists of its own.
fn apt(name: &str, lists: &Path) -> Result<Command> {
    let mut command = program(name);
    let mut option = |key: &str, value: &str| {
        command.arg("-o").arg(format!("{key}={value}"));
    };
    let lists = lists.to_str().context("the path of target/ is not UTF-8")?;
    option("Dir::State::lists", lists);
    option("Dir::Cache", lists);
    // apt, run by root, would otherwise drop to a user who may not write here.
    option("APT::Sandbox::User", "");
    Ok(command)
}

fn with_dependencies(packages: &[&str], lists: &Path) -> Result<Vec<String>> {
    let mut seen: BTreeSet<String> = packages.iter().map(|name| name.to_string()).collect();
    let mut queue: Vec<String> = seen.iter().cloned().collect();
    while let Some(package) = queue.pop() {
        let listed = output(apt("apt-cache", lists)?.args(["depends", "--important", &package]))?;
        let names = listed
            .lines()
            .filter_map(|line| line.trim().strip_prefix("Depends: "))
            // `<...>` is a virtual package; what provides it comes with the compiler on this machine.
            .filter(|name| !name.starts_with('<'));
        for name in names {
            if !is_installed(name) && seen.insert(name.to_string()) {
                queue.push(name.to_string());
            }
        }
    }
    Ok(seen.into_iter().collect())
}

fn is_installed(package: &str) -> bool {
    output(program("dpkg-query").args(["--show", "--showformat=${db:Status-Status}", package]))
        .is_ok_and(|status| status == "installed")
}
