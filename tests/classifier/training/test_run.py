import json

import numpy as np
import pandas as pd
from click.testing import CliRunner

from classifier import load_classifier
from classifier.formats.nulens_hdf5 import convert
from classifier.training import presets
from classifier.training.folds import FOLDS
from classifier.training.presets import Preset
from classifier.training.run import main
from tests.classifier.models.pictures import WIRES, event_set


def test_both_stages(monkeypatch, tmp_path):
    sizes = {"width": 32, "layers": 2, "heads": 2, "mlp": 64}
    small = {"default": Preset(network=sizes, batch=12), "finetune": Preset(batch=12, ema=0.9)}
    monkeypatch.setitem(presets.PRESETS, "vit", small)
    real = event_set(60, geometry=WIRES)
    real.reader.table["id"] = pd.read_csv(FOLDS)["id"].sample(60, random_state=0).to_numpy()
    convert(real, tmp_path / "real.h5")
    convert(event_set(60, seed=1, geometry=WIRES), tmp_path / "wires.h5")
    convert(event_set(60, seed=2), tmp_path / "pixels.h5")
    arguments = ["vit", "--real", "real.h5", "--simulated", "wires.h5", "--simulated", "pixels.h5"]
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(
        main, [*arguments, "--out", "out", "--minutes", "0.25"], catch_exceptions=False
    )
    assert result.exit_code == 0
    card = json.loads((tmp_path / "out" / "final" / "card.json").read_text())
    assert set(card["metrics"]) == {"real.h5", "wires.h5", "pixels.h5"}
    assert card["metrics"]["real.h5"]["events"] == 60
    with np.load(tmp_path / "out" / "final" / "folds.npz") as stored:
        assert len(stored["id"]) == 60
        assert str(stored["name"]) == "vit"
    for stage in ("pretrained", "final"):
        assert len(load_classifier(tmp_path / "out" / stage).predict(real)) == 60
