import json

import numpy as np
import pytest
from click.testing import CliRunner

from classifier.evaluation.ablations import EnergyTold, ablate, main
from classifier.events import MODULAR_PIXEL
from classifier.models import load_classifier
from classifier.models.vlm import load_vlm
from classifier.models.vlm_reading import open_text
from classifier.training.train_vlm import train_vlm
from nulens.errors import NuLensError


@pytest.fixture(scope="module")
def folder(language_model, events, tmp_path_factory):
    out = tmp_path_factory.mktemp("tuned") / "vlm"
    train_vlm(
        events.source,
        out,
        base=str(language_model),
        steps=1,
        batch=4,
        rank=4,
        device="cpu",
        report=lambda line: None,
    )
    return out


def test_asks_every_other_way(folder, make_events, tmp_path):
    asked = make_events(MODULAR_PIXEL, 12)
    options = ["--data", asked.source, "--model", str(folder), "--other", str(folder)]
    result = CliRunner().invoke(main, [*options, "--out", str(tmp_path)], catch_exceptions=False)
    assert result.exit_code == 0
    found = json.loads((tmp_path / "ablations.json").read_text())
    rows = {row["variant"]: row for row in found["modular-pixel"]}
    vlm = load_vlm(folder)
    assert set(rows) == {
        f"as it is ({vlm.style} prompt)",
        *(f"{s} prompt" for s in ("full", "reduced", "none") if s != vlm.style),
        "energy range told",
        "without the adapter",
        "base in bf16",
        str(folder),
    }
    first, same = rows[f"as it is ({vlm.style} prompt)"], rows[str(folder)]
    assert first["events"] == len(asked)
    assert first["negative_log_likelihood"] == same["negative_log_likelihood"]
    other = rows["none prompt" if vlm.style != "none" else "full prompt"]
    assert other["negative_log_likelihood"] != first["negative_log_likelihood"]
    written = (tmp_path / "table.md").read_text()
    assert all(f"| {name} | " in written for name in rows)


def test_each_event_is_asked_with_its_own_energy_range(folder, make_events):
    events = make_events(MODULAR_PIXEL, 9)
    vlm = load_vlm(folder)
    told = EnergyTold(vlm).predict(events)
    assert list(told.indices) == list(range(9))
    for i in (0, 4, 8):  # 2, 6 and 5 GeV
        low, high = {0: (2, 3), 4: (6, 8), 8: (4, 6)}[i]
        aside = f"Neutrino energies are between {low} and {high} GeV."
        alone = load_vlm(folder, style=vlm.style, aside=aside).predict(events[i])
        np.testing.assert_allclose(told.probabilities[i], alone.probabilities[0], atol=0.02)
        assert aside in open_text(vlm.backbone, events.geometry, vlm.style, aside)


def test_events_without_truth_are_refused(folder, make_events):
    events = make_events(MODULAR_PIXEL, 6)
    events.reader.table["truth"] = None
    with pytest.raises(NuLensError, match="no events with a true class"):
        ablate(load_classifier(folder), events)
