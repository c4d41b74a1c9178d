import sys

from numba.core.dispatcher import Dispatcher

from classifier import open_events
from classifier.compilation import compile_ahead
from classifier.simulation.driver import simulate
from classifier.simulation.event import DETECTORS
from classifier.topology import measure


def compiled() -> dict[str, int]:
    """How many signatures of each function this process has compiled or found in the cache."""
    return {
        f"{name}.{function.__name__}": len(function.signatures)
        for name, module in sys.modules.items()
        if name.startswith(("classifier.simulation", "classifier.topology"))
        for function in vars(module).values()
        if isinstance(function, Dispatcher)
    }


def test_nothing_is_left_to_compile(tmp_path):
    seen = []
    compile_ahead(lambda *at: seen.append(at))
    assert seen == [(0, 2), (1, 2), (2, 2)]
    before = compiled()
    for geometry in DETECTORS:
        simulate(tmp_path / geometry, geometry, 4, "uniform", 5, dead_channels=0.01)
        for event in open_events(tmp_path / geometry):
            measure(event)
    assert compiled() == before
