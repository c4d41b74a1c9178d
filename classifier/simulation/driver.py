"""Simulation runs: many events, several processes, one file."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing
from dataclasses import dataclass
from multiprocessing import get_context
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from classifier.events import EventClass
from nulens.errors import NuLensError

MAX_EVENTS = 100_000_000
MAX_COSMICS = 100
_CHUNK = 8
_FLUXES = ("uniform", "dune")
_Spec = tuple[str, str, int, tuple[tuple[str, float], ...], float, float]


@dataclass(frozen=True)
class Progress:
    """How far a run is.

    Attributes
    ----------
    done, total : int
        Events written and asked for.
    rate : float
        Events per second of this run.
    seconds_left : float
    """

    done: int
    total: int
    rate: float
    seconds_left: float


def _pick(index: int, shares: tuple[tuple[str, float], ...]) -> str | None:
    """Class of an event: multiples of the golden ratio fill the shares evenly at any number."""
    if not shares:
        return None
    place = index * 0.6180339887498949 % 1.0 * sum(share for _, share in shares)
    for label, share in shares:
        place -= share
        if place < 0.0:
            return label
    return shares[-1][0]


def _chunk(spec: _Spec, start: int, stop: int) -> list[Any]:
    """Simulate events `start` to `stop`; each has its own seed, whoever works on it."""
    from classifier.simulation.event import simulate_event

    geometry, flux, seed, shares, dead, cosmics = spec
    events = []
    for index in range(start, stop):
        rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence(seed, spawn_key=(index,))))
        label = _pick(index, shares)
        events.append(simulate_event(rng, geometry, flux, label, dead, cosmics))
    return events


def _chunks(spec: _Spec, start: int, stop: int, workers: int) -> Generator[list[Any], None, None]:
    """Chunks in order; with more than one worker, a few ahead of the writer and no more."""
    bounds = [(a, min(a + _CHUNK, stop)) for a in range(start, stop, _CHUNK)]
    if workers == 1 or len(bounds) == 1:
        for a, b in bounds:
            yield _chunk(spec, a, b)
        return
    # The first chunk here, so that compiled code is on disk before the workers look for it.
    yield _chunk(spec, *bounds[0])
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        ahead: deque[Future[list[Any]]] = deque()
        try:
            for a, b in bounds[1:]:
                ahead.append(pool.submit(_chunk, spec, a, b))
                if len(ahead) > 3 * workers:
                    yield ahead.popleft().result()
            while ahead:
                yield ahead.popleft().result()
        except BrokenProcessPool:
            raise NuLensError(
                "A worker process of the simulation ended by itself.",
                "Run again to go on from what is finished; in a script, start the simulation under"
                " 'if __name__ == \"__main__\":', or take one worker.",
            ) from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _checked(
    geometry: str, events: int, flux: str, workers: int, classes: Mapping[str, float] | None
) -> tuple[tuple[str, float], ...]:
    from classifier.simulation.event import DETECTORS

    def refuse(what: str, remedy: str) -> None:
        raise NuLensError(what, remedy)

    if geometry not in DETECTORS:
        refuse(f"There is no geometry '{geometry}'.", f"Choose one of {', '.join(DETECTORS)}.")
    if flux not in _FLUXES:
        refuse(f"There is no flux '{flux}'.", f"Choose one of {', '.join(_FLUXES)}.")
    if not 1 <= events <= MAX_EVENTS:
        refuse(f"{events} events cannot be simulated.", f"Ask for 1 to {MAX_EVENTS}.")
    if workers < 1:
        refuse(f"{workers} workers cannot work.", "Ask for one or more.")
    shares = tuple((classes or {}).items())
    for label, share in shares:
        if label not in set(EventClass):
            refuse(f"There is no class '{label}'.", f"Choose from {', '.join(EventClass)}.")
        if not (np.isfinite(share) and share >= 0):
            refuse(f"The share {share} of '{label}' is not a weight.", "Use a number from 0 up.")
    if shares and sum(share for _, share in shares) <= 0:
        refuse("All classes have the share 0.", "Give at least one a positive share.")
    return shares


def simulate(
    path: str | PathLike[str],
    geometry: str,
    events: int,
    flux: str,
    seed: int,
    workers: int = 1,
    classes: Mapping[str, float] | None = None,
    dead_channels: float = 0.0,
    progress: Callable[[Progress], None] | None = None,
    cosmics: float = 0.0,
) -> None:
    """Simulate events into a NuLens HDF5 file.

    Every event has its own seed, so that the file does not depend on the number of workers. A run
    that was cut short goes on where it stopped when it is started again with the same arguments.

    Parameters
    ----------
    path : path-like
        The file to write.
    geometry : {'dune-fd-hd', 'modular-pixel'}
    events : int
        Number of events.
    flux : {'uniform', 'dune'}
        Uniform up to 10 GeV with 74 % charged currents, or long-baseline-like up to 40 GeV.
    seed : int
    workers : int
        Number of processes.
    classes : mapping of str to float, optional
        Relative share of each class (``nue_cc``, ``numu_cc``, ``nc``, ``nutau_cc``, ``cosmic``);
        without it the flux decides.
    dead_channels : float
        Share of the wires or pixels that see nothing, others in each event.
    progress : callable, optional
        Called with a `Progress` after each chunk of events.
    cosmics : float
        Mean number of cosmic-ray muons that are overlaid on each event.

    Raises
    ------
    NuLensError
        If an argument is out of range, the file exists, or the disk is full: what is finished is
        then kept and can be resumed.
    """
    from classifier.formats.nulens_hdf5 import EventWriter
    from classifier.simulation.event import DETECTORS

    shares = _checked(geometry, events, flux, workers, classes)
    if seed < 0:
        raise NuLensError(f"The seed {seed} is negative.", "Take a number from 0 up.")
    if not 0.0 <= dead_channels < 1.0:
        raise NuLensError(
            f"A share of {dead_channels} of the channels cannot be dead.", "Take 0 to below 1."
        )
    if not 0.0 <= cosmics <= MAX_COSMICS:
        raise NuLensError(
            f"{cosmics:g} cosmic-ray muons an event cannot be overlaid.",
            f"Take 0 to {MAX_COSMICS}.",
        )
    provenance = {
        "simulation": "nulens",
        "geometry": geometry,
        "flux": flux,
        "seed": seed,
        "classes": dict(shares),
        "dead_channels": dead_channels,
        "cosmics": cosmics,
        "command": f"nulens simulate --geometry {geometry} --events {events} --flux {flux}"
        f" --seed {seed}"
        + (f" --classes {','.join(f'{k}={v:g}' for k, v in shares)}" if shares else "")
        + (f" --dead-channels {dead_channels:g}" if dead_channels else "")
        + (f" --cosmics {cosmics:g}" if cosmics else ""),
    }
    if EventWriter.interrupted(path) and not Path(path).exists():
        writer = EventWriter.resume(path)
        if writer.provenance != provenance:
            raise NuLensError(
                f"{path}.part holds an interrupted run with other arguments.",
                "Repeat those arguments to finish it, remove that folder, or name another file.",
            )
    else:
        writer = EventWriter(path, DETECTORS[geometry][0], provenance)
    begin, started = len(writer), time.monotonic()
    spec = (geometry, flux, seed, shares, dead_channels, cosmics)
    with writer, closing(_chunks(spec, begin, events, workers)) as chunks:
        for chunk in chunks:
            for event in chunk:
                writer.write(f"{geometry}-{seed}-{len(writer)}", event.hits, event.truth)
            if progress is not None:
                done = len(writer)
                rate = (done - begin) / max(time.monotonic() - started, 1e-9)
                progress(Progress(done, events, rate, (events - done) / max(rate, 1e-9)))
