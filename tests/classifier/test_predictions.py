"""The predictions store: once computed, never again; safe for several processes."""

import multiprocessing
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))
from event_sets import sample

from classifier.models.base import Predictions
from classifier.predictions import PredictionStore, predict_with_store
from nulens.errors import NuLensError


class HitCounter:
    """A classifier whose answer follows from the picture, and which counts its work."""

    name = "hit-counter"

    def __init__(self, version: str = "v1", fail_after: int | None = None) -> None:
        self.version = version
        self.card: dict[str, object] = {}
        self.asked: list[int] = []
        self.fail_after = fail_after

    def predict(self, events, *, progress=None) -> Predictions:
        if self.fail_after is not None and len(self.asked) >= self.fail_after:
            raise KeyboardInterrupt
        counts = np.array([[len(e.hits), e.hits.value.max(), 50.0] for e in events], np.float32)
        self.asked += events.indices.tolist()
        if progress is not None:
            progress(len(events), len(events))
        probabilities = counts / counts.sum(1, keepdims=True)
        return Predictions(events.indices, probabilities, probabilities[:, 0] / 2)

    def embed(self, events):
        raise NotImplementedError


def some(indices: list[int], shift: float = 0.0) -> Predictions:
    p = np.random.default_rng(5).dirichlet([1, 1, 1], 10_000).astype(np.float32)[indices]
    return Predictions(np.array(indices), p, np.arange(len(indices), dtype=np.float32) + shift)


@pytest.fixture
def store(tmp_path: Path) -> PredictionStore:
    return PredictionStore(tmp_path / "store")


def test_only_what_is_stored_comes_back(store: PredictionStore) -> None:
    assert len(store.get("data", "v1", [1, 2])) == 0
    stored = some([3, 1, 7])
    store.put("data", "cnn", "v1", stored)
    found = store.get("data", "v1", [7, 2, 3])
    assert found.indices.tolist() == [7, 3]
    np.testing.assert_array_equal(found.probabilities, stored.probabilities[[2, 0]])
    np.testing.assert_array_equal(found.unlike, stored.unlike[[2, 0]])
    assert found.probabilities.dtype == np.float32
    assert len(store.get("data", "v2", [3])) == 0
    assert len(store.get("other", "v1", [3])) == 0


def test_names_of_any_kind(store: PredictionStore) -> None:
    store.put("../../etc/x'; --", "a/b", "../v", some([1]))
    assert len(store.get("../../etc/x'; --", "../v", [1])) == 1
    assert all(p.is_relative_to(store.folder) for p in store.folder.rglob("*"))


def test_summary_and_clear(store: PredictionStore) -> None:
    assert store.summary().empty
    store.put("data", "cnn", "v1", some([0, 1, 2]))
    store.put("data", "cnn", "v1", some([2, 3]))
    store.put("data", "vit", "v9", some([5]))
    rows = store.summary().to_dict(orient="records")
    assert rows == [
        {"model": "cnn", "version": "v1", "data": "data", "events": 4},
        {"model": "vit", "version": "v9", "data": "data", "events": 1},
    ]
    assert store.clear("cnn") == 4
    assert list(store.summary()["model"]) == ["vit"]
    assert store.clear("cnn") == 0


def test_many_parts_are_merged(store: PredictionStore) -> None:
    for i in range(60):
        store.put("data", "cnn", "v1", some([i]))
    assert len(list(store.folder.rglob("part-*"))) <= 17
    assert store.get("data", "v1", range(60)).indices.tolist() == list(range(60))


def test_a_damaged_part_is_dropped(store: PredictionStore) -> None:
    store.put("data", "cnn", "v1", some([0]))
    part = next(store.folder.rglob("part-*"))
    store.put("data", "cnn", "v1", some([1]))
    part.write_bytes(part.read_bytes()[:-20])
    assert store.get("data", "v1", [0, 1]).indices.tolist() == [1]


def test_store_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(NuLensError, match="cannot be written") as error:
        PredictionStore(tmp_path / "file").put("data", "cnn", "v1", some([0]))
    assert "NULENS_DATA_DIR" in error.value.remedy


def test_default_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NULENS_DATA_DIR", str(tmp_path / "mine"))
    assert PredictionStore().folder == tmp_path / "mine" / "predictions"


def test_each_event_is_classified_once(store: PredictionStore) -> None:
    events = sample(30)
    model = HitCounter()
    first = predict_with_store(model, events[5:15], store)
    assert model.asked == list(range(5, 15))
    again = predict_with_store(model, events.take([14, 20, 5, 3]), store)
    assert model.asked == [*range(5, 15), 20, 3]
    assert again.indices.tolist() == [14, 20, 5, 3]
    np.testing.assert_array_equal(again.probabilities[[0, 2]], first.probabilities[[9, 0]])
    direct = HitCounter().predict(events.take([14, 20, 5, 3]))
    np.testing.assert_array_equal(again.probabilities, direct.probabilities)
    np.testing.assert_array_equal(again.unlike, direct.unlike)
    newer = HitCounter("v2")
    predict_with_store(newer, events[5:15], store)
    assert newer.asked == list(range(5, 15))


def test_no_events(store: PredictionStore) -> None:
    found = predict_with_store(HitCounter(), sample(3)[:0], store)
    assert len(found) == 0
    assert found.probabilities.shape == (0, 3)


def test_progress_counts_stored_and_new(store: PredictionStore) -> None:
    events = sample(20)
    predict_with_store(HitCounter(), events[:8], store)
    seen: list[tuple[int, int]] = []
    predict_with_store(
        HitCounter(), events, store, progress=lambda n, total: seen.append((n, total))
    )
    assert seen == [(8, 20), (20, 20)]


def test_an_interrupted_run_keeps_its_blocks(
    store: PredictionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classifier.predictions._BLOCK", 5)
    events = sample(35)
    with pytest.raises(KeyboardInterrupt):
        predict_with_store(HitCounter(fail_after=15), events, store)
    model = HitCounter()
    assert len(predict_with_store(model, events, store)) == 35
    # Quick, so the second block was twice the first; the third was never stored.
    assert model.asked == list(range(15, 35))


def test_a_slow_model_is_stored_often(
    store: PredictionStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("classifier.predictions._BLOCK", 5)
    monkeypatch.setattr("classifier.predictions._SOON", 0.0)
    events = sample(35)
    with pytest.raises(KeyboardInterrupt):
        predict_with_store(HitCounter(fail_after=30), events, store)
    model = HitCounter()
    predict_with_store(model, events, store)
    assert model.asked == list(range(30, 35))


def _write_some(folder: Path, worker: int) -> None:
    store = PredictionStore(folder)
    for i in range(12):
        index = [worker * 12 + i, 900]
        store.put("data", "cnn", "v1", some(index))
        found = store.get("data", "v1", index)
        assert found.indices.tolist() == index


def test_processes_at_once(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_write_some, args=(tmp_path, w)) for w in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0]
    store = PredictionStore(tmp_path)
    assert store.get("data", "v1", [*range(24), 900]).indices.tolist() == [*range(24), 900]
    expected = some(list(range(24))).probabilities
    np.testing.assert_array_equal(store.get("data", "v1", range(24)).probabilities, expected)
