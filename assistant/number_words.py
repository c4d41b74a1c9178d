"""English number words: what "twenty-five" and "three hundred" are worth."""

from __future__ import annotations

_UNITS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]

NUMBER_WORDS: dict[str, int] = {word: value for value, word in enumerate(_UNITS)}
"""Words that are added up: zero to nineteen, and the tens."""
NUMBER_WORDS |= {word: 10 * tens for tens, word in enumerate(_TENS, 2)}
SCALES: dict[str, int] = {"hundred": 100, "thousand": 1000}
"""Words that multiply what stands before them."""


def read_number(words: list[str]) -> list[int]:
    """Return the numbers that words spell one after the other, such as [105] or [3, 5].

    Parameters
    ----------
    words : list of str
        Of `NUMBER_WORDS`, `SCALES` and ``and``, in lower case.
    """
    numbers: list[int] = []
    joined = False
    for word in words:
        if word == "and":
            joined = True
        elif word in SCALES:
            if numbers and numbers[-1] < 100:
                numbers[-1] *= SCALES[word]
            else:
                numbers.append(SCALES[word])
        else:
            value = NUMBER_WORDS[word]
            last = numbers[-1] if numbers else 0
            tens = last >= 20 and last % 10 == 0 and last < 100 and 0 < value < 10 and not joined
            hundreds = last >= 100 and last % 100 == 0 and value < 100
            if tens or hundreds:
                numbers[-1] += value
            else:
                numbers.append(value)
            joined = False
    return numbers
