"""The fits of calibration, on numbers whose answer is known."""

from __future__ import annotations

import numpy as np

from knowledge.fitting import conditional_logit, logistic


def test_conditional_logit_finds_what_drew_the_choices() -> None:
    rng = np.random.default_rng(3)
    true = np.array([2.0, -1.0, 0.0])
    lists = []
    for _ in range(3000):
        values = rng.normal(size=(5, 3))
        chosen = np.argmax(values @ true + rng.gumbel(size=5))
        lists.append((values, np.arange(5) == chosen, 1.0))
    found = conditional_logit(lists, ("a", "b", "c"), {}, held=0.0)
    np.testing.assert_allclose(list(found.values()), true, atol=0.15)
    held = conditional_logit(lists, ("a", "b", "c"), {"a": 7.0}, held=1e6)
    np.testing.assert_allclose(list(held.values()), [7.0, 0.0, 0.0], atol=0.01)


def test_threshold_leaves_a_share_of_the_hardest_below() -> None:
    rng = np.random.default_rng(4)
    right = np.arange(4000) % 2 == 0
    values = np.stack([right + rng.normal(size=4000), rng.normal(size=4000)], axis=1)
    hardest = np.arange(4000) % 4 == 0
    groups = [str(i // 4) for i in range(4000)]
    model = logistic(values, right, ("seen", "noise"), groups, hardest, declined=0.1)
    logits = values @ np.array(list(model["weights"].values())) + model["intercept"]
    assert abs(np.mean(logits[hardest & right] < 0) - 0.1) < 0.02
    assert abs(model["weights"]["noise"]) < 0.2 < model["weights"]["seen"]
