//! Builds, serves and tests Attograph: `cargo xtask help`.

mod alike;
mod browser;
mod bundle;
mod check;
mod debian;
mod docs;
mod element_style;
mod fold;
mod functions;
mod imports;
mod listing;
mod markdown;
mod minify;
mod models;
mod neighbours;
mod npm;
mod pack;
mod packing;
mod page_head;
mod previews;
mod process;
mod recorded;
mod serve;
mod single;
mod site;
mod sizes;
mod studies;
mod wasm;
mod wasm_toolchain;

use anyhow::{Context, Result, bail};
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask build                  build the static site into dist/
    --single                         and beside it target/attograph.html, the same in one file
    --url https://…                  where it will stand: previews of links to it name their picture so
cargo xtask pack                   build it, and the elements as an npm package, target/npm/attograph
    --no-build                       of dist/ as it is
cargo xtask serve                  build it, and serve it on loopback
    --port N                         the port; 8000 if not given, 0 for any free one
    --base /some/path/               the path below which it is served; / if not given
    --no-build                       serve dist/ as it is
cargo xtask test [STAGE...]        run every test, or only these stages:
    format, lints, types             of the sources, Rust and JavaScript
    unit, native, training           tests of the page's modules, of the crate, of the training code
    quick                            all of these but the training code's, in two minutes
    site                             the built site, and the single file
    browser                          the page in Chromium, with and without WebGPU
    browsers                         its main journeys in Firefox, with and without WebGPU,
                                     and in WebKit (Safari's engine)
cargo xtask wire                   write www/lab/wire.d.ts, the types that cross to JavaScript, from those in Rust
cargo xtask screenshots            pictures of the built site, into target/screenshots/
    --readme                         instead those of the README and of links: www/screenshot.png, www/preview.png, pictures/
    --studies                        instead those of the studies
    --icons                          instead the icons of an installed page, www/icons/, from its favicon
cargo xtask bench                  how fast the built site is in Chromium, on both engines
    --first                          only when the first picture stands on a slow line
    --forward                        only the forward pass, beside onnxruntime-web's

What is missing (the wasm target, npm packages, browsers, a software Vulkan driver) is
installed, or the command that installs it is named.";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match dispatch(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[String]) -> Result<()> {
    let (task, rest) = match arguments.split_first() {
        Some((task, rest)) => (task.as_str(), rest),
        None => ("help", arguments),
    };
    match task {
        "build" => {
            match rest {
                [option] if option == "--single" => return single::build(),
                [option, url] if option == "--url" => {
                    return site::build_for(Some(&previews::checked(url)?)).map(drop);
                }
                _ => none_left(rest)?,
            }
            site::build().map(drop)
        }
        "pack" => {
            if rest != ["--no-build"] {
                none_left(rest)?;
                site::build()?;
            }
            pack::pack().map(drop)
        }
        "serve" => {
            let options = ServeOptions::parse(rest)?;
            let dist = if options.build {
                site::build()?
            } else {
                site::built()?
            };
            serve::serve(dist, options.port, &options.base)
        }
        "test" => check::test(rest),
        "screenshots" => browser::screenshots(rest),
        "bench" => browser::bench(rest),
        "wire" => {
            none_left(rest)?;
            wasm::write_types()
        }
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        other => bail!("no task is called {other:?}\n{HELP}"),
    }
}

struct ServeOptions {
    port: u16,
    base: String,
    build: bool,
}

impl ServeOptions {
    fn parse(arguments: &[String]) -> Result<ServeOptions> {
        let mut options = ServeOptions {
            port: 8000,
            base: "/".into(),
            build: true,
        };
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let mut value = || {
                rest.next()
                    .with_context(|| format!("{argument} needs a value"))
            };
            match argument.as_str() {
                "--port" => {
                    let port = value()?;
                    options.port = port
                        .parse()
                        .with_context(|| format!("{port:?} is no port number"))?;
                }
                "--base" => {
                    let inner = value()?.trim_matches('/');
                    options.base = if inner.is_empty() {
                        "/".into()
                    } else {
                        format!("/{inner}/")
                    };
                }
                "--no-build" => options.build = false,
                other => bail!("`serve` has no option {other:?}\n{HELP}"),
            }
        }
        Ok(options)
    }
}

fn none_left(arguments: &[String]) -> Result<()> {
    match arguments.first() {
        Some(argument) => bail!("{argument:?} is one argument too many\n{HELP}"),
        None => Ok(()),
    }
}
