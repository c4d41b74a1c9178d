from dataclasses import replace

import numpy as np
import pytest
import torch
from torch import nn

from classifier.models.vlm_measured import FAR, Informed, Measurement
from classifier.models.vlm_readings import readings
from classifier.models.vlm_sentences import ORDER
from classifier.topology import measure

WIDTH = 8


@pytest.fixture(scope="module")
def topology(events):
    return replace(
        measure(events[0]),
        longest_track_cm=120.0,
        track_contained=True,
        has_shower=False,
        n_showers=0,
        vertex_gap_cm=None,
    )


@pytest.fixture
def informed():
    torch.manual_seed(0)
    values = nn.ModuleDict({q: nn.Linear(WIDTH, len(readings()[q].values)) for q in ORDER})
    for layer in values.values():
        nn.init.zeros_(layer.weight)
        nn.init.zeros_(layer.bias)
    return Informed(WIDTH), values


def test_deviations_are_in_resolutions(topology):
    measured = Measurement.of([topology])
    values = readings()["longest_track_cm"].values
    off = measured.deviations["longest_track_cm"][0]
    assert off[values.index(120.0)] == 0.0
    # The resolution at 120 cm is 3 cm and 15 %.
    assert off[values.index(99 + 1.0)] == pytest.approx(-20 / 21)
    assert off[0] == FAR
    assert not measured.made["vertex_gap_cm"][0]
    assert measured.numbers.isfinite().all()


def test_an_untrained_reader_leans_to_what_is_measured(informed, topology):
    module, values = informed
    with torch.no_grad():
        told = module(torch.zeros(1, len(ORDER), WIDTH), values, Measurement.of([topology]))
    lengths, shower = readings()["longest_track_cm"].values, readings()["has_shower"].values
    assert lengths[int(told["longest_track_cm"].argmax())] == 120.0
    assert shower[int(told["has_shower"].argmax())] is False
    # What lies far off keeps its floor, and what was not measured is likelier not to be there.
    assert told["longest_track_cm"][0].softmax(-1).min() > 0.001
    assert readings()["vertex_gap_cm"].values[int(told["vertex_gap_cm"].argmax())] is None


def test_it_learns_not_to_trust_a_measurement_that_is_never_right(informed, topology):
    module, values = informed
    measured = Measurement.of([topology]).rows(np.zeros(16, dtype=np.int64))
    module.standardise(measured.numbers)
    read = torch.randn(16, len(ORDER), WIDTH)
    true = torch.full((16,), readings()["longest_track_cm"].values.index(300.0))
    optimizer = torch.optim.Adam([*module.parameters(), *values.parameters()], lr=0.02)

    def loss():
        told = module(read, values, measured)["longest_track_cm"]
        return nn.functional.cross_entropy(told, true)

    first = loss().item()
    for _ in range(60):
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()
    assert loss().item() < 0.2 * first
    trust = module.trust["longest_track_cm"](read[:, ORDER.index("longest_track_cm")])
    assert trust[:, 0].mean() > -0.5


def test_rows_are_taken_together(topology, events):
    other = measure(events[1])
    both = Measurement.of([topology, other])
    one = both.rows(np.array([1]))
    alone = Measurement.of([other])
    torch.testing.assert_close(one.numbers, alone.numbers)
    for quantity in ORDER:
        torch.testing.assert_close(one.deviations[quantity], alone.deviations[quantity])
