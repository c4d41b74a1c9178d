import numpy as np

from classifier.events import DUNE_FD_HD
from classifier.simulation.detector import recombination
from classifier.simulation.wire_readout import BIN, PITCHES, RESPONSE, _first_row, read_out

VERTEX = np.array([100.0, 20.0, 300.0])


def line(direction: np.ndarray, length: float, step: float = 0.1) -> np.ndarray:
    """Charge of a straight minimum-ionising track from the vertex."""
    n = int(length / step)
    at = VERTEX + np.arange(n + 1)[:, None] * step * direction / np.linalg.norm(direction)
    out = np.zeros((n, 10), np.float32)
    out[:, :3], out[:, 3:6] = at[:-1], at[1:]
    out[:, 6] = 2.1 * step / 23.6e-6 * 0.65
    out[:, 7], out[:, 8] = 0.13, 0.09
    return out


def test_a_track_along_the_beam_is_a_row_of_single_pixels() -> None:
    charge = line(np.array([0.05, 0.0, 1.0]), 150.0)
    hits, places, seen, _ = read_out(np.random.default_rng(1), charge, VERTEX)
    for view, pitch in ((0, 0.4669 / np.cos(np.radians(35.7))), (2, 0.479)):
        mine = hits.view == view
        wires = 150.0 / pitch
        assert len(np.unique(hits.row[mine])) > 0.97 * wires
        assert mine.sum() < 1.15 * wires
        # Nothing lies before the track: the map starts one wire ahead of it.
        assert hits.row[mine].min() == 1
        assert abs(places[view, 0] - 1.5) < 1.5
    # Columns are centred on the mean time of the hits.
    assert abs(hits.column[hits.view == 2].mean() - 250) < 1.0
    assert seen[:, 2].sum() > 0.9 * hits.value[hits.view == 2].sum()


def test_dead_wires_leave_rows_empty() -> None:
    charge = line(np.array([0.05, 0.0, 1.0]), 150.0)
    whole, _, _, _ = read_out(np.random.default_rng(1), charge, VERTEX)
    holed, _, _, _ = read_out(np.random.default_rng(1), charge, VERTEX, dead=0.3)
    for view in range(3):
        rows = [len(np.unique(hits.row[hits.view == view])) for hits in (whole, holed)]
        assert abs(rows[1] / rows[0] - 0.7) < 4 * np.sqrt(0.21 / rows[0])


def test_short_events_lie_at_the_end_of_the_v_map() -> None:
    charge = line(np.array([0.3, 0.1, 1.0]), 60.0)
    hits, *_ = read_out(np.random.default_rng(1), charge, VERTEX)
    assert hits.row[hits.view == 1].max() == DUNE_FD_HD.shape[0] - 1
    assert hits.row[hits.view == 0].min() <= 5


def test_a_few_hits_make_no_map() -> None:
    charge = line(np.array([0.0, 0.0, 1.0]), 8.0)
    hits, places, *_ = read_out(np.random.default_rng(1), charge, VERTEX)
    assert len(hits) == 0
    assert np.isnan(places).all()
    assert len(read_out(np.random.default_rng(1), charge[:0], VERTEX)[0]) == 0


def test_the_crop_starts_where_sixteen_of_twenty_rows_are_filled() -> None:
    occupied = np.zeros(2880, dtype=bool)
    occupied[40] = True
    occupied[1000:1400] = True
    assert _first_row(occupied, occupied.astype(float), 500) == 995
    # Without such a place: the first window with most charge.
    occupied[:] = False
    occupied[[1, 900, 1300]] = True
    assert _first_row(occupied, occupied.astype(float), 500) == 801


def test_recombination_is_the_modified_box_of_argoneut() -> None:
    # R at 2.1 MeV/cm and 500 V/cm is close to 0.7; protons near their end lose most.
    assert abs(recombination(2.1, 0.5) - 0.70) < 0.02
    assert recombination(20.0, 0.5) < 0.35


def found(size: float) -> float:
    """Share of points with `size` times the charge of the threshold that Z wires see."""
    z = (np.arange(90) * 5 + 0.5) * PITCHES[2]
    x = 60.0 + 20.0 * np.arange(4)
    place = np.stack([*np.meshgrid(x, z), np.full((90, 4), 20.0)], axis=-1)[..., [0, 2, 1]]
    charge = np.zeros((360, 10), np.float32)
    charge[:, :3] = charge[:, 3:6] = place.reshape(-1, 3)
    # A point's charge spreads over time as a Gaussian.
    peak = BIN / (RESPONSE.shaping_collection * np.sqrt(2.0 * np.pi))
    charge[:, 6] = size * RESPONSE.threshold_collection / peak
    hits, *_ = read_out(np.random.default_rng(2), charge, np.array([60.0, 20.0, 0.0]))
    return float((hits.view == 2).sum()) / 360


def peaks_found(number: int) -> tuple[float, np.ndarray]:
    """Hits a wire of Z, and their values, where a wire sees `number` peaks that touch."""
    z = (np.arange(90) * 5 + 0.5) * PITCHES[2]
    x = 100.0 + 0.8 * (np.arange(number) - 0.5 * (number - 1))
    place = np.stack([*np.meshgrid(x, z), np.full((90, number), 20.0)], axis=-1)[..., [0, 2, 1]]
    charge = np.zeros((90 * number, 10), np.float32)
    charge[:, :3] = charge[:, 3:6] = place.reshape(-1, 3)
    charge[:, 6] = 50.0 * RESPONSE.count_collection
    hits, *_ = read_out(np.random.default_rng(3), charge, np.array([100.0, 20.0, 0.0]))
    mine = hits.view == 2
    assert abs(hits.column[mine].mean() - 250) < 1.0
    return mine.sum() / 90, hits.value[mine]


def test_a_pulse_of_too_many_peaks_is_one_hit() -> None:
    # Ten peaks are fitted; of eleven one hit is made, which takes the place of all.
    hits, values = peaks_found(10)
    assert 9.5 < hits <= 10.0
    assert abs(values.mean() - 50) < 2.5
    hits, values = peaks_found(11)
    assert hits == 1.0
    assert (values == DUNE_FD_HD.saturation).all()


def test_the_threshold_is_not_sharp() -> None:
    assert found(0.6) < 0.02
    assert 0.3 < found(1.0) < 0.7
    assert 0.98 < found(1.5) <= 1.0
