"""The addition model's texts, rendered from contexts.toml, and which pairs are held out of which."""

from __future__ import annotations

import random
import re
import tomllib
from collections import Counter
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
EXPLANATIONS: list[str] = [question + TABLE["explanations"]["story"] for question in TABLE["explanations"]["questions"]]
OTHER_CASE = 0.2  # how often a template is drawn in each other case, against 1 as it is written


@dataclass(frozen=True)
class Text:
    """A text, and the character from which on its tokens are learned (what comes before is only read)."""

    text: str
    learn_from: int

    @property
    def prompt(self) -> str:
        return self.text[: self.learn_from]


def in_other_cases(template: str) -> list[str]:
    """A template in lower case, in capitals and with a capital first letter, without the template itself. Its placeholders,
    and the story that an explanation tells, stay as they are."""
    prompt, answer = template.split("|", 1)
    parts = re.split(r"(\{[a-z.]+\})", prompt)
    changed = lambda change: "".join(p if p.startswith("{") else change(p) for p in parts)  # noqa: E731
    cases = [changed(str.lower), changed(str.upper), prompt[:1].upper() + prompt[1:]]
    return [f"{case}|{answer}" for case in dict.fromkeys(cases) if case != prompt]


def wordings(table: dict, templates: list[str]) -> list[tuple[str, float]]:
    """Every template of a part of the table in every case that it comes in, and how often each is drawn."""
    others = [(case, OTHER_CASE) for t in templates for case in in_other_cases(t)] if table.get("cases") else []
    return [(template, 1.0) for template in templates] + others


def asked_wordings(table: dict) -> list[str]:
    """The templates that a context is measured by: all as they are written, and the first in its other cases."""
    return table["templates"] + (in_other_cases(table["templates"][0]) if table.get("cases") else [])


WORDINGS = {c["name"]: wordings(c, c["templates"]) for c in TABLE["context"]}
EXPLANATION_WORDINGS = wordings(TABLE["explanations"], EXPLANATIONS)


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
    """As the templates are written."""
    return [render(template, a, b) for template in CONTEXTS[context] for a, b in pairs]


def trained_texts(context: str, it: Split) -> tuple[list[Text], list[float]]:
    """All texts of a context in all cases, and how often each is drawn."""
    pairs = it.trained(context)
    rare = rarity(pairs)
    texts = [render(template, a, b) for template, _ in WORDINGS[context] for a, b in pairs]
    return texts, [often * share for _, often in WORDINGS[context] for share in rare]


def rarity(pairs: list[Pair]) -> list[float]:
    """How often to draw each pair: more often where few pairs have its sum, so that 0 and 198, which have one, are learned."""
    found = Counter(a + b for a, b in pairs)
    return [found[a + b] ** -0.5 for a, b in pairs]


def explanation_texts(it: Split) -> tuple[list[Text], list[float]]:
    """Accounts of trained pairs, and how often each is drawn; one that begins as a prompt of a context keeps to what that
    context may know."""
    texts, often = [], []
    for template, share in EXPLANATION_WORDINGS:
        read = template.split("|")[0]
        within = next((c for c, ts in WORDINGS.items() if any(t.startswith(read + "|") for t, _ in ts)), "")
        found = [render(template, a, b) for a, b in it.trained(within)]
        texts += found
        often += [share] * len(found)
    return texts, often


def words() -> list[str]:
    """Every word of the texts, with the space before it, in the order in which it first occurs."""
    templates = [t for ts in WORDINGS.values() for t, _ in ts] + [t for t, _ in EXPLANATION_WORDINGS]
    templates += TABLE["years"]["templates"] + [TABLE["counting"]["template"]]
    found: dict[str, None] = {}
    for template in templates:
        plain = re.sub(r"\{[a-z.]+\}|\|", "\0", template)
        for word in re.findall(r" ?[A-Za-z]+| ?[^\sA-Za-z0-9\0]+", plain):
            if len(word) > 1:
                found.setdefault(word)
    return list(found)
