import pytest

pdg = pytest.importorskip("particle")

from classifier.simulation import constants, kinematics  # noqa: E402


@pytest.mark.parametrize(
    "code", [11, 13, 15, 211, 111, 2212, 2112, 321, 311, 130, 221, 3122, 3222, 3212, 3112]
)
def test_masses_are_those_of_the_pdg(code: int) -> None:
    expected = pdg.Particle.from_pdgid(code).mass / 1000.0
    assert kinematics.mass_of(code) == pytest.approx(expected, rel=2e-4)
    assert kinematics.mass_of(-code) == kinematics.mass_of(code)


@pytest.mark.parametrize("code", [11, -11, 13, -13, 211, -211, 2212, 2112, 321, -321, 3222, 3112])
def test_charges_are_those_of_the_pdg(code: int) -> None:
    assert kinematics.charge_of(code) == int(pdg.Particle.from_pdgid(code).charge)


def test_resonance_masses() -> None:
    assert pdg.Particle.from_pdgid(213).mass / 1000 == pytest.approx(constants.M_RHO, rel=1e-3)
    assert pdg.Particle.from_pdgid(20213).mass / 1000 == pytest.approx(constants.M_A1, rel=0.02)
