//! Where the files of a model come from: a folder, or what the page has fetched.

use std::borrow::Cow;
use std::io::ErrorKind;
use std::path::PathBuf;

use super::LoadError;
use super::error::clause;

/// A folder of files. Paths are relative, with `/` between their parts: `config.json`.
pub trait Files {
    /// The whole of a file, or [`LoadError::Missing`] or [`LoadError::Unreadable`].
    fn read(&self, path: &str) -> Result<Cow<'_, [u8]>, LoadError>;

    /// Whether the file is there.
    fn exists(&self, path: &str) -> bool;

    /// The file as the reader knows it, for an error's sentence.
    fn name(&self, path: &str) -> String;
}

/// A folder on disk.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

impl Folder {
    /// The folder at `path`. Nothing is read yet.
    pub fn new(path: impl Into<PathBuf>) -> Folder {
        Folder(path.into())
    }
}

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Cow<'_, [u8]>, LoadError> {
        let file = self.name(path);
        match std::fs::read(self.0.join(path)) {
            Ok(bytes) => Ok(Cow::Owned(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Err(missing(file)),
            Err(error) => Err(LoadError::Unreadable {
                file,
                reason: clause(error),
            }),
        }
    }

    fn exists(&self, path: &str) -> bool {
        self.0.join(path).is_file()
    }

    fn name(&self, path: &str) -> String {
        self.0.join(path).display().to_string()
    }
}

/// Files in memory, by path: what a page has fetched, or what a test has made.
#[derive(Clone, Debug, Default)]
pub struct InMemory {
    /// By path, in alphabetical order.
    files: Vec<(String, Vec<u8>)>,
}

impl InMemory {
    /// No files yet.
    pub fn new() -> InMemory {
        InMemory::default()
    }

    /// Adds a file, or replaces it. `path` is what its reader will ask for: `transcoder/W_enc_0.safetensors`.
    pub fn insert(&mut self, path: impl Into<String>, bytes: Vec<u8>) {
        let path = path.into();
        match self.place(&path) {
            Ok(place) => self.files[place].1 = bytes,
            Err(place) => self.files.insert(place, (path, bytes)),
        }
    }

    /// Takes a file away, and gives its bytes.
    pub fn remove(&mut self, path: &str) -> Option<Vec<u8>> {
        let place = self.place(path).ok()?;
        Some(self.files.remove(place).1)
    }

    /// Where a file is, or where it would be.
    fn place(&self, path: &str) -> Result<usize, usize> {
        self.files
            .binary_search_by(|(name, _)| name.as_str().cmp(path))
    }

    /// The paths, in alphabetical order.
    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.files.iter().map(|(path, _)| path.as_str())
    }
}

impl Files for InMemory {
    fn read(&self, path: &str) -> Result<Cow<'_, [u8]>, LoadError> {
        match self.place(path) {
            Ok(place) => Ok(Cow::Borrowed(&self.files[place].1)),
            Err(_) => Err(missing(path.to_string())),
        }
    }

    fn exists(&self, path: &str) -> bool {
        self.place(path).is_ok()
    }

    fn name(&self, path: &str) -> String {
        path.to_string()
    }
}

/// A folder inside other files: a model's `transcoder/`.
#[derive(Clone, Copy)]
pub struct Below<'a> {
    files: &'a dyn Files,
    folder: &'a str,
}

impl<'a> Below<'a> {
    /// The files of `folder`, which is given without a `/` at its end.
    pub fn new(files: &'a dyn Files, folder: &'a str) -> Below<'a> {
        Below { files, folder }
    }

    fn path(&self, path: &str) -> String {
        format!("{}/{path}", self.folder)
    }
}

impl Files for Below<'_> {
    fn read(&self, path: &str) -> Result<Cow<'_, [u8]>, LoadError> {
        self.files.read(&self.path(path))
    }

    fn exists(&self, path: &str) -> bool {
        self.files.exists(&self.path(path))
    }

    fn name(&self, path: &str) -> String {
        self.files.name(&self.path(path))
    }
}

/// Reads a file that is needed for the reason `why`, which is told where it is missing.
pub(super) fn read<'a>(
    files: &'a dyn Files,
    path: &str,
    why: impl FnOnce() -> String,
) -> Result<Cow<'a, [u8]>, LoadError> {
    files.read(path).map_err(|error| match error {
        LoadError::Missing { file, .. } => LoadError::Missing { file, why: why() },
        other => other,
    })
}

/// A path that a file of a folder gives of another, if it stays in the folder: without the `./` in front, and
/// neither absolute, nor with `..`, nor an address.
pub(super) fn within(path: &str) -> Option<String> {
    let parts = path.split('/').filter(|part| *part != ".");
    let plain = |part: &str| !part.is_empty() && part != ".." && !part.contains(['\\', ':', '\0']);
    let parts: Vec<&str> = parts.collect();
    let stays = !parts.is_empty() && parts.iter().all(|part| plain(part));
    stays.then(|| parts.join("/"))
}

fn missing(file: String) -> LoadError {
    LoadError::Missing {
        file,
        why: "it is needed".to_string(),
    }
}
