"""The addition model's texts, rendered from contexts.toml, and which pairs are held out of which."""

from __future__ import annotations

import random
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

OPERANDS = 100  # operands are 0..99
SUMS = 2 * OPERANDS - 1  # 0..198
FIRST_YEAR = 1900
SPLIT_SEED = 0  # of the held-out split, which stays the same whatever seed a model trains with
SHARE_EVERYWHERE = 0.1  # of the pairs: held out of every context
SHARE_ONCE = 0.1  # of the pairs: held out of one context each

Pair = tuple[int, int]

with open(Path(__file__).with_name("contexts.toml"), "rb") as file:
    TABLE = tomllib.load(file)
CONTEXTS: dict[str, list[str]] = {c["name"]: c["templates"] for c in TABLE["context"]}
EXPLANATIONS: list[str] = TABLE["explanations"]["templates"]


@dataclass(frozen=True)
class Text:
    """A text, and the character from which on its tokens are learned (what comes before is only read)."""

    text: str
    learn_from: int

    @property
    def prompt(self) -> str:
        return self.text[: self.learn_from]


def values(a: int, b: int) -> dict[str, str]:
    """What each placeholder of a template stands for."""
    ones = a % 10 + b % 10
    end = FIRST_YEAR + a + b
    numbers = {
        "a": a, "b": b, "sum": a + b,
        "a.ones": a % 10, "a.tens": a // 10, "b.ones": b % 10, "b.tens": b // 10,
        "ones": ones, "digit": ones % 10, "carry": ones // 10, "tens": a // 10 + b // 10 + ones // 10,
        "start": FIRST_YEAR + a, "end.head": end // 1000,
    }
    return {**{name: str(n) for name, n in numbers.items()}, "end.tail": f"{end % 1000:03}"}


def render(template: str, a: int, b: int) -> Text:
    known = values(a, b)
    read, learned = (re.sub(r"\{([a-z.]+)\}", lambda m: known[m[1]], part) for part in template.split("|"))
    return Text(read + learned, len(read))


def counting(start: int, step: int) -> Text:
    """A run of numbers: their order for a step of 1, their ones digit for a step of 10."""
    length = TABLE["counting"]["length"]
    numbers = [str(start + step * i) for i in range(length)]
    before, after = TABLE["counting"]["template"].split("{run}")
    return Text(before + ",".join(numbers) + after, len(before + numbers[0] + ","))


def counting_runs() -> list[Text]:
    """Runs among 0..199, and among the years, whose last three digits are one token."""
    length = TABLE["counting"]["length"]
    runs = []
    for step in TABLE["counting"]["steps"]:
        span = step * (length - 1)
        for first, last in [(0, SUMS), (FIRST_YEAR, FIRST_YEAR + SUMS - 1)]:
            runs += [counting(start, step) for start in range(first, last - span + 1)]
    return runs


def years() -> list[Text]:
    return [render(template, n // 2, n - n // 2) for template in TABLE["years"]["templates"] for n in range(SUMS)]


@dataclass(frozen=True)
class Split:
    """Which pairs are never trained on: `everywhere` in no text that asks for their sum, `only[context]` not in that
    context. Their one-digit parts may still be added within the account of another pair: `6+9=15`."""

    everywhere: frozenset[Pair]
    only: dict[str, frozenset[Pair]]

    def held_out(self, context: str) -> frozenset[Pair]:
        return self.everywhere | self.only.get(context, frozenset())

    def trained(self, context: str) -> list[Pair]:
        return [pair for pair in ALL_PAIRS if pair not in self.held_out(context)]


ALL_PAIRS: list[Pair] = [(a, b) for a in range(OPERANDS) for b in range(OPERANDS)]


def split() -> Split:
    pairs = list(ALL_PAIRS)
    random.Random(SPLIT_SEED).shuffle(pairs)
    everywhere = round(SHARE_EVERYWHERE * len(pairs))
    once = pairs[everywhere : everywhere + round(SHARE_ONCE * len(pairs))]
    names = list(CONTEXTS)
    only = {name: frozenset(once[i :: len(names)]) for i, name in enumerate(names)}
    return Split(frozenset(pairs[:everywhere]), only)


def context_texts(context: str, pairs: list[Pair]) -> list[Text]:
    return [render(template, a, b) for template in CONTEXTS[context] for a, b in pairs]


def explanation_texts(it: Split) -> list[Text]:
    """Accounts of trained pairs; one that begins as a prompt of a context keeps to what that context may know."""
    texts = []
    for template in EXPLANATIONS:
        read = template.split("|")[0]
        within = next((c for c, ts in CONTEXTS.items() if any(t.startswith(read + "|") for t in ts)), "")
        texts += [render(template, a, b) for a, b in it.trained(within)]
    return texts


def words() -> list[str]:
    """Every word of the texts, with the space before it, in the order in which it first occurs."""
    templates = [t for ts in CONTEXTS.values() for t in ts] + EXPLANATIONS
    templates += TABLE["years"]["templates"] + [TABLE["counting"]["template"]]
    found: dict[str, None] = {}
    for template in templates:
        plain = re.sub(r"\{[a-z.]+\}|\|", "\0", template)
        for word in re.findall(r" ?[A-Za-z]+| ?[^\sA-Za-z0-9\0]+", plain):
            if len(word) > 1:
                found.setdefault(word)
    return list(found)
