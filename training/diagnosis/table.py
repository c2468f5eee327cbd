"""table.toml as arrays. C conditions, F findings, H histories; every share is a probability."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

TINY = 1e-4  # no share is quite 0 or 1, so that no logarithm is infinite

# Codes of the demographic fields.
FEMALE, MALE, UNSAID = 0, 1, 2  # sex
YOUNG, MIDDLE, OLD = 0, 1, 2  # age band
NOT_PREGNANT, EARLY, LATE = 0, 1, 2  # pregnancy
AGES = [(18, 39), (40, 64), (65, 88)]  # years, both ends included
WEEKS = {EARLY: (5, 11), LATE: (24, 39)}  # of gestation
PREGNANT = (0.02, 0.04)  # early and late, of women of 18 to 39, if a condition says nothing else
BACKGROUND = 0.01  # of a finding, if the table says nothing else


@dataclass(frozen=True)
class Finding:
    key: str
    kind: str  # symptom, sign, vital or laboratory
    phrases: list[str]
    name: str | None  # as an answer to "... whether she's experiencing"; None: never asked for
    group: str | None  # a patient has at most one of a group
    only: str | None  # "young women", "pregnant" or "not known pregnant": nobody else can have it
    kind_of: str | None  # key of the finding that this one includes


@dataclass(frozen=True)
class Table:
    conditions: list[str]
    topics: list[str]  # per condition
    findings: list[Finding]
    histories: list[str]
    history_phrases: list[list[str]]
    prior: np.ndarray  # [C], sums to 1
    frequency: np.ndarray  # [C, F]: P(finding | condition)
    listed: np.ndarray  # bool [C, F]: does the condition list the finding?
    sex: np.ndarray  # [C, 2]
    age: np.ndarray  # [C, 3]
    pregnancy: np.ndarray  # [C, 3], among women of 18 to 39
    history: np.ndarray  # [C, H]

    @property
    def askable(self) -> np.ndarray:
        """Indices of the findings that can be asked for, in the order of the classes of "ask"."""
        return np.array([i for i, f in enumerate(self.findings) if f.name])

    @property
    def asked_names(self) -> list[str]:
        return [self.findings[i].name for i in self.askable]

    @property
    def inclusions(self) -> list[tuple[int, int]]:
        """(finding, the commoner finding that it includes)."""
        return [(i, self.index(f.kind_of)) for i, f in enumerate(self.findings) if f.kind_of]

    def index(self, key: str) -> int:
        """The number of a finding."""
        return [f.key for f in self.findings].index(key)


def shares(text: str) -> dict[str, float]:
    """"fever 0.8, chills 0.4" -> {"fever": 0.8, "chills": 0.4}."""
    pairs = (item.split() for item in text.replace("\n", " ").split(",") if item.strip())
    return {key: float(share) for key, share in pairs}


def fill(rows: list[dict[str, float]], keys: list[str], background: list[float]) -> np.ndarray:
    """Shares by row and key, [rows, keys]; what a row does not list has its background."""
    unknown = {key for row in rows for key in row} - set(keys)
    if unknown:
        raise ValueError(f"not in the table: {sorted(unknown)}")
    return np.array([[row.get(key, b) for key, b in zip(keys, background)] for row in rows])


def inside(p: np.ndarray) -> np.ndarray:
    return np.clip(p, TINY, 1 - TINY)


def load(path: Path = Path(__file__).parent / "table.toml") -> Table:
    raw = tomllib.loads(path.read_text())
    findings = [
        Finding(key, f["kind"], f["phrases"], f.get("name"), f.get("group"), f.get("only"), f.get("kind_of"))
        for key, f in raw["findings"].items()
    ]
    conditions = list(raw["conditions"].values())
    keys = [f.key for f in findings]
    listed = [shares(c["findings"]) for c in conditions]
    prior = np.array([c["prior"] for c in conditions])
    early_late = np.array([c.get("pregnancy", PREGNANT) for c in conditions])
    women = np.array([c["women"] for c in conditions])
    histories = raw["history"]
    return Table(
        conditions=list(raw["conditions"]),
        topics=[c["topic"] for c in conditions],
        findings=findings,
        histories=list(histories),
        history_phrases=[h["phrases"] for h in histories.values()],
        prior=prior / prior.sum(),
        frequency=inside(fill(listed, keys, [f.get("background", BACKGROUND) for f in raw["findings"].values()])),
        listed=np.array([[key in row for key in keys] for row in listed]),
        sex=inside(np.stack([women, 1 - women], 1)),
        age=inside(np.array([c["ages"] for c in conditions])),
        pregnancy=inside(np.column_stack([1 - early_late.sum(1), early_late])),
        history=inside(fill([shares(c.get("history", "")) for c in conditions], list(histories),
                            [h["background"] for h in histories.values()])),
    )
