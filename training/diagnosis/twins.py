"""Twins of vignettes: the same text with one finding replaced by another, in as many tokens."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable

import numpy as np

from . import bayes, vignettes
from .table import Table
from .vignettes import Sample

TRIES = 12  # other findings that are tried for a vignette before it is left without a twin


class Twins:
    """Makes them. `length` gives the number of tokens of a phrase within a text."""

    def __init__(self, table: Table, seed: int, length: Callable[[str], int]):
        self.table, self.rng, self.length = table, random.Random(seed), length
        self.inclusions = set(table.inclusions)
        self.phrases: dict[tuple[str, int], list[tuple[int, str]]] = defaultdict(list)
        for i, finding in enumerate(table.findings):
            for phrase in finding.phrases:
                example = vignettes.in_words(random.Random(0), [phrase])
                self.phrases[vignettes.place(finding), length(example)].append((i, phrase))

    def of_each(self, sample: Sample, texts: list[str], said: list[dict[int, str]]) -> list[tuple[np.ndarray, str] | None]:
        """A twin of each vignette: which findings are present in it, bool [F], and its text; none where no finding that was
        tried fits."""
        found = []
        for start in range(0, len(texts), vignettes.CHUNK):
            rows = range(start, min(start + vignettes.CHUNK, len(texts)))
            can = bayes.possible(self.table, sample.take(np.array(rows)))
            found += [self.one(sample, row, texts[row], said[row], can[row - start]) for row in rows]
        return found

    def one(self, sample: Sample, row: int, text: str, said: dict[int, str], can: np.ndarray) -> tuple[np.ndarray, str] | None:
        """The twin of one vignette, whose patient can have the findings `can`, bool [F]."""
        for _ in range(TRIES):
            old = self.rng.choice(list(said))
            options = self.phrases[vignettes.place(self.table.findings[old]), self.length(said[old])]
            if not options:
                continue
            new, phrase = self.rng.choice(options)
            if not can[new] or not self.goes_with(new, old, sample, row):
                continue
            phrase = vignettes.in_words(self.rng, [phrase])
            changed = replaced(text, said[old], phrase)
            if changed is not None and self.length(phrase) == self.length(said[old]):
                present = sample.present[row].copy()
                present[old], present[new] = False, True
                return present, changed
        return None

    def goes_with(self, new: int, old: int, sample: Sample, row: int) -> bool:
        """Whether a patient may have this finding in place of the old one: it is not mentioned, nothing of its group is
        present, and nothing mentioned includes it or is included in it."""
        mentioned = sample.present[row] | sample.absent[row]
        if mentioned[new]:
            return False
        mentioned[old] = False
        group = self.table.findings[new].group
        for other in np.flatnonzero(mentioned):
            if group and self.table.findings[other].group == group:
                return False
            if (new, other) in self.inclusions or (other, new) in self.inclusions:
                return False
        return True


def replaced(text: str, old: str, new: str) -> str | None:
    """The text with the only place of one phrase, as it stands or at the beginning of a sentence, holding another; none
    if the phrase is there more than once."""
    for form in (lambda phrase: phrase, vignettes.capital):
        if text.count(form(old)) == 1:
            return text.replace(form(old), form(new))
    return None
