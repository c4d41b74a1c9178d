"""Classifying on a real Dask cluster of two worker processes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from classifier import load_classifier, open_events
from classifier.cluster import predict_on_cluster
from classifier.predictions import PredictionStore, predict_with_store
from nulens.errors import NuLensError

SAMPLE = Path(__file__).parents[2] / "classifier/data/sample-dune-fd-hd.h5"


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    from distributed import LocalCluster

    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:
        yield cluster.scheduler_address


def test_the_cluster_says_what_one_machine_says(scheduler: str, tmp_path: Path) -> None:
    events = open_events(SAMPLE)[0:10]
    store = PredictionStore(tmp_path)
    predict_with_store(load_classifier("cnn"), events[0:3], store)
    seen: list[tuple[int, int]] = []
    predict_on_cluster(
        scheduler, "cnn", events, store, lambda done, total: seen.append((done, total)), chunk=4
    )
    assert seen[-1] == (10, 10)
    assert len(seen) == 2  # the seven that were missing, in fours
    model = load_classifier("cnn")
    found = store.get(events.reader.fingerprint, model.version, events.indices)
    np.testing.assert_array_equal(found.indices, events.indices)
    np.testing.assert_allclose(found.probabilities, model.predict(events).probabilities, atol=1e-5)


def test_what_a_worker_cannot_open_is_said(scheduler: str, tmp_path: Path) -> None:
    copy = tmp_path / "events.h5"
    copy.write_bytes(SAMPLE.read_bytes())
    events = open_events(copy)
    assert events.reader.fingerprint
    copy.rename(tmp_path / "moved.h5")
    with pytest.raises(NuLensError, match="does not exist"):
        predict_on_cluster(scheduler, "cnn", events, PredictionStore(tmp_path / "store"))


def test_no_scheduler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("classifier.cluster._TIMEOUT", 1.0)
    with pytest.raises(NuLensError, match="cannot be reached"):
        predict_on_cluster(
            "tcp://127.0.0.1:9", "cnn", open_events(SAMPLE), PredictionStore(tmp_path)
        )
