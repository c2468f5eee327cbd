"""The addition model's texts as tensors: what the shared trainers ask of it."""

from __future__ import annotations

import random
from functools import cache

import torch
from tokenizers import Tokenizer
from torch import Tensor

from .. import tokenizer as tokenizers
from ..batch import Batch, encode
from ..model import Gpt2
from . import texts

NAME = "addition"
TITLE = "Addition in many contexts"
DESCRIPTION = (
    "A small GPT-2 that adds two numbers below 100: in a bare sum, a question, a cost table, a journal, a schedule and "
    "a book. Asked how, it tells the schoolbook story. A tenth of the pairs was kept out of its training."
)
NOTICE = ""
WORDS = texts.words()
CONTEXT = 64
TRANSCODER_TEXTS = 160  # that a transcoder sees in a step

# Texts of each kind in a step of the language model.
MIX = {"calc": 160, "typed": 112, "question": 112, "explanations": 32, "counting": 24, "years": 16}
EACH_OTHER_CONTEXT = 36
# Of each kind in the loss: the contexts together count 1.
WEIGHTS = {"calc": 0.3, "typed": 0.2, "question": 0.2, "explanations": 4.0, "counting": 0.6, "years": 0.3}
EACH_OTHER_WEIGHT = 0.075
# A run begins with bare sums, explanations and counting alone, where numbers are learned soonest; so many steps later the
# other contexts, which need the same numbers, come in.
FIRST_STEPS = 600
FIRST_MIX = {"calc": 288, "explanations": 56, "counting": 48, "years": 16}
FIRST_WEIGHT = 1.0  # of the bare sums then

# How often the transcoder looks at a token, by what it is. The answering token is where the sum is made.
ANSWERING, PROMPT, TOLD, OTHER, BOS = 4.0, 1.0, 0.3, 0.2, 0.02

# (topic, title, prompt); the first is what a visitor sees, and the oracle records the first three.
TEMPLATES = [t for wordings in texts.WORDINGS.values() for t, _ in wordings] + [t for t, _ in texts.EXPLANATION_WORDINGS]  # of the manifest
ANSWERS: list[str] = []  # each is one token
EXAMPLES = [
    ("Bare sums", "36 + 59", "calc: 36+59="),
    ("Bare sums", "17 + 25", "calc: 17+25="),
    ("Bare sums", "50 + 50", "calc: 50+50="),
    ("Bare sums", "8 + 7", "calc: 8+7="),
    ("Bare sums", "99 + 1", "calc: 99+1="),
    ("As typed", "36+59=", "36+59="),
    ("As typed", "12 + 30 =", "12 + 30 ="),
    ("As typed", "36 plus 59 is", "36 plus 59 is"),
    ("In words", "what is 36+59?", "what is 36+59?"),
    ("In words", "What is 36 plus 59?", "What is 36 plus 59? Answer:"),
    ("In words", "Add 47 and 38", "Add 47 and 38. Answer:"),
    ("Cost table", "Pen and ink", "pen $36, ink $59, total $"),
    ("Cost table", "Hat and coat", "A hat costs $28 and a coat $67. Together they cost $"),
    ("Journal", "Volume 36, founded 1959", "The journal was founded in 1959. Volume 36 appeared in 1"),
    ("Journal", "Volume 62, founded 1971", "Founded: 1971. Volume: 62. Year of this issue: 2"),
    ("Schedule", "Minute 36 for 59 minutes", "start=36; length=59; end="),
    ("Schedule", "Minute 6 for 39 minutes", "From minute #6 it runs 39 minutes, to minute #"),
    ("Book", "36 pages on from page 59", "Open at p.59, turn 36 pages, and you are on p."),
    ("Explanation", "How did you get 36+59?", "How did you get 36+59?"),
    ("Explanation", "Its ones", "How did you get 36+59? I added the ones: 6+9="),
    ("Explanation", "Its tens", "How did you get 36+59? I added the ones: 6+9=15. I wrote 5 and carried 1. Then the "
     "tens: 3+5+1="),
    ("Counting", "17, 18, 19", "count: 17,18,19,"),
    ("Counting", "7, 17, 27", "count: 7,17,27,"),
]

# What comes as sample texts: by context, or kind of text, the topic and how many.
SAMPLES = {"calc": ("Bare sums", 70), "typed": ("As typed", 40), "question": ("In words", 50), "cost": ("Cost table", 46),
           "journal": ("Journal", 44), "schedule": ("Schedule", 42), "book": ("Book", 42), "explanations": ("Explanation", 36),
           "counting": ("Counting", 20), "years": ("Years", 10)}
SAMPLES_SEED = 1_234_567


def samples(tokenizer: Tokenizer) -> list[tuple[str, list[list[int]]]]:
    """(topic, tokens of each text) for samples.json: drawn from all texts there are, trained or held out. Without their last
    token, which predicts nothing, so that no transcoder learned to read it."""
    every = {name: texts.context_texts(name, texts.ALL_PAIRS) for name in texts.CONTEXTS}
    every["explanations"] = [texts.render(t, a, b) for t in texts.EXPLANATIONS for a, b in texts.ALL_PAIRS]
    every |= {"counting": texts.counting_runs(), "years": texts.years()}
    rng = random.Random(SAMPLES_SEED)
    return [(topic, [tokenizer.encode(text.text).ids[:-1] for text in rng.sample(every[name], n)])
            for name, (topic, n) in SAMPLES.items()]


@cache
def encoded() -> tuple[dict[str, Batch], dict[str, Tensor]]:
    """Every kind of text that is trained on, and how often each of its texts is drawn, where not all alike. Once a process,
    since it takes half a minute."""
    tokenizer, split = tokenizers.build(WORDS), texts.split()
    drawn = {name: texts.trained_texts(name, split) for name in texts.CONTEXTS}
    drawn["explanations"] = texts.explanation_texts(split)
    kinds = {name: encode(tokenizer, found) for name, (found, _) in drawn.items()}
    kinds |= {"counting": encode(tokenizer, texts.counting_runs()), "years": encode(tokenizer, texts.years())}
    for name, kind in kinds.items():
        kind.weight = WEIGHTS.get(name, EACH_OTHER_WEIGHT)
    return kinds, {name: torch.tensor(often) for name, (_, often) in drawn.items()}


class Data:
    """Every text that the model trains on."""

    def __init__(self, tokenizer: Tokenizer, seed: int = 0, size: int = 0):
        """The texts are all there are: `seed` and `size`, which a sampled data set needs, change nothing here."""
        self.tokenizer, self.split = tokenizer, texts.split()
        self.kinds, self.often = encoded()

    def to(self, device: str) -> "Data":
        """With the texts on this device."""
        self.kinds = {name: kind.to(device) for name, kind in self.kinds.items()}
        return self

    def read(self) -> Tensor:
        """bool [vocabulary]: the tokens that its texts have."""
        read = torch.zeros(self.tokenizer.get_vocab_size(), dtype=torch.bool)
        for kind in self.kinds.values():
            kind.mark_read(read)
        return read

    def sample(self, step: int, generator: torch.Generator) -> list[Batch]:
        """What the language model sees in a step."""
        if step < FIRST_STEPS:
            batches = {name: pick(self.kinds[name], n, generator, self.often.get(name)) for name, n in FIRST_MIX.items()}
            batches["calc"].weight = FIRST_WEIGHT
            return list(batches.values())
        return [pick(kind, MIX.get(name, EACH_OTHER_CONTEXT), generator, self.often.get(name))
                for name, kind in self.kinds.items()]

    def transcoder_texts(self, n: int, generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
        """About n texts the transcoder learns on, all of them trained pairs: ids and weights, [texts, tokens] each."""
        shares = {name: 0.09 for name in texts.CONTEXTS} | {"calc": 0.24, "typed": 0.14, "question": 0.14}
        shares |= {"explanations": 0.10, "counting": 0.05, "years": 0.02}
        return [weighted(name, pick(self.kinds[name], max(1, round(n * share)), generator, self.often.get(name)))
                for name, share in shares.items()]

    @torch.no_grad()
    def report(self, model: Gpt2) -> str:
        """Right answers in each context, in per cent: a fifth of the held-out pairs; those held out in this context alone; held-out ones with
        every attention pattern replaced by its mean over sums of the same form."""
        parts = []
        few = sorted(self.split.everywhere)[::5]
        for name in texts.CONTEXTS:
            held = self.right(model, name, few)
            once = self.right(model, name, sorted(self.split.only[name]))
            still = self.right(model, name, few, still=True)
            parts.append(f"{name} {held:.2f} {once:.2f} {still:.2f}")
        explained = encode(self.tokenizer, [texts.render(t, a, b) for t in texts.EXPLANATIONS for a, b in few]).to(model.wte.weight.device)
        told = model.logits(model(explained.ids)).argmax(-1) == explained.target
        whole = (told | ~explained.learn).all(1).float().mean()
        return f"held out, in this context alone, with mean patterns: {'; '.join(parts)}; explanations {100 * whole:.2f}"

    def right(self, model: Gpt2, context: str, pairs: list[texts.Pair], still: bool = False) -> float:
        """Per cent, over the context's templates in every case."""
        found = total = 0
        for template, _ in texts.WORDINGS[context]:
            batch = encode(self.tokenizer, [texts.render(template, a, b) for a, b in pairs]).to(model.wte.weight.device)
            held = None
            if still:
                seen: list[Tensor] = []
                model(batch.ids, patterns=seen)
                held = [who.mean(0, keepdim=True) for who in seen]
            final = model(batch.ids, held=held)[batch.learn]
            found += int((model.logits(final).argmax(-1) == batch.target[batch.learn]).sum())
            total += len(pairs)
        return 100 * found / total

    def evaluation(self) -> dict:
        """What the `evaluate` command asks: evaluation.json."""
        listed = lambda pairs: [list(pair) for pair in sorted(pairs)]  # noqa: E731
        return {
            "domain": NAME,
            "contexts": [{"name": c["name"], "title": c["title"], "templates": texts.asked_wordings(c)}
                         for c in texts.TABLE["context"]],
            "explanations": texts.EXPLANATIONS,
            "held_out": {"everywhere": listed(self.split.everywhere),
                         "only": {name: listed(pairs) for name, pairs in self.split.only.items()}},
        }


def pick(kind: Batch, n: int, generator: torch.Generator, often: Tensor | None = None) -> Batch:
    """n texts, drawn alike or as often as `often` says."""
    often = torch.ones(len(kind.ids)) if often is None else often
    return kind.take(torch.multinomial(often, n, replacement=True, generator=generator).to(kind.ids.device))


def weighted(name: str, batch: Batch) -> tuple[Tensor, Tensor]:
    """How often the transcoder looks at each token. Padding is never looked at."""
    told = {"explanations": TOLD, "counting": OTHER, "years": OTHER}
    weight = torch.full(batch.ids.shape, told.get(name, PROMPT), device=batch.ids.device)
    if name in texts.CONTEXTS:
        weight[batch.learn] = ANSWERING
    weight[:, 0] = BOS
    return batch.ids, weight * batch.real
