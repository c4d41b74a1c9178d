import json

import numpy as np
import pytest

from classifier import open_events
from classifier.claims import Claim, claims_of, read, render, verdict
from classifier.evaluation.claim_checks import (
    chance_levels,
    check,
    consistency,
    precision_and_recall,
)
from classifier.evaluation.faithfulness import evaluate_faithfulness, main, table
from classifier.evaluation.remembered import Remembered
from classifier.events import CLASSES, EventClass
from classifier.models.base import Explanation
from classifier.simulation.driver import simulate
from classifier.topology import measure, true_topology
from nulens.errors import NuLensError


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    path = tmp_path_factory.mktemp("simulated") / "events.h5"
    simulate(path, "modular-pixel", 15, "uniform", 3, 1, {c.value: 1 for c in CLASSES})
    return open_events(path)


class Speaker:
    """Says what it is told to find."""

    name = "speaker"

    def __init__(self, find, lie=False):
        self.find, self.lie = find, lie

    def explain(self, event):
        stated = self.find(event)
        if self.lie:
            stated = [self.wrong(c) for c in stated]
        text = render(stated, np.random.default_rng(event.index))
        label = EventClass.NC
        return Explanation(f"{verdict(label)} {text}", label, np.ones(3) / 3, ())

    @staticmethod
    def wrong(claim):
        if isinstance(claim.value, bool):
            return Claim(claim.quantity, not claim.value)
        if isinstance(claim.value, str):
            return Claim(claim.quantity, "low" if claim.value == "high" else "high")
        more = claim.value * 3 + 9
        return Claim(claim.quantity, int(more) if isinstance(claim.value, int) else more)


def test_who_tells_the_truth_is_right(events):
    found = evaluate_faithfulness(
        Speaker(lambda e: claims_of(true_topology(e))), events, most=10, probes=0
    )
    assert found["label_consistent"]["value"] == 1.0
    assert found["unread"] == []
    assert found["against_truth"]["all"]["precision"]["value"] == 1.0
    assert found["against_truth"]["all"]["recall"]["value"] == 1.0
    assert found["events"] == 10


def test_who_says_what_is_seen_agrees_with_the_picture_and_drops_what_is_removed(events):
    speaker = Speaker(lambda e: claims_of(measure(e)))
    found = evaluate_faithfulness(speaker, events, most=15, probes=15)
    assert found["against_picture"]["all"]["precision"]["value"] == 1.0
    assert found["against_truth"]["all"] == found["picture_against_truth"]["all"]
    assert found["consistency"]["label"]["value"] == 1.0
    assert found["consistency"]["claims"]["value"] > 0.7
    assert found["sensitivity"]["has_track"]["n"] > 0
    assert found["sensitivity"]["has_track"]["value"] == 1.0
    assert found["sensitivity"]["has_shower"]["value"] == 1.0


def test_report_shows_explanations(events, tmp_path, monkeypatch):
    from classifier.evaluation.run import evaluate
    from classifier.models.base import Predictions

    class Both(Speaker):
        version, card = "1", {}

        def predict(self, events, *, progress=None):
            p = np.full((len(events), 3), 1 / 3, np.float32)
            return Predictions(np.asarray(events.indices), p, np.zeros(len(events), np.float32))

    model = Both(lambda e: claims_of(measure(e)))
    monkeypatch.setattr("classifier.evaluation.run._loaded", lambda name: model)
    options = {"robustness": False, "cost": False, "explained": 5}
    results = evaluate(["speaker"], events, tmp_path, **options)
    found = results["sections"][0]["explanations"]["speaker"]
    assert found["events"] == 5
    assert found["against_picture"]["all"]["precision"]["value"] == 1.0
    assert "Explanations: claims" in (tmp_path / "report.html").read_text()


def test_who_repeats_the_first_picture_is_not_sensitive(events):
    first = {}

    def stubborn(event):
        return first.setdefault(event.index, claims_of(measure(event)))

    found = evaluate_faithfulness(Speaker(stubborn), events, most=15, probes=15)
    assert found["sensitivity"]["has_track"]["value"] == 0.0
    assert found["consistency"]["claims"]["value"] == 1.0


def test_who_lies_is_caught(events):
    liar = Speaker(lambda e: claims_of(true_topology(e)), lie=True)
    found = evaluate_faithfulness(liar, events, most=10, probes=0)
    assert found["against_truth"]["all"]["precision"]["value"] < 0.1


def test_verdict_and_grammar_are_checked(events):
    seen = measure(events[0])
    text = f"{verdict(EventClass.NC)} Vertex activity is low. It is pretty."
    assert check(text, EventClass.NC, seen).label_consistent
    assert not check(text, EventClass.NUE_CC, seen).label_consistent
    assert not check("Vertex activity is low.", EventClass.NC, seen).label_consistent
    assert check(text, EventClass.NC, seen).unread == ("It is pretty.",)


def test_silence_has_no_precision_and_no_recall(events):
    seen = measure(events[0])
    found = precision_and_recall([check(verdict(EventClass.NC), EventClass.NC, seen)])
    assert found["all"]["precision"]["value"] is None
    assert found["all"]["recall"]["value"] == 0.0


def test_chance_is_what_needs_no_look(events):
    truths = [true_topology(e) for e in events]
    texts = [render(claims_of(t), np.random.default_rng(0)) for t in truths]
    found = chance_levels(texts, truths)
    showers = [t.has_shower for t in truths]
    after = [a == b for a, b in zip(showers, showers[1:] + showers[:1], strict=True)]
    assert found["has_shower"]["shuffled"]["value"] == pytest.approx(np.mean(after))
    most = max(np.mean(showers), 1 - np.mean(showers))
    assert found["has_shower"]["constant"]["value"] == pytest.approx(most)
    length = found["longest_track_cm"]
    assert length["shuffled"]["value"] < 0.7
    assert length["constant"]["value"] < 1.0


def test_consistency_is_judged_in_resolutions():
    say = "The longest track is about {} cm long. I see no shower."
    assert consistency(say.format(100), say.format(110)) == [True, True]
    assert consistency(say.format(100), say.format(200)) == [False, True]
    assert consistency(say.format(100), "I see no shower.") == [False, True]


def test_run_that_was_cut_off_goes_on(events, tmp_path):
    asked = []

    def find(event):
        asked.append(event.index)
        return claims_of(measure(event))

    path = tmp_path / "explanations.jsonl"
    first = evaluate_faithfulness(Remembered(Speaker(find), path), events, most=9, probes=3)
    once = len(asked)
    assert once >= 12
    assert table(first).count("| n_prongs |") == 1
    assert evaluate_faithfulness(Remembered(Speaker(find), path), events, most=9, probes=3) == first
    assert len(asked) == once
    kept = path.read_text(encoding="utf-8")
    path.write_text(kept[: len(kept) // 2], encoding="utf-8")
    assert evaluate_faithfulness(Remembered(Speaker(find), path), events, most=9, probes=3) == first
    assert once < len(asked) < 2 * once


def test_command_writes_results_and_table(events, tmp_path, monkeypatch, capsys):
    speaker = Speaker(lambda e: claims_of(measure(e)))
    monkeypatch.setattr("classifier.load_classifier", lambda name: speaker)
    main([events.source, "--events", "5", "--probes", "2", "--out", str(tmp_path)])
    written = (tmp_path / "faithfulness.md").read_text()
    assert capsys.readouterr().out == written
    assert "5 events of modular-pixel" in written
    found = json.loads((tmp_path / "faithfulness.json").read_text())
    assert found["against_picture"]["all"]["precision"]["value"] == 1.0
    assert len((tmp_path / "explanations.jsonl").read_text().splitlines()) >= 5


def test_true_topology_states_what_the_particles_are(events):
    for event in events:
        true = true_topology(event)
        particles = event.truth.particles
        primary = particles[particles.parent < 0]
        if event.truth.label is EventClass.NUMU_CC:
            muon = primary[primary.pdg.abs() == 13].iloc[0]
            assert true.longest_track_cm > 0
            if true.track_contained and muon.contained:
                assert true.longest_track_cm >= 0.95 * muon.length_cm
        if event.truth.label is EventClass.NUE_CC and event.truth.lepton_energy > 0.5:
            assert true.has_shower
        assert read(render(claims_of(true), np.random.default_rng(0))).unread == ()


def test_truth_is_needed(events):
    from dataclasses import replace

    with pytest.raises(NuLensError, match="no true particles"):
        true_topology(replace(events[0], truth=None))


def test_measurement_agrees_with_truth(events):
    pairs = [(measure(event), true_topology(event)) for event in events]
    assert np.mean([m.has_shower == t.has_shower for m, t in pairs]) > 0.6
    for name, width in (("longest_track_cm", 0.3), ("vertex_activity", 0.2)):
        ratios = [
            getattr(m, name) / getattr(t, name)
            for m, t in pairs
            if getattr(m, name) and getattr(t, name)
        ]
        assert np.median(ratios) == pytest.approx(1.0, abs=width)
