"""The table as the study of the differential reads it, and posteriors that its arithmetic is held against:
`python -m training.diagnosis.study` writes both files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from . import bayes, examples, vignettes
from .table import Table, load

ROOT = Path(__file__).parents[2]
TABLE = ROOT / "www/studies/differential.json"
POSTERIORS = ROOT / "tests/unit/posteriors.json"
HELD_AGAINST = 40  # vignettes drawn at random, beside those that the page shows
MOST_ASKED = 6  # of the questions that the teacher would ask, the best are written down


def rounded(shares: np.ndarray) -> list[float]:
    return [float(f"{share:.6g}") for share in shares]


def common(shares: np.ndarray) -> tuple[float, dict[str, float]]:
    """The share that most conditions have, and the others by the condition's number: [C] in few bytes."""
    values, counts = np.unique(shares, return_counts=True)
    most = float(values[counts.argmax()])
    return most, {str(i): float(share) for i, share in enumerate(shares) if share != most}


def written(table: Table) -> dict:
    """All that Bayes' rule and sentences need."""
    findings = []
    for f, shares in zip(table.findings, table.frequency.T):
        most, others = common(shares)
        more = {"name": f.name, "group": f.group, "only": f.only, "kindOf": f.kind_of}
        findings.append({"key": f.key, "kind": f.kind, "phrase": f.phrases[0], **{k: v for k, v in more.items() if v},
                         "most": most, "others": others})
    histories = []
    for key, phrases, shares in zip(table.histories, table.history_phrases, table.history.T):
        most, others = common(shares)
        histories.append({"key": key, "phrase": phrases[0], "most": most, "others": others})
    return {
        "made": "python -m training.diagnosis.study",
        "conditions": table.conditions,
        "prior": rounded(table.prior),
        "sex": [rounded(row) for row in table.sex.T],
        "age": [rounded(row) for row in table.age.T],
        "pregnancy": [rounded(row) for row in table.pregnancy.T],
        "findings": findings,
        "histories": histories,
        "examples": [example(row) for row in examples.PAPER],
    }


def example(row: tuple) -> dict:
    """A vignette of the paper, and what it says."""
    _, title, text, age, sex, findings, weeks = row
    return {"title": title, "text": text, "age": age, "sex": sex, "weeks": weeks, "present": findings.split(),
            "absent": examples.ABSENT.get(title, "").split(), "history": examples.HISTORY.get(title, "").split()}


def posteriors(table: Table) -> dict:
    """Vignettes and what the teacher concludes of them."""
    keys = np.array([f.key for f in table.findings])
    drawn = vignettes.sample(table, np.random.default_rng(7), HELD_AGAINST, held_out=False)
    cases = [{"age": int(drawn.age[i]), "sex": int(drawn.sex[i]), "weeks": int(drawn.weeks[i]),
              "present": keys[drawn.present[i]].tolist(), "absent": keys[drawn.absent[i]].tolist(),
              "history": np.array(table.histories)[drawn.history[i]].tolist(), **concluded(table, drawn.take(np.array([i])))}
             for i in range(len(drawn))]
    for one in map(example, examples.PAPER):
        case = vignettes.case(table, one["age"], one["sex"], " ".join(one["present"]), one["weeks"],
                              " ".join(one["history"]), " ".join(one["absent"]))
        cases.append({**{k: v for k, v in one.items() if k not in ("title", "text")},
                      **concluded(table, case)})
    return {"made": "python -m training.diagnosis.study", "cases": cases}


def concluded(table: Table, case: bayes.Cases) -> dict:
    """What the teacher has of one vignette: the posterior, the questions that it would ask, best first, and those that
    it would ask if the leading condition were ruled out."""
    chance = bayes.posterior(table, case)
    names = np.array(table.asked_names)

    def best(asked: np.ndarray) -> list:
        order = np.argsort(-asked, kind="stable")[:MOST_ASKED]
        return [[str(name), share] for name, share in zip(names[order], rounded(asked[order]))]

    return {"chances": rounded(chance[0]), "asks": best(bayes.ask(table, case, chance)[0]),
            "asksWithout": best(bayes.ask(table, case, bayes.alternative(chance))[0])}


def compact(value: dict) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n"


def main():
    table = load()
    TABLE.write_text(compact(written(table)))
    POSTERIORS.write_text(compact(posteriors(table)))


if __name__ == "__main__":
    main()
