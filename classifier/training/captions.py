"""What the VLM learns to say of simulated events: claims that are true and that the crop shows."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from classifier import claims
from classifier.claims import Claim
from classifier.events import Event, EventSet
from classifier.models.vlm_sentences import plain

Caption = tuple[Claim, ...]

PLAIN_SHARE = 0.6
"""Captions in the one wording that explanations are decoded in; the others vary."""

_CHUNK = 256


def caption(event: Event) -> Caption | None:
    """Return what can be claimed of an event, or None without the particles of its simulation.

    `classifier.topology.true_topology` looks at the particles through the crop: what lies outside
    it, or leaves too little to see, is not claimed.
    """
    from classifier.topology import true_topology

    if event.truth is None or event.truth.particles is None:
        return None
    return tuple(claims.claims_of(true_topology(event)))


def load_captions(events: EventSet, workers: int | None = None) -> list[Caption | None]:
    """Return the caption of each event.

    Parameters
    ----------
    events : EventSet
    workers : int, optional
        Processes that read; by default one a core for large sets, none for small ones.
    """
    pieces = [events[i : i + _CHUNK] for i in range(0, len(events), _CHUNK)]
    if workers is None:
        workers = len(os.sched_getaffinity(0)) if len(pieces) > 16 else 1
    if workers > 1:
        with ProcessPoolExecutor(workers, mp_context=get_context("forkserver")) as pool:
            parts = list(pool.map(_read_piece, pieces))
    else:
        parts = [_read_piece(piece) for piece in pieces]
    return [c for part in parts for c in part]


def _read_piece(events: EventSet) -> list[Caption | None]:
    return [caption(event) for event in events]


def words(stated: Caption, rng: np.random.Generator) -> str:
    """Write a caption: often in plain words, otherwise worded and ordered at random."""
    if rng.random() < PLAIN_SHARE:
        return plain(stated)
    return claims.render(stated, rng)
