"""The manifest that the page reads first: what the model is, example prompts, measured quality, and its files."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tokenizers import Tokenizer

from . import measure

NAME = "addition"
TITLE = "Two-digit addition"
DESCRIPTION = (
    "A small GPT-2 of 4 layers that adds two numbers below 100, and a cross-layer transcoder that stands in for its "
    "MLPs. A fifth of the 10,000 sums was kept out of its training."
)
LICENCE = "CC0-1.0"

# (topic, title, prompt); the first is what a visitor sees, and the oracle records the first three.
EXAMPLES = [
    ("Carry", "36 + 59", "calc: 36+59="),
    ("Carry", "17 + 25", "calc: 17+25="),
    ("Carry", "8 + 7", "calc: 8+7="),
    ("No carry", "50 + 50", "calc: 50+50="),
    ("Carry", "99 + 1", "calc: 99+1="),
    ("The one mistake", "99 + 99", "calc: 99+99="),  # the only sum that is 198, and it was held out
    ("Explanation", "Ones of 36 + 59", "calc: 36+59=95, because ones 6+9="),
    ("Explanation", "Tens of 36 + 59", "calc: 36+59=95, because ones 6+9=15, carry 1, tens 3+5+1="),
    ("Counting", "17, 18, 19", "count: 17,18,19,"),
]


def build(folder: Path, tokenizer: Tokenizer, figures: measure.Figures) -> dict:
    """The manifest of a folder whose other files are all in place."""
    return {
        "name": NAME,
        "title": TITLE,
        "description": DESCRIPTION,
        "domain": "addition",
        "licence": LICENCE,
        "examples": [
            {"topic": topic, "title": title, "prompt": prompt, "ids": tokenizer.encode(prompt).ids}
            for topic, title, prompt in EXAMPLES
        ],
        "quality": quality(figures),
        "files": files(folder),
    }


def quality(figures: measure.Figures) -> list[dict]:
    def counted(name: str, value: tuple[int, int], unit: str) -> dict:
        return {"name": name, "value": value[0], "of": value[1], "unit": unit, "how": measure.COMMAND}

    def per_layer(name: str, values: list[float], unit: str, scale: float, digits: int) -> list[dict]:
        return [
            {"name": f"{name}, layer {layer}", "value": round(scale * value, digits), "unit": unit,
             "how": measure.COMMAND}
            for layer, value in enumerate(values)
        ]

    return [
        counted("Right answers, trained pairs", figures.trained, "pairs"),
        counted("Right answers, held-out pairs", figures.held_out, "pairs"),
        counted("Right tokens in explanations of held-out pairs", figures.told_right, "tokens"),
        counted("Same answer with every MLP replaced", figures.agree, "pairs"),
        counted("Same token in explanations with every MLP replaced", figures.told_agree, "tokens"),
        *per_layer("Variance left unexplained, all tokens of prompts", figures.calc.error, "%", 100, 2),
        *per_layer("Variance left unexplained, on =", figures.calc.error_last, "%", 100, 2),
        *per_layer("Features active, mean over all tokens of prompts", figures.calc.active, "features", 1, 1),
        *per_layer("Features active, on =", figures.calc.active_last, "features", 1, 1),
    ]


def files(folder: Path) -> list[dict]:
    """Every file of the folder but the manifest itself, with its size and SHA-256."""
    found = []
    for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.name != "manifest.json"):
        data = path.read_bytes()
        found.append({"path": path.relative_to(folder).as_posix(), "bytes": len(data),
                      "sha256": hashlib.sha256(data).hexdigest()})
    return found
