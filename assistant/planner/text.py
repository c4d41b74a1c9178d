"""A question made uniform: Greek letters, dashes, number words and misspelt terms of the field."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from assistant.number_words import NUMBER_WORDS, SCALES, read_number
from assistant.planner.lexicon import COMMON_WORDS, DOMAIN_WORDS, FILLER_WORDS
from assistant.planner.phrases import plain_phrases
from assistant.planner.shorthand import write_out

_GREEK = {
    "ν": "nu",
    "μ": "mu",
    "τ": "tau",
    "π": "pi",
    "γ": "gamma",
    "α": "alpha",
    "β": "beta",
    "Λ": "lambda",
    "λ": "lambda",
    "Δ": "delta",
    "δ": "delta",
    "Σ": "sigma",
    "σ": "sigma",
    "η": "eta",
    "ρ": "rho",
    "ω": "omega",
    "Ω": "omega",
    "θ": "theta",
}
_SIGNS = {
    "–": "-",
    "—": " - ",
    "−": "-",
    "‑": "-",
    "…": "...",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "×": "x",
    "’": "'",
    "‘": "'",
    "“": '"',
    "”": '"',
    "«": '"',
    "»": '"',
    "′": "'",
    "\u0304": "bar",
    "\u0305": "bar",
}
_ORDINALS = {
    "second": 2,
    "third": 3,
    "fourth": 4,
    "fifth": 5,
    "sixth": 6,
    "seventh": 7,
    "eighth": 8,
    "ninth": 9,
    "tenth": 10,
    "eleventh": 11,
    "twelfth": 12,
    "fifteenth": 15,
    "twentieth": 20,
    "twenty-fifth": 25,
    "thirtieth": 30,
    "fortieth": 40,
    "fiftieth": 50,
    "hundredth": 100,
}


_LONG = 10
"""Letters of a word that one slip does not make another: "comparision"."""
_MOST_LISTED = 200
"""Most numbers that "and so on" stands for."""
_UNIT_ORDINALS = {"first": 1} | {word: n for word, n in _ORDINALS.items() if n < 10}
_TENS = [word for word, n in NUMBER_WORDS.items() if n >= 20]


_PLAIN = COMMON_WORDS | FILLER_WORDS | set(NUMBER_WORDS)
"""Plain words in which two letters that changed places are put right."""
_OTHER_WORDS = frozenset(("arise", "cats", "form", "lots", "won"))
"""Words that are others with two letters swapped, and right as they are."""


def normalise(question: str) -> str:
    """Return the question in lower case with Greek, dashes, spelling and numbers made uniform."""
    text = "".join(_SIGNS.get(c, c) for c in question)
    # TeX first: \nu_{e} and $\nu_\mu$ become nu_e and nu_mu.
    text = re.sub(r"\\(?:bar|overline|mathrm|text|rm)\b", " ", text)
    text = re.sub(r"[\\${}]", "", text)
    text = "".join(_GREEK.get(c, c) for c in unicodedata.normalize("NFKC", text))
    text = text.lower()
    text = write_out(_flavours(text))
    # "1,200 events", but "201,207 and 213" is a list.
    text = re.sub(r"(?<=\d),(?=\d{3}\b(?!,? ?(?:and|or|&|,) ?\d))", "", text)
    text = re.sub(r"(?<=\d),(?=\d)", ", ", text)
    text = re.sub(
        r"\b(\d+, ?\d+(?:, ?\d+)*)[, ]*(?:\.\.+|etc\.?|and so (?:on|forth))[, ]*"
        r"(?:up to |until |till |to )?(\d+)\b",
        _progression,
        text,
    )
    text = _spell(text)
    text = plain_phrases(_number_words(text))
    return re.sub(r"\s+", " ", text).strip()


def _flavours(text: str) -> str:
    """Write every spelling of a neutrino flavour in one word: nue, numu, nutau."""
    text = re.sub(
        r"\b(anti[ -]?)?nu[\s_^-]*(bar[\s_-]*)?(e|mu|tau)(bar)?(?=s?\b|_|cc|nc)", _flavour, text
    )
    text = re.sub(
        r"\b(anti-?)?(nue|numu|nutau|nu_e|nu_mu|nu_tau)[ _-]?(bar)?[ _-]?cc\b", r"\1\2 cc", text
    )
    text = re.sub(r"\bcc[ _-](anti)?(nue|numu|nutau)\b", r"\1\2 cc", text)
    text = re.sub(r"\bc\.c\.?(?=\W|$)", "cc", text)
    text = re.sub(r"\bn\.c\.?(?=\W|$)", "nc", text)
    return re.sub(r"\bnc[ _-]?(?:nu|neutrino)\b", "nc", text)


def _flavour(found: re.Match[str]) -> str:
    anti = "anti" if found[1] or found[2] or found[4] else ""
    return f"{anti}nu{found[3]}"


def _spell(text: str) -> str:
    """Replace words that are one slip away from a term of the field, or two swapped letters."""
    text = re.sub(r"[a-z]{4,}", lambda m: _corrected(m[0]), text)
    return re.sub(r"(?<![\w'\"@])[a-z]{3,}(?![\w'\"])", lambda m: _unswapped(m[0]), text)


@lru_cache(maxsize=4096)
def _corrected(word: str) -> str:
    if word in DOMAIN_WORDS or word in COMMON_WORDS:
        return word
    if word.endswith("s") and (word[:-1] in DOMAIN_WORDS or word[:-1] in COMMON_WORDS):
        return word
    for ending in ("ing", "ed", "ly", "er", "est", "es", "d", "r"):
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 2 and (stem in COMMON_WORDS or stem in DOMAIN_WORDS):
            return word
    allowed = 1 if len(word) < 8 else 2
    best, found = allowed + 1, word
    for term in DOMAIN_WORDS:
        if abs(len(term) - len(word)) > allowed or len(term) < 4:
            continue
        # A first letter is seldom mistyped; demanding it keeps real English words as they are.
        if term[0] != word[0] and (allowed < 2 or term[1:3] != word[1:3]):
            continue
        # "detected" is no misspelt "detector".
        distance = edit_distance(word, term, best)
        ends_else = word[:4] == term[:4] and _ending(word) != _ending(term) and _ending(word)
        if ends_else and (distance > 1 or len(word) < _LONG):
            continue
        if distance < best:
            best, found = distance, term
    return found


@lru_cache(maxsize=4096)
def _unswapped(word: str) -> str:
    """Put two neighbouring letters right: "teh", "wiht"; the first letter is the likeliest kept."""
    if (
        word in _PLAIN
        or word.removesuffix("s") in _PLAIN
        or word in DOMAIN_WORDS
        or word in _OTHER_WORDS
    ):
        return word
    for i in (*range(1, len(word) - 1), 0):
        swapped = word[:i] + word[i + 1] + word[i] + word[i + 2 :]
        if swapped in _PLAIN:
            return swapped
    return word


def _ending(word: str) -> str:
    found = re.search(r"(?:ed|ing|ion|or|er|al|ly|ity|ive|able)$", word)
    return found[0] if found else ""


def edit_distance(a: str, b: str, limit: int) -> int:
    """Optimal string alignment distance (insert, delete, change, swap), at most `limit`."""
    before: list[int] = []
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        new = [i]
        for j, y in enumerate(b, 1):
            cost = min(row[j] + 1, new[-1] + 1, row[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            new.append(cost)
        if min(new) >= limit:
            return limit
        before, row = row, new
    return min(row[-1], limit)


def _number_words(text: str) -> str:
    """Write number words as digits; "one" only where it counts something."""
    text = re.sub(r"\b(?:a )?half(?: a)?[ -]dozen\b", "6", text)
    text = re.sub(r"\b(two|three|four|five) dozen\b", lambda m: str(12 * NUMBER_WORDS[m[1]]), text)
    text = re.sub(r"\b(?:(?:a|one) )?dozen\b", "12", text)
    text = re.sub(r"\bhalf an? (?=(?:gev|met(?:re|er)|m)\b)", "0.5 ", text)
    text = re.sub(r"\ba couple(?: of)?\b", "2", text)
    text = re.sub(r"\b(first|last|next|final|previous) couple(?: of)?\b", r"\1 2", text)
    text = re.sub(
        rf"\b({'|'.join(_TENS)})[ -]({'|'.join(_UNIT_ORDINALS)})\b",
        lambda m: f"{NUMBER_WORDS[m[1]] + _UNIT_ORDINALS[m[2]]}th",
        text,
    )
    text = re.sub(r"\bzero(?= (?:the|its|out|all)\b)", "blank", text)
    word = "|".join([*NUMBER_WORDS, *SCALES])
    text = re.sub(rf"\b(?:a )?(?:{word})(?:(?:[ -]| and )(?:{word}))*\b", _cardinal, text)
    text = re.sub(r"\b(\d+) and a half\b", r"\1.5", text)
    ordinal = "|".join(_ORDINALS)
    text = re.sub(rf"\b({ordinal})\b(?! half)", lambda m: f"{_ORDINALS[m[1]]}th", text)
    return re.sub(r"\b(\d+)(?:st|nd|rd)\b", r"\1th", text)


def _progression(found: re.Match[str]) -> str:
    """Write out "10, 20, 30, ..., 100"."""
    *said, step, last = (int(n) for n in re.findall(r"\d+", found[1] + " " + found[2]))
    step -= said[-1]
    whole = list(range(said[0], last + 1, step)) if step > 0 else []
    return ", ".join(map(str, whole)) if 2 < len(whole) <= _MOST_LISTED else found[0]


def _cardinal(found: re.Match[str]) -> str:
    phrase = found[0]
    leading = phrase.startswith("a ")
    words = re.split(r"[ -]", phrase.removeprefix("a "))
    if leading and words[0] not in SCALES:
        return phrase if words == ["one"] else f"a {' and '.join(map(str, read_number(words)))}"
    if words == ["one"]:
        after = found.string[found.end() :]
        counts = re.match(
            r" (?:charged|neutral|visible|neutrons?|photons?|showers?|hits?|events?|gev|mev|cm"
            r"|m|metre|meter|proton|pion|pi-?0|bin|track|prong)\b",
            after,
        )
        return "1" if counts else phrase
    return " and ".join(map(str, read_number(words)))


def quoted(question: str) -> str | None:
    """Return the first phrase in quotation marks, spelt as the user spelt it."""
    text = "".join(_SIGNS.get(c, c) for c in question)
    found = re.search(r"\"([^\"]{1,60})\"|(?<!\w)'([^']{1,60})'(?!\w)|`([^`]{1,60})`", text)
    return next(g for g in found.groups() if g) if found else None
