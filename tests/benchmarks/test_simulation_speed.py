"""Events per second of the whole simulation on two cores; run on a quiet machine."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from classifier.simulation.driver import simulate


@pytest.mark.benchmark
@pytest.mark.timeout(900)
def test_two_cores_simulate_sixty_events_a_second(tmp_path: Path) -> None:
    # Compiles the code and writes it to the cache, which is not what is timed.
    simulate(tmp_path / "first.h5", "modular-pixel", 16, "uniform", 1, workers=1)
    events = 3000
    peak = 0

    def watch(_: object) -> None:
        nonlocal peak
        me = psutil.Process()
        family = [me, *me.children(recursive=True)]
        peak = max(peak, sum(p.memory_info().rss for p in family if p.is_running()))

    start = time.perf_counter()
    simulate(tmp_path / "a.h5", "modular-pixel", events, "uniform", 2, workers=2, progress=watch)
    rate = events / (time.perf_counter() - start)
    size = (tmp_path / "a.h5").stat().st_size / events
    print(f"{rate:.0f} events/s, {peak / 2**20:.0f} MB in all processes, {size / 1e3:.1f} kB/event")
    assert rate >= 60
    assert peak < 1e9
    assert size * 100_000 < 1.5e9
