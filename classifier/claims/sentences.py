"""Claims into sentences and back."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from classifier.claims.claim import Claim, Value
from classifier.claims.templates import TEMPLATES, WORDS, Template, compiled
from classifier.events import EventClass

if TYPE_CHECKING:
    import numpy as np

VERDICT_PREFIX = "I classify the pixel maps as"
"""The fixed words before the class name (Sagar et al., arXiv:2508.19376)."""

VERDICT_NAMES: dict[EventClass, str] = {
    EventClass.NUE_CC: "NuE CC",
    EventClass.NUMU_CC: "NuMu CC",
    EventClass.NC: "NC",
}
"""Class names as the verdict spells them, in ASCII so that each is one short run of tokens."""


@dataclass(frozen=True)
class Reading:
    """An explanation taken apart: its claims in order, its verdict, what could not be read."""

    claims: tuple[Claim, ...]
    verdict: EventClass | None
    unread: tuple[str, ...]


def verdict(label: EventClass) -> str:
    """Return the sentence that names the class, e.g. ``I classify the pixel maps as NuE CC.``."""
    return f"{VERDICT_PREFIX} {VERDICT_NAMES[label]}."


def render(claims: Iterable[Claim], rng: np.random.Generator, *, shuffle: bool = True) -> str:
    """Write sentences that state each claim once.

    Parameters
    ----------
    claims : iterable of Claim
        At most one per quantity; a later one replaces an earlier one.
    rng : numpy.random.Generator
        Chooses wording, which claims share a sentence, and the order.
    shuffle : bool
        Whether sentences may change order; otherwise they follow the claims.

    Returns
    -------
    str
        Sentences joined by single spaces; empty for no claims.
    """
    left: dict[str, Value] = {c.quantity: c.rounded().value for c in claims}
    sentences: list[str] = []
    while left:
        quantity = next(iter(left))
        fitting = [t for t in TEMPLATES if quantity in t.quantities and t.fits(left)]
        if not fitting:
            raise ValueError(f"no sentence states {quantity} = {left[quantity]!r}")
        chosen = fitting[int(rng.integers(len(fitting)))]
        sentences.append(_fill(chosen, left, rng))
        for q in chosen.quantities:
            del left[q]
    if shuffle:
        sentences = [sentences[i] for i in rng.permutation(len(sentences))]
    return " ".join(sentences)


def _fill(template: Template, values: dict[str, Value], rng: np.random.Generator) -> str:
    texts = {}
    for slot in template.slots:
        value = values[slot]
        if slot.startswith("n_"):
            number = int(value)
            worded = number < len(WORDS) and bool(rng.integers(2))
            texts[slot] = WORDS[number] if worded else str(number)
        else:
            texts[slot] = f"{value:g}"
    sentence = template.text.format(**texts)
    return sentence[0].upper() + sentence[1:]


def read(text: str) -> Reading:
    """Take an explanation apart.

    Parameters
    ----------
    text : str
        Sentences ended by a full stop, a verdict among them or not.

    Returns
    -------
    Reading
        Claims in the order of the text; sentences outside the grammar are in ``unread``.
    """
    claims: list[Claim] = []
    label: EventClass | None = None
    unread: list[str] = []
    for sentence in re.split(r"(?<=[.!?])\s+", text.strip()):
        if not sentence:
            continue
        named = _read_verdict(sentence)
        if named is not None:
            label = named
            continue
        found = _read_sentence(sentence)
        if found is None:
            unread.append(sentence)
        else:
            claims.extend(found)
    return Reading(tuple(claims), label, tuple(unread))


def parse(text: str) -> list[Claim]:
    """Return the claims of an explanation; sentences outside the grammar yield none."""
    return list(read(text).claims)


def _read_verdict(sentence: str) -> EventClass | None:
    if not sentence.startswith(VERDICT_PREFIX):
        return None
    name = sentence.removeprefix(VERDICT_PREFIX).strip().rstrip(".").lower()
    spellings = {n.lower(): label for label, n in VERDICT_NAMES.items()}
    spellings |= {label.symbol.lower(): label for label in VERDICT_NAMES}
    return spellings.get(name)


def _read_sentence(sentence: str) -> list[Claim] | None:
    for template, pattern in compiled():
        match = pattern.fullmatch(sentence)
        if match is None:
            continue
        stated = [(q, _number(q, text)) for q, text in match.groupdict().items()]
        return [Claim(q, v) for q, v in (*template.fixed.items(), *stated)]
    return None


def _number(quantity: str, text: str) -> Value:
    if quantity.startswith("n_"):
        lowered = text.lower()
        return WORDS.index(lowered) if lowered in WORDS else int(text)
    return float(text)


def sentence(claim: Claim) -> str:
    """Return the first template that states just this claim."""
    values = {claim.quantity: claim.rounded().value}
    for template in TEMPLATES:
        if template.quantities == values.keys() and template.fits(values):
            texts = {q: f"{v:g}" for q, v in values.items() if q in template.slots}
            words = template.text.format(**texts)
            return words[0].upper() + words[1:]
    raise ValueError(f"no sentence states {claim}")
