from pathlib import Path

import h5py
import numpy as np
import pytest

from classifier import open_events
from classifier.formats.nulens_hdf5 import EventWriter
from classifier.simulation.driver import Progress, simulate
from nulens.errors import NuLensError


def contents(path: Path) -> dict[str, bytes]:
    out = {}
    with h5py.File(path) as file:
        file.visititems(
            lambda name, item: (
                out.update({name: np.asarray(item[...]).tobytes()})
                if isinstance(item, h5py.Dataset) and not h5py.check_string_dtype(item.dtype)
                else None
            )
        )
    return out


@pytest.mark.parametrize("geometry", ["dune-fd-hd", "modular-pixel"])
def test_events_have_pictures_and_truth(tmp_path: Path, geometry: str) -> None:
    seen: list[Progress] = []
    simulate(tmp_path / "a.h5", geometry, 12, "uniform", 3, progress=seen.append)
    events = open_events(tmp_path / "a.h5")
    assert len(events) == 12
    assert seen[-1].done == 12
    assert seen[-1].seconds_left == 0.0
    for event in events:
        assert event.geometry.name == geometry
        assert len(event.hits) > 20
        assert event.truth is not None
        assert 0.0 < event.truth.energy <= 10.0
        particles = event.truth.particles
        assert particles is not None
        primary = particles[particles["parent"] < 0]
        # The leading particle is the lepton of the class.
        code = {"nue_cc": 11, "numu_cc": 13}.get(event.truth.label)
        lepton = abs(int(primary["pdg"].iloc[0]))
        assert lepton == code if code else lepton in (12, 14)
        assert particles["parent"].max() < len(particles)
        charge = particles[[c for c in particles if c.startswith("charge_")]].to_numpy()
        assert charge.shape[1] == event.geometry.n_views
        assert (charge >= 0).all()
        # Counts of the picture come from the charge of the particles.
        assert event.hits.value.astype(float).sum() < 1.3 * charge.sum() + 100


def test_the_file_does_not_depend_on_workers_and_goes_on_after_a_kill(tmp_path: Path) -> None:
    one, other = tmp_path / "one.h5", tmp_path / "other.h5"
    simulate(one, "modular-pixel", 24, "uniform", 5, workers=2)

    class KilledError(Exception):
        pass

    def kill(progress: Progress) -> None:
        if progress.done >= 8:
            raise KilledError

    with pytest.raises(KilledError):
        simulate(other, "modular-pixel", 24, "uniform", 5, progress=kill)
    assert not other.exists()
    assert EventWriter.interrupted(other)
    with pytest.raises(NuLensError, match="other arguments"):
        simulate(other, "modular-pixel", 24, "uniform", 6)
    simulate(other, "modular-pixel", 24, "uniform", 5)
    # The same events; how HDF5 packs them depends on where the run was cut.
    assert contents(one) == contents(other)
    again = tmp_path / "again.h5"
    simulate(again, "modular-pixel", 24, "uniform", 5, workers=1)
    assert one.read_bytes() == again.read_bytes()


def test_classes_come_in_the_shares_asked_for(tmp_path: Path) -> None:
    shares = {"nutau_cc": 1.0, "cosmic": 1.0, "nc": 0.0}
    simulate(tmp_path / "a.h5", "modular-pixel", 16, "dune", 2, classes=shares)
    table = open_events(tmp_path / "a.h5").table
    assert abs((table["truth"] == "cosmic").sum() - 8) <= 1
    assert np.isnan(table.loc[table["truth"] == "cosmic", "energy"]).all()


def test_dead_channels_take_their_share_of_the_hits(tmp_path: Path) -> None:
    simulate(tmp_path / "a.h5", "modular-pixel", 8, "uniform", 3)
    simulate(tmp_path / "b.h5", "modular-pixel", 8, "uniform", 3, dead_channels=0.5)
    whole, holed = open_events(tmp_path / "a.h5"), open_events(tmp_path / "b.h5")
    assert holed.reader.provenance["command"].endswith("--dead-channels 0.5")
    lost = [
        1.0 - b.hits.value.sum(dtype=float) / a.hits.value.sum(dtype=float)
        for a, b in zip(whole, holed, strict=True)
    ]
    # Draws are the same up to the readout, unless too few hits are left and another event is made.
    assert abs(np.median(lost) - 0.5) < 0.15


def test_cosmics_are_overlaid_on_the_same_interactions(tmp_path: Path) -> None:
    simulate(tmp_path / "a.h5", "modular-pixel", 8, "uniform", 3)
    simulate(tmp_path / "b.h5", "modular-pixel", 8, "uniform", 3, cosmics=4.0)
    bare, crossed = open_events(tmp_path / "a.h5"), open_events(tmp_path / "b.h5")
    assert crossed.reader.provenance["command"].endswith("--cosmics 4")
    more = []
    for a, b in zip(bare, crossed, strict=True):
        assert a.truth is not None
        assert b.truth is not None
        # The draws of the interaction come first; it is what the truth tells of.
        assert a.truth.energy == b.truth.energy
        assert len(a.truth.particles) == len(b.truth.particles)
        more.append(len(b.hits) - len(a.hits))
    assert np.median(more) > 200


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"geometry": "icarus"}, "no geometry 'icarus'"),
        ({"flux": "solar"}, "no flux 'solar'"),
        ({"events": 0}, "0 events"),
        ({"events": 10**9}, "1000000000 events"),
        ({"workers": 0}, "0 workers"),
        ({"seed": -1}, "seed -1"),
        ({"dead_channels": 1.0}, "share of 1.0"),
        ({"cosmics": -1.0}, "-1 cosmic-ray muons"),
        ({"classes": {"nuclear": 1.0}}, "no class 'nuclear'"),
        ({"classes": {"nc": -1.0}}, "share -1.0"),
        ({"classes": {"nc": 0.0}}, "share 0"),
    ],
)
def test_bad_arguments_are_refused(tmp_path: Path, change: dict[str, object], message: str) -> None:
    arguments = {"geometry": "dune-fd-hd", "events": 4, "flux": "dune", "seed": 1} | change
    with pytest.raises(NuLensError, match=message):
        simulate(tmp_path / "a.h5", **arguments)  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_an_output_that_exists_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    path.write_text("mine")
    with pytest.raises(NuLensError, match="exists"):
        simulate(path, "modular-pixel", 4, "uniform", 1)
    assert path.read_text() == "mine"
