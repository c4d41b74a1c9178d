"""The whole way: tune on a GPU-less machine, write, load, predict, explain."""

import numpy as np
import pytest

from classifier import claims
from classifier.models import load_classifier
from classifier.training.train_vlm import train_vlm

SMALL = {"width": 32, "layers": 1, "heads": 4, "mlp": 64}


@pytest.mark.parametrize("kind", ["language_model", "mllama"])
def test_tunes_saves_loads_predicts_explains(kind, request, events, tmp_path):
    base = request.getfixturevalue(kind)
    card = train_vlm(
        events.source, tmp_path / "vlm", base=str(base), steps=3, batch=4, device="cpu", seed=1
    )
    assert card["training"]["steps"] == 3
    loaded = load_classifier(tmp_path / "vlm")
    predictions = loaded.predict(events[:5])
    np.testing.assert_allclose(predictions.probabilities.sum(axis=1), 1.0, rtol=1e-5)
    assert list(predictions.indices) == [0, 1, 2, 3, 4]
    told = loaded.explain(events[0])
    reading = claims.read(told.text)
    assert reading.unread == ()
    assert reading.verdict is told.label
    assert {c.quantity for c in reading.claims} == {e.quantity for e in told.evidence}
