from pathlib import Path

import numpy as np
import pytest

from classifier.simulation.flux import LABELS, draw_neutrino
from classifier.simulation.mode_shares import cross_section
from nulens.errors import NuLensError

DUNE = Path(__file__).parents[4] / "shared" / "data" / "dune-cvn" / "tutorial"


def test_uniform_flux_is_that_of_the_paper() -> None:
    # arXiv:2508.19376: up to 10 GeV, 74 % charged current, both flavours alike.
    rng = np.random.default_rng(1)
    events = [draw_neutrino(rng, "uniform") for _ in range(20000)]
    energy = np.array([e for _, _, e in events])
    assert np.mean([cc for _, cc, _ in events]) == pytest.approx(0.74, abs=0.01)
    assert np.mean([nu == 12 for nu, _, _ in events]) == pytest.approx(0.5, abs=0.015)
    assert energy.max() <= 10.0
    assert np.median(energy) == pytest.approx(5.1, abs=0.15)


@pytest.mark.parametrize("flux", ["uniform", "dune"])
@pytest.mark.parametrize("label", LABELS)
def test_labels_are_kept(flux: str, label: str) -> None:
    rng = np.random.default_rng(2)
    flavour = {"nue_cc": {12}, "numu_cc": {14}, "nutau_cc": {16}, "nc": {12, 14}}[label]
    for _ in range(200):
        nu, cc, energy = draw_neutrino(rng, flux, label)
        assert abs(nu) in flavour
        assert cc == (label != "nc")
        assert 0.15 <= energy <= 40.0


def test_dune_flux_peaks_where_the_beam_does() -> None:
    rng = np.random.default_rng(3)
    e = np.array([draw_neutrino(rng, "dune", "numu_cc")[2] for _ in range(20000)])
    counts, edges = np.histogram(e, bins=np.arange(0.5, 8.1, 0.25))
    # DUNE TDR vol. II, arXiv:2002.03005: first oscillation maximum 2.4 GeV, flux peak 2 to 3 GeV.
    assert 2.0 <= edges[counts.argmax()] <= 3.5
    assert 0.02 < np.mean(e > 20.0) < 0.10


def test_wrong_sign_share_grows_in_the_tail() -> None:
    rng = np.random.default_rng(4)

    def share(label: str) -> float:
        return float(np.mean([draw_neutrino(rng, "dune", label)[0] < 0 for _ in range(5000)]))

    assert 0.01 < share("numu_cc") < 0.1
    assert share("nutau_cc") > share("numu_cc")


def test_same_state_same_neutrino() -> None:
    first = [draw_neutrino(np.random.default_rng(9), "dune") for _ in range(5)]
    assert len(set(first)) == 1


@pytest.mark.parametrize("flux", ["uniform", "dune"])
def test_every_tau_neutrino_can_make_a_tau(flux: str) -> None:
    rng = np.random.default_rng(6)
    for _ in range(2000):
        nu, cc, energy = draw_neutrino(rng, flux, "nutau_cc")
        assert energy >= 3.6
        assert cross_section(nu, cc, energy) > 0.0


def test_unknown_names_are_refused() -> None:
    rng = np.random.default_rng(0)
    with pytest.raises(NuLensError, match="no flux 'solar'"):
        draw_neutrino(rng, "solar")
    with pytest.raises(NuLensError, match="class 'cosmic'"):
        draw_neutrino(rng, "dune", "cosmic")


@pytest.mark.dune
@pytest.mark.skipif(not DUNE.is_dir(), reason="the DUNE maps are not there")
@pytest.mark.parametrize(
    ("folder", "label"), [("numu", "numu_cc"), ("nc", "nc"), ("nutau", "nutau_cc")]
)
def test_energies_are_those_of_the_published_events(folder: str, label: str) -> None:
    real = np.array([float(p.read_text().split()[1]) for p in (DUNE / folder).glob("event*.info")])
    rng = np.random.default_rng(5)
    ours = np.array([draw_neutrino(rng, "dune", label)[2] for _ in range(5000)])
    for share in (0.25, 0.5, 0.75):
        assert np.quantile(ours, share) == pytest.approx(np.quantile(real, share), rel=0.2)
