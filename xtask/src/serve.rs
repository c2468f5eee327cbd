//! A static file server on loopback, no more than any static host offers.

use anyhow::{Result, anyhow};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tiny_http::{Header, Method, Request, Response, Server};

/// Requests answered at the same time: a browser opens six connections to a host.
const THREADS: usize = 6;

/// Serves `dist` below `http://127.0.0.1:{port}{base}` until the process ends. Port 0 takes any
/// free one. `base` begins and ends with a slash.
pub fn serve(dist: PathBuf, port: u16, base: &str) -> Result<()> {
    let server = Server::http(("127.0.0.1", port)).map_err(|error| {
        anyhow!("cannot listen on port {port}: {error}; choose another with --port")
    })?;
    let address = server.server_addr();
    println!("Serving http://{address}{base}");

    let server = Arc::new(server);
    let threads: Vec<_> = (0..THREADS)
        .map(|_| {
            let (server, dist, base) = (server.clone(), dist.clone(), base.to_string());
            std::thread::spawn(move || {
                while let Ok(request) = server.recv() {
                    // A visitor who left is no failure of the server's.
                    let _ = answer(request, &dist, &base);
                }
            })
        })
        .collect();
    for thread in threads {
        let _ = thread.join();
    }
    Ok(())
}

fn answer(request: Request, dist: &Path, base: &str) -> std::io::Result<()> {
    if !matches!(request.method(), Method::Get | Method::Head) {
        return request.respond(text(405, "only GET and HEAD are answered here"));
    }
    let Some(path) = locate(request.url(), dist, base) else {
        let missing = format!("nothing at {}; the site is at {base}", request.url());
        return request.respond(text(404, &missing));
    };
    let response = Response::from_file(File::open(&path)?)
        .with_header(header("Content-Type", mime(&path)))
        // After a rebuild, a reload shows the new files.
        .with_header(header("Cache-Control", "no-cache"))
        // Always with a Content-Length, from which the page shows progress.
        .with_chunked_threshold(usize::MAX);
    request.respond(response)
}

/// The file that a URL means. None if there is none, or if it is not below `dist`.
fn locate(url: &str, dist: &Path, base: &str) -> Option<PathBuf> {
    let path = url.split(['?', '#']).next()?;
    let below = decode(path.strip_prefix(base)?)?;
    let mut file = dist.join(below.trim_start_matches('/'));
    if file.is_dir() {
        // Without its slash, a folder's relative links would lead elsewhere.
        if !(below.is_empty() || below.ends_with('/')) {
            return None;
        }
        file.push("index.html");
    }
    // Resolves `..` and links, so that nothing outside can be asked for.
    let file = fs::canonicalize(file).ok()?;
    (file.starts_with(fs::canonicalize(dist).ok()?) && file.is_file()).then_some(file)
}

/// Undoes percent-encoding. None if it is malformed.
fn decode(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
        } else {
            byte
        });
    }
    String::from_utf8(bytes).ok()
}

fn mime(path: &Path) -> &'static str {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("wasm") => "application/wasm",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("txt" | "md" | "yaml") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

fn header(name: &str, value: &str) -> Header {
    Header::from_bytes(name, value).expect("a plain ASCII header")
}

fn text(status: u16, message: &str) -> Response<std::io::Cursor<Vec<u8>>> {
    Response::from_string(message).with_status_code(status)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_find_files_of_the_site_and_no_others() {
        let scratch = std::env::temp_dir().join(format!("attograph-serve-{}", std::process::id()));
        let dist = scratch.join("dist");
        fs::create_dir_all(dist.join("a b")).unwrap();
        for file in [
            "dist/index.html",
            "dist/a b/x.js",
            "dist/a b/index.html",
            "secret.txt",
        ] {
            fs::write(scratch.join(file), file).unwrap();
        }
        let found = |url: &str, base: &str| {
            locate(url, &dist, base).map(|path| fs::read_to_string(path).unwrap())
        };
        let file = |name: &str| Some(name.to_string());

        assert_eq!(found("/", "/"), file("dist/index.html"));
        assert_eq!(found("/?x=1", "/"), file("dist/index.html"));
        assert_eq!(found("/a%20b/x.js", "/"), file("dist/a b/x.js"));
        assert_eq!(found("/a%20b/", "/"), file("dist/a b/index.html"));
        assert_eq!(found("/a%20b", "/"), None);
        assert_eq!(found("/sub/path/", "/sub/path/"), file("dist/index.html"));
        assert_eq!(found("/index.html", "/sub/path/"), None);
        assert_eq!(found("/missing.js", "/"), None);
        for url in [
            "/../secret.txt",
            "/%2e%2e/secret.txt",
            "/a%20b/../../secret.txt",
            "/%zz",
        ] {
            assert_eq!(found(url, "/"), None, "{url}");
        }
        let absolute = format!("//{}", scratch.join("secret.txt").display());
        assert_eq!(found(&absolute, "/"), None);
        fs::remove_dir_all(scratch).unwrap();
    }
}
