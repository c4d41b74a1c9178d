import numpy as np

from classifier.evaluation.vertex_score import Choice, collect, fit
from classifier.formats import open_events
from classifier.simulation.driver import simulate


def test_network_learns_which_features_tell_the_vertex():
    rng = np.random.default_rng(0)
    choices = []
    for _ in range(120):
        distance = rng.uniform(0, 40, 12)
        features = rng.normal(size=(12, 5))
        features[:, 2] = -distance / 10 + rng.normal(scale=0.05, size=12)
        choices.append(Choice(features, distance))
    _, held_out = fit(choices)
    assert held_out["events"] == 30
    assert held_out["within_4_pixels_there"] > 0.5
    assert held_out["within_4_pixels_chosen"] >= held_out["within_4_pixels_there"] - 0.1


def test_candidates_of_simulated_events_are_described(tmp_path):
    simulate(tmp_path / "events.h5", "modular-pixel", 6, "uniform", 3, 1)
    choices = collect(open_events(tmp_path / "events.h5"))
    assert len(choices) == 6
    assert all(c.features.shape == (len(c.distance), 28) for c in choices)
    assert all(np.isfinite(c.features).all() for c in choices)
    assert sum(bool((c.distance <= 4).any()) for c in choices) >= 4
