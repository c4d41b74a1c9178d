"""What truth says of a track is what its picture shows."""

import numpy as np
import pandas as pd
import pytest

from classifier.events import MODULAR_PIXEL, Event, EventClass, Hits, Truth
from classifier.topology import true_topology

VERTEX = np.array(MODULAR_PIXEL.vertex)


def particle(pdg, start, end, *, parent=-1, contained=1):
    step = np.subtract(end, start)
    length = float(np.linalg.norm(step))
    momentum = 0.5 * step / length
    row = {"pdg": pdg, "parent": parent, "process": 0, "energy": 0.6, "length_cm": length}
    row |= dict(zip(("px", "py", "pz"), momentum, strict=True))
    row |= {f"start_{a}": v for a, v in zip("xyz", start, strict=True)}
    row |= {f"end_{a}": v for a, v in zip("xyz", end, strict=True)}
    charge = 2.1 * length / 0.03
    return row | {
        "contained": contained,
        "deposited": 2.1 * length,
        "charge_xz": charge,
        "charge_yz": charge,
    }


def event(particles, drawn):
    """Draw points (x, y, z in cm) and give them these particles as truth."""
    views = np.zeros((2, *MODULAR_PIXEL.shape), dtype=np.float32)
    for v, across in enumerate((0, 1)):
        at = np.rint(VERTEX + np.stack([drawn[:, 2], drawn[:, across]], axis=1) / 0.5).astype(int)
        inside = ((at >= 0) & (at < MODULAR_PIXEL.shape)).all(axis=1)
        views[v][tuple(at[inside].T)] = 35.0
    truth = Truth(
        EventClass.NUMU_CC,
        vertex=np.stack([VERTEX, VERTEX]),
        particles=pd.DataFrame(particles),
    )
    return Event("drawn", 0, MODULAR_PIXEL, Hits.from_views(views), truth)


def test_track_that_scatters_is_followed_to_where_it_leaves():
    z = np.arange(0.0, 400.0, 0.1)
    drawn = np.stack([0.0006 * z**2, np.zeros_like(z), z], axis=1)
    seen = true_topology(event([particle(13, (0, 0, 0), drawn[-1], contained=0)], drawn))
    assert seen.track_contained is False
    assert seen.longest_track_cm == pytest.approx(128, rel=0.1)


@pytest.mark.parametrize(("sideways", "length"), [(2.0, 70), (25.0, 40)])
def test_secondary_that_goes_straight_on_is_the_same_track(sideways, length):
    first = particle(211, (0, 0, 0), (0, 0, 40))
    second = particle(2212, (0, 0, 40), (sideways, 0, 70), parent=0)
    drawn = np.linspace((0, 0, 0), (0, 0, 40), 400)
    seen = true_topology(event([first, second], drawn))
    assert seen.longest_track_cm == pytest.approx(length, rel=0.03)
