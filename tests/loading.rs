//! Models, transcoders and tokenizers: what loads, and what is said of what does not.

use std::path::Path;

use attograph::model::{Folder, Model};

const FIXTURES: [&str; 5] = [
    "clt_jump_relu",
    "clt_relu_half",
    "plt_jump_relu_ln2",
    "plt_relu_skip",
    "plt_relu_skip_ln2",
];

#[test]
fn fixtures_load() {
    for name in FIXTURES {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/fixtures")
            .join(name);
        let model = Model::load(
            &Folder::new(folder.join("model")),
            &Folder::new(folder.join("transcoder")),
        );
        let model = model.unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(model.language.blocks.len(), model.transcoder.layers.len());
    }
}
