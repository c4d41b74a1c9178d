"""How well a claim agrees with a measured or true topology."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from classifier.claims.claim import HIGH_VERTEX_ACTIVITY, Claim, Value, activity_word
from classifier.claims.sentences import sentence
from classifier.models.base import Evidence

if TYPE_CHECKING:
    from classifier.topology import Topology


def score(claim: Claim, topology: Topology) -> Evidence:
    """Weigh a claim against a measured (or true) topology.

    The score of a number is 1 within one standard deviation of the measurement, 0 beyond three, and
    falls linearly between. The score of a presence is 1 where both agree; where they do not, it is
    1 at the measurement's threshold and 0 where the measurement is sure.

    Parameters
    ----------
    claim : Claim
    topology : Topology

    Returns
    -------
    Evidence
        With ``score`` None where the picture cannot tell.
    """
    measured: Any = _measured(claim, topology)
    value: float | None
    if measured is None:
        value = None
    elif isinstance(claim.value, bool | str):
        value = 1.0 if claim.value == measured else _doubt(claim.quantity, topology)
    else:
        deviation = abs(float(claim.value) - float(measured))
        sigma = resolution(claim.quantity, float(measured))
        value = min(max((3.0 - deviation / sigma) / 2.0, 0.0), 1.0)
    return Evidence(
        claim=sentence(claim),
        quantity=claim.quantity,
        claimed=claim.value,
        measured=measured,
        unit=claim.unit,
        score=value,
    )


def evidence(claims: Sequence[Claim], topology: Topology) -> tuple[Evidence, ...]:
    """Weigh each claim; see `score`."""
    return tuple(score(c, topology) for c in claims)


def _measured(claim: Claim, topology: Topology) -> Value | None:
    if claim.quantity == "vertex_activity":
        return activity_word(topology.vertex_activity)
    if claim.quantity == "longest_track_cm" and topology.longest_track_cm < 1.0:
        return None
    measured: Value | None = getattr(topology, claim.quantity)
    return measured


def _doubt(quantity: str, topology: Topology) -> float:
    if quantity == "has_shower":
        return 1.0 - 2.0 * abs(topology.shower_score - 0.5)
    if quantity == "vertex_activity":
        return max(1.0 - abs(topology.vertex_activity / HIGH_VERTEX_ACTIVITY - 1.0) / 0.5, 0.0)
    return 0.0


def resolution(quantity: str, measured: float) -> float:
    """Return the standard deviation by which a stated number is judged, in the quantity's unit.

    That of a length is what a picture allows: 68 % of the lengths that `classifier.topology`
    measures in simulated DUNE events are within 3 cm of the truth at 10 cm, 14 cm at 40 cm, 20 cm
    at 85 cm and 29 cm at 300 cm (1,156 events). The others are what it reaches where it finds the
    right object, and no wider, so that a claim is not right for being vague. How often a claim
    would agree by chance is told by `classifier.evaluation.claim_checks.chance_levels`.
    """
    if quantity == "longest_track_cm":
        return 3.0 + 0.15 * measured
    if quantity == "vertex_gap_cm":
        return 1.5 + 0.1 * measured
    if quantity == "initial_dedx":
        return 0.3 + 0.15 * measured
    # Two deviations allow one more or fewer, from five on two.
    return 0.5 + 0.1 * measured
