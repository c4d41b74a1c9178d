"""From the views back to space: how each image axis lies in the detector."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from classifier.events import Geometry

# Wire angle of the induction planes to the vertical, 35.7 degrees: DUNE FD TDR vol. IV, JINST 15
# T08010 (2020), Table 2.1. x is the drift, y vertical, z the beam.
_DUNE_ANGLE = math.radians(35.7)
_AXES: dict[str, dict[str, tuple[tuple[float, float, float], tuple[float, float, float]]]] = {
    "dune-fd-hd": {
        "U": ((0.0, math.sin(_DUNE_ANGLE), math.cos(_DUNE_ANGLE)), (1.0, 0.0, 0.0)),
        "V": ((0.0, -math.sin(_DUNE_ANGLE), math.cos(_DUNE_ANGLE)), (1.0, 0.0, 0.0)),
        "Z": ((0.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
    },
    "modular-pixel": {
        "XZ": ((0.0, 0.0, 1.0), (1.0, 0.0, 0.0)),
        "YZ": ((0.0, 0.0, 1.0), (0.0, 1.0, 0.0)),
    },
}

MEV_PER_UNIT: dict[str, float] = {"dune-fd-hd": 0.036, "modular-pixel": 0.030}
"""Deposit in MeV of one unit of pixel charge of a minimum-ionising particle.

In simulation the deposit of contained muons and electrons over the charge that the readout gives
them; it puts the median loss of long muon tracks, simulated and in the released DUNE maps, at 2.0
to 2.2 MeV/cm (mean 2.1 at minimum ionisation; PDG, atomic and nuclear properties of argon).
Stronger ionisation recombines more: a stopping proton's deposit is half as much again.
"""


@dataclass(frozen=True)
class Projection:
    """The axes of a geometry's views in space.

    Attributes
    ----------
    common_axis : int or None
        Image axis that all views share: 1 where all columns are the same coordinate, 0 where all
        rows are; None where views share none.
    pitch : ndarray of float, shape (n_views, 2)
        Size of a pixel along rows and columns in cm.
    axes : ndarray of float, shape (n_views, 2, 3), or None
        Unit vectors of rows and columns in space; None where they are not known.
    mev_per_unit : float
        See `MEV_PER_UNIT`; NaN where it is not known.
    """

    common_axis: int | None
    pitch: npt.NDArray[np.float64]
    axes: npt.NDArray[np.float64] | None
    mev_per_unit: float

    @classmethod
    def of(cls, geometry: Geometry) -> Projection:
        """Return how the views of a geometry lie in space."""
        views = geometry.views
        common: int | None = None
        if len({v.column_axis for v in views}) == 1:
            common = 1
        elif len({v.row_axis for v in views}) == 1:
            common = 0
        known = _AXES.get(geometry.name)
        axes = None
        if known is not None and all(v.name in known for v in views):
            axes = np.array([known[v.name] for v in views])
        pitch = np.array([(v.row_pitch_cm, v.column_pitch_cm) for v in views])
        return cls(common, pitch, axes, MEV_PER_UNIT.get(geometry.name, math.nan))

    def in_space(
        self, steps: dict[int, npt.NDArray[np.float64]]
    ) -> tuple[npt.NDArray[np.float64], float]:
        """Return the displacement in space that fits its projections best.

        Parameters
        ----------
        steps : dict of view number to ndarray of float, shape (2,)
            Displacement in pixels (rows, columns) in each view that sees it.

        Returns
        -------
        step : ndarray of float, shape (3,)
            In cm; what no view sees is zero. Without known axes, the longest projection.
        residual : float
            By how much the projections disagree, in cm; 0 without known axes.
        """
        if self.axes is None:
            flat = [step * self.pitch[v] for v, step in steps.items()]
            longest = max(flat, key=lambda s: float(np.hypot(*s)))
            return np.array([longest[1], 0.0, longest[0]]), 0.0
        views = tuple(steps)
        matrix, inverse = _system(self.axes.tobytes(), views)
        target = np.concatenate([steps[v] * self.pitch[v] for v in views])
        found = inverse @ target
        return found, float(np.linalg.norm(matrix @ found - target))


@cache
def _system(
    axes: bytes, views: tuple[int, ...]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Return what projects a step into these views, and its pseudo-inverse."""
    known = np.frombuffer(axes).reshape(-1, 2, 3)
    matrix = np.concatenate([known[v] for v in views])
    return matrix, np.linalg.pinv(matrix, rcond=1e-6)
