import numpy as np
import pytest
from scipy.stats import gamma

from classifier.simulation import species as sp
from classifier.simulation.decays import CAPTURE_FRACTION
from classifier.simulation.electromagnetic import compton, pair_production
from classifier.simulation.event import _final_state
from classifier.simulation.generator import generate
from classifier.simulation.material import CRITICAL_ENERGY, RADIATION_LENGTH
from classifier.simulation.species import MASS
from classifier.simulation.stepping import (
    ENERGY,
    R_CONTAINED,
    R_END,
    R_LENGTH,
    R_PARENT,
    rest_energy,
)
from classifier.simulation.transport import Tracks, pdg_codes, track

HUGE = np.array([[-2e4, 2e4]] * 3)


def shoot(kind: int, kinetic: float, seed: int, inside: np.ndarray = HUGE) -> Tracks:
    p = np.sqrt(kinetic * (kinetic + 2.0 * MASS[kind]))
    momenta = np.array([[0.0, 0.0, p, kinetic + MASS[kind]]])
    return track(np.random.default_rng(seed), np.array([kind]), momenta, inside)


@pytest.mark.parametrize(("kinetic", "expected"), [(100.0, 30.4), (1000.0, 441.5)])
def test_muons_stop_where_the_tables_say(kinetic: float, expected: float) -> None:
    # CSDA ranges of Groom et al. over 1.396 g/cm³; scattering and straggling change little.
    lengths = [shoot(sp.MU_PLUS, kinetic, i).records[0, R_LENGTH] for i in range(60)]
    assert np.mean(lengths) == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize("kind", [sp.ELECTRON, sp.GAMMA, sp.MU_MINUS, sp.PI_PLUS, sp.PI_MINUS])
def test_energy_is_conserved(kind: int) -> None:
    for seed in range(8):
        tracks = shoot(kind, 800.0, seed)
        available = 800.0 + (0.0 if kind == sp.GAMMA else rest_energy(kind))
        assert tracks.balance.sum() == pytest.approx(available, rel=0.01)
        deposited = tracks.deposits[:, ENERGY].sum(dtype=np.float64)
        assert deposited == pytest.approx(tracks.balance[0], rel=1e-4)


@pytest.mark.parametrize("kind", [sp.PROTON, sp.NEUTRON, sp.K_MINUS, sp.ANTIPROTON, sp.LAMBDA])
def test_energy_of_hadrons_is_conserved_on_average(kind: int) -> None:
    # Proton and neutron masses differ by more than 1 % of the smallest deposits, hence the mean.
    sums = [shoot(kind, 600.0, seed).balance.sum() for seed in range(20)]
    assert np.mean(sums) == pytest.approx(600.0 + rest_energy(kind), rel=0.01)


@pytest.mark.parametrize(("nu", "cc"), [(14, True), (12, True), (-14, False)])
def test_energy_of_whole_events_is_conserved(nu: int, cc: bool) -> None:
    rng = np.random.default_rng(abs(nu))
    put_in = found = 0.0
    for _ in range(8):
        kinds, momenta = _final_state(rng, generate(rng, nu, cc, 4.0))
        tracks = track(rng, kinds, momenta, HUGE)
        put_in += (momenta[:, 3] - MASS[kinds]).sum() + sum(rest_energy(int(k)) for k in kinds)
        found += tracks.balance.sum()
    assert found == pytest.approx(put_in, rel=0.01)


def test_photons_convert_as_often_as_their_cross_section_says() -> None:
    ends = np.array([shoot(sp.GAMMA, 1000.0, i).records[0, R_END + 2] for i in range(1500)])
    expected = 1.0 / (pair_production(1000.0) + compton(1000.0))
    # The mean of 1500 exponential paths is known to 2.6 %.
    assert ends.mean() == pytest.approx(expected, rel=0.05)


def test_showers_peak_and_end_where_the_pdg_says() -> None:
    energy = 2000.0
    profile = np.zeros(60)
    for i in range(40):
        deposits = shoot(sp.ELECTRON, energy, i).deposits
        depth = 0.5 * (deposits[:, 2] + deposits[:, 5]) / RADIATION_LENGTH
        profile += np.histogram(depth, np.linspace(0.0, 30.0, 61), deposits[:, ENERGY])[0]
    centre = (np.arange(60) + 0.5) / 2.0
    mean = np.average(centre, weights=profile)
    variance = np.average((centre - mean) ** 2, weights=profile)
    # PDG eqs. 34.36 and 34.37: a gamma distribution, here through the first two moments, that peaks
    # at (a - 1) / b = ln(E / Ec) - 0.5, with b = 0.5.
    peak = np.log(energy / CRITICAL_ENERGY) - 0.5
    assert mean - variance / mean == pytest.approx(peak, rel=0.1)
    contained = np.cumsum(profile) / profile.sum()
    for depth in (8, 12, 17, 25):
        expected = gamma.cdf(depth, 1.0 + 0.5 * peak, scale=2.0)
        assert contained[2 * depth - 1] == pytest.approx(expected, rel=0.1)


def test_stopped_muons_make_michel_electrons_unless_captured() -> None:
    electrons = 0
    for i in range(200):
        tracks = shoot(sp.MU_MINUS, 60.0, i)
        daughters = tracks.records[:, R_PARENT] == 0
        electrons += bool(np.any(pdg_codes(tracks.records[daughters]) == 11))
    expected = 1.0 - CAPTURE_FRACTION
    assert electrons / 200 == pytest.approx(expected, abs=4 * np.sqrt(expected / 200))
    kinds = pdg_codes(shoot(sp.MU_PLUS, 60.0, 0).records)
    assert -11 in kinds


def test_what_leaves_is_not_contained() -> None:
    box = np.array([[-50.0, 50.0], [-50.0, 50.0], [-10.0, 50.0]])
    tracks = shoot(sp.MU_MINUS, 2000.0, 3, box)
    assert tracks.records[0, R_CONTAINED] == 0.0
    assert tracks.balance[1] > 500.0
    assert shoot(sp.PROTON, 100.0, 3, box).records[0, R_CONTAINED] == 1.0


def test_the_same_seed_gives_the_same_tracks() -> None:
    a, b = shoot(sp.PI_MINUS, 1500.0, 9), shoot(sp.PI_MINUS, 1500.0, 9)
    assert np.array_equal(a.deposits, b.deposits)
    assert np.array_equal(a.records, b.records)
