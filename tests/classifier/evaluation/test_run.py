import json

import numpy as np
import pandas as pd
import pytest

from classifier.evaluation.metrics import Scored, compare, measures, unlike_area
from classifier.evaluation.report import to_markdown
from classifier.evaluation.run import evaluate, merge, read_stored
from classifier.events import CLASSES, MODULAR_PIXEL, EventSet, Hits
from classifier.models.base import Predictions
from nulens.errors import ModelError, NuLensError

LABELS = [c.value for c in CLASSES]


class Memory:
    """Sixty events whose number of hits in the first view tells the class; six ντ CC."""

    geometry = MODULAR_PIXEL

    def __init__(self, name="memory", n=60, taus=6):
        self.source = self.fingerprint = name
        rng = np.random.default_rng(0)
        truth = [LABELS[i % 3] for i in range(n)] + ["nutau_cc"] * taus
        self.table = pd.DataFrame(
            {
                "id": [f"{name}-{i}" for i in range(n + taus)],
                "truth": truth,
                "energy": rng.uniform(0, 10, n + taus),
                "mode": rng.choice(["qe", "res", "dis"], n + taus),
                "neutral_pions": rng.integers(0, 3, n + taus),
            }
        )

    def read_hits(self, index):
        rng = np.random.default_rng(index)
        label = self.table["truth"][index]
        n = 100 * (1 + LABELS.index(label)) if label in LABELS else 150
        pixels = rng.choice(512 * 512, n, replace=False)
        views = np.zeros((2, 512 * 512), dtype=np.uint8)
        views[0, pixels] = 40
        return Hits.from_views(views.reshape(2, 512, 512))

    def read_truth(self, index):
        return None


class Counter:
    """Classifies by the number of hits, with a scatter that grows as hits vanish."""

    version = "1"

    def __init__(self, name="counter", spread=40.0, card=None):
        self.name, self.spread = name, spread
        self.card = card or {}

    def predict(self, events, *, progress=None):
        logits, unlike, indices = [], [], []
        for k, event in enumerate(events):
            rng = np.random.default_rng([event.index, int(self.spread)])
            n = (event.hits.view == 0).sum() + rng.normal(0, self.spread)
            logits.append([-((n - 100 * (1 + i)) ** 2) / 5000 for i in range(3)])
            unlike.append(np.clip(abs(n - 150) / 400, 0, 1))
            indices.append(event.index)
            if progress:
                progress(k + 1, len(events))
        p = np.exp(np.array(logits) - np.max(logits, axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        return Predictions(np.array(indices), p.astype(np.float32), np.array(unlike, np.float32))


@pytest.fixture
def events():
    return EventSet.of(Memory())


@pytest.fixture
def models(monkeypatch):
    known = {"counter": Counter(), "guesser": Counter("guesser", 90.0)}
    monkeypatch.setattr("classifier.evaluation.run._loaded", lambda name: known[name])
    return known


def scored(events, model=None):
    found = (model or Counter()).predict(events)
    name = (model or Counter()).name
    return Scored(name, found.probabilities, events.table, found.unlike)


def test_measures_agree_with_counting(events):
    s = scored(events)
    found = measures(s)
    known = s.labels >= 0
    right = (s.chosen == s.labels)[known]
    assert found["events"] == 60
    assert found["accuracy"]["value"] == pytest.approx(right.mean())
    assert found["accuracy"]["low"] < right.mean() < found["accuracy"]["high"]
    counts = np.array(found["confusion"]["counts"])
    assert counts.sum() == 60
    assert counts.trace() == right.sum()
    assert counts[0, 1] == ((s.labels == 0) & (s.chosen == 1)).sum()
    nue = found["classes"]["nue_cc"]
    assert nue["recall"]["value"] == pytest.approx(counts[0, 0] / counts[0].sum())
    assert nue["precision"]["value"] == pytest.approx(counts[0, 0] / counts[:, 0].sum())
    assert nue["auc_roc"]["low"] <= nue["auc_roc"]["value"] <= nue["auc_roc"]["high"]
    taus = found["others"]["nutau_cc"]
    assert sum(share["value"] for share in taus.values()) == pytest.approx(1.0)
    assert sum(b["n"] for b in found["efficiency_by_energy"]["nc"]) == 20
    assert sum(m["n"] for m in found["efficiency_by_mode"]["nc"].values()) == 20
    pions = found["neutral_pions"]
    assert pions["nc_with_pi0"]["n"] + pions["nc_without_pi0"]["n"] == 20
    json.dumps(found, allow_nan=False)


def test_one_class_only_is_measured_as_far_as_it_goes(events):
    s = scored(events)
    found = measures(s.only(s.labels == 1))
    assert found["classes"]["nue_cc"]["recall"]["value"] is None
    assert found["classes"]["numu_cc"]["auc_roc"]["value"] is None
    json.dumps(found, allow_nan=False)


def test_comparison_counts_the_disagreements(events):
    a, b = scored(events), scored(events, Counter("guesser", 90.0))
    found = compare(a, b)
    known = a.labels >= 0
    right_a, right_b = (a.chosen == a.labels)[known], (b.chosen == b.labels)[known]
    assert found["only_first_right"] == (right_a & ~right_b).sum()
    assert found["only_second_right"] == (right_b & ~right_a).sum()
    assert found["p_value"] < 0.05
    assert compare(a, a)["p_value"] == 1.0
    with pytest.raises(ValueError, match="different events"):
        compare(a, b.only(np.arange(66) > 3))


def test_unlike_area():
    assert unlike_area(np.zeros(10), np.ones(5))["value"] == 1.0
    assert unlike_area(np.zeros(10), np.zeros(0))["value"] is None


def test_report_holds_everything(events, models, tmp_path):
    other = EventSet.of(Memory("other", 15, 0))
    told = []
    results = evaluate(
        ["counter", "guesser"],
        events,
        tmp_path,
        foreign=other,
        cost=False,
        most_stressed=30,
        progress=told.append,
    )
    section = results["sections"][0]
    assert [m["model"] for m in section["models"]] == ["counter", "guesser"]
    changes = section["stresses"]["counter"]
    assert changes["as recorded"]["accuracy"]["n"] == 30
    assert {"resolution 1/2", "noise x4", "10% dead channels", "without view XZ"} <= set(changes)
    assert changes["without view XZ"]["accuracy"]["value"] < 0.5
    assert {"pure noise", "nutau_cc", "modular-pixel"} <= set(section["unlike"]["counter"])
    assert told[0] == "counter: as recorded, 66 events"
    assert len(told) == 2 * (1 + 13 + 4)
    assert json.loads((tmp_path / "report.json").read_text()) == results
    page = (tmp_path / "report.html").read_text()
    for words in ("counter", "McNemar", "Reliability", "resolution 1/4", "νe CC against NC"):
        assert words in page
    assert "<script src" not in page
    table = (tmp_path / "table.md").read_text()
    assert table == to_markdown(results)
    accuracy = section["models"][0]["accuracy"]["value"]
    assert f"{100 * accuracy:.1f} %" in table
    assert sorted(p.name for p in tmp_path.iterdir()) == ["report.html", "report.json", "table.md"]


@pytest.mark.parametrize("suffix", [".json", ".npz"])
def test_out_of_fold_predictions_are_joined_by_id(events, tmp_path, suffix):
    s = scored(events)
    order = np.random.default_rng(0).permutation(40)
    ids = events.table["id"].to_numpy()[order]
    path = tmp_path / f"folds{suffix}"
    p = s.probabilities[order].astype(float)
    if suffix == ".npz":
        np.savez(path, id=ids.astype(str), probabilities=p, name="vit")
    else:
        path.write_text(json.dumps({"id": list(ids), "probabilities": p.tolist(), "name": "vit"}))
    stored = read_stored(path, events)
    assert stored.name == "vit"
    assert sorted(stored.table["id"]) == sorted(ids)
    direct = s.only(events.table["id"].isin(ids).to_numpy())
    assert measures(stored)["accuracy"] == measures(direct)["accuracy"]
    results = evaluate([], events, tmp_path / "out", stored=[path])
    assert results["sections"][0]["out_of_fold"] == ["vit"]
    assert "out of fold" in (tmp_path / "out" / "table.md").read_text()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "does not hold"),
        ("[]", "does not hold"),
        ('{"id": ["a"], "probabilities": [[0.5, 0.5, 0.5]]}', "three probabilities"),
        ('{"id": ["a", "b"], "probabilities": [[1, 0, 0]]}', "three probabilities"),
        ('{"id": ["a", "a"], "probabilities": [[1, 0, 0], [1, 0, 0]]}', "twice"),
        ('{"id": ["a"], "probabilities": [[1, 0, 0]]}', "No event"),
    ],
)
def test_bad_stored_predictions(events, tmp_path, text, words):
    path = tmp_path / "bad.json"
    path.write_text(text)
    with pytest.raises(NuLensError, match=words):
        read_stored(path, events)


def test_missing_stored_predictions_and_pickles_are_refused(events, tmp_path):
    with pytest.raises(NuLensError, match="does not hold"):
        read_stored(tmp_path / "none.npz", events)
    np.savez(tmp_path / "objects.npz", id=np.array([{}], dtype=object), probabilities=[[1, 0, 0]])
    with pytest.raises(NuLensError, match="does not hold"):
        read_stored(tmp_path / "objects.npz", events)


def test_model_is_not_judged_on_what_it_was_trained_on(events, models, tmp_path):
    models["counter"].card = {"data": [{"fingerprint": "memory"}]}
    with pytest.raises(ModelError, match="was trained on"):
        evaluate(["counter"], events, tmp_path, robustness=False, cost=False)
    assert not list(tmp_path.iterdir())


def test_nothing_to_evaluate(events, tmp_path):
    with pytest.raises(NuLensError, match="nothing to evaluate"):
        evaluate([], events, tmp_path)
    reader = Memory()
    reader.table["truth"] = None
    with pytest.raises(NuLensError, match="no events with a true class"):
        evaluate(["counter"], EventSet.of(reader), tmp_path)


def test_reports_are_merged(events, models, tmp_path):
    for name in ("counter", "guesser"):
        evaluate([name], events, tmp_path / name, robustness=False, cost=False, title=name)
    merged = merge([tmp_path / n / "report.json" for n in ("counter", "guesser")], tmp_path / "all")
    assert [s["title"] for s in merged["sections"]] == ["counter", "guesser"]
    assert (tmp_path / "all" / "table.md").read_text().count("| model |") == 2
    (tmp_path / "bad.json").write_text("[]")
    with pytest.raises(NuLensError, match="not an evaluation report"):
        merge([tmp_path / "bad.json"], tmp_path)
