from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from classifier.training.folds import FOLDS, deal_folds, read_folds
from nulens.errors import ModelError
from tests.classifier.models.pictures import event_set

DUNE = Path(__file__).parents[3] / ".." / "shared" / "data" / "dune-cvn"


def test_the_committed_folds_are_even():
    table = pd.read_csv(FOLDS)
    assert len(table) == 597
    assert table["id"].is_unique
    groups = table["id"].str.rsplit("/", n=1).str[0]
    counts = pd.crosstab(groups, table["fold"])
    assert counts.shape == (6, 5)
    assert (counts.max(axis=1) - counts.min(axis=1)).max() <= 1


def test_copies_go_to_one_fold():
    groups = np.array(["a"] * 50 + ["b"] * 50)
    copies = np.array([str(i % 90) for i in range(100)])
    folds = deal_folds(groups, 5, 0, copies)
    assert sorted(set(folds)) == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(folds[:10], folds[90:])
    np.testing.assert_array_equal(folds, deal_folds(groups, 5, 0, copies))


def test_folds_are_found_by_id(tmp_path):
    path = tmp_path / "folds.csv"
    path.write_text("id,fold\nevent3,1\nevent0,0\n")
    np.testing.assert_array_equal(read_folds(event_set(4), path), [0, -1, -1, 1])


@pytest.mark.parametrize(
    "text", ["id,fold\nelsewhere,1\n", "name\nevent0\n", "id,fold\nevent0,x\n"]
)
def test_folds_of_other_events_or_damaged_ones_are_refused(tmp_path, text):
    path = tmp_path / "folds.csv"
    path.write_text(text)
    with pytest.raises(ModelError):
        read_folds(event_set(4), path)


@pytest.mark.dune
@pytest.mark.skipif(not DUNE.is_dir(), reason="the real DUNE maps are not here")
def test_the_committed_folds_cover_the_real_maps():
    from classifier.formats import open_events

    events = open_events(DUNE)
    np.testing.assert_array_equal(read_folds(events) >= 0, events.labels >= 0)
