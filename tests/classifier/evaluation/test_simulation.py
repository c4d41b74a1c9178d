import json
import zlib
from pathlib import Path

import numpy as np
import pytest

from classifier import open_events
from classifier.evaluation.map_observables import OBSERVABLES
from classifier.evaluation.simulation import evaluate_simulation, simulate_like
from classifier.events import DUNE_FD_HD
from nulens.errors import NuLensError

MAPS = (("numu", "numu_cc", 14, "0"), ("nue", "nue_cc", 12, "4"), ("nc", "nc", None, "13"))


@pytest.fixture(scope="module")
def maps(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folders of five maps a class; the last of each has no energy."""
    root = tmp_path_factory.mktemp("maps")
    for folder, label, pdg, code in MAPS:
        rng = np.random.default_rng(len(folder))
        (root / folder).mkdir()
        for number in range(5):
            hits = simulate_like(rng, label, pdg, None if label == "nc" else "qe", 2.0)
            path = root / folder / f"event{number}.gz"
            path.write_bytes(zlib.compress(hits.to_views(DUNE_FD_HD).tobytes()))
            if number < 4:
                lines = [code, "2.0", "1.5", "0", "0", "0", "1", str(pdg or 1), *["1"] * 7]
                path.with_suffix(".info").write_text("\n".join(lines))
        flavour = {"numu": 0, "nue": 1, "nc": 3}[folder]
        mode = -1 if folder == "nc" else 0
        (root / folder / "labels.csv").write_text(
            "event,is_antineutrino,flavour,interaction,protons,charged_pions,neutral_pions,neutrons"
            f"\n4,{mode},{flavour},{mode},1,0,0,0\n"
        )
    return root


def test_the_report_compares_class_by_class_and_holds_half_back(maps: Path, tmp_path: Path) -> None:
    seen: list[tuple[int, int]] = []
    result = evaluate_simulation(
        tmp_path, maps, per_event=1, cnn=False, progress=lambda *at: seen.append(at)
    )
    assert (result["real"], result["simulated"]) == (12, 12)
    assert seen[-1] == (12, 12)
    events = open_events(maps)
    for label in ("nue_cc", "numu_cc", "nc"):
        parts = result["classes"][label]
        assert (parts["all"]["real"], parts["held_back"]["real"]) == (4, 2)
        assert len(parts["all"]["rows"]) == 3 * len(OBSERVABLES)
        mine = (events.table["truth"] == label) & events.table["energy"].notna()
        of_class = events.take(np.flatnonzero(mine))
        hits = np.mean([(event.hits.view == 2).sum() for event in of_class])
        row = next(r for r in parts["all"]["rows"] if (r["observable"], r["view"]) == ("hits", "Z"))
        assert row["real_mean"] == pytest.approx(hits)
        assert row["distance"] > 0.0
        assert row["by_chance"] > 0.0
    assert 0.0 <= result["boosted"]["auc"] <= 1.0
    assert json.loads((tmp_path / "simulation.json").read_text())["seed"] == 1
    text = (tmp_path / "simulation.md").read_text()
    assert "νe CC (2)" in text
    assert "νe CC (4)" in text
    assert "vertex activity" in (tmp_path / "simulation.html").read_text()


def test_maps_without_any_energy_are_refused(maps: Path, tmp_path: Path) -> None:
    for path in (maps / "nue").glob("event4.gz"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "labels.csv").write_text((maps / "nue" / "labels.csv").read_text())
    with pytest.raises(NuLensError, match="no maps with an energy"):
        evaluate_simulation(tmp_path / "out", tmp_path)
    assert not (tmp_path / "out").exists()
