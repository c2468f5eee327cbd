"""What a language model learns from in one step, whatever the model: tokens, and what is to be predicted where."""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch
from tokenizers import Tokenizer
from torch import Tensor

BOS = "<bos>"


@dataclass
class Batch:
    """Texts of one kind, [n, tokens] each. Where `learn` is true, `target` is the token to be predicted from there.

    A text may branch: several questions that all follow the same beginning and do not see one another. Then `mask`
    says which token sees which, and `positions` where each stands; without them a text is read from left to right."""

    ids: Tensor  # long [n, tokens]
    learn: Tensor  # bool [n, tokens]
    target: Tensor  # long [n, tokens]; of no meaning where nothing is learned
    mask: Tensor | None = None  # bool [n, tokens, tokens]: (reader, read)
    positions: Tensor | None = None  # long [n, tokens]
    soft: "Soft | None" = None
    real: Tensor | None = None  # bool [n, tokens]: false on padding; without it there is none
    form: Tensor | None = None  # long [n]: twins, texts that are alike but for what is computed with, have the same number
    alike: Tensor | None = None  # bool [n, tokens]: where twins stand token by token beside each other; without it, everywhere
    weight: float = 1.0  # of this batch in the loss

    def to(self, device: str) -> "Batch":
        """The same on this device."""
        moved = lambda t: t.to(device) if hasattr(t, "to") else t  # noqa: E731
        return Batch(**{field.name: moved(getattr(self, field.name)) for field in fields(self)})

    def mark_read(self, read: Tensor) -> None:
        """Sets in bool [vocabulary] the tokens that the texts have, padding's too."""
        read[self.ids.flatten().long()] = True
        read[self.target[self.learn].long()] = True

    def take(self, rows: Tensor) -> "Batch":
        """The texts of these rows."""
        optional = lambda t: None if t is None else t[rows]  # noqa: E731
        return Batch(self.ids[rows], self.learn[rows], self.target[rows], optional(self.mask),
                     optional(self.positions), None if self.soft is None else self.soft.take(rows),
                     optional(self.real), optional(self.form), optional(self.alike), self.weight)


@dataclass
class Soft:
    """Distributions to be predicted in place of single tokens, in every text at `columns`."""

    columns: Tensor  # long [n, questions]: where in its text
    chances: list[Tensor]  # per question, float [n, classes of the question]; each row sums to 1
    classes: list[Tensor]  # per question, long [classes]: the token that each class begins with

    def to(self, device: str) -> "Soft":
        """The same on this device."""
        return Soft(self.columns.to(device), [c.to(device) for c in self.chances], [c.to(device) for c in self.classes])

    def take(self, rows: Tensor) -> "Soft":
        return Soft(self.columns[rows], [c[rows] for c in self.chances], self.classes)


def encode(tokenizer: Tokenizer, texts: list) -> Batch:
    """Texts (`.text`, and `.learn_from`: the character from which on tokens are learned) with a leading <bos>; shorter
    ones are padded with <bos>."""
    bos = tokenizer.token_to_id(BOS)
    encodings = tokenizer.encode_batch([t.text for t in texts])
    width = max(len(e.ids) for e in encodings)
    ids = torch.full((len(texts), width), bos, dtype=torch.long)
    learn = torch.zeros(len(texts), width, dtype=torch.bool)
    real = torch.zeros(len(texts), width, dtype=torch.bool)
    for row, (text, encoding) in enumerate(zip(texts, encodings)):
        n = len(encoding.ids)
        ids[row, :n] = torch.tensor(encoding.ids)
        real[row, : n - 1] = True  # the last token predicts nothing, so nobody need read it
        learn[row, : n - 1] = torch.tensor([start >= text.learn_from for start, _ in encoding.offsets[1:]])
    return Batch(ids[:, :-1], learn[:, :-1], ids[:, 1:], real=real[:, :-1], form=forms(tokenizer, ids[:, :-1]))


def forms(tokenizer: Tokenizer, ids: Tensor) -> Tensor:
    """Which texts [n, tokens] are alike but for their numbers: long [n]."""
    number = torch.zeros(tokenizer.get_vocab_size(), dtype=torch.bool)
    for token, i in tokenizer.get_vocab().items():
        number[i] = token.isascii() and token.isdigit()
    return torch.where(number[ids], -1, ids).unique(dim=0, return_inverse=True)[1]
