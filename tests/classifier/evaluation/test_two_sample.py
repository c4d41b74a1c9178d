import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import roc_auc_score

from classifier.evaluation import two_sample
from classifier.evaluation.two_sample import CROP, boosted_test, cnn_test, windows
from classifier.events import Hits

GROUPS = np.tile(np.arange(120), 2)
JUDGED = GROUPS % 2 == 1


def frames(shift: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(1)
    real, simulated = (
        pd.DataFrame(rng.standard_normal((120, 3)), columns=["a", "b", "c"]) for _ in range(2)
    )
    simulated["b"] += shift
    return real, simulated


def test_trees_find_what_differs_and_nothing_else() -> None:
    different = boosted_test(*frames(4.0), GROUPS, JUDGED, 1)
    assert different["auc"] > 0.95
    assert different["auc_judged"] > 0.95
    assert different["keys_on"][0]["observable"] == "b"
    assert abs(boosted_test(*frames(0.0), GROUPS, JUDGED, 1)["auc"] - 0.5) < 0.15


def pictures(spacing: int, n: int = 20) -> list[Hits]:
    """Tracks along the wires with hits every `spacing` columns."""
    out = []
    for number in range(n):
        rng = np.random.default_rng([spacing, number])
        row = np.repeat(rng.integers(0, 100, 4), 20)
        column = 190 + rng.integers(0, 20) + np.tile(np.arange(20) * spacing, 4)
        key = np.unique(row * 500 + column)
        row, column = key // 500, key % 500
        value = rng.integers(20, 60, len(row)).astype(np.uint8)
        out.append(Hits(np.zeros(len(row), np.uint8), row.astype("u2"), column.astype("u2"), value))
    return out


def test_the_network_sees_the_pattern_of_hits() -> None:
    x = np.concatenate([windows(pictures(1)), windows(pictures(3))])
    y = np.repeat([0.0, 1.0], 20).astype(np.float32)
    test = np.arange(40) % 4 == 0
    scores = two_sample._trained(x, y, np.flatnonzero(~test), 1)(x[test])
    assert roc_auc_score(y[test], scores) > 0.9


def test_every_part_of_the_picture_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(two_sample, "_EPOCHS", 0)
    monkeypatch.setattr(two_sample, "_MIN_STEPS", 2)
    groups = np.tile(np.arange(8), 2)
    result = cnn_test(pictures(1, 8), pictures(3, 8), groups, groups % 2 == 1, 1)
    assert [k["shown"] for k in result["keys_on"]] == ["all", *two_sample._SHOWN]
    for auc in (result["auc"], result["auc_judged"], *(k["auc"] for k in result["keys_on"])):
        assert 0.0 <= auc <= 1.0


def test_windows_are_cut_about_the_middle_column() -> None:
    hits = Hits(*(np.array([v], t) for v, t in ((2, "u1"), (5, "u2"), (250, "u2"), (255, "u1"))))
    image = windows([hits])
    assert image.shape == (1, 3, CROP, CROP)
    assert image[0, 2, 5, CROP // 2] == image.max() > 0.99
    assert np.count_nonzero(image) == 1
