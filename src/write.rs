//! Files that are written whole or not at all.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Writes a file: beside its place first, and then there, so that nobody finds half of it. What is no
/// plain file, such as a pipe, is written to as it is.
///
/// # Errors
/// The folder is missing, or there is no right or no room to write there; what was there stays.
pub fn whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    // A link stays a link: its file is what is written.
    let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
    let old = fs::metadata(&path).ok();
    if old.as_ref().is_some_and(|old| !old.is_file()) {
        return fs::write(&path, bytes);
    }
    // Its own permissions tell whether it may be written, and stay.
    if old.is_some() {
        fs::OpenOptions::new().append(true).open(&path)?;
    }
    let part = beside(&path);
    let written = fs::File::create(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()?;
        if let Some(old) = old {
            fs::set_permissions(&part, old.permissions())?;
        }
        fs::rename(&part, &path)
    });
    if written.is_err() {
        // It may not even be there.
        let _ = fs::remove_file(&part);
    }
    written
}

/// What keeps [`whole`] from writing there, as far as can be told before there is anything to write.
///
/// # Errors
/// The place is a folder, or its folder is missing or not to be written to.
pub fn check(path: &Path) -> io::Result<()> {
    if path.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if path.exists() {
        return fs::OpenOptions::new().append(true).open(path).map(drop);
    }
    let part = beside(path);
    fs::File::create(&part)?;
    fs::remove_file(&part)
}

/// A name that nothing else has, in the same folder.
fn beside(path: &Path) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.part", std::process::id()))
}
