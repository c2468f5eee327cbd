//! Every field that a `tokenizer.json` may have, and what is done with it. One that is not here is refused:
//! it might change the tokens.

use serde_json::Value;

use super::Read;
use crate::model::error::clause;
use crate::model::known::Treatment::{self, Computed, NoEffect};
use crate::model::known::{Known, find, known};

type Fields = &'static [Known];

const OFFSETS: Treatment = NoEffect("where in the text a token stood is asked by nobody");
/// As circuit-tracer does, which asks for no special tokens and then puts one in front itself.
const AROUND: Treatment =
    NoEffect("no token is put around a prompt but the one by Model::with_bos");
const UNUSED: Treatment = NoEffect("a ByteLevel that decodes does not look at it");

const NONE: Fields = &[];
const REPLACE: Fields = &[known(Computed, &["pattern", "content"])];

/// The parts of a file by name, each with its fields; `type` is a field of all but the first two.
pub const TOKENIZER_FIELDS: &[(&str, &[Known])] = &[
    (
        "file",
        &[
            known(
                Computed,
                &[
                    "version",
                    "added_tokens",
                    "normalizer",
                    "pre_tokenizer",
                    "decoder",
                    "model",
                ],
            ),
            known(
                NoEffect("a prompt is what was typed, whole"),
                &["truncation"],
            ),
            known(NoEffect("prompts are run one at a time"), &["padding"]),
            known(AROUND, &["post_processor"]),
        ],
    ),
    (
        "added token",
        &[known(
            Computed,
            &[
                "id",
                "content",
                "single_word",
                "lstrip",
                "rstrip",
                "normalized",
                "special",
            ],
        )],
    ),
    (
        "model BPE",
        &[known(
            Computed,
            &[
                "dropout",
                "unk_token",
                "continuing_subword_prefix",
                "end_of_word_suffix",
                "fuse_unk",
                "byte_fallback",
                "ignore_merges",
                "vocab",
                "merges",
            ],
        )],
    ),
    (
        "model WordLevel",
        &[known(Computed, &["vocab", "unk_token"])],
    ),
    (
        "model WordPiece",
        &[known(
            Computed,
            &[
                "unk_token",
                "continuing_subword_prefix",
                "max_input_chars_per_word",
                "vocab",
            ],
        )],
    ),
    ("normalizer Sequence", &[known(Computed, &["normalizers"])]),
    (
        "normalizer BertNormalizer",
        &[known(
            Computed,
            &[
                "clean_text",
                "handle_chinese_chars",
                "strip_accents",
                "lowercase",
            ],
        )],
    ),
    ("normalizer Lowercase", NONE),
    ("normalizer NFC", NONE),
    ("normalizer NFD", NONE),
    ("normalizer NFKC", NONE),
    ("normalizer NFKD", NONE),
    ("normalizer StripAccents", NONE),
    ("normalizer Prepend", &[known(Computed, &["prepend"])]),
    ("normalizer Replace", REPLACE),
    (
        "normalizer Strip",
        &[known(Computed, &["strip_left", "strip_right"])],
    ),
    (
        "pre_tokenizer Sequence",
        &[known(Computed, &["pretokenizers"])],
    ),
    ("pre_tokenizer BertPreTokenizer", NONE),
    (
        "pre_tokenizer ByteLevel",
        &[
            known(Computed, &["add_prefix_space", "use_regex"]),
            known(OFFSETS, &["trim_offsets"]),
        ],
    ),
    (
        "pre_tokenizer Digits",
        &[known(Computed, &["individual_digits"])],
    ),
    (
        "pre_tokenizer Punctuation",
        &[known(Computed, &["behavior"])],
    ),
    (
        "pre_tokenizer Split",
        &[known(Computed, &["pattern", "behavior", "invert"])],
    ),
    ("pre_tokenizer Whitespace", NONE),
    ("pre_tokenizer WhitespaceSplit", NONE),
    ("post_processor Sequence", &[known(AROUND, &["processors"])]),
    (
        "post_processor BertProcessing",
        &[known(AROUND, &["sep", "cls"])],
    ),
    (
        "post_processor ByteLevel",
        &[known(
            OFFSETS,
            &["add_prefix_space", "trim_offsets", "use_regex"],
        )],
    ),
    (
        "post_processor RobertaProcessing",
        &[
            known(AROUND, &["sep", "cls"]),
            known(OFFSETS, &["trim_offsets", "add_prefix_space"]),
        ],
    ),
    (
        "post_processor TemplateProcessing",
        &[known(AROUND, &["single", "pair", "special_tokens"])],
    ),
    ("decoder Sequence", &[known(Computed, &["decoders"])]),
    ("decoder BPEDecoder", &[known(Computed, &["suffix"])]),
    ("decoder ByteFallback", NONE),
    (
        "decoder ByteLevel",
        &[known(
            UNUSED,
            &["add_prefix_space", "trim_offsets", "use_regex"],
        )],
    ),
    ("decoder Fuse", NONE),
    ("decoder Replace", REPLACE),
    (
        "decoder WordPiece",
        &[known(Computed, &["prefix", "cleanup"])],
    ),
];

/// The kinds of a part that are known, as a list in words: of `decoder` Sequence, BPEDecoder and so on.
pub(super) fn kinds(part: &str) -> String {
    let kinds = TOKENIZER_FIELDS
        .iter()
        .filter_map(|(name, _)| name.strip_prefix(part)?.strip_prefix(' '));
    kinds.collect::<Vec<_>>().join(", ")
}

/// Refuses a field of a part, such as `decoder Fuse`, that is not in the table, and a part that is not.
pub(super) fn check(part: &str, found: &Value) -> Read<()> {
    let Some((_, fields)) = TOKENIZER_FIELDS.iter().find(|(name, _)| *name == part) else {
        let (part, kind) = part.split_once(' ').unwrap_or((part, ""));
        return Err(format!(
            "its {part} is {}, and only these are known: {}",
            clause(kind),
            kinds(part)
        ));
    };
    let found = found
        .as_object()
        .ok_or_else(|| format!("its {part} is no JSON object"))?;
    let typed = part != "file" && part != "added token";
    let known = |name: &str| (typed && name == "type") || find(fields, name).is_some();
    match found.keys().find(|name| !known(name)) {
        Some(name) => Err(format!(
            "its {part} has a field {}, which is not known, so its tokens might differ",
            clause(name)
        )),
        None => Ok(()),
    }
}
