"""Confidence intervals of proportions and counts, exact where an exact one is known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
from scipy import special

from nulens.errors import NuLensError

ONE_SIGMA: float = float(special.erf(np.sqrt(0.5)))
"""Coverage of plus or minus one standard deviation of a Gaussian, 68.27 %."""


@dataclass(frozen=True)
class Interval:
    """A measured value with its confidence interval.

    Attributes
    ----------
    value, low, high : float
        NaN where nothing was measured; an interval without data is as wide as it can be.
    n : int
        Events that the value rests on.
    confidence : float
        Coverage of the interval.
    method : str
        How the interval was made.
    """

    value: float
    low: float
    high: float
    n: int
    confidence: float = ONE_SIGMA
    method: str = ""


@dataclass(frozen=True)
class Proportion(Interval):
    """A share of events; ``passed`` of ``n``."""

    passed: int = 0


def proportion(
    passed: int,
    n: int,
    *,
    confidence: float = ONE_SIGMA,
    method: Literal["Clopper-Pearson", "Wilson"] = "Clopper-Pearson",
) -> Proportion:
    """Return a share with its binomial interval; from 0 to 1 with NaN as value if `n` is 0.

    Clopper and Pearson, Biometrika 26 (1934) 404: exact, covers at least `confidence`. Wilson,
    J. Am. Stat. Assoc. 22 (1927) 209: covers `confidence` on average. Both as in PDG, Phys. Rev. D
    110, 030001 (2024), section 40.4.2.

    Raises
    ------
    NuLensError
        If `passed` is not between 0 and `n`, or `confidence` not between 0 and 1.
    """
    _check_confidence(confidence)
    if not 0 <= passed <= n:
        raise NuLensError(f"{passed} of {n} is no share.", "Count events among those that passed.")
    if n == 0:
        return Proportion(float("nan"), 0.0, 1.0, 0, confidence, method)
    tail = (1 - confidence) / 2
    if method == "Clopper-Pearson":
        low = float(special.betaincinv(passed, n - passed + 1, tail)) if passed else 0.0
        high = float(special.betaincinv(passed + 1, n - passed, 1 - tail)) if passed < n else 1.0
    else:
        z = float(special.ndtri(1 - tail))
        share = passed / n
        centre = (share + z**2 / (2 * n)) / (1 + z**2 / n)
        half = z / (1 + z**2 / n) * np.sqrt(share * (1 - share) / n + z**2 / (4 * n**2))
        # Rounding may not put an end on the wrong side of the value.
        low = float(min(max(0.0, centre - half), share))
        high = float(max(min(1.0, centre + half), share))
    return Proportion(passed / n, low, high, n, confidence, method, passed)


def poisson(count: int, *, confidence: float = ONE_SIGMA) -> Interval:
    """Return a count with its exact central Poisson interval.

    Garwood, Biometrika 28 (1936) 437; PDG, Phys. Rev. D 110, 030001 (2024), equation 40.84.
    """
    low, high = poisson_limits(np.array([count]), confidence=confidence)
    return Interval(float(count), float(low[0]), float(high[0]), count, confidence, "Garwood")


def poisson_limits(
    counts: npt.ArrayLike, *, confidence: float = ONE_SIGMA
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return the lower and upper limits of `poisson` for many counts at once.

    Raises
    ------
    NuLensError
        If a count is negative.
    """
    _check_confidence(confidence)
    n = np.asarray(counts, dtype=np.float64)
    if (n < 0).any():
        raise NuLensError("A count is negative.", "Give counts of events.")
    tail = (1 - confidence) / 2
    low = np.where(n > 0, special.gammaincinv(np.maximum(n, 1), tail), 0.0)
    return low, special.gammaincinv(n + 1, 1 - tail)


def _check_confidence(confidence: float) -> None:
    if not 0 < confidence < 1:
        raise NuLensError(
            f"{confidence} is no confidence level.", "Give a number between 0 and 1, such as 0.9."
        )
