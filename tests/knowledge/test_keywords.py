"""BM25 against its formula, and after changes."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np

from knowledge.keywords import K1, B, KeywordIndex

TEXTS = [["argon", "drift", "drift"], ["muon", "range"], ["argon", "muon", "decay", "electron"]]


def _index(texts: list[list[str]]) -> KeywordIndex:
    index = KeywordIndex()
    index.replace(np.zeros(0, dtype=bool), [str(i) for i in range(len(texts))], texts)
    return index


def test_scores_follow_the_formula() -> None:
    scores = _index(TEXTS).scores({"drift": 1.0, "argon": 0.5})
    mean = 3.0
    drift = math.log1p((3 - 1 + 0.5) / 1.5) * 2 * (K1 + 1) / (2 + K1 * (1 - B + B * 3 / mean))
    argon = math.log1p((3 - 2 + 0.5) / 2.5) * (K1 + 1) / (1 + K1 * (1 - B + B * 3 / mean))
    assert math.isclose(scores[0], drift + 0.5 * argon, rel_tol=1e-6)
    assert scores[1] == 0


def test_changes_give_what_a_fresh_index_gives(tmp_path: Path) -> None:
    index = _index(TEXTS)
    index.replace(np.array([True, False, True]), ["new"], [["kaon", "muon"]])
    fresh = _index([TEXTS[0], TEXTS[2], ["kaon", "muon"]])
    assert index.ids == ["0", "2", "new"]
    query = {"argon": 1.0, "muon": 1.0, "range": 1.0, "kaon": 2.0}
    np.testing.assert_allclose(index.scores(query), fresh.scores(query))
    assert list(index.holds("muon", np.array([0, 1, 2]))) == [False, True, True]
    index.revision = "r1"
    index.save(tmp_path / "k.npz")
    loaded = KeywordIndex.load(tmp_path / "k.npz")
    assert (loaded.ids, loaded.revision) == (index.ids, "r1")
    np.testing.assert_array_equal(loaded.scores(query), index.scores(query))


def test_damaged_cache_is_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "k.npz"
    for content in (b"", b"PK\x03\x04 cut off", b"\x93NUMPY"):
        path.write_bytes(content)
        assert len(KeywordIndex.load(path)) == 0
    assert len(KeywordIndex.load(tmp_path / "missing.npz")) == 0
