import time

import numpy as np
import pytest

from classifier.simulation.flux import draw_neutrino
from classifier.simulation.generator import generate


@pytest.mark.benchmark
@pytest.mark.parametrize("flux", ["uniform", "dune"])
def test_an_interaction_takes_less_than_a_millisecond(flux: str) -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        generate(rng, *draw_neutrino(rng, flux))
    start = time.perf_counter()
    for _ in range(2000):
        generate(rng, *draw_neutrino(rng, flux))
    assert (time.perf_counter() - start) / 2000 < 1e-3
