//! Models of tests/fixtures, and what circuit-tracer recorded on them.

use attograph::engine::Engine;
use attograph::model::{Folder, Model, Tokenizer};
use attograph::network::Network;
use attograph::trace::Tracer;
use safetensors::SafeTensors;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A model with its transcoder, and a folder of records.
pub struct Fixture {
    pub name: String,
    pub model: Arc<Model>,
    records: PathBuf,
}

impl Fixture {
    /// One of the small random models.
    pub fn random(name: &str) -> Fixture {
        let folder = root().join("tests/fixtures").join(name);
        Fixture {
            name: name.into(),
            model: load(&folder.join("model"), &folder.join("transcoder")),
            records: folder,
        }
    }

    /// One of the shipped models; what was recorded on it lies beside the random ones.
    pub fn shipped(name: &str) -> Fixture {
        let folder = root().join("www/models").join(name);
        Fixture {
            name: name.into(),
            model: load(&folder, &folder.join("transcoder")),
            records: root().join("tests/fixtures").join(name),
        }
    }

    /// Panics if a record was made from other weights than those that are shipped now.
    pub fn check_fresh(&self, oracle: &Oracle) {
        let folder = root().join("www/models").join(&self.name);
        let notes = oracle.notes();
        let digests = notes
            .iter()
            .filter_map(|(key, value)| Some((key.strip_prefix("sha256:")?, value)));
        let mut files = 0;
        for (file, expected) in digests {
            let bytes = std::fs::read(folder.join(file)).unwrap_or_default();
            let found = format!("{:x}", Sha256::digest(&bytes));
            assert_eq!(
                &found, expected,
                "{file} has changed since tests/fixtures/{} was recorded: run `tests/oracle/run {}`",
                self.name, self.name
            );
            files += 1;
        }
        assert!(files > 3, "only {files} files are noted");
    }

    /// The tokens of a prompt of a shipped model, with the BOS first.
    pub fn ids(&self, prompt: &str) -> Vec<u32> {
        let file = root()
            .join("www/models")
            .join(&self.name)
            .join("tokenizer.json");
        let tokenizer = Tokenizer::from_bytes(&std::fs::read(file).unwrap()).unwrap();
        self.model.with_bos(
            tokenizer
                .encode(prompt, self.model.language.config.context)
                .unwrap(),
        )
    }

    pub fn tracer<E: Engine>(&self, engine: E) -> Tracer<E> {
        Tracer::new(Network::new(engine, self.model.clone()))
    }

    /// A recorded run.
    pub fn oracle(&self, run: &str) -> Oracle {
        Oracle::read(&self.records.join(format!("oracle_{run}.safetensors")))
    }

    /// The folder of records.
    pub fn records(&self) -> &Path {
        &self.records
    }
}

/// Reads a model and its transcoder.
pub fn load(model: &Path, transcoder: &Path) -> Arc<Model> {
    let loaded = Model::load(&Folder::new(model), &Folder::new(transcoder));
    Arc::new(loaded.unwrap_or_else(|error| panic!("{error}")))
}

pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A file of tensors, with notes.
pub struct Oracle {
    path: PathBuf,
    bytes: Vec<u8>,
}

impl Oracle {
    pub fn read(path: &Path) -> Oracle {
        let bytes =
            std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        Oracle {
            path: path.into(),
            bytes,
        }
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        let file = SafeTensors::deserialize(&self.bytes).unwrap();
        let tensor = file.tensor(name);
        tensor
            .unwrap_or_else(|error| panic!("{}: {error}", self.path.display()))
            .data()
            .to_vec()
    }

    pub fn f32s(&self, name: &str) -> Vec<f32> {
        let bytes = self.bytes(name);
        bytes
            .chunks_exact(4)
            .map(|b| f32::from_le_bytes(b.try_into().unwrap()))
            .collect()
    }

    pub fn u32s(&self, name: &str) -> Vec<u32> {
        let bytes = self.bytes(name);
        bytes
            .chunks_exact(4)
            .map(|b| u32::from_le_bytes(b.try_into().unwrap()))
            .collect()
    }

    /// The adjacency matrix; large ones are stored without their zero rows.
    pub fn adjacency(&self, nodes: usize, features: usize) -> Vec<f32> {
        let file = SafeTensors::deserialize(&self.bytes).unwrap();
        if file.tensor("adjacency").is_ok() {
            return self.f32s("adjacency");
        }
        let rows = self.f32s("adjacency_rows");
        let mut all = vec![0.0; nodes * nodes];
        let (of_features, of_logits) = rows.split_at(features * nodes);
        all[..of_features.len()].copy_from_slice(of_features);
        let start = all.len() - of_logits.len();
        all[start..].copy_from_slice(of_logits);
        all
    }

    pub fn notes(&self) -> HashMap<String, String> {
        let (_, header) = SafeTensors::read_metadata(&self.bytes).unwrap();
        header.metadata().clone().unwrap_or_default()
    }

    pub fn find_note(&self, name: &str) -> Option<String> {
        self.notes().get(name).cloned()
    }

    pub fn note(&self, name: &str) -> String {
        self.find_note(name)
            .unwrap_or_else(|| panic!("{} has no note {name}", self.path.display()))
    }
}
