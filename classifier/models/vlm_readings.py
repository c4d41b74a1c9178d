"""The values that the embedded model reads of an event, and the words that each is spelt with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from classifier.claims import Claim, Value
from classifier.models.vlm_sentences import ORDER

LEADS: dict[str, tuple[str, ...]] = {
    "n_prongs": (" CC", "."),
    "has_track": (" vertex", "."),
    "longest_track_cm": (),
    "track_contained": (),
    "has_shower": (" images", "."),
    "n_showers": (" visible", "."),
    "vertex_gap_cm": (),
    "initial_dedx": (),
    "vertex_activity": (),
}
"""What stands before each value, where the value's own words do not begin like its sentence."""

CLASS_LEAD = (" maps", " as")
CLASS_WORDS = ((" Nu", "E"), (" Nu", "Mu"), (" NC", "."))

_NONE = " none"


@dataclass(frozen=True)
class Reading:
    """The values that a quantity can be read as, and the words of each, all of equal number."""

    values: tuple[Value | None, ...]
    words: tuple[tuple[str, ...], ...]

    @property
    def ordered(self) -> bool:
        """Whether the values are numbers, so that a median makes sense."""
        return isinstance(self.values[-1], float)

    def place(self, value: Value | None) -> int:
        """Return the number of the nearest value."""
        if not self.ordered or value is None:
            return self.values.index(value)
        numbers = [abs(float(v) - float(value)) if v is not None else 1e9 for v in self.values]
        return numbers.index(min(numbers))


def _reading(values: Sequence[Value | None], spelt: Sequence[tuple[str, ...]]) -> Reading:
    """Bring the words of all values to one number, the last word repeated."""
    longest = max(map(len, spelt))
    filled = tuple((*s, *(s[-1],) * (longest - len(s))) for s in spelt)
    return Reading(tuple(values), filled)


@cache
def readings() -> dict[str, Reading]:
    """Return how each quantity can be read; numbers as `claims` rounds them.

    The words of a value are those with which its sentence begins to differ from others: the first
    words are what `vlm_sentences.plain` says before it.
    """
    none = (_NONE,)
    counts = [float(n) for n in range(10)]
    some = [(" ", f"{n}") for n in range(2, 10)]
    lengths = [float(n) for n in (*range(1, 30), *range(30, 100, 5), *range(100, 1000, 10))]
    gaps = [float(n) for n in range(100)]
    halves = [n / 2 for n in range(61)]
    return {
        "n_prongs": _reading(counts, [(" No", " prong"), (" A", " single"), *some]),
        "has_track": _reading((False, True), [(" There",), (" A",)]),
        "longest_track_cm": _reading(
            (None, *lengths), [none, *((" about", " ", *f"{v:g}", " cm") for v in lengths)]
        ),
        "track_contained": _reading(
            (None, False, True), [none, (" track", " leaves"), (" track", " stops")]
        ),
        "has_shower": _reading((False, True), [(" There",), (" An",)]),
        "n_showers": _reading(
            (None, *counts),
            [none, (" No", " separate"), (" A", " single"), *((" count", *s) for s in some)],
        ),
        "vertex_gap_cm": _reading(
            (None, *gaps),
            [
                none,
                (" starts", " at"),
                *((" starts", " about", " ", *f"{v:g}", " cm") for v in gaps[1:]),
            ],
        ),
        "initial_dedx": _reading(
            (None, *halves), [none, *((" with", " about", " ", *f"{v:g}", " Me") for v in halves)]
        ),
        "vertex_activity": _reading(("low", "high"), [(" is", " low"), (" is", " high")]),
    }


def target(quantity: str, claims: Sequence[Claim]) -> int:
    """Return which value of a quantity claims state; that for none if they do not mention it."""
    stated = {c.quantity: c.value for c in claims}
    reading = readings()[quantity]
    value = stated.get(quantity)
    if value is None and None not in reading.values:
        raise ValueError(f"every caption must state {quantity}")
    return reading.place(float(value) if reading.ordered and value is not None else value)


def spelling(tokenizer: Any) -> dict[str, list[list[int]]]:
    """Return the tokens of all visual words, in a form that a configuration can hold.

    Keys are quantities and ``class``; each has the tokens of its lead first, then a row a value.
    """

    def token(word: str) -> int:
        return int(tokenizer(word, add_special_tokens=False)["input_ids"][0])

    def row(words: Sequence[str]) -> list[int]:
        return [token(word) for word in words]

    spelt = {"class": [row(CLASS_LEAD), *map(row, CLASS_WORDS)]}
    for quantity in ORDER:
        spelt[quantity] = [row(LEADS[quantity]), *map(row, readings()[quantity].words)]
    return spelt


def word_count() -> int:
    """Return how many tokens the visual words of an event take."""
    own = len(CLASS_LEAD) + len(CLASS_WORDS[0])
    return own + sum(len(LEADS[q]) + len(readings()[q].words[0]) for q in ORDER)
