"""Truth of single hits: what left their charge."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from classifier.events import DUNE_FD_HD, SOURCES, Hits
from classifier.formats import open_events
from classifier.simulation.driver import simulate
from classifier.simulation.sources import hit_sources, kinds


def test_kinds_follow_pdg_code_and_ancestry() -> None:
    table = pd.DataFrame(
        {
            "pdg": [13, 11, 111, 22, 11, 211, 2212, 1000020040, 11],
            "parent": [-1, -1, -1, 2, 2, -1, -1, -1, 0],
        }
    )
    names = [SOURCES[k] for k in kinds(table)]
    assert names == [
        "muon",
        "electron",
        "photon",
        "photon",
        "photon",
        "meson",
        "nucleon",
        "nucleon",
        "decay electron",
    ]


def test_a_hit_belongs_to_the_largest_charge_near_it_and_noise_to_nothing() -> None:
    hits = Hits(
        np.zeros(3, np.uint8),
        np.array([10, 11, 200], np.uint16),
        np.array([20, 22, 200], np.uint16),
        np.array([9, 9, 9], np.uint8),
    )
    pixels = np.full((3, 3, 2), -1, np.int32)
    pixels[:, 0] = [[10, 20], [10, 21], [11, 22]]
    seen = np.zeros((3, 3))
    seen[:, 0] = [5.0, 3.0, 9.0]
    kind = np.array([1, 3, 5], np.uint8)
    assert hit_sources(hits, DUNE_FD_HD, pixels, seen, kind).tolist() == [1, 5, 0]


@pytest.mark.parametrize("geometry", ["dune-fd-hd", "modular-pixel"])
def test_the_lepton_of_each_class_is_seen_and_survives_the_file(
    geometry: str, tmp_path: Path
) -> None:
    simulate(tmp_path / "e.h5", geometry, 24, "dune", 3, classes={"nue_cc": 1, "numu_cc": 1})
    charge = np.zeros((2, len(SOURCES)))
    for event in open_events(tmp_path / "e.h5"):
        assert event.truth is not None
        assert event.truth.sources is not None
        assert len(event.truth.sources) == len(event.hits)
        row = int(event.truth.label == "numu_cc")
        charge[row] += np.bincount(event.truth.sources, event.hits.value, len(SOURCES))
    share = charge / charge.sum(axis=1, keepdims=True)
    assert share[0, SOURCES.index("electron")] > 0.3
    assert share[0, SOURCES.index("muon")] < 0.1
    assert share[1, SOURCES.index("muon")] > 0.1
    assert share[1, SOURCES.index("electron")] == 0.0
