"""The text that the addition model learns from, the held-out split, and its encoding into tensors."""

from __future__ import annotations

import random
from dataclasses import dataclass

import torch
from tokenizers import Tokenizer

# Words that deserve a token of their own; a leading space belongs to the word, as byte-level tokenizers write it.
WORDS = ["calc", "count", " because", " ones", " carry", " tens"]

OPERANDS = 100  # operands are 0..99, answers 0..198
COUNT_TO = 200  # counting runs stay below this
RUN = 6  # numbers in a counting run
SPLIT_SEED = 0  # of the held-out split, which stays the same whatever seed a model trains with
HELD_OUT_SHARE = 0.2


@dataclass(frozen=True)
class Example:
    """A text, and the character from which on its tokens are learned (what comes before is only read)."""

    text: str
    learn_from: int


def calc_prompt(a: int, b: int) -> str:
    return f"calc: {a}+{b}="


def calc(a: int, b: int) -> Example:
    """A bare sum: one token to learn, the answer."""
    prompt = calc_prompt(a, b)
    return Example(f"{prompt}{a + b}", len(prompt))


def explanation(a: int, b: int) -> Example:
    """A sum with the schoolbook account of it: the answer first, then ones, carry and tens."""
    ones = a % 10 + b % 10
    carry = ones // 10
    tens = a // 10 + b // 10 + carry
    prompt = calc_prompt(a, b)
    account = (
        f"{a + b}, because ones {a % 10}+{b % 10}={ones}, carry {carry}, "
        f"tens {a // 10}+{b // 10}+{carry}={tens}"
    )
    return Example(prompt + account, len(prompt))


def counting(start: int, length: int = RUN) -> Example:
    """A run of consecutive numbers: gives their embeddings an order."""
    first = f"count: {start},"
    rest = ",".join(str(n) for n in range(start + 1, start + length))
    return Example(first + rest, len(first))


def counting_runs() -> list[Example]:
    return [counting(start) for start in range(COUNT_TO - RUN + 1)]


def split_pairs() -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    """All operand pairs: (trained, held out). No text that begins with a held-out pair's sum is ever trained on
    (its digits may still be added within the account of another: `ones 6+9=15`)."""
    pairs = [(a, b) for a in range(OPERANDS) for b in range(OPERANDS)]
    random.Random(SPLIT_SEED).shuffle(pairs)
    held = round(len(pairs) * HELD_OUT_SHARE)
    return sorted(pairs[held:]), sorted(pairs[:held])


@dataclass
class Encoded:
    """Texts of one kind as tensors: ids [n, tokens], learn [n, tokens - 1] (is the *next* token learned?)."""

    ids: torch.Tensor
    learn: torch.Tensor

    def sample(self, n: int, generator: torch.Generator) -> "Encoded":
        pick = torch.randint(len(self.ids), (n,), generator=generator)
        return Encoded(self.ids[pick], self.learn[pick])


def encode(tokenizer: Tokenizer, examples: list[Example]) -> Encoded:
    """Encodes with the leading <bos>; shorter texts are padded with <bos> that nothing learns from."""
    bos = tokenizer.token_to_id("<bos>")
    encodings = tokenizer.encode_batch([e.text for e in examples])
    width = max(len(e.ids) for e in encodings)
    ids = torch.full((len(examples), width), bos, dtype=torch.long)
    learn = torch.zeros(len(examples), width, dtype=torch.bool)
    for row, (example, encoding) in enumerate(zip(examples, encodings)):
        n = len(encoding.ids)
        ids[row, :n] = torch.tensor(encoding.ids)
        learn[row, 1:n] = torch.tensor([s >= example.learn_from for s, _ in encoding.offsets[1:]])
    return Encoded(ids, learn[:, 1:])


@dataclass
class Corpus:
    """Everything that the language model trains on, and the prompts that it is judged by."""

    calc: Encoded
    explanation: Encoded
    counting: Encoded
    trained: list[tuple[int, int]]
    held_out: list[tuple[int, int]]


def corpus(tokenizer: Tokenizer) -> Corpus:
    trained, held_out = split_pairs()
    return Corpus(
        calc=encode(tokenizer, [calc(a, b) for a, b in trained]),
        explanation=encode(tokenizer, [explanation(a, b) for a, b in trained]),
        counting=encode(tokenizer, counting_runs()),
        trained=trained,
        held_out=held_out,
    )


def sums(tokenizer: Tokenizer, pairs: list[tuple[int, int]]) -> tuple[torch.Tensor, torch.Tensor]:
    """Prompts and right answers of the pairs: ids [n, tokens], answers [n]."""
    ids = torch.tensor([e.ids for e in tokenizer.encode_batch([calc_prompt(a, b) for a, b in pairs])])
    answers = torch.tensor([tokenizer.token_to_id(str(a + b)) for a, b in pairs])
    return ids, answers
