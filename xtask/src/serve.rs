//! A static file server on loopback, no more than any static host offers.

use anyhow::{Context, Result};
use axum::Router;
use axum::http::{HeaderValue, header};
use std::net::Ipv4Addr;
use std::path::PathBuf;
use tokio::net::TcpListener;
use tower_http::compression::{
    CompressionLayer, DefaultPredicate, Predicate, predicate::NotForContentType,
};
use tower_http::services::ServeDir;
use tower_http::set_header::SetResponseHeaderLayer;

/// Serves `dist` below `http://127.0.0.1:{port}{base}` until the process ends. Port 0 takes any
/// free one. `base` begins and ends with a slash.
pub fn serve(dist: PathBuf, port: u16, base: &str) -> Result<()> {
    runtime()?.block_on(async {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .await
            .with_context(|| format!("cannot listen on port {port}; choose another with --port"))?;
        println!("Serving http://{}{base}", listener.local_addr()?);
        axum::serve(listener, site(dist, base)).await?;
        Ok(())
    })
}

fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("cannot start the server's threads")
}

/// The files of `dist`, below `base`.
fn site(dist: PathBuf, base: &str) -> Router {
    let files = ServeDir::new(dist);
    let router = match base.trim_end_matches('/') {
        "" => Router::new().fallback_service(files),
        base => Router::new().nest_service(base, files),
    };
    // As static hosts do: texts and wasm modules are sent gzipped, weights hardly become smaller.
    let packable = DefaultPredicate::new().and(NotForContentType::new("application/octet-stream"));
    // After a rebuild, a reload shows the new files.
    let fresh = HeaderValue::from_static("no-cache");
    // Pages of other sites may use what is here, as an author's post does; nothing of it is secret.
    let anybody = HeaderValue::from_static("*");
    router
        .layer(SetResponseHeaderLayer::overriding(
            header::ACCESS_CONTROL_ALLOW_ORIGIN,
            anybody,
        ))
        .layer(CompressionLayer::new().compress_when(packable))
        .layer(SetResponseHeaderLayer::overriding(
            header::CACHE_CONTROL,
            fresh,
        ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::io::{BufRead, BufReader, Read, Write};
    use std::net::{SocketAddr, TcpStream};
    use std::time::Duration;

    /// Asks for a path on a connection of its own, which stays open: (connection, status, body).
    fn ask(address: SocketAddr, path: &str) -> (BufReader<TcpStream>, String, String) {
        let mut stream = TcpStream::connect(address).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(5)))
            .unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n").unwrap();
        let mut reader = BufReader::new(stream);
        let (mut status, mut length) = (String::new(), 0);
        reader.read_line(&mut status).unwrap();
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            match line.trim().to_ascii_lowercase().split_once(": ") {
                Some(("content-length", value)) => length = value.parse().unwrap(),
                None => break,
                _ => {}
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        (reader, status, String::from_utf8(body).unwrap())
    }

    #[test]
    fn urls_find_files_of_the_site_and_no_others() {
        let scratch = std::env::temp_dir().join(format!("attograph-serve-{}", std::process::id()));
        let dist = scratch.join("dist");
        fs::create_dir_all(dist.join("a b")).unwrap();
        for file in ["dist/index.html", "dist/a b/x.js", "secret.txt"] {
            fs::write(scratch.join(file), file).unwrap();
        }
        let runtime = runtime().unwrap();
        let listener = runtime
            .block_on(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)))
            .unwrap();
        let address = listener.local_addr().unwrap();
        let site = site(dist, "/some/path/");
        runtime.spawn(async { axum::serve(listener, site).await });

        // A browser keeps its connections: none may wait for another to end.
        let mut open = Vec::new();
        for (path, expected) in [
            ("/some/path/", Some("dist/index.html")),
            ("/some/path/?x=1", Some("dist/index.html")),
            ("/some/path/a%20b/x.js", Some("dist/a b/x.js")),
            ("/some/path/missing.js", None),
            ("/index.html", None),
            ("/some/path/../secret.txt", None),
            ("/some/path/../../secret.txt", None),
            ("/some/path/%2e%2e/secret.txt", None),
            ("/some/path/a%20b/..%2f..%2fsecret.txt", None),
            ("/some/path/", Some("dist/index.html")),
        ] {
            let (connection, status, body) = ask(address, path);
            match expected {
                Some(file) => assert_eq!(body, file, "{path}"),
                None => assert!(status.contains(" 404 "), "{path}: {status}"),
            }
            open.push(connection);
        }
        fs::remove_dir_all(scratch).unwrap();
    }
}
