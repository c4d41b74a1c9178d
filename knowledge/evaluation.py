"""How well the knowledge room finds, declines and quotes: ``nulens evaluate knowledge``.

``questions.jsonl`` holds questions with the sections that answer them and an expression that the
answer matches, and questions that the corpus cannot answer. They fall into two halves: weights and
thresholds were chosen on ``tuned``; ``unseen`` was only ever scored.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np

from knowledge.extractive import PASSAGES, quoted
from knowledge.hits import Hit
from knowledge.index import Index
from knowledge.query import read_query
from knowledge.ranking import if_covered, rank
from knowledge.settings import SHIPPED_COLLECTION, KnowledgeSettings
from knowledge.shipped import open_index

CONFIDENCE = 0.6827
_DEPTH = 10
_DRAWS = 2000

Section = tuple[str, str]


@dataclass(frozen=True)
class Question:
    """A question of the evaluation.

    ``relevant`` holds (document, section) pairs, empty if the corpus has no answer; ``answer`` is a
    regular expression that one of these sections matches; ``half`` is ``tuned`` or ``unseen``.
    """

    question: str
    relevant: list[Section]
    answer: str | None
    half: str


@dataclass(frozen=True)
class Figure:
    """A value with its 68.27 % interval and the number of questions behind it.

    Proportions carry Clopper-Pearson intervals, means bootstrap intervals with a fixed seed.
    """

    value: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"


@dataclass(frozen=True)
class KnowledgeReport:
    """Figures by name of the search (``hybrid``, ``dense``, ``bm25``), and those of declining.

    ``contains`` is the share of answerable questions whose quoted sentences hold the answer; a
    declined one counts as without it. ``missed`` lists the questions that went wrong, and how.
    """

    half: str
    recall_at_1: dict[str, Figure]
    recall_at_5: dict[str, Figure]
    mrr: dict[str, Figure]
    declined_unanswerable: Figure
    declined_answerable: Figure
    contains: Figure
    missed: list[tuple[str, str]]

    def as_text(self) -> str:
        """Return the report as lines of text."""
        lines = [f"{'search':8} {'recall@1':24} {'recall@5':24} {'MRR':24}"]
        lines += [
            f"{name:8} {self.recall_at_1[name]!s:24} {self.recall_at_5[name]!s:24} "
            f"{self.mrr[name]!s:24}"
            for name in self.mrr
        ]
        lines += [
            f"unanswerable questions declined: {self.declined_unanswerable} "
            f"of {self.declined_unanswerable.n}",
            f"answerable questions declined: {self.declined_answerable} "
            f"of {self.declined_answerable.n}",
            f"quoted text contains the answer: {self.contains} of {self.contains.n}",
        ]
        return "\n".join(lines)


@lru_cache(maxsize=1)
def questions() -> list[Question]:
    """Return the questions of the evaluation."""
    text = files("knowledge").joinpath("questions.jsonl").read_text(encoding="utf-8")
    rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    return [
        Question(row["question"], [(d, s) for d, s in row["relevant"]], row["answer"], row["half"])
        for row in rows
    ]


def evaluate(
    half: str | None = None,
    settings: KnowledgeSettings | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> KnowledgeReport:
    """Run the questions against the shipped corpus.

    Parameters
    ----------
    half : str, optional
        ``tuned`` or ``unseen``; both by default.
    progress : callable, optional
        Called with questions done and questions in all.

    Returns
    -------
    KnowledgeReport
    """
    asked = [q for q in questions() if half in (None, q.half)]
    return score(asked, half or "all", settings, progress)


def score(
    asked: Sequence[Question],
    name: str,
    settings: KnowledgeSettings | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> KnowledgeReport:
    """Run some questions, such as another's, against the shipped corpus; ``name`` names them."""
    index = open_index(SHIPPED_COLLECTION, settings)
    ranks: dict[str, list[int]] = {"hybrid": [], "dense": [], "bm25": []}
    declined: dict[bool, list[bool]] = {True: [], False: []}
    contains: list[bool] = []
    missed: list[tuple[str, str]] = []
    for done, question in enumerate(asked, start=1):
        hits = rank(question.question, index, _DEPTH)
        answer = quoted(question.question, if_covered(hits)[:PASSAGES], index)
        answerable = bool(question.relevant)
        declined[answerable].append(not answer.found)
        if answerable:
            rankings = _rankings(question.question, index, hits)
            for kind, sections in rankings.items():
                ranks[kind].append(_rank_of(question.relevant, sections))
            said = "\n".join(passage.text for passage in answer.sentences)
            contains.append(re.search(question.answer or "", said) is not None and answer.found)
            if not 1 <= ranks["hybrid"][-1] <= 5:
                missed.append((question.question, "not among the first five"))
            if not answer.found:
                missed.append((question.question, "declined"))
            elif not contains[-1]:
                missed.append((question.question, "answer not quoted"))
        elif answer.found:
            missed.append((question.question, "not declined"))
        if progress:
            progress(done, len(asked))
    return KnowledgeReport(
        half=name,
        recall_at_1={k: _share([r == 1 for r in found]) for k, found in ranks.items()},
        recall_at_5={k: _share([1 <= r <= 5 for r in found]) for k, found in ranks.items()},
        mrr={k: _mean([1 / r if r else 0.0 for r in found]) for k, found in ranks.items()},
        declined_unanswerable=_share(declined[False]),
        declined_answerable=_share(declined[True]),
        contains=_share(contains),
        missed=missed,
    )


def _rankings(question: str, index: Index, hits: Sequence[Hit]) -> dict[str, list[Section]]:
    """Return the sections that each search puts first, best first, without repeats.

    ``hits`` are those of both searches together.
    """
    keywords = index.refresh()
    query = read_query(question, keywords, index.encoder)
    cosines = index.nearest(index.encoder.encode([question])[0], 3 * _DEPTH)
    scores = keywords.scores(dict.fromkeys(query.terms, 1.0))
    by_cosine = sorted(cosines, key=lambda row: -cosines[row])
    by_score = [int(row) for row in np.argsort(-scores, kind="stable")[: 3 * _DEPTH]]
    found = {
        name: [
            (chunk.document, chunk.section)
            for chunk in index.fetch([keywords.ids[row] for row in rows])
        ]
        for name, rows in (("dense", by_cosine), ("bm25", by_score))
    }
    found["hybrid"] = [(hit.chunk.document, hit.chunk.section) for hit in hits]
    return {name: list(dict.fromkeys(sections))[:_DEPTH] for name, sections in found.items()}


def _rank_of(relevant: Sequence[Section], sections: Sequence[Section]) -> int:
    """Return the place of the first relevant section, from 1; 0 if there is none."""
    return next((i for i, section in enumerate(sections, start=1) if section in relevant), 0)


def _share(outcomes: Sequence[bool]) -> Figure:
    from scipy.stats import binomtest

    n, k = len(outcomes), sum(outcomes)
    interval = binomtest(k, n).proportion_ci(CONFIDENCE, method="exact")
    return Figure(k / n, float(interval.low), float(interval.high), n)


def _mean(values: Sequence[float]) -> Figure:
    sample = np.asarray(values)
    drawn = np.random.default_rng(1).integers(0, len(sample), (_DRAWS, len(sample)))
    tails = [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2]
    low, high = np.quantile(sample[drawn].mean(axis=1), tails)
    return Figure(float(sample.mean()), float(low), float(high), len(sample))
