"""Every numeral of a text against the results of the steps and the cited passages."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from assistant.answer import Citation, Quantity, Step
from assistant.number_words import NUMBER_WORDS, SCALES, read_number

MARK = "⚠"
"""Put behind a numeral that nothing supports."""

_NUMERAL = re.compile(
    r"(?<![\w.,^_])(?P<sign>[-−+±]\s?)?(?P<number>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
    r"|\.\d+)(?P<power>(?:[eE][-+−]?\d+)|(?:\s?[×x·]\s?10\^?[-−]?[\d⁰¹²³⁴⁵⁶⁷⁸⁹⁻]+))?(?P<rest>\s?(?:"
    r"%|percentage points?|percent|per ?cent)|(?:st|nd|rd|th)\b|\s?-?(?:GeV|MeV|TeV|keV|eV|cm|mm|µs"
    r"|μs|ns|ps|m|s)(?![\w/]))?(?![\w])"
)
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_WORD = "|".join([*NUMBER_WORDS, *SCALES])
_SPELT_NUMERAL = re.compile(
    rf"\b(?:{_WORD})(?:(?:[ -]|(?<=hundred) and |(?<=thousand) and )(?:{_WORD}))*\b",
    re.IGNORECASE,
)
_UNIT_OF_KEY = (
    ("_gev", "GeV"), ("_mev", "MeV"), ("_cm", "cm"), ("energy_mean", "GeV"), ("energy_min", "GeV"),
    ("energy_max", "GeV"), ("microseconds", "µs"), ("nanoseconds", "ns"), ("_s", "s"),
)  # fmt: skip
_CONVERT = {
    ("GeV", "MeV"): 1e3,
    ("MeV", "GeV"): 1e-3,
    ("cm", "m"): 1e-2,
    ("m", "cm"): 1e2,
    ("cm", "mm"): 10.0,
}
_SKIPPED = {"summary", "error_seconds"}


@dataclass(frozen=True)
class Numeral:
    """A numeral of a text: where it stands, what it says, how exactly."""

    text: str
    start: int
    end: int
    value: float
    half_step: float
    kind: str
    """``plain``, ``percent``, ``ordinal`` or ``spelt``."""
    unit: str


@dataclass(frozen=True)
class Source:
    """A number that a step or passage carries."""

    value: float
    unit: str
    where: str
    quoted: bool = False


def numerals(text: str) -> list[Numeral]:
    """Find every numeral of a text.

    Digits that belong to a name (ViT-h/14, π0, argon-40, [1] after a quotation) are none.
    """
    found = []
    for m in _NUMERAL.finditer(text):
        if _is_name(text, m):
            continue
        found.append(_numeral(m))
    found = _shared_units(text, found)
    for m in _SPELT_NUMERAL.finditer(text):
        words = re.split(r"[ -]", m[0].lower())
        value = float(read_number(words)[0])
        # "One of them" and "hundreds" say no number; ten is left as a round one.
        if value > 10 and words not in (["hundred"], ["thousand"]):
            found.append(Numeral(m[0], m.start(), m.end(), value, 0.5, "spelt", ""))
    return sorted(found, key=lambda n: n.start)


def _shared_units(text: str, found: list[Numeral]) -> list[Numeral]:
    """Give the first number of a range, "59.5–92.8 %", the unit that stands behind the second."""
    for i in range(len(found) - 1, 0, -1):
        first, second = found[i - 1], found[i]
        joined = re.fullmatch(r"\s?(?:[-–—]|to|and|±|\+/-)\s?", text[first.end : second.start])
        if (
            joined
            and first.kind == "plain"
            and not first.unit
            and (second.kind == "percent" or second.unit)
        ):
            found[i - 1] = replace(first, kind=second.kind, unit=second.unit)
    return found


def _is_name(text: str, m: re.Match[str]) -> bool:
    before, after = text[: m.start()], text[m.end() :]
    reference = before.endswith("[") and after.startswith("]")
    listed = (
        re.match(r"[.)]\s", after) is not None and re.search(r"(?:^|\n)\s*$", before) is not None
    )
    return reference or listed


def _numeral(m: re.Match[str]) -> Numeral:
    digits = m["number"].replace(",", "")
    value = float(digits)
    decimals = len(digits.split(".")[1]) if "." in digits else 0
    half = 0.5 * 10.0**-decimals
    power = m["power"]
    if power:
        exponent = power.translate(_SUPERSCRIPTS).replace("−", "-")
        times = re.search(r"10\^?(-?\d+)", exponent)
        scale = 10.0 ** int(times[1]) if times else float(f"1{exponent.strip()}")
        value, half = value * scale, half * scale
    if (
        m["sign"]
        and m["sign"].strip() in ("-", "−")
        and not re.search(r"[\w)%]\s?$", m.string[: m.start()])
    ):
        value = -value
    rest = (m["rest"] or "").strip()
    kind = "plain"
    if rest.startswith(("%", "per")):
        kind = "percent"
    elif rest in ("st", "nd", "rd", "th"):
        kind = "ordinal"
    unit = rest.lstrip("-").replace("μ", "µ") if kind == "plain" else ""
    # Trailing zeros of an integer may be rounding: "about 1200".
    return Numeral(m[0].strip(), m.start(), m.end(), value, half, kind, unit)


def sources(steps: Sequence[Step], citations: Sequence[Citation]) -> list[Source]:
    """Return every number that the steps' results and the cited passages carry."""
    found: list[Source] = []
    for number, step in enumerate(steps, 1):
        where = f"step {number} ({step.tool})"
        found += _walk(step.result, where, "")
        found += _walk(step.arguments, where, "")
        if step.indices:
            found += [
                Source(float(i), "index", where) for i in (*step.indices[:2000], len(step.indices))
            ]
    for number, citation in enumerate(citations, 1):
        where = f"[{number}] {citation.document}"
        for text in (citation.text, citation.section, citation.document):
            found += [
                Source(n.value, n.unit or ("%" if n.kind == "percent" else ""), where, quoted=True)
                for n in numerals(text)
            ]
            found += [
                Source(float(x), "", where, quoted=True) for x in re.findall(r"\d+(?:\.\d+)?", text)
            ]
        if citation.page is not None:
            found.append(Source(float(citation.page), "", where, quoted=True))
    return found


def _walk(value: Any, where: str, key: str) -> Iterator[Source]:
    if isinstance(value, bool) or value is None:
        return
    if isinstance(value, int | float):
        if math.isfinite(value):
            yield Source(float(value), _unit(key), f"{where}: {key}" if key else where)
    elif isinstance(value, dict):
        unit = value.get("unit") if isinstance(value.get("unit"), str) else ""
        for k, v in value.items():
            if k in _SKIPPED:
                continue
            for source in _walk(v, where, str(k)):
                own = source.unit or (
                    unit if k in ("value", "low", "high", "claimed", "measured") else ""
                )
                yield Source(source.value, str(own or ""), source.where, source.quoted)
            yield from _in_text(str(k), where)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _walk(item, where, key)
    elif isinstance(value, str):
        yield from _in_text(value, where)


def _in_text(text: str, where: str) -> Iterator[Source]:
    for n in numerals(text):
        yield Source(n.value, n.unit, where, quoted=True)
    for digits in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?", text):
        yield Source(float(digits), "", where, quoted=True)


def _unit(key: str) -> str:
    return next((unit for ending, unit in _UNIT_OF_KEY if key.endswith(ending)), "")


def ground(
    text: str, steps: Sequence[Step], citations: Sequence[Citation]
) -> tuple[list[Quantity], list[str]]:
    """Match every numeral of a text.

    Returns
    -------
    quantities : list of Quantity
        The numerals with where each comes from.
    unsupported : list of str
        The numerals that neither a step nor a passage carries.
    """
    known = sources(steps, citations)
    quantities, unsupported = [], []
    for numeral in numerals(text):
        source = next((s for s in known if _is_exactly(numeral, s)), None) or next(
            (s for s in known if _matches(numeral, s)), None
        )
        if source is None:
            unsupported.append(numeral.text)
        else:
            quantities.append(
                Quantity(
                    numeral.text,
                    numeral.value,
                    numeral.unit or ("%" if numeral.kind == "percent" else ""),
                    source.where,
                )
            )
    return quantities, unsupported


def _is_exactly(numeral: Numeral, source: Source) -> bool:
    """Say whether a source holds the very number, not one that is rounded to it."""
    return numeral.kind == "plain" and source.value == numeral.value and _matches(numeral, source)


def _matches(numeral: Numeral, source: Source) -> bool:
    if numeral.kind == "ordinal":
        return source.value == numeral.value or source.value == numeral.value - 1
    if numeral.kind == "percent":
        is_percent = source.quoted or "percent" in source.where
        scaled = source.value if is_percent else 100 * source.value
        return _close(numeral, scaled) or _close(numeral, abs(scaled))
    for value in _values(numeral, source):
        if _close(numeral, value) or _close(numeral, abs(value)):
            return True
    return False


def _values(numeral: Numeral, source: Source) -> Iterable[float]:
    """Return the value of a source in the unit of the numeral."""
    if numeral.unit and source.unit and numeral.unit != source.unit and source.unit != "index":
        factor = _CONVERT.get((source.unit, numeral.unit))
        return [source.value * factor] if factor else []
    if numeral.unit and source.unit == "index":
        return []
    values = [source.value]
    # A result without a unit in its name may still be an energy that the text gives in GeV.
    if numeral.unit in ("GeV", "m") and not source.unit and source.quoted:
        values.append(source.value)
    if numeral.unit == "GeV" and source.unit == "MeV":
        values.append(source.value / 1000)
    return values


def _close(numeral: Numeral, value: float) -> bool:
    # The last decimal may be rounded either way; float noise is allowed for.
    return (
        abs(numeral.value - value) <= numeral.half_step * (1 + 1e-9) + 1e-12 * abs(value)
        if numeral.half_step != 0.5 or numeral.kind == "spelt"
        else _close_integer(numeral, value)
    )


def _close_integer(numeral: Numeral, value: float) -> bool:
    """Say whether a value, rounded as the numeral is, gives the numeral."""
    if float(value).is_integer():
        return numeral.value == value
    return abs(numeral.value - value) <= 0.5 + 1e-9


def mark(text: str, unsupported: Sequence[str]) -> str:
    """Mark the numerals of a text that nothing supports."""
    waiting = list(unsupported)
    pieces, place = [], 0
    for numeral in numerals(text):
        if numeral.text in waiting:
            waiting.remove(numeral.text)
            pieces.append(text[place : numeral.end] + f" {MARK}")
            place = numeral.end
    return "".join(pieces) + text[place:]
