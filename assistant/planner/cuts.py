"""Cuts on quantities: "above 20 GeV", "between 2 and 5 GeV", "with at least two protons"."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from assistant.planner.lexicon import COLUMN_PATTERNS
from assistant.planner.scan import BLANK, Scan

_NUMBER = r"(?<![\w.])-?(?:\d+(?:\.\d+)?|\.\d+)(?:e-?\d+)?"
_UNIT = (
    r"(?:\s?-?(gev|mev|tev|kev|cm|mm|metres?|meters?|centimetres?"
    r"|centimeters?|m|%|percent|per cent)(?![\w/]))?"
)
_OPERATORS: list[tuple[str, str, str]] = [
    # What is said, the sign, the operator.
    (
        r"at least|no less than|not less than|no fewer than|not fewer than|not under"
        r"|at or above|not below|not inferior to|a minimum of|minimum(?: of)?|no lower than",
        ">=",
        ">=",
    ),
    (
        r"at most|no more than|not more than|(?:does |do |that )?not (?:exceed|go (?:above"
        r"|over)|surpass)|no greater than|no larger than|at or below|not above|up to"
        r"|a maximum of|maximum(?: of)?|no higher than|not exceeding|not over|not superior to",
        "<=",
        "<=",
    ),
    (
        r"above|over|more than|greater than|larger than|higher than|bigger than|longer than"
        r"|exceed(?:s|ing)?|in excess of|harder than|beyond|upwards? of|past|surpass(?:es|ing)"
        r"|more energetic than|better than|exceeds?|superior to|gt",
        ">",
        ">",
    ),
    (
        r"below|under|less than|fewer than|lower than|smaller than|shorter than|softer than"
        r"|beneath|less energetic than|short of|inferior to|lt|within",
        "<",
        "<",
    ),
    (r"equal(?:s| to)|exactly", "==?", "=="),
]
_SCALE = {
    "gev": 1.0,
    "mev": 1e-3,
    "tev": 1e3,
    "kev": 1e-6,
    "cm": 1.0,
    "centi": 1.0,
    "mm": 0.1,
    "m": 100.0,
}
_IN_MEV = [column for column, dimension, _ in COLUMN_PATTERNS if dimension == "deposit"]
_AFTER = {
    "more": ">=",
    "above": ">=",
    "higher": ">=",
    "over": ">=",
    "up": ">=",
    "greater": ">=",
    "longer": ">=",
    "less": "<=",
    "below": "<=",
    "lower": "<=",
    "fewer": "<=",
    "under": "<=",
    "shorter": "<=",
}


_LOWER, _UPPER = r"(\w+) >=? (-?[\d.]+)", r"(\w+) <=? (-?[\d.]+)"


@dataclass
class Cuts:
    """What was read: cut strings over columns, and a probability threshold without a column."""

    filters: list[str] = field(default_factory=list)
    threshold: float | None = None
    upper: bool = False
    """True where the threshold is a ceiling ("below 0.5")."""
    threshold_span: tuple[int, int] = (0, 0)
    confidence: bool = False
    """The threshold is on the probability of the most probable class."""


def read_cuts(scan: Scan, cuts: Cuts) -> Cuts:
    """Take every cut out of the scan; `read_unit_ranges` has run before the event numbers."""
    _read_between(scan, cuts, 1)
    _read_compared(scan, cuts)
    return cuts


def apart(filters: list[str]) -> list[str]:
    """Join bounds on one quantity that no value meets together: "E below 2 or above 30"."""
    kept = list(filters)
    lower = {m[1]: (m[0], float(m[2])) for f in filters if (m := re.fullmatch(_LOWER, f))}
    for each in filters:
        upper = re.fullmatch(_UPPER, each)
        if upper and upper[1] in lower and float(upper[2]) < lower[upper[1]][1]:
            kept = [f for f in kept if f not in (each, lower[upper[1]][0])]
            kept.append(f"{each} or {lower[upper[1]][0]}")
    return kept


def read_unit_ranges(scan: Scan, cuts: Cuts) -> None:
    """Take ranges with a unit, "between 2 and 5 GeV", before they pass for event numbers."""
    _read_between(scan, cuts, 0)
    _read_between(scan, cuts, 2)


def read_two_sided(scan: Scan, cuts: Cuts) -> None:
    """Take inequalities with two signs, "2 < E <= 5 GeV"."""
    pattern = rf"({_NUMBER}){_UNIT}\s?(<=?)\s?([a-z_][\w ]{{0,24}}?)\s?(<=?)\s?({_NUMBER}){_UNIT}"
    for found in list(re.finditer(pattern, scan.left)):
        unit = found[7] or found[2]
        column, _ = _column(scan, found.span(4), unit)
        column = _named_column(found[4], _dimension(unit)) or column
        if column is None:
            continue
        low = _scaled(found[1], found[2] or unit, column)
        high = _scaled(found[6], unit, column)
        column = "confidence" if column == "score" else column
        below = {"<": ">", "<=": ">="}[found[3]]
        cuts.filters.append(f"{column} {below} {low:g} and {column} {found[5]} {high:g}")
        scan.blank(*found.span())


def _read_between(scan: Scan, cuts: Cuts, number: int) -> None:
    patterns = (
        rf"\b(?:between|from|in|of|within|in the range|range)? ?({_NUMBER}){_UNIT} ?(?:-|(?:up )?to"
        rf"|until|till|through|and|\.\.+) ?({_NUMBER.replace('-?', '', 1)})\s?-?(gev|mev|tev|cm|mm"
        r"|m|%|percent)(?![\w])",
        rf"\b(?:between|from) ({_NUMBER}){_UNIT} ?(?:-|(?:up )?to|until|till|through|and) "
        rf"?({_NUMBER.replace('-?', '', 1)}){_UNIT}",
        r"(?:\b(?:between|from) )?(?<!event )(?<!events )(\d+)() ?(?:-|to|and) ?(\d+)()(?="
        r" (?:visible )?"
        r"(?:prongs|protons|neutrons|hits|charged pions|neutral pions|pi-?0s)\b)(?!.*\bevents? \d)",
    )
    for found in list(re.finditer(patterns[number], scan.left)):
        if number != 1 and " and " in found[0] and "between" not in found[0]:
            continue
        unit = found[4] or found[2]
        column, span = _column(scan, found.span(), unit)
        if column is None or (column == "score" and number == 1 and float(found[3]) > 1):
            continue
        low = _scaled(found[1], found[2] or unit, column)
        low, high = sorted((low, _scaled(found[3], unit, column)))
        if column == "score":
            column = "confidence"
        outside = re.search(
            r"\b(?:outside(?: of)?|not)(?: the range)? *$", scan.text[: found.start()]
        )
        cuts.filters.append(
            f"{column} < {low:g} or {column} > {high:g}"
            if outside
            else f"{column} >= {low:g} and {column} <= {high:g}"
        )
        scan.blank(*found.span())
        scan.blank(*span)


def _read_compared(scan: Scan, cuts: Cuts) -> None:
    for words, sign, operator in _OPERATORS:
        pattern = (
            rf"(?:(?<![\w<>=])(?:of |is |are |at |lies? )?(?:{words})|(?<![<>=!]){sign}(?![<>=]))"
            r"\s?(?:a |an |the )?(?:cut |value |threshold |score |probability |energy |confidence"
            rf" )?(?:of |at )?({_NUMBER}){_UNIT}"
        )
        for found in list(re.finditer(pattern, scan.left)):
            _add(scan, cuts, found, operator, found[1], found[2])
    pattern = (
        rf"({_NUMBER}){_UNIT}(?: or| and|,)? (more|above|higher|over|up(?:wards?)?"
        r"|greater|longer|less|below|lower|fewer|under|shorter)\b(?! (?:than|\d))"
    )
    for found in list(re.finditer(pattern, scan.left)):
        _add(
            scan,
            cuts,
            found,
            _AFTER[found[3][:2] if found[3].startswith("up") else found[3]],
            found[1],
            found[2],
        )
    pattern = (
        r"(?:\b(?:cuts?|thresholds?|working points?|operating points?|wp|point|score|probability"
        r"|confidence"
        r"|at)|@)(?: value)?(?: is| of| at| =|=| >| to| to| set to| set at| cut of| cut at| a cut"
        rf" of)* ?({_NUMBER})(\s?%| percent)?(?!\w|\.\d)(?! ?(?:cl\b|c\.l|confidence (?:level"
        rf"|interval)|gev|mev|v/|kv|cm"
        r"|hz))"
    )
    for found in list(re.finditer(pattern, scan.left)):
        _threshold(scan, cuts, found, ">", found[1], found[2])
    pattern = (
        r"(?<![\w.])(0?\.\d+)(?= (?:cut|threshold|working point"
        r"|operating point|wp|score|probability))"
    )
    for found in list(re.finditer(pattern, scan.left)):
        _threshold(scan, cuts, found, ">", found[1], None)
    pattern = (
        r"(?<![\w.])(\d+)\s?(?:%|percent)(?= (?:cut|threshold|working "
        r"point|operating point|probability|certain|sure|confident))"
    )
    for found in list(re.finditer(pattern, scan.left)):
        _threshold(scan, cuts, found, ">", found[1], "%")


def _add(
    scan: Scan, cuts: Cuts, found: re.Match[str], operator: str, number: str, unit: str | None
) -> None:
    column, span = _column(scan, found.span(), unit)
    if column == "score":
        _threshold(scan, cuts, found, operator, number, unit)
    elif column is not None:
        before = scan.text[max(0, span[0] - 14) : span[0]]
        named = r"\b(?:no|not|without|none)(?: a| any)? (?:\w+ )?\W*$"
        if re.search(r"\b(?:nothing|none)\W*$", before) or (
            span[0] < span[1] and re.search(named, before)
        ):
            operator = {">": "<=", ">=": "<", "<": ">=", "<=": ">"}.get(operator, operator)
        if re.match(r".*\bexact", found[0]):
            operator = "=="
        cuts.filters.append(f"{column} {operator} {_scaled(number, unit, column):g}")
        scan.blank(*found.span())
    else:
        return
    scan.blank(*span)


def _threshold(
    scan: Scan, cuts: Cuts, found: re.Match[str], operator: str, number: str, unit: str | None
) -> None:
    value = float(number)
    if re.match(r" ?of (?:the|its|their) (?:\w+ )?energ", scan.text[found.end() :]):
        return  # a share of the energy is no probability
    if value > 1 and not unit and re.match(r"(?:at|@) ?\d", found[0]):
        return
    if (unit and unit.strip()) or (value > 1 and value.is_integer()):
        value /= 100  # "above 90"; of 1.7 the tool says that it is no probability
    if value < 0:
        return
    cuts.threshold, cuts.upper = value, operator in ("<", "<=")
    cuts.threshold_span = found.span()
    around = scan.text[max(0, found.start() - 30) : found.end() + 20]
    cuts.confidence = (
        re.search(r"confiden(?:ce|t)|certain|sure|max(?:imum)? prob|top prob", around) is not None
    )
    scan.blank(*found.span())


_AVERAGED = (
    r"\b(?:mean|average|median|typical|spectrum|histogram|distribution)(?: of)?(?: \w+){0,2} $"
)
_OF_SOME = (
    r" (?:of|for|in) (?:(?:all|the|true) )*(?:nue|numu|nutau|nc)(?: cc)?(?: events?)? (?:with )?"
)
"""What stands between a quantity that is averaged and a bound on the events' energy."""


def _column(
    scan: Scan, span: tuple[int, int], unit: str | None
) -> tuple[str | None, tuple[int, int]]:
    """Find the column that a number is compared with: by unit, then by the nearest word."""
    start, end = span
    kind = _dimension(unit)
    before = scan.text[max(0, start - 45) : start]
    after = scan.text[end : end + 32]
    best: tuple[int, str, tuple[int, int]] | None = None
    for column, dimension, words in COLUMN_PATTERNS:
        if not _fits(kind, dimension):
            continue
        for found in re.finditer(rf"(?<![\w])(?:{words})(?![\w])", before):
            distance = len(before) - found.end()
            if re.fullmatch(_OF_SOME, before[found.end() :]) and re.search(
                _AVERAGED, before[: found.start()]
            ):
                continue
            place = (start - len(before) + found.start(), start - len(before) + found.end())
            if BLANK not in scan.left[slice(*place)] and (best is None or distance < best[0]):
                best = (distance, column, place)
        # "more than 20 GeV of energy", "at least 2 protons": the noun right behind the number.
        found_after = re.match(rf"\s?(?:of |in |true |reconstructed )*(?:{words})(?![\w])", after)
        if found_after and (best is None or best[0] > 0):
            best = (0, column, (end, end + found_after.end()))
    inside = scan.text[start:end]
    if best is None or best[0] > 25:
        for column, dimension, words in COLUMN_PATTERNS:
            if _fits(kind, dimension) and re.search(rf"(?<![\w])(?:{words})(?![\w])", inside):
                return column, (start, start)
    if best is not None and (best[0] <= 25 or kind is not None):
        return best[1], best[2]
    if kind is None and re.search(r"\b(?:events?|ones|those|them)\W*$", before):
        # "Events above 5": GeV where it is small, else the number of the event.
        return ("energy" if float(re.findall(_NUMBER, inside)[-1]) < 100 else "index"), (
            start,
            start,
        )
    defaults = {"energy": "energy", "length": "longest_track_cm", "score": "score"}
    if kind is not None:
        return defaults[kind], (start, start)
    value = re.search(_NUMBER, inside)
    if value and abs(float(re.findall(_NUMBER, inside)[-1])) <= 1:
        return "score", (start, start)
    return None, (start, start)


def _named_column(words: str, kind: str | None) -> str | None:
    """Return the column that some words name, if they name nothing else."""
    for column, dimension, pattern in COLUMN_PATTERNS:
        if _fits(kind, dimension) and re.fullmatch(rf"(?:the )?(?:{pattern})", words.strip()):
            return column
    return None


def _fits(kind: str | None, dimension: str) -> bool:
    return dimension in (kind, "deposit" if kind == "energy" else kind) if kind else True


def _dimension(unit: str | None) -> str | None:
    if not unit:
        return None
    if unit.endswith("ev"):
        return "energy"
    return "score" if unit in ("%", "percent", "per cent") else "length"


def _scaled(number: str, unit: str | None, column: str = "") -> float:
    unit = (unit or "").strip()
    scale = next((v for k, v in _SCALE.items() if unit.startswith(k)), 1.0)
    if _dimension(unit) == "energy" and column in _IN_MEV:
        scale *= 1e3
    if unit in ("%", "percent", "per cent"):
        scale = 0.01
    return float(f"{float(number) * scale:.12g}")
