"""The one wording of each claim that explanations are decoded in, and the grammar of it.

An explanation could word and order its claims in many ways, and the model is trained on all of
them. It is decoded in one wording and one order, so that each choice left to the model is between
claims, never between words: of two equally likely claims none wins for being sayable in fewer ways.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache

from classifier import claims
from classifier.claims import Claim

ORDER = (
    "n_prongs",
    "has_track",
    "longest_track_cm",
    "track_contained",
    "has_shower",
    "n_showers",
    "vertex_gap_cm",
    "initial_dedx",
    "vertex_activity",
)
"""Quantities in the order in which `claims.claims_of` states them."""

_SLOT = re.compile(r"\{(\w+)\}")
_NUMBERS = {"n_prongs": "[2-9]", "n_showers": "[2-9]", "initial_dedx": r"[0-9]{1,2}(\.5)?"}
_NUMBER = r"[1-9][0-9]{0,2}"


@cache
def plain_templates() -> Mapping[tuple[str, claims.Value | None], str]:
    """Return the first template of each claim that stands alone.

    Keys are (quantity, value), the value None where the template has a slot for it.
    """
    found: dict[tuple[str, claims.Value | None], str] = {}
    for template in claims.templates():
        stated = claims.read(_SLOT.sub("2", template)).claims
        if len(stated) == 1:
            value = None if _SLOT.search(template) else stated[0].value
            found.setdefault((stated[0].quantity, value), template)
    return found


def plain(stated: Iterable[Claim]) -> str:
    """Write claims in the order of `ORDER`, each as one sentence in its plain wording."""
    templates = plain_templates()
    sentences = []
    for claim in sorted((c.rounded() for c in stated), key=lambda c: ORDER.index(c.quantity)):
        template = templates.get((claim.quantity, claim.value))
        if template is None:
            number = f"{float(claim.value):g}"
            template = templates[claim.quantity, None].format(**{claim.quantity: number})
        sentences.append(template)
    return " ".join(sentences)


Sayings = frozenset[tuple[str, claims.Value]]
"""What to say: the one value of each quantity that is mentioned at all."""


@cache
def grammar(said: Sayings | None = None) -> str:
    """Return the grammar of `plain` explanations, each sentence after a space.

    In the dialect of Lark that llguidance reads. What `claims.claims_of` always states must be
    stated; what it states of a shower needs one.

    Parameters
    ----------
    said : Sayings, optional
        What to say, all of it; by default any value of any quantity.
    """
    values = None if said is None else dict(said)

    def choice(quantity: str) -> list[str]:
        if values is None:
            return [_choice(quantity)]
        if quantity not in values:
            return []
        return [json.dumps(" " + plain([Claim(quantity, values[quantity])]))]

    parts = choice("n_prongs") + choice("has_track")
    length, end, dedx = (choice(q) for q in ("longest_track_cm", "track_contained", "initial_dedx"))
    of_it = choice("n_showers") + choice("vertex_gap_cm")
    if values is None:
        there = " ".join([_sentence("has_shower", True), *map(_maybe, of_it)])
        parts.append(_maybe(" ".join([*length, *map(_maybe, end)])))
        parts.append(f"({_sentence('has_shower', False)} | {there})")
        parts += map(_maybe, dedx)
    else:
        parts += length + end + choice("has_shower")
        parts += (of_it if values.get("has_shower") else []) + dedx
    return "start: " + " ".join(parts + choice("vertex_activity"))


def _maybe(rule: str) -> str:
    return f"({rule})?"


def _choice(quantity: str) -> str:
    values = [value for q, value in plain_templates() if q == quantity]
    return f"({' | '.join(_sentence(quantity, value) for value in values)})"


def _sentence(quantity: str, value: claims.Value | None) -> str:
    template = " " + plain_templates()[quantity, value]
    slot = _SLOT.search(template)
    if slot is None:
        return json.dumps(template)
    number = _NUMBERS.get(quantity, _NUMBER)
    return f"{json.dumps(template[: slot.start()])} /{number}/ {json.dumps(template[slot.end() :])}"
