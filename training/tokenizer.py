"""A byte-level BPE tokenizer built by rule: bytes, every 2- and 3-digit string, a few words, and <bos>."""

from __future__ import annotations

import json
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors

from .batch import BOS

# Digits in threes from the right: 1995 is 1|995, so that 0..999 are one token each and 995 is the same token in both.
DIGITS = r"\d{1,3}(?=(?:\d{3})*(?!\d))"


def byte_symbols() -> list[str]:
    """The printable symbol of each byte 0..255, in GPT-2's table: printable bytes stand for themselves,
    the others take the code points from 256 on, in order."""
    printable = {*range(33, 127), *range(161, 173), *range(174, 256)}
    spare = iter(range(256, 512))
    return [chr(b) if b in printable else chr(next(spare)) for b in range(256)]


def bpe_pieces(symbols: list[str], ranks: dict[tuple[str, str], int]) -> list[str]:
    """What BPE makes of a word: always joins the pair of lowest rank, the leftmost of equals."""
    pieces = list(symbols)
    while True:
        known = [(ranks[p], i) for i, p in enumerate(zip(pieces, pieces[1:])) if p in ranks]
        if not known:
            return pieces
        _, i = min(known)
        pieces[i : i + 2] = [pieces[i] + pieces[i + 1]]


def build(words: list[str]) -> Tokenizer:
    """The tokenizer. Adding a unit only appends merges, of lower priority, so earlier units stay whole."""
    table = byte_symbols()
    vocabulary = {symbol: i for i, symbol in enumerate(table)}
    ranks: dict[tuple[str, str], int] = {}
    units = [f"{n:02}" for n in range(100)] + [f"{n:03}" for n in range(1000)] + words
    for unit in units:
        pieces = bpe_pieces([table[b] for b in unit.encode()], ranks)
        while len(pieces) > 1:
            left, right = pieces[:2]
            ranks[(left, right)] = len(ranks)
            vocabulary.setdefault(left + right, len(vocabulary))
            pieces[:2] = [left + right]
    bos = len(vocabulary)  # last, so never 0: circuit-tracer skips an id of 0 when it looks for a BOS
    vocabulary[BOS] = bos
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=list(ranks)))
    tokenizer.add_special_tokens([BOS])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Split(Regex(DIGITS), "isolated"), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BOS} $A", pair=f"{BOS} $A $B", special_tokens=[(BOS, bos)]
    )
    return tokenizer


def save(tokenizer: Tokenizer, folder: Path, context: int) -> None:
    """Writes tokenizer.json and the tokenizer_config.json that AutoTokenizer wants."""
    tokenizer.save(str(folder / "tokenizer.json"), pretty=False)
    config = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": BOS,
        "clean_up_tokenization_spaces": False,
        "model_max_length": context,
        # Without it transformers passes token types, and its GPT-2 adds their embeddings.
        "model_input_names": ["input_ids", "attention_mask"],
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
