import numpy as np
import pytest
import torch

from classifier.events import EventSet, Hits
from classifier.training.data import DeviceEvents, check_labels, load_sparse
from nulens.errors import ModelError
from tests.classifier.models.pictures import PIXELS, WIRES, Memory, event_set


def test_hits_come_back_event_by_event():
    wires, pixels = event_set(4, geometry=WIRES), event_set(5, seed=1)
    data = DeviceEvents([load_sparse(wires), load_sparse(pixels)], torch.device("cpu"))
    assert data.offsets.tolist() == [0, 4, 9]
    np.testing.assert_array_equal(data.labels, [0, 1, 2, 0, 0, 1, 2, 0, 1])
    batch = data.batch(np.array([7, 2]))
    for place, event in enumerate((pixels[3], wires[2])):
        own = batch.event == place
        np.testing.assert_array_equal(batch.view[own], event.hits.view)
        np.testing.assert_array_equal(batch.row[own], event.hits.row)
        np.testing.assert_array_equal(batch.column[own], event.hits.column)
        np.testing.assert_allclose(batch.value[own] * 255, event.hits.value, atol=0.1)
    assert batch.geometry.tolist() == [1, 0]


def test_reading_in_processes_changes_nothing(tmp_path):
    from classifier.formats import open_events
    from classifier.formats.nulens_hdf5 import convert

    convert(event_set(600), tmp_path / "events.h5")
    events = open_events(tmp_path / "events.h5")
    alone, shared = load_sparse(events, workers=1), load_sparse(events, workers=2)
    for name in ("view", "row", "column", "value", "first", "labels", "statistics", "ids"):
        np.testing.assert_array_equal(getattr(alone, name), getattr(shared, name))


def test_missing_truth_and_missing_classes_are_named():
    with pytest.raises(ModelError, match="No event of maps tells its true class"):
        check_labels(np.full(5, -1), "maps")
    with pytest.raises(ModelError, match="maps has no event of class numu_cc"):
        check_labels(np.array([0, 2, 0, -1]), "maps")


def test_pixels_that_are_not_numbers_are_refused():
    good = event_set(3)
    hits = [good[i].hits for i in range(3)]
    value = hits[1].value.astype(np.float32)
    value[2] = np.nan
    hits[1] = Hits(hits[1].view, hits[1].row, hits[1].column, value)
    events = EventSet.of(Memory(PIXELS, hits, good.reader.table))
    with pytest.raises(ModelError, match=r"Event 1 \(event1\) has pixels"):
        load_sparse(events)
