//! A model with one of its transcoders, and its prompts one at a time.

use crate::common::fixtures::load;
use crate::common::statistics::largest;
use attograph::engine::cpu::Cpu;
use attograph::model::{Model, Tokenizer};
use attograph::network::Network;
use attograph::trace::Tracer;
use std::path::Path;
use std::sync::Arc;

/// A folder's model with one of its transcoders, and prompts run one at a time.
pub struct Plain {
    pub tracer: Tracer<Cpu>,
    pub tokenizer: Tokenizer,
}

impl Plain {
    pub fn new(folder: &Path, transcoder: &str) -> Plain {
        let model = load(folder, &folder.join(transcoder));
        let bytes = std::fs::read(folder.join("tokenizer.json")).unwrap();
        Plain {
            tracer: Tracer::new(Network::new(Cpu, model)),
            tokenizer: Tokenizer::from_bytes(&bytes).unwrap(),
        }
    }

    pub fn model(&self) -> &Arc<Model> {
        &self.tracer.network.model
    }

    pub fn ids(&self, text: &str) -> Vec<u32> {
        self.model()
            .with_bos(self.tokenizer.encode(text, 1024).unwrap())
    }

    pub fn top(&self, ids: &[u32]) -> usize {
        let forward = self.tracer.network.forward(ids, 1, None);
        largest(&self.tracer.network.last_logits(&forward))
    }
}

/// A share in percent.
pub fn percent(part: usize, of: usize) -> f64 {
    100.0 * part as f64 / of as f64
}

/// Asserts that a figure is near what is expected, by this share of it.
pub fn close(about: &str, found: f64, expected: f64, tolerance: f64) {
    let allowed = tolerance * expected.abs().max(1e-3);
    assert!(
        (found - expected).abs() <= allowed,
        "{about} is {found}, not {expected}"
    );
}
