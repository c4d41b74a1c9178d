"""Events per second of the whole simulation on two cores; run on a quiet machine."""

from __future__ import annotations

import time
from pathlib import Path

import psutil
import pytest

from classifier.simulation.driver import Progress, simulate


@pytest.mark.benchmark
@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("geometry", "flux", "events", "least"),
    [("modular-pixel", "uniform", 3000, 60.0), ("dune-fd-hd", "dune", 1500, 0.0)],
)
def test_rate_memory_and_disk_of_two_cores(
    tmp_path: Path, geometry: str, flux: str, events: int, least: float
) -> None:
    # Compiles the code and writes it to the cache, which is not what is timed.
    simulate(tmp_path / "first.h5", geometry, 16, flux, 1, workers=1)
    memory: dict[int, int] = {}

    def watch(progress: Progress) -> None:
        me = psutil.Process()
        family = [me, *me.children(recursive=True)]
        memory[progress.done] = sum(p.memory_info().rss for p in family if p.is_running())

    start = time.perf_counter()
    simulate(tmp_path / "a.h5", geometry, events, flux, 2, workers=2, progress=watch)
    rate = events / (time.perf_counter() - start)
    size = (tmp_path / "a.h5").stat().st_size / events
    early = max(m for done, m in memory.items() if done <= events / 2)
    late = max(m for done, m in memory.items() if done > events / 2)
    print(
        f"{geometry}: {rate:.0f} events/s, {early / 2**20:.0f} MB in all processes over the first"
        f" half, {late / 2**20:.0f} over the second, {size / 1e3:.1f} kB/event"
    )
    assert rate >= least
    # What does not grow with the events is what 100,000 of them need.
    assert late < 1.1 * early
    assert late < 1e9
    assert size * 100_000 < 1.5e9
