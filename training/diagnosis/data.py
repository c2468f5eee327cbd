"""The diagnosis model's texts, as the trainers want them: a vignette, and three questions that all follow it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from .. import tokenizer as tokenizers
from ..batch import Batch, Soft
from . import bayes, examples, table, twins, vignettes
from .vignettes import Sample

NAME = "diagnosis"
TITLE = "Diagnosis"
DESCRIPTION = (
    "Reads a vignette, forms a diagnosis that nobody wrote down, and answers three questions: what to ask next, what it "
    "most likely is, and what else it could be."
)
NOTICE = (
    "Not medical advice. A small teaching model of a made-up table of 48 conditions with rough figures; whatever it says "
    "may be wrong, and nobody may be treated by it."
)
TABLE = table.load()
WORDS = vignettes.words(TABLE)
CONTEXT = 96  # tokens
TRANSCODER_TEXTS = 64  # that a transcoder sees in a step
LONGEST = 68  # tokens of a vignette, with <bos>; longer ones are drawn again
KINDS = list(vignettes.QUESTIONS)  # ask, diagnosis, alternative
VIGNETTE, PADDING = 0, len(KINDS) + 1  # branches; the questions' are 1, 2, 3
CLEAR = 0.1  # by how much the best answer must lead for a vignette to be judged by
EVALUATED = 25  # vignettes per leading condition in `evaluation`: 1,200 in all
EVALUATION_SEED = 7_654_321  # of the vignettes that models are judged by, whatever seed they train with
ENCODE_CHUNK = 10_000  # texts
SAMPLED = 5  # vignettes per leading condition in `samples`: 240 in all
SAMPLES_SEED = 1_234_567


@dataclass
class Corpus:
    """n vignettes with their teacher's answers."""

    sample: vignettes.Sample
    texts: list[str]
    said: list[dict[int, str]]  # of each vignette, the words of each finding that is present
    ids: list[list[int]]  # tokens of each vignette, with <bos>
    chances: dict[str, np.ndarray]  # per question, [n, classes]

    def take(self, rows: list[int]) -> "Corpus":
        return Corpus(self.sample.take(np.array(rows)), [self.texts[r] for r in rows], [self.said[r] for r in rows],
                      [self.ids[r] for r in rows],
                      {k: c[rows] for k, c in self.chances.items()})


def names(kind: str) -> list[str]:
    """What the classes of a question are called."""
    return TABLE.asked_names if kind == "ask" else TABLE.conditions


def prompt_examples() -> list[tuple[str, str, str]]:
    """(topic, title, prompt): all ask what to ask next, and the first vignette is asked the other questions too."""
    shown = []
    for topic, title, text, _, sex, _, _ in examples.PAPER + examples.OTHERS:
        shown.append((topic, title, text + vignettes.question("ask", sex)))
    topic, title, text, *_ = examples.PAPER[0]
    others = [(topic, f"{title}: what is it?", text + vignettes.QUESTIONS["diagnosis"]),
              (topic, f"{title}: what else?", text + vignettes.QUESTIONS["alternative"])]
    return shown[:1] + others + shown[1:]


TEMPLATES: list[str] = []  # no texts about numbers
ANSWERS = list(dict.fromkeys(f" {name}" for kind in KINDS for name in names(kind)))
EXAMPLES = prompt_examples()


def encode(tokenizer: Tokenizer, texts: list[str]) -> list[list[int]]:
    """Tokens of each text, with <bos>."""
    chunks = (texts[i : i + ENCODE_CHUNK] for i in range(0, len(texts), ENCODE_CHUNK))
    return [encoding.ids for chunk in chunks for encoding in tokenizer.encode_batch(chunk)]


def corpus(tokenizer: Tokenizer, seed: int, size: int, held_out: bool) -> Corpus:
    """`size` vignettes of at most LONGEST tokens, all of them held out or none."""
    rng, writer = np.random.default_rng(seed), vignettes.Writer(TABLE, seed)
    parts, texts, said, ids = [], [], [], []
    while len(ids) < size:
        sample = vignettes.sample(TABLE, rng, size - len(ids), held_out)
        written, words = zip(*writer.texts(sample))
        encoded = encode(tokenizer, written)
        short = [row for row, tokens in enumerate(encoded) if len(tokens) <= LONGEST]
        parts.append(sample.take(np.array(short, int)))
        texts += [written[row] for row in short]
        said += [words[row] for row in short]
        ids += [encoded[row] for row in short]
    sample = vignettes.join(parts)
    return Corpus(sample, texts, said, ids, teach(sample))


def twin_maker(tokenizer: Tokenizer, seed: int) -> twins.Twins:
    return twins.Twins(TABLE, seed, cache(lambda phrase: len(tokenizer.encode(f" {phrase}").ids)))


def with_twins(tokenizer: Tokenizer, seed: int, size: int) -> Corpus:
    """`size` vignettes that may be trained on, in pairs of twins, one after the other."""
    # Some vignettes have no twin, and some twins are held out.
    pool, maker = corpus(tokenizer, seed, round(0.7 * size) + 20, held_out=False), twin_maker(tokenizer, seed)
    found = maker.of_each(pool.sample, pool.texts, pool.said)
    rows = [row for row, twin in enumerate(found) if twin is not None]
    held_out = vignettes.held_out_rows(TABLE, np.stack([found[row][0] for row in rows]))
    rows = [row for row, held in zip(rows, held_out) if not held][: size // 2]
    base = pool.take(rows)
    other = Sample(**{name: getattr(base.sample, name) for name in Sample.__dataclass_fields__})
    other.present = np.stack([found[row][0] for row in rows])
    texts = [found[row][1] for row in rows]
    ids = encode(tokenizer, texts)
    same = [len(one) == len(two) for one, two in zip(base.ids, ids)]
    twin = Corpus(other, texts, base.said, ids, teach(other))
    both = Corpus(vignettes.join([base.sample, other]), base.texts + twin.texts, base.said + twin.said, base.ids + twin.ids,
                  {kind: np.concatenate([base.chances[kind], twin.chances[kind]]) for kind in KINDS})
    n = len(rows)
    return both.take([row for i in range(n) if same[i] for row in (i, n + i)])


def first_tokens(tokenizer: Tokenizer, kind: str) -> list[int]:
    """The token that each answer to a question begins with."""
    return [tokenizer.encode(f" {name}").ids[1] for name in names(kind)]


def samples(tokenizer: Tokenizer) -> list[tuple[str, list[list[int]]]]:
    """(topic, tokens of each text) for samples.json: vignettes with one question each, in turn, and without an answer, since
    the transcoder never reads one. Equally many of each leading condition."""
    pool = corpus(tokenizer, SAMPLES_SEED, 300 * SAMPLED, held_out=False)
    leading = pool.chances["diagnosis"].argmax(1)
    rows = [np.flatnonzero(leading == condition)[:SAMPLED] for condition in range(len(TABLE.conditions))]
    topics: dict[str, list[list[int]]] = {topic: [] for topic in dict.fromkeys(TABLE.topics)}
    for number, row in enumerate(np.concatenate(rows)):
        question = vignettes.question(KINDS[number % len(KINDS)], int(pool.sample.sex[row]))
        topic = TABLE.topics[leading[row]]
        topics[topic].append(tokenizer.encode(pool.texts[row] + question).ids)
    return list(topics.items())


def pad(rows: list[list], filler: int, kind: torch.dtype) -> Tensor:
    """[n, longest]."""
    width = max(map(len, rows))
    out = np.full((len(rows), width), filler, np.float32 if kind == torch.float else np.int32)
    for row, values in zip(out, rows):
        row[: len(values)] = values
    return torch.from_numpy(out).to(kind)


class Layout:
    """How a vignette and its three answered questions become one branching text."""

    def __init__(self, tokenizer: Tokenizer):
        plain = lambda text: tokenizer.encode(text).ids[1:]  # noqa: E731
        self.questions = {(kind, sex): plain(vignettes.question(kind, sex))
                          for kind in KINDS for sex in vignettes.WHETHER}
        self.answers = {kind: [plain(f" {name}") for name in names(kind)] for kind in KINDS}
        self.period = plain(".")[0]

    def branch(self, kind: str, sex: int, answer: int) -> tuple[list[int], list[int], int]:
        """Tokens of a question with its answer; what is to be predicted from each; the last question token's place.
        The period is only predicted, never read."""
        question, words = self.questions[kind, sex], self.answers[kind][answer]
        tokens = question + words
        return tokens, tokens[1:] + [self.period], len(question) - 1


def branch_mask(branches: Tensor) -> Tensor:
    """Who reads whom, bool [n, reader, read]: a token reads itself and what stands before it in the vignette and in its
    own branch. `branches` is [n, tokens]."""
    tokens = branches.shape[1]
    before = torch.ones(tokens, tokens, dtype=torch.bool, device=branches.device).tril()
    of_vignette, of_reader = (branches == VIGNETTE)[:, None, :], branches[:, :, None] == branches[:, None, :]
    return before & (of_vignette | of_reader)


def teach(sample: vignettes.Sample) -> dict[str, np.ndarray]:
    """The teacher's distributions, float32 [n, classes] per question; in chunks, to spare memory."""
    starts = range(0, len(sample), vignettes.CHUNK)
    parts = [bayes.targets(TABLE, sample.take(np.arange(i, min(i + vignettes.CHUNK, len(sample))))) for i in starts]
    return {kind: np.concatenate([p[kind].astype(np.float32) for p in parts]) for kind in KINDS}


class Data:
    """The training texts. Masks of all of them would be too large, so each text has a branch and a position per token
    instead, and `sample` makes the masks."""

    texts_per_step = 128

    def __init__(self, tokenizer: Tokenizer, seed: int, size: int = 150_000):
        self.tokenizer, self.seed = tokenizer, seed
        self.bos = tokenizer.token_to_id(tokenizers.BOS)
        self.layout = Layout(tokenizer)
        self.classes = {kind: torch.tensor(first_tokens(tokenizer, kind)) for kind in KINDS}
        self.corpus = with_twins(tokenizer, seed, size)
        self.fill(self.written_answers())

    def written_answers(self) -> np.ndarray:
        """int [n, 3]: the answer that each text gives to each question, drawn from the teacher's distribution."""
        rng = np.random.default_rng([self.seed, 1])
        return np.stack([vignettes.draw(rng, self.corpus.chances[kind]) for kind in KINDS], 1)

    def fill(self, answers: np.ndarray) -> None:
        """Sets `batch` (without masks), `branches` int8 [n, tokens], `lengths` [n], and how many tokens of each text come
        before its answers, `shared` [n]."""
        ids, targets, branches, positions, columns, learned, shared = [], [], [], [], [], [], []
        for row, vignette in enumerate(self.corpus.ids):
            n, sex = len(vignette), int(self.corpus.sample.sex[row])
            tokens, target, branch, place, last, learn = [*vignette], [0] * n, [VIGNETTE] * n, [*range(n)], [], [0] * n
            asked = [self.layout.branch(kind, sex, answers[row, number]) for number, kind in enumerate(KINDS)]
            # All questions before all answers, so that twins stand token by token beside each other up to there.
            for part in (lambda end: slice(0, end + 1), lambda end: slice(end + 1, None)):
                for number, (read, predicted, end) in enumerate(asked):
                    if len(last) < len(KINDS):
                        last.append(len(tokens) + end)
                    here = part(end)
                    tokens += read[here]
                    target += predicted[here]
                    branch += [1 + number] * len(read[here])
                    place += range(n, n + len(read))[here]
                    # The answer's first token is learned softly, at `last`, and so not here as well.
                    learn += [int(here.start > 0)] * len(read[here])
            shared.append(max(last) + 1)
            for whole, part in zip((ids, targets, branches, positions, columns, learned),
                                   (tokens, target, branch, place, last, learn)):
                whole.append(part)
        self.lengths, self.shared = torch.tensor([len(row) for row in ids]), torch.tensor(shared)
        self.branches = pad(branches, PADDING, torch.int8)
        soft = Soft(torch.tensor(columns), [torch.from_numpy(self.corpus.chances[k]) for k in KINDS],
                    [self.classes[k] for k in KINDS])
        # Halved in memory: whole numbers of 32 and 16 bits, made long in `sample`.
        self.batch = Batch(pad(ids, self.bos, torch.int32), pad(learned, 0, torch.bool), pad(targets, 0, torch.int32),
                           None, pad(positions, 0, torch.int16), soft)

    def to(self, device: str) -> "Data":
        """With the texts on this device."""
        self.batch, self.branches = self.batch.to(device), self.branches.to(device)
        self.lengths, self.shared = self.lengths.to(device), self.shared.to(device)
        return self

    def read(self) -> torch.Tensor:
        """bool [vocabulary]: the tokens that its texts have. Of numbers all up to the largest one: they are drawn from ranges,
        of which one draw of the texts lacks some."""
        read = torch.zeros(self.tokenizer.get_vocab_size(), dtype=torch.bool)
        self.batch.mark_read(read)
        for classes in self.classes.values():
            read[classes] = True
        numbers = [self.tokenizer.token_to_id(str(number)) for number in range(1000)]
        read[numbers[:1 + max(number for number, id in enumerate(numbers) if read[id])]] = True
        return read

    def sample(self, step: int, generator: torch.Generator) -> list[Batch]:
        """One Batch of `texts_per_step` texts, in pairs of twins, cut to the longest of them."""
        pairs = torch.randint(len(self.lengths) // 2, (self.texts_per_step // 2, 1), generator=generator)
        return [self.build((2 * pairs + torch.arange(2)).flatten().to(self.lengths.device))]

    def build(self, rows: Tensor) -> Batch:
        """These texts, with masks."""
        width = int(self.lengths[rows].max())
        few = self.batch.take(rows)
        place = torch.arange(width, device=rows.device)
        return Batch(few.ids[:, :width].long(), few.learn[:, :width], few.target[:, :width].long(),
                     branch_mask(self.branches[rows, :width]), few.positions[:, :width].long(), few.soft,
                     real=place < self.lengths[rows, None], form=(rows // 2).unique(return_inverse=True)[1],
                     alike=place < self.shared[rows, None])

    def transcoder_texts(self, n: int, generator: torch.Generator) -> list[tuple[Tensor, Tensor]]:
        """n texts that are read from left to right, a vignette and one question each: [(ids, weight)], both
        [n, tokens]. The weight is how much a token counts: most where the answer is given."""
        rows = torch.randint(len(self.corpus.ids), (n,), generator=generator).tolist()
        kinds = torch.randint(len(KINDS), (n,), generator=generator).tolist()
        ids, weights = [], []
        for row, kind in zip(rows, kinds):
            vignette = self.corpus.ids[row]
            question = self.layout.questions[KINDS[kind], int(self.corpus.sample.sex[row])]
            ids.append(vignette + question)
            weights.append([0.05] + [1.0] * (len(vignette) - 1) + [0.3] * (len(question) - 1) + [4.0])
        return [(pad(ids, self.bos, torch.long), pad(weights, 0, torch.float))]

    def judged(self, per_condition: int) -> Corpus:
        """Held-out vignettes whose leading condition leads clearly, equally many of each leading condition."""
        pool, size = None, 300 * per_condition
        while True:
            pool = corpus(self.tokenizer, EVALUATION_SEED, size, held_out=True)
            leading = pool.chances["diagnosis"].argmax(1)
            clear = bayes.lead(pool.chances["diagnosis"]) >= CLEAR
            rows = [np.flatnonzero(clear & (leading == c))[:per_condition] for c in range(len(TABLE.conditions))]
            if min(map(len, rows)) == per_condition:
                return pool.take(np.sort(np.concatenate(rows)).tolist())
            size *= 2

    @torch.no_grad()
    def agreement(self, model: torch.nn.Module, judged: Corpus, kind: str) -> tuple[int, int]:
        """(vignettes on which the model's likeliest next token is the teacher's best answer, vignettes), where the
        teacher's best answer leads clearly."""
        device = next(model.parameters()).device
        rows = np.flatnonzero(bayes.lead(judged.chances[kind]) >= CLEAR)
        texts = [judged.ids[r] + self.layout.questions[kind, int(judged.sample.sex[r])] for r in rows]
        last = torch.tensor([len(t) - 1 for t in texts], device=device)
        ids = pad(texts, self.bos, torch.long).to(device)
        best = self.classes[kind][judged.chances[kind][rows].argmax(1)].to(device)
        right = 0
        for part in torch.arange(len(rows), device=device).split(100):
            final = model(ids[part])[torch.arange(len(part), device=device), last[part]]
            right += int((model.logits(final).argmax(-1) == best[part]).sum())
        return right, len(rows)

    def report(self, model: torch.nn.Module) -> str:
        """Agreement with the teacher's best answer on about 400 held-out vignettes."""
        if not hasattr(self, "few"):
            self.few = self.judged(8)
        parts = []
        for kind in KINDS:
            right, of = self.agreement(model, self.few, kind)
            parts.append(f"{kind} {right}/{of} ({100 * right / of:.1f} %)")
        return "held out, agrees with Bayes: " + ", ".join(parts)

    def evaluation(self) -> dict:
        """What the `evaluate` command reads: 1,200 held-out vignettes with the teacher's five best answers."""
        judged = self.judged(EVALUATED)
        maker = twin_maker(self.tokenizer, EVALUATION_SEED)
        found = maker.of_each(judged.sample, judged.texts, judged.said)
        questions = [{"name": kind, "text": vignettes.QUESTIONS[kind]} for kind in KINDS]
        return {"domain": NAME, "questions": questions,
                "vignettes": [self.evaluated(judged, row) | self.twin(judged, row, twin) for row, twin in enumerate(found)]}

    def twin(self, judged: Corpus, row: int, found: tuple[np.ndarray, str] | None) -> dict:
        """The vignette with one finding replaced by another in as many tokens, if it has such a twin."""
        if found is None or len(self.tokenizer.encode(found[1]).ids) != len(judged.ids[row]):
            return {}
        return {"twin": found[1]}

    def evaluated(self, judged: Corpus, row: int) -> dict:
        sex = int(judged.sample.sex[row])
        chances = {kind: judged.chances[kind][row] for kind in KINDS}
        wordings = {kind: vignettes.question(kind, sex) for kind in KINDS}
        return {
            "text": judged.texts[row],
            "leading": TABLE.conditions[chances["diagnosis"].argmax()],
            "lead": round(float(bayes.lead(chances["diagnosis"][None])[0]), 4),
            "texts": {kind: text for kind, text in wordings.items() if text != vignettes.QUESTIONS[kind]},
            "chances": {kind: self.best(kind, chances[kind]) for kind in KINDS},
        }

    def best(self, kind: str, chances: np.ndarray, n: int = 5) -> list[list]:
        """[[first token's text, chance], ...], the best first."""
        order = np.argsort(-chances, kind="stable")[:n]
        return [[self.tokenizer.decode([int(self.classes[kind][i])]), round(float(chances[i]), 4)] for i in order]
