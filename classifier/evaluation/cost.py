"""What a model costs: parameters, memory, time and energy, measured in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from os import PathLike, fspath
from typing import Any

from classifier.events import EventSet
from nulens.errors import ModelError

WATTS_PER_CORE = 10.0
"""Power of a busy core for the energy proxy: a server takes 200 to 300 W for 24 cores."""


@dataclass(frozen=True)
class Cost:
    """Cost of classifying events.

    Attributes
    ----------
    parameters : int
        Numbers in the network.
    peak_memory_mb : float
        Largest resident memory of the process, Python and libraries included, in MiB.
    events_per_second : float
        From file to probability, after one warm-up batch.
    cpu_seconds_per_event : float
        Over all cores.
    joules_per_event : float
        Proxy: processor time at `WATTS_PER_CORE`.
    load_seconds : float
        Reading the weights.
    device : str
    events : int
        How many were timed.
    """

    parameters: int
    peak_memory_mb: float
    events_per_second: float
    cpu_seconds_per_event: float
    joules_per_event: float
    load_seconds: float
    device: str
    events: int


def count_parameters(classifier: Any) -> int:
    """Count the numbers in the networks that a classifier holds; quantised ones are unpacked."""
    from torch import nn

    seen: dict[int, int] = {}

    def visit(thing: Any, depth: int) -> None:
        if isinstance(thing, nn.Module):
            for p in thing.parameters():
                # Four-bit weights sit two to a byte; their state knows the true shape.
                state = getattr(p, "quant_state", None)
                shape = getattr(state, "shape", None) or p.shape
                size = 1
                for n in shape:
                    size *= int(n)
                seen[id(p)] = size
        elif depth < 2 and hasattr(thing, "__dict__"):
            for inner in vars(thing).values():
                visit(inner, depth + 1)

    visit(classifier, 0)
    return sum(seen.values())


def measure_cost(
    model: str | PathLike[str], events: EventSet, n: int = 100, timeout: float = 3600.0
) -> Cost:
    """Measure a model on the first events of a set, in a fresh process.

    Parameters
    ----------
    model : str or path
        As for `classifier.load_classifier`.
    events : EventSet
        Of a file or folder that can be opened again.
    n : int
        Events to time; fewer where the set has fewer.
    timeout : float
        Seconds.

    Raises
    ------
    ModelError
        If the process fails.
    """
    asked = {
        "model": fspath(model),
        "source": events.source,
        "indices": [int(i) for i in events.indices[:n]],
    }
    done = subprocess.run(
        [sys.executable, "-m", "classifier.evaluation.cost"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    if done.returncode != 0:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise ModelError(
            f"Measuring the cost of {fspath(model)} failed: {last}.",
            "Check that the model classifies these events by itself.",
        )
    return Cost(**json.loads(done.stdout.strip().splitlines()[-1]))


def _peak_memory_mb() -> float:
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kilobytes on Linux, bytes on macOS.
    return peak / (1024.0**2 if sys.platform == "darwin" else 1024.0)


def _measure(asked: dict[str, Any]) -> Cost:
    from classifier import load_classifier, open_events

    events = open_events(asked["source"]).take(asked["indices"])
    started = time.perf_counter()
    classifier = load_classifier(asked["model"])
    loaded = time.perf_counter() - started
    classifier.predict(events[: min(len(events), 8)])
    started, cpu = time.perf_counter(), time.process_time()
    classifier.predict(events)
    seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
    return Cost(
        parameters=count_parameters(classifier),
        peak_memory_mb=_peak_memory_mb(),
        events_per_second=len(events) / seconds,
        cpu_seconds_per_event=cpu / len(events),
        joules_per_event=cpu / len(events) * WATTS_PER_CORE,
        load_seconds=loaded,
        device=str(getattr(classifier, "device", "cpu")),
        events=len(events),
    )


if __name__ == "__main__":
    print(json.dumps(asdict(_measure(json.load(sys.stdin)))))
