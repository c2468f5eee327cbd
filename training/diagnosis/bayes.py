"""The teacher: what follows from the table by Bayes' rule, with findings independent given the condition."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from .table import FEMALE, NOT_PREGNANT, UNSAID, YOUNG, Table

SHARPNESS = 0.3  # temperature of "ask", in nats of expected evidence; chosen so that the best answer holds about half


@dataclass
class Cases:
    """What n vignettes say. Codes are those of table.py."""

    sex: np.ndarray  # int [n]
    band: np.ndarray  # int [n], the age band
    pregnancy: np.ndarray  # int [n]
    history: np.ndarray  # bool [n, H]: mentioned; what is not mentioned says nothing
    present: np.ndarray  # bool [n, F]: mentioned as present
    absent: np.ndarray  # bool [n, F]: mentioned as absent

    def __len__(self) -> int:
        return len(self.sex)

    def take(self, rows: np.ndarray) -> "Cases":
        return type(self)(*(getattr(self, f.name)[rows] for f in fields(self)))


def posterior(table: Table, cases: Cases) -> np.ndarray:
    """P(condition | all that is said), [n, C]."""
    score = np.log(table.prior)[None] + np.log(table.age).T[cases.band]
    said = np.column_stack([np.log(table.sex), np.zeros(len(table.prior))]).T  # a sex left unsaid says nothing
    score = score + said[cases.sex]
    # A young woman's vignette says that she is pregnant if she is: silence means that she is not.
    may_be = (cases.sex == FEMALE) & (cases.band == YOUNG)
    score += np.where(may_be[:, None], np.log(table.pregnancy).T[cases.pregnancy], 0)
    score += cases.history @ np.log(table.history).T
    score += cases.present @ np.log(table.frequency).T
    score += cases.absent @ np.log1p(-table.frequency).T
    score -= score.max(1, keepdims=True)
    chance = np.exp(score)
    return chance / chance.sum(1, keepdims=True)


def alternative(chance: np.ndarray) -> np.ndarray:
    """The posterior [n, C] without its leading condition, renormalised."""
    rest = chance.copy()
    rest[np.arange(len(rest)), chance.argmax(1)] = 0
    return rest / rest.sum(1, keepdims=True)


def weight_of_evidence(table: Table) -> np.ndarray:
    """[C, F]: P(f | c) times log(P(f | c) / P(f)), at least 0: the weight of evidence for c that one expects of
    finding f, if only its presence counts (I. J. Good). In nats."""
    overall = table.prior @ table.frequency
    return np.maximum(table.frequency * np.log(table.frequency / overall), 0)


def possible(table: Table, cases: Cases) -> np.ndarray:
    """bool [n, F]: can this patient have the finding at all?"""
    young_woman = (cases.sex == FEMALE) & (cases.band == YOUNG)
    pregnant = cases.pregnancy != NOT_PREGNANT
    who = {None: True, "young women": young_woman, "pregnant": pregnant, "not known pregnant": young_woman & ~pregnant}
    can = np.ones((len(cases), len(table.findings)), bool)
    for i, finding in enumerate(table.findings):
        can[:, i] = who[finding.only]
    return can


def settled(table: Table, cases: Cases) -> np.ndarray:
    """bool [n, F]: mentioned, or included in what is mentioned as present."""
    known = cases.present | cases.absent
    for part, whole in table.inclusions:
        known[:, whole] |= cases.present[:, part]
    return known


def ask(table: Table, cases: Cases, chance: np.ndarray, temperature: float = SHARPNESS) -> np.ndarray:
    """The best next question, [n, askable]: softmax over the askable findings not mentioned yet of the expected
    weight of evidence, averaged over the posterior `chance` [n, C]."""
    score = chance @ weight_of_evidence(table) / temperature
    score[settled(table, cases) | ~possible(table, cases)] = -np.inf
    score = score[:, table.askable]
    weight = np.exp(score - score.max(1, keepdims=True))
    return weight / weight.sum(1, keepdims=True)


def targets(table: Table, cases: Cases) -> dict[str, np.ndarray]:
    """The three distributions to be learned: ask [n, askable], diagnosis [n, C], alternative [n, C]."""
    chance = posterior(table, cases)
    return {"ask": ask(table, cases, chance), "diagnosis": chance, "alternative": alternative(chance)}


def lead(chance: np.ndarray) -> np.ndarray:
    """By how much the best leads the second best, [n]."""
    second, first = np.partition(chance, -2, axis=1)[:, -2:].T
    return first - second
