import numpy as np
import pytest
import torch

from classifier.models.vlm_evidence import (
    confidence,
    sayings,
)
from classifier.models.vlm_readings import readings
from classifier.models.vlm_sentences import ORDER


def test_confidence_counts_what_would_be_judged_right():
    values = readings()["longest_track_cm"].values
    logits = torch.full((1, len(values)), -30.0)
    for length, share in ((95.0, 0.1), (100.0, 0.4), (110.0, 0.3), (300.0, 0.2)):
        logits[0, values.index(length)] = np.log(share)
    assert confidence("longest_track_cm", logits)[0] == pytest.approx(0.8, abs=1e-3)
    yes = torch.tensor([[0.1, 0.9]]).log()
    assert confidence("has_track", yes)[0] == pytest.approx(0.9, abs=1e-3)


def test_what_is_read_with_doubt_is_not_stated_but_the_surest_always_is():
    sure, torn = 12.0, 0.0
    logits = {}
    for quantity in ORDER:
        n = len(readings()[quantity].values)
        logits[quantity] = torch.full((2, n), torn)
        logits[quantity][0, n - 1] = sure
    logits["has_shower"][0] = torch.tensor([0.4, 0.6]).log()
    logits["has_track"][1] = torch.tensor([0.7, 0.3]).log()
    first, second = sayings(logits)
    last = {q: readings()[q].values[-1] for q in ORDER}
    shower = {"has_shower", "n_showers", "vertex_gap_cm"}
    assert dict(first) == {q: v for q, v in last.items() if q not in shower}
    assert dict(second) == {"has_track": False}
