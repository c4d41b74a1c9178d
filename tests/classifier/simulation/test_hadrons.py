import numpy as np
import pytest

from classifier.simulation import species as sp
from classifier.simulation.hadrons import interact
from classifier.simulation.species import MASS


def products(kind: int, kinetic: float, n: int = 600) -> list[tuple[np.ndarray, np.ndarray, float]]:
    rng = np.random.default_rng(4)
    p = np.sqrt(kinetic * (kinetic + 2.0 * MASS[kind]))
    vector = np.array([0.0, 0.0, p, kinetic + MASS[kind]])
    return [interact(rng, kind, vector, False) for _ in range(n)]


@pytest.mark.parametrize("kinetic", [2.0, 5.0, 10.0])
def test_slow_neutrons_excite_the_first_level(kinetic: float) -> None:
    # 40Ar: nearly all levels decay by the first one, 1.461 MeV (Nucl. Data Sheets 140 (2017) 1).
    through = []
    for kinds, momenta, _ in products(sp.NEUTRON, kinetic, 200):
        photons = momenta[kinds == sp.GAMMA, 3]
        assert photons.sum() < kinetic
        through.append(np.any(np.abs(photons - 1.461) < 1e-9))
    assert np.mean(through) > 0.9


def test_photons_take_what_is_below_the_separation_energy() -> None:
    events = products(sp.NEUTRON, 100.0)
    number = np.array([(kinds == sp.GAMMA).sum() for kinds, _, _ in events])
    energy = np.array([momenta[kinds == sp.GAMMA, 3].sum() for kinds, momenta, _ in events])
    # What is left when no nucleon can boil off any more lies between nothing and about 11 MeV, and
    # goes in a primary photon and the first level.
    assert energy.max() < 16.0
    assert 2.0 < energy.mean() < 7.0
    assert 1.2 < number.mean() < 3.0


def test_faster_neutrons_knock_out_more() -> None:
    slow, fast = (
        np.mean(
            [
                np.isin(kinds, (sp.PROTON, sp.NEUTRON)).sum()
                for kinds, _, _ in products(sp.NEUTRON, e)
            ]
        )
        for e in (30.0, 400.0)
    )
    assert fast > slow + 1.0
