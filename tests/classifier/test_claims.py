import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier.claims import (
    UNITS,
    VERDICT_NAMES,
    Claim,
    claims_of,
    parse,
    patterns,
    read,
    render,
    resolution,
    score,
    templates,
    verdict,
)
from classifier.events import CLASSES
from classifier.topology import Topology

VALUES = {
    "n_prongs": st.integers(0, 14),
    "longest_track_cm": st.floats(1, 300),
    "track_contained": st.booleans(),
    "has_track": st.booleans(),
    "has_shower": st.booleans(),
    "n_showers": st.integers(0, 9),
    "vertex_gap_cm": st.floats(0, 80),
    "initial_dedx": st.floats(0, 20),
    "vertex_activity": st.sampled_from(["low", "high"]),
}


@st.composite
def claim_lists(draw):
    quantities = draw(st.lists(st.sampled_from(sorted(VALUES)), unique=True))
    return [Claim(q, draw(VALUES[q])) for q in quantities]


def test_every_quantity_is_drawn():
    assert VALUES.keys() == UNITS.keys()


@settings(max_examples=300, deadline=None)
@given(claims=claim_lists(), seed=st.integers(0, 2**32 - 1))
def test_whatever_is_rendered_is_read_back(claims, seed):
    text = render(claims, np.random.default_rng(seed))
    reading = read(text)
    assert reading.unread == ()
    assert reading.verdict is None
    expected = {c.quantity: c.rounded().value for c in claims}
    assert {c.quantity: c.value for c in reading.claims} == expected
    assert len(reading.claims) == len(claims)


def test_no_two_templates_read_one_sentence_differently():
    for template in templates():
        sentence = template.format(
            n_prongs=3, n_showers=2, longest_track_cm=40, vertex_gap_cm=7, initial_dedx=2.5
        )
        assert sum(p.fullmatch(sentence) is not None for p in patterns()) == 1, sentence


def test_wording_varies():
    claims = [Claim("n_prongs", 2), Claim("has_shower", True), Claim("vertex_gap_cm", 0.0)]
    rng = np.random.default_rng(0)
    assert len({render(claims, rng) for _ in range(100)}) > 10


@pytest.mark.parametrize("label", CLASSES)
def test_verdict_is_read_back_in_both_spellings(label):
    assert read(verdict(label)).verdict is label
    assert read(f"I classify the pixel maps as {label.symbol}.").verdict is label
    assert VERDICT_NAMES[label].isascii()


@pytest.mark.parametrize(
    ("text", "claims"),
    [
        ("The longest track stops after 35 cm.", {"longest_track_cm": 35, "track_contained": True}),
        ("Three prongs leave the vertex.", {"n_prongs": 3}),
        ("3 prongs leave the vertex.", {"n_prongs": 3}),
        (
            "The shower starts at the vertex with about 2.5 MeV/cm.",
            {"vertex_gap_cm": 0, "initial_dedx": 2.5},
        ),
        ("There is neither a shower nor a muon-like track.", {"has_shower": 0, "has_track": 0}),
    ],
)
def test_known_sentences(text, claims):
    assert {c.quantity: c.value for c in parse(text)} == claims


def test_what_is_outside_the_grammar_is_reported():
    reading = read("Vertex activity is low. The moon is made of argon. I see no shower.")
    assert reading.unread == ("The moon is made of argon.",)
    assert [c.quantity for c in reading.claims] == ["vertex_activity", "has_shower"]


def test_unknown_quantity_is_refused():
    with pytest.raises(ValueError, match="unknown quantity"):
        Claim("colour", "blue")


def topology(**changes):
    values = {
        "n_hits": 1000,
        "visible_energy": 800.0,
        "n_prongs": 2,
        "n_tracks": 2,
        "longest_track_cm": 120.0,
        "second_track_cm": 20.0,
        "track_straightness": 0.99,
        "track_contained": False,
        "track_dedx": 2.0,
        "has_track": True,
        "shower_score": 0.9,
        "has_shower": True,
        "n_showers": 1,
        "shower_energy": 200.0,
        "vertex_gap_cm": 12.0,
        "initial_dedx": 4.2,
        "vertex_activity": 100.0,
    }
    return Topology(**(values | changes))


def test_true_claims_score_one_and_wrong_ones_nothing():
    seen = topology()
    for claim in claims_of(seen):
        assert score(claim, seen).score == 1.0, claim
    wrong = [
        Claim("n_prongs", 5),
        Claim("longest_track_cm", 30.0),
        Claim("track_contained", True),
        Claim("has_track", False),
        Claim("vertex_gap_cm", 0.0),
        Claim("initial_dedx", 12.0),
    ]
    assert [score(c, seen).score for c in wrong] == [0.0] * len(wrong)


def test_score_falls_with_the_distance_in_resolutions():
    seen = topology()
    sigma = resolution("longest_track_cm", 120.0)
    scores = [
        score(Claim("longest_track_cm", 120.0 + k * sigma), seen).score for k in (0, 1, 2, 3, 4)
    ]
    assert scores == pytest.approx([1.0, 1.0, 0.5, 0.0, 0.0])


def test_doubtful_presence_is_not_wrong():
    unsure = score(Claim("has_shower", False), topology(shower_score=0.55)).score
    sure = score(Claim("has_shower", False), topology(shower_score=0.99)).score
    assert unsure > 0.8
    assert sure < 0.1


def test_what_the_picture_cannot_tell_has_no_score():
    nothing = topology(
        longest_track_cm=0.0,
        track_contained=None,
        has_shower=False,
        vertex_gap_cm=None,
        initial_dedx=None,
    )
    for claim in (
        Claim("longest_track_cm", 20.0),
        Claim("track_contained", True),
        Claim("vertex_gap_cm", 3.0),
        Claim("initial_dedx", 2.0),
    ):
        assert score(claim, nothing).score is None
    stated = {c.quantity for c in claims_of(nothing)}
    assert stated == {"n_prongs", "has_track", "has_shower", "vertex_activity"}


def test_evidence_names_the_claim_in_words():
    found = score(Claim("vertex_gap_cm", 12.0), topology())
    assert "12 cm" in found.claim
    assert found.unit == "cm"
    assert (found.claimed, found.measured) == (12.0, 12.0)
