"""Vignettes: who is drawn, what is mentioned, and the sentences that say so. The condition is never named."""

from __future__ import annotations

import hashlib
import random
import re
from dataclasses import dataclass

import numpy as np

from . import bayes, examples
from .table import AGES, EARLY, FEMALE, LATE, MALE, NOT_PREGNANT, UNSAID, WEEKS, YOUNG, Finding, Table

FLATTENING = 0.35  # power of the prior that conditions are drawn with, so that rare ones come often enough
RAREST = 0.0125  # no condition is drawn more rarely
COUNTS = {2: 0.12, 3: 0.33, 4: 0.33, 5: 0.17, 6: 0.05}  # findings mentioned, if the patient has that many
ODD_ONE = 0.1  # weight of a finding that the condition does not list, against 1 for one that it does
HISTORY_SAID = 0.6  # share of histories that are mentioned, at most one in a vignette
ABSENT = 0.18  # share of vignettes that say of one finding that it is absent
ABSENT_SHARPNESS = 0.35  # temperature at which that finding is drawn from the questions worth asking
SEX_UNSAID = 0.06
HELD_OUT_PERCENT = 10
CHUNK = 20_000  # vignettes drawn at a time: [chunk, F] arrays of random numbers stay small

# ---------------------------------------------------------------- who and what


@dataclass
class Sample(bayes.Cases):
    """Cases with what the text needs besides."""

    condition: np.ndarray  # int [n]: the one that the patient was drawn from, not always the likeliest
    age: np.ndarray  # int [n], years
    weeks: np.ndarray  # int [n], of gestation; 0 if not pregnant


def condition_weights(table: Table) -> np.ndarray:
    """How often each condition is drawn, [C]."""
    weight = table.prior**FLATTENING
    weight = np.maximum(weight / weight.sum(), RAREST)
    return weight / weight.sum()


def draw(rng: np.random.Generator, chances: np.ndarray) -> np.ndarray:
    """One class per row of chances [n, classes] -> int [n]."""
    steps = chances.cumsum(1)
    return (rng.random((len(chances), 1)) * steps[:, -1:] > steps).sum(1).clip(max=chances.shape[1] - 1)


def between(rng: np.random.Generator, ends: list[tuple[int, int]], code: np.ndarray) -> np.ndarray:
    """A whole number from the range of each code, both ends included."""
    low, high = np.array(ends).T
    return rng.integers(low[code], high[code] + 1)


def one_of_group(table: Table, rng: np.random.Generator, has: np.ndarray) -> None:
    """Of findings that exclude or include one another, keeps one. Changes `has` [n, F]."""
    for group in sorted({f.group for f in table.findings if f.group}):
        members = [i for i, f in enumerate(table.findings) if f.group == group]
        order = rng.random((len(has), len(members))) + has[:, members]
        kept = order.argmax(1)[:, None] == np.arange(len(members))
        has[:, members] &= kept
    for part, whole in table.inclusions:
        has[:, whole] &= ~has[:, part]


def mentioned(table: Table, rng: np.random.Generator, condition: np.ndarray, has: np.ndarray) -> np.ndarray:
    """Of what the patients have, bool [n, F], the 2 to 6 findings that are mentioned."""
    n = len(has)
    key = rng.gumbel(size=has.shape).astype(np.float32) + np.where(table.listed[condition], 0, np.log(ODD_ONE))
    key[~has] = -np.inf
    count = rng.choice(list(COUNTS), size=n, p=list(COUNTS.values()))
    ranked = -np.sort(-key, axis=1)
    return has & (key >= ranked[np.arange(n), count - 1][:, None])


def one_history(table: Table, rng: np.random.Generator, condition: np.ndarray) -> np.ndarray:
    """bool [n, H], at most one a row."""
    key = rng.random((len(condition), len(table.histories)))
    has = rng.random(key.shape) < table.history[condition] * HISTORY_SAID
    key[~has] = -1
    return has & (key == key.max(1, keepdims=True))


def one_absent(table: Table, rng: np.random.Generator, sample: Sample, has: np.ndarray) -> np.ndarray:
    """bool [n, F]: in some vignettes, a finding that one would have asked for and that the patient does not have."""
    absent = np.zeros_like(has)
    rows = np.flatnonzero(rng.random(len(has)) < ABSENT)
    some = sample.take(rows)
    chances = bayes.ask(table, some, bayes.posterior(table, some), ABSENT_SHARPNESS)
    chances[has[rows][:, table.askable]] = 0
    usable = chances.sum(1) > 0
    absent[rows[usable], table.askable[draw(rng, chances[usable])]] = True
    return absent


def sample_chunk(table: Table, rng: np.random.Generator, n: int) -> Sample:
    condition = rng.choice(len(table.conditions), size=n, p=condition_weights(table))
    band = draw(rng, table.age[condition])
    sex = np.where(rng.random(n) < table.sex[condition, FEMALE], FEMALE, MALE)
    pregnancy = draw(rng, table.pregnancy[condition])
    pregnancy[(sex != FEMALE) | (band != YOUNG)] = NOT_PREGNANT
    sex[(rng.random(n) < SEX_UNSAID) & (pregnancy == NOT_PREGNANT)] = UNSAID
    nobody = np.zeros((n, len(table.findings)), bool)
    sample = Sample(sex, band, pregnancy, one_history(table, rng, condition), nobody, nobody, condition,
                    between(rng, AGES, band), between(rng, [(0, 0), WEEKS[EARLY], WEEKS[LATE]], pregnancy))
    has = rng.random(nobody.shape, dtype=np.float32) < table.frequency[condition].astype(np.float32)
    has &= bayes.possible(table, sample)
    one_of_group(table, rng, has)
    sample.present = mentioned(table, rng, condition, has)
    sample.absent = one_absent(table, rng, sample, has)
    return sample


def join(parts: list[Sample]) -> Sample:
    return Sample(*(np.concatenate([getattr(p, name) for p in parts]) for name in Sample.__dataclass_fields__))


def sample(table: Table, rng: np.random.Generator, n: int, held_out: bool) -> Sample:
    """n vignettes, all of them held out or none."""
    parts, got = [], 0
    while got < n:
        chunk = sample_chunk(table, rng, CHUNK if n > 2000 or held_out else 3 * n + 100)
        usable = chunk.present.any(1) & (held_out_rows(table, chunk.present) == held_out)
        parts.append(chunk.take(np.flatnonzero(usable)[: n - got]))
        got += len(parts[-1])
    return join(parts)


# ---------------------------------------------------------------- held out


def is_held_out(keys: frozenset[str]) -> bool:
    """Is this combination of findings kept from training? A single finding never is. What is said to be absent, and
    who the patient is, does not count: no vignette with just these findings present is trained on."""
    if len(keys) < 2:
        return False
    if keys in examples.COMBINATIONS:
        return True
    digest = hashlib.sha256(" ".join(sorted(keys)).encode()).digest()
    return int.from_bytes(digest[:8], "big") % 100 < HELD_OUT_PERCENT


def held_out_rows(table: Table, present: np.ndarray) -> np.ndarray:
    """bool [n] of bool [n, F]."""
    keys = [f.key for f in table.findings]
    return np.array([is_held_out(frozenset(keys[i] for i in np.flatnonzero(row))) for row in present], bool)


# ---------------------------------------------------------------- words

# Everything that sentences are made of besides the table's phrases; `words` reads the same tuples.
NOUNS = {FEMALE: (" female", " woman"), MALE: (" male", " man"), UNSAID: ("",)}
PRONOUNS = {FEMALE: "She", MALE: "He", UNSAID: "They"}
SINGULAR = {"has": " has", "reports": " reports", "denies": " denies"}
PLURAL = {"has": " have", "reports": " report", "denies": " deny"}
# The last is for symptoms only.
OPENINGS = (" presents with",) * 5 + (" comes in with", " has", " has", " complains of")
BARE_OPENINGS = (" is seen in the clinic", " comes to the clinic")
WITH_HISTORY = " with a history of"
HISTORY = " a history of"
ALSO = (" also", "")
LABS = ("labs show", "tests show", "labs show")
EXAMINATION = ("Examination shows", "On examination,")
NO, NONE_THERE = " no", "There is no"
AT, WEEKS_GESTATION = " at", " weeks gestation"
YEAR_OLD = "-year-old"

SHE, HE, THEY = " she's", " he's", " they're"
ASK = " If we can only ask about one other symptom, we should ask whether{} experiencing"
WHETHER = {FEMALE: SHE, MALE: HE, UNSAID: THEY}
QUESTIONS = {"ask": ASK.format(SHE), "diagnosis": " The most likely diagnosis is", "alternative": " It could also be"}

NUMBER = re.compile(r"\{([\d.]+)-([\d.]+)\}")
PIECE = re.compile(r"'s|'t|'re|'ve|'m|'ll|'d| ?[A-Za-z]+| ?\d+| ?[^\sA-Za-z\d]+|\s+(?!\S)|\s+")


def question(kind: str, sex: int) -> str:
    return ASK.format(WHETHER[sex]) if kind == "ask" else QUESTIONS[kind]


def words(table: Table) -> list[str]:
    """Every word that can stand in a text, as byte-level tokenizers cut it: with its leading space, or without one
    where a sentence begins. In alphabetical order, so that words which begin alike share their merges."""
    frames = [*OPENINGS, *BARE_OPENINGS, WITH_HISTORY, HISTORY, *ALSO, *EXAMINATION, *(" " + e for e in EXAMINATION), NO,
              NONE_THERE, " " + NONE_THERE, AT, WEEKS_GESTATION, YEAR_OLD, " and", "A", "An", ", and"]
    frames += [noun for nouns in NOUNS.values() for noun in nouns]
    frames += [" " + text for text in PRONOUNS.values()] + [*SINGULAR.values(), *PLURAL.values()]
    frames += [" " + form for text in LABS for form in (text, text.capitalize())]
    frames += [question(kind, sex) for kind in QUESTIONS for sex in WHETHER]
    frames += [" " + phrase for phrases in table.history_phrases for phrase in phrases]
    for finding in table.findings:
        clauses = [" " + NUMBER.sub("1", phrase) for phrase in finding.phrases]
        frames += clauses + [" " + capital(c[1:]) for c in clauses if finding.kind == "vital"]
    frames += [" " + name + "." for name in table.asked_names + table.conditions]
    pieces = {piece for frame in frames for piece in PIECE.findall(frame)}
    return sorted(p for p in pieces if len(p) > 1 and not p.strip().isdigit())


def capital(text: str) -> str:
    """The first letter large, the rest as it is."""
    return text[:1].upper() + text[1:]


def number(rng: random.Random, low: str, high: str) -> str:
    """A number of the range, with as many decimals as its ends have."""
    decimals = len(low.partition(".")[2])
    return f"{rng.uniform(float(low), float(high)):.{decimals}f}" if decimals else str(rng.randint(int(low), int(high)))


def in_words(rng: random.Random, phrases: list[str]) -> str:
    phrase = rng.choice(phrases)
    return NUMBER.sub(lambda m: number(rng, *m.groups()), phrase) if "{" in phrase else phrase


def listing(items: list[str], oxford: bool) -> str:
    """"a", "a and b", "a, b and c" or "a, b, and c"."""
    if len(items) < 3:
        return " and ".join(items)
    return ", ".join(items[:-1]) + (", and " if oxford else " and ") + items[-1]


def place(finding: Finding) -> str:
    """Where in a text a finding may stand."""
    return "noticed" if finding.kind == "sign" and finding.name else finding.kind


def article(age: int) -> str:
    return "An" if age in (8, 11, 18) or 80 <= age <= 89 else "A"


class Writer:
    """Puts samples into sentences. One for many vignettes, with its own random choices of wording."""

    def __init__(self, table: Table, seed: int):
        self.table = table
        self.rng = random.Random(seed)
        self.said: dict[int, str] = {}  # each finding of the last text, in its words

    def texts(self, sample: Sample) -> list[tuple[str, dict[int, str]]]:
        """Each text, and each of its findings that is present in the words that say so."""
        return [(self.text(sample, row), self.said) for row in range(len(sample))]

    def text(self, sample: Sample, row: int) -> str:
        rng, sex = self.rng, int(sample.sex[row])
        by_kind = self.phrases(np.flatnonzero(sample.present[row]))
        oxford = rng.random() < 0.4
        told, noticed, examined = by_kind["symptom"], by_kind["noticed"], by_kind["sign"]
        openings = OPENINGS
        if noticed and (not told or rng.random() < 0.45):
            told, openings = told + noticed, OPENINGS[:-1]  # nobody complains of a sign
            rng.shuffle(told)
        else:
            examined = noticed + examined
        later = [told.pop()] if len(told) > 2 and rng.random() < 0.25 else []
        past = [in_words(rng, self.table.history_phrases[h]) for h in np.flatnonzero(sample.history[row])]
        in_opening = bool(past) and rng.random() < 0.4
        rest = [self.measures(by_kind["vital"], by_kind["laboratory"], oxford)]
        rest += [self.says(sex, "reports", rng.choice(ALSO), later), self.examined(sex, examined)]
        rest += [self.without(sex, f) for f in np.flatnonzero(sample.absent[row])]
        rest += [self.says(sex, "has", HISTORY, [] if in_opening else past)]
        rest = [sentence for sentence in rest if sentence]
        rng.shuffle(rest)
        opening = self.opening(sample, row, past if in_opening else [], told, openings, oxford)
        return " ".join([opening, *rest])

    def phrases(self, found: np.ndarray) -> dict[str, list[str]]:
        """The findings in words, by kind, in random order. Signs that patients themselves notice, which are those that
        one can ask for, are a kind of their own."""
        by_kind = {"symptom": [], "noticed": [], "sign": [], "vital": [], "laboratory": []}
        order = found.tolist()
        self.rng.shuffle(order)
        self.said = {i: in_words(self.rng, self.table.findings[i].phrases) for i in order}
        for i, phrase in self.said.items():
            by_kind[place(self.table.findings[i])].append(phrase)
        return by_kind

    def opening(self, sample: Sample, row: int, past: list[str], told: list[str], openings: tuple[str, ...],
                oxford: bool) -> str:
        age, weeks = int(sample.age[row]), int(sample.weeks[row])
        text = f"{article(age)} {age}{YEAR_OLD}{self.rng.choice(NOUNS[int(sample.sex[row])])}"
        if weeks:
            text += f"{AT} {weeks}{WEEKS_GESTATION}"
        if past:
            text += f"{WITH_HISTORY} {past[0]}"
        if not told:
            return text + self.rng.choice(BARE_OPENINGS) + "."
        return f"{text}{self.rng.choice(openings)} {listing(told, oxford)}."

    def says(self, sex: int, verb: str, middle: str, items: list[str]) -> str:
        """"She also reports ...", "He has a history of ..."; nothing if there is nothing to say."""
        if not items:
            return ""
        verb = (PLURAL if sex == UNSAID else SINGULAR)[verb]
        before, after = (middle, "") if middle == " also" else ("", middle)
        return f"{PRONOUNS[sex]}{before}{verb}{after} {listing(items, False)}."

    def examined(self, sex: int, items: list[str]) -> str:
        if not items:
            return ""
        frame = self.rng.choice(EXAMINATION)
        if frame.endswith(","):
            frame += f" {PRONOUNS[sex].lower()}{(PLURAL if sex == UNSAID else SINGULAR)['has']}"
        return f"{frame} {listing(items, False)}."

    def without(self, sex: int, finding: int) -> str:
        name = self.table.findings[finding].name
        plural = any(word.endswith("s") for word in name.split())
        form = self.rng.choice(("has", "denies") if plural else ("has", "denies", "there"))
        if form == "there":
            return f"{NONE_THERE} {name}."
        if form == "denies" and self.table.findings[finding].kind == "symptom":
            return self.says(sex, "denies", "", [name])
        return self.says(sex, "has", NO, [name])

    def measures(self, vitals: list[str], labs: list[str], oxford: bool) -> str:
        """"BP is 162/98 mmHg, and labs show ..."."""
        shown = f"{self.rng.choice(LABS)} {listing(labs, oxford)}" if labs else ""
        measured = listing(vitals, oxford)
        if measured and shown:
            link = ", and " if self.rng.random() < 0.6 else ". "
            return f"{capital(measured)}{link}{shown if link == ', and ' else capital(shown)}."
        return capital(measured or shown) + "." if measured or shown else ""


# ---------------------------------------------------------------- by hand


def case(table: Table, age: int, sex: int, findings: str, weeks: int = 0, history: str = "", absent: str = "") -> Sample:
    """One vignette as a Sample; findings and history by key, separated by spaces."""
    band = next(i for i, (_, last) in enumerate(AGES) if age <= last)
    pregnancy = 0 if not weeks else LATE if weeks >= WEEKS[LATE][0] else EARLY
    keys = [f.key for f in table.findings]
    if unknown := set(f"{findings} {absent}".split()) - set(keys):
        raise ValueError(f"no such findings: {unknown}")
    flags = lambda names, said: np.array([[name in said.split() for name in names]])  # noqa: E731
    one = lambda value: np.array([value])  # noqa: E731
    return Sample(one(sex), one(band), one(pregnancy), flags(table.histories, history), flags(keys, findings),
                  flags(keys, absent), one(-1), one(age), one(weeks))
