//! Folders for one test.

use super::fixtures::root;
use std::path::{Path, PathBuf};

/// A folder of this test's own, taken away at its end.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Scratch {
        let folder = std::env::temp_dir().join(format!("attograph-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        Scratch(folder)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// A copy of a model with its transcoder, to be spoilt.
    pub fn model(&self) -> PathBuf {
        let copy = self.path("model");
        copy_folder(&root().join("tests/fixtures/clt_jump_relu/model"), &copy);
        let transcoder = root().join("tests/fixtures/clt_jump_relu/transcoder");
        copy_folder(&transcoder, &copy.join("transcoder"));
        copy
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The files of a folder, without the folders in it.
pub fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            continue;
        }
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}
