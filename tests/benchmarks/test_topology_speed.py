import time

import pytest

from classifier import open_events
from classifier.simulation.driver import simulate
from classifier.topology import measure


@pytest.mark.benchmark
@pytest.mark.parametrize(
    ("geometry", "flux"), [("dune-fd-hd", "dune"), ("modular-pixel", "uniform")]
)
def test_an_event_is_measured_in_15_ms(tmp_path, geometry, flux):
    simulate(tmp_path / "events.h5", geometry, 60, flux, 5, 1)
    events = list(open_events(tmp_path / "events.h5"))
    measure(events[0])
    started = time.process_time()
    for event in events:
        measure(event)
    took = 1e3 * (time.process_time() - started) / len(events)
    print(f"{geometry}: {took:.1f} ms an event")
    assert took < 15
