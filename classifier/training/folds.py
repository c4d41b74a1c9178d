"""The fixed folds of the real DUNE maps, so that every model is tested on the same events."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from classifier.events import EventSet
from nulens.errors import ModelError

FOLDS = Path(__file__).with_name("folds.csv")
"""``id,fold`` of the 597 νe CC, νμ CC and NC maps: `deal_folds` of five, seed 0."""


def deal_folds(
    groups: npt.NDArray[np.str_], n_folds: int, seed: int, copies: npt.NDArray[np.str_]
) -> npt.NDArray[np.int64]:
    """Deal events to folds, each group as evenly as can be, copies of one event to one fold.

    Parameters
    ----------
    groups : ndarray of str, shape (n,)
        What to spread evenly, e.g. folder and class.
    n_folds, seed : int
    copies : ndarray of str, shape (n,)
        Equal for events that are copies of each other, e.g. a hash of their hits.

    Returns
    -------
    ndarray of int64, shape (n,)
    """
    random = np.random.default_rng(seed)
    folds = np.full(len(groups), -1, dtype=np.int64)
    place: dict[str, int] = {}
    dealt = 0
    for group in np.unique(groups):
        for i in random.permutation(np.flatnonzero(groups == group)):
            if copies[i] not in place:
                place[copies[i]] = dealt % n_folds
                dealt += 1
            folds[i] = place[copies[i]]
    return folds


def read_folds(events: EventSet, path: Path = FOLDS) -> npt.NDArray[np.int64]:
    """Return the fold of each event, -1 for those that are in none.

    Raises
    ------
    ModelError
        If the file is damaged or names none of the events.
    """
    try:
        table = pd.read_csv(path, dtype={"id": str, "fold": np.int64})
        fold_of = dict(zip(table["id"], table["fold"], strict=True))
    except (OSError, ValueError, KeyError) as e:
        raise ModelError(
            f"{path} is no table of folds ({e}).", "It needs the columns id and fold."
        ) from e
    ids = [str(i) for i in events.table["id"]]
    folds = np.array([fold_of.get(i, -1) for i in ids], dtype=np.int64)
    if (folds < 0).all():
        raise ModelError(
            f"{path} names none of the events of {events.source}.",
            "Open the folder that the folds were made for, or name another file of folds.",
        )
    return folds
