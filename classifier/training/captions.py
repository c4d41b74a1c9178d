"""What the VLM learns to say of simulated events: claims that are true and that the crop shows.

``python -m classifier.training.captions FILE...`` keeps the captions of files beside them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np

from classifier import claims
from classifier.claims import Claim
from classifier.events import Event, EventSet
from classifier.models.vlm_sentences import plain
from classifier.models.weights import write_json
from classifier.training.pieces import read_pieces

Caption = tuple[Claim, ...]


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

    They are taken from beside the file if `write_captions` put them there, and made otherwise.

    Parameters
    ----------
    events : EventSet
    workers : int, optional
        Processes that read; by default one a core for large sets, none for small ones.
    """
    kept = _kept(events)
    if kept is not None:
        return [kept[i] for i in events.indices]
    return [c for part in read_pieces(_read_piece, events, workers) for c in part]


def write_captions(events: EventSet, workers: int | None = None) -> Path:
    """Keep the captions of a whole file beside it, for several trainings on it.

    Truth is looked up particle by particle, which takes some milliseconds an event.
    """
    captions = load_captions(EventSet.of(events.reader), workers)
    told = [c and [[claim.quantity, claim.value] for claim in c] for c in captions]
    path = _beside(events)
    write_json(path, {"fingerprint": events.reader.fingerprint, "captions": told})
    return path


def _beside(events: EventSet) -> Path:
    path = Path(events.source)
    return path.with_name(path.name + ".captions.json")


def _kept(events: EventSet) -> list[Caption | None] | None:
    """Return captions that were kept for this very file, or None."""
    path = _beside(events)
    if not path.is_file():
        return None
    kept = json.loads(path.read_text(encoding="utf-8"))
    if kept["fingerprint"] != events.reader.fingerprint:
        return None
    return [c and tuple(Claim(quantity, value) for quantity, value in c) for c in kept["captions"]]


def _read_piece(events: EventSet) -> list[Caption | None]:
    return [caption(event) for event in events]


def words(stated: Caption, rng: np.random.Generator, plain_share: float) -> str:
    """Write a caption: often in plain words, otherwise worded and ordered at random."""
    if rng.random() < plain_share:
        return plain(stated)
    return claims.render(stated, rng)


def main(paths: list[str]) -> None:
    """Keep the captions of some files."""
    from classifier.formats import open_events

    for path in paths:
        print(write_captions(open_events(path)))


if __name__ == "__main__":
    main(sys.argv[1:])
