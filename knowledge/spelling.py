"""A misspelt word of a question to the term of the index that was meant.

Candidates share a form with one letter left out, as in SymSpell (W. Garbe, 2012): each swap, slip,
missing or doubled letter is found without a pass over the vocabulary.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

_SHORTEST = 4


class Speller:
    """Looks up the nearest term.

    Parameters
    ----------
    frequencies : iterable of (str, int)
        Terms and in how many chunks each stands; of equally near ones the commoner is taken.
    """

    def __init__(self, frequencies: Iterable[tuple[str, int]]) -> None:
        self._frequency: dict[str, int] = {}
        self._forms: dict[str, list[str]] = defaultdict(list)
        for term, count in frequencies:
            if len(term) >= _SHORTEST and term.isalpha():
                self._frequency[term] = count
                for form in _without_one(term) | {term}:
                    self._forms[form].append(term)

    def nearest(self, word: str) -> str | None:
        """Return the term within one edit (two from eight letters on), if there is one.

        The first letter is taken as right: slips seldom fall on it, but other words differ there.
        """
        if len(word) < _SHORTEST or not word.isalpha():
            return None
        allowed = 2 if len(word) >= 8 else 1
        forms = {word} | _without_one(word)
        if allowed == 2:
            forms |= {shorter for form in _without_one(word) for shorter in _without_one(form)}
        candidates = {term for form in forms for term in self._forms.get(form, ())}
        scored = [
            (distance, -self._frequency[term], term)
            for term in candidates
            if term[0] == word[0] and (distance := edits(word, term)) <= allowed
        ]
        return min(scored)[2] if scored else None


def _without_one(word: str) -> set[str]:
    return {word[:i] + word[i + 1 :] for i in range(len(word))}


def edits(a: str, b: str) -> int:
    """Return the Damerau-Levenshtein distance (adjacent letters swapped count once)."""
    before: list[int] = []
    previous = list(range(len(b) + 1))
    for i, x in enumerate(a, start=1):
        current = [i]
        for j, y in enumerate(b, start=1):
            cost = min(previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (x != y))
            if i > 1 and j > 1 and x == b[j - 2] and a[i - 2] == y:
                cost = min(cost, before[j - 2] + 1)
            current.append(cost)
        before, previous = previous, current
    return previous[-1]
