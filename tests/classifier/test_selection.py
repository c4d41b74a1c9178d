"""Cut strings against the same cuts made by hand."""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parent))
from event_sets import events_of, predictions_frame, sample

from classifier.selection import select, words_used
from nulens.errors import SelectionError

N = 120
EVENTS = sample(N)
MORE = predictions_frame(N)
TABLE = EVENTS.table.join(MORE)
NAMES = {"last": np.array([9, 4, 17]), "soft-muons": np.array([1, 2, 3])}


def picked(expression: str, events=EVENTS) -> list[int]:
    return select(events, expression, columns=MORE, names=NAMES).indices.tolist()


def where(mask: pd.Series | np.ndarray) -> list[int]:
    return np.flatnonzero(np.asarray(mask, dtype=bool)).tolist()


T = TABLE
KNOWN = T["truth"].notna()


@pytest.mark.parametrize(
    ("expression", "mask"),
    [
        ("truth==nutau_cc and energy>20", (T.truth == "nutau_cc") & (T.energy > 20)),
        ("truth == nue_cc or truth == nc and energy < 5", None),
        ("p_nue_cc >= 0.9", T.p_nue_cc >= 0.9),
        ("p_nue_cc ≥ 90 %", T.p_nue_cc >= 0.9),
        ("label != truth", KNOWN & (T.label != T.truth)),
        ("truth != nc", KNOWN & (T.truth != "nc")),
        ("truth == unknown", ~KNOWN),
        ("energy < 500 MeV", T.energy < 0.5),
        ("0.002 TeV<energy", T.energy > 2),
        ("1 < energy <= 4", (T.energy > 1) & (T.energy <= 4)),
        ("longest_track_cm > 2 m", T.longest_track_cm > 200),
        ("longest_track_cm > 500mm", T.longest_track_cm > 50),
        ("truth = νμ_cc", T.truth == "numu_cc"),
        ("truth == 'ντ CC'", T.truth == "nutau_cc"),
        ("NUE == truth", T.truth == "nue_cc"),
        ("has_shower & !(protons == 0)", T.has_shower & (T.protons != 0)),
        ("has_shower == false", ~T.has_shower),
        ("not has_shower", ~T.has_shower),
        ("truth in [nc, nue_cc,]", T.truth.isin(["nc", "nue_cc"])),
        ("truth NOT IN (nc, nue_cc)", KNOWN & ~T.truth.isin(["nc", "nue_cc"])),
        ("mode in [qe]", T["mode"] == "qe"),
        ("energy in 2:4", (T.energy >= 2) & (T.energy < 4)),
        ("protons in [1, 3]", T.protons.isin([1, 3])),
        ("index >= 100", T.index >= 100),
        ("id == event7", T.id == "event7"),
        ("all", T.protons > -1),
        ("Energy > 5", T.energy > 5),
    ],
)
def test_cuts(expression: str, mask: pd.Series | None) -> None:
    if mask is None:  # "and" binds before "or"
        mask = (T.truth == "nue_cc") | ((T.truth == "nc") & (T.energy < 5))
    assert picked(expression) == where(mask)


@pytest.mark.parametrize(
    ("expression", "indices"),
    [
        ("0:10", list(range(10))),
        (":3", [0, 1, 2]),
        ("-5:", [115, 116, 117, 118, 119]),
        (":-118", [0, 1]),
        ("118:120", [118, 119]),
        ("0:120", list(range(120))),
        (":", list(range(120))),
        ("42", [42]),
        ("-1", [119]),
        ("[3, 17, 50]", [3, 17, 50]),
        ("[17, 3, 17]", [17, 3]),
        ("3, 17", [3, 17]),
        ("0:2, 5, [9]", [0, 1, 5, 9]),
        ("[0:3, 7]", [0, 1, 2, 7]),
        ("index in [3, 17]", [3, 17]),
        ("index in 4:6", [4, 5]),
        ("index in @last", [4, 9, 17]),
        ("@last", [9, 4, 17]),
        ("@last and index < 10", [4, 9]),
        ("@soft-muons or @last", [1, 2, 3, 4, 9, 17]),
        ("not 1:120", [0]),
        ("[]", []),
    ],
)
def test_ranges_lists_and_names(expression: str, indices: list[int]) -> None:
    assert picked(expression) == indices


def test_indices_count_in_the_file_as_opened() -> None:
    part = EVENTS[50:80]
    assert picked("0:60", part) == list(range(50, 60))
    assert picked("[79, 3, 55]", part) == [79, 55]
    assert [e.index for e in select(part, "index == 51")] == [51]
    assert picked("-45:", part) == [75, 76, 77, 78, 79]


def test_events_without_a_row_of_more_columns_are_unknown() -> None:
    some = MORE.iloc[[3, 5]]
    assert select(EVENTS, "p_nue_cc >= 0", columns=some).indices.tolist() == [3, 5]
    assert select(EVENTS, "has_shower or not has_shower", columns=some).indices.size == N


@pytest.mark.parametrize(
    ("expression", "says"),
    [
        ("", "empty"),
        ("enrgy > 3", "Did you mean energy"),
        ("truth == nue_ccc", "Did you mean nue_cc"),
        ("truth > nc", "no order"),
        ("truth == 3", "holds words"),
        ("energy == nc", "a number"),
        ("has_shower == maybe", "true or false"),
        ("energy > truth", "one is text"),
        ("energy > 5 cm", "in GeV"),
        ("protons > 5 GeV", "no unit"),
        ("energy", "yes-or-no"),
        ("1 < 2", "needs a column"),
        ("energy >", "ends too early"),
        ("(energy > 2", "ends too early"),
        ("energy > 2)", "'\\)' at character 11"),
        ("120", "120 events, numbered 0 to 119"),
        ("[3, 1000]", "no event 1000"),
        ("0:121", "no event 120"),
        ("-121:", "no event -121"),
        ("7:7", "holds no event"),
        ("[1.5]", "no event number"),
        ("[3 cm]", "no event number"),
        ("@muons", "@last, @soft-muons"),
        ("truth in @last", "cannot be in"),
        ("__import__('os').system('ls')", "cannot be understood"),
        ("energy.__class__ == 3", "no column"),
        ("energy > 1; 0:10", "cannot be understood"),
        ("not " * 150 + "0:3", "too deeply"),
        ("0:3 or " * 9000 + "0:3", "longer than"),
        ("9" * 5000, "cannot be understood"),
    ],
)
def test_what_is_wrong_is_said(expression: str, says: str) -> None:
    with pytest.raises(SelectionError, match=says) as error:
        picked(expression)
    assert error.value.remedy
    assert len(str(error.value)) < 600


@pytest.mark.parametrize("cut", ["9" * 20, f"{'9' * 20}:{'9' * 21}", f"index in [1, {'9' * 30}]"])
def test_numbers_beyond_any_event(cut: str) -> None:
    with pytest.raises(SelectionError, match="no event has so large a number"):
        select(events_of([]), cut)


def test_empty_data_set() -> None:
    nothing = events_of([])
    assert len(select(nothing, "all")) == 0
    assert len(select(nothing, "energy > 3 or truth == nc")) == 0
    with pytest.raises(SelectionError, match="0 events"):
        select(nothing, "0")


def test_what_a_cut_uses() -> None:
    cut = "@last and (p_nue_cc > 0.5 or label == nc) and index in @hard"
    assert words_used(cut) == {"p_nue_cc", "label", "nc", "index"}


# A cut written two ways: as text, and as the mask that it should give.
_NUMBERS = st.integers(-3, 45) | st.floats(-3, 45).map(lambda v: round(v, 3))


@st.composite
def _comparison(draw: st.DrawFn) -> tuple[str, np.ndarray]:
    kind = draw(st.sampled_from(["number", "word", "columns", "range", "chain"]))
    if kind == "number":
        name = draw(st.sampled_from(["energy", "protons", "p_nc", "longest_track_cm"]))
        sign = draw(st.sampled_from(["<", "<=", ">", ">=", "==", "!="]))
        value = draw(_NUMBERS)
        column = TABLE[name].to_numpy(float)
        mask = {
            "<": column < value,
            "<=": column <= value,
            ">": column > value,
            ">=": column >= value,
            "==": column == value,
            "!=": (column != value) & ~np.isnan(column),
        }[sign]
        return f"{name}{sign}{value}", mask
    if kind == "word":
        value = draw(st.sampled_from(["nue_cc", "numu_cc", "nc", "nutau_cc", "cosmic"]))
        return f"truth == {value}", (TABLE.truth == value).to_numpy(bool)
    if kind == "columns":
        return "label == truth", (TABLE.label == TABLE.truth).to_numpy(bool)
    if kind == "chain":
        low, high = sorted([draw(st.integers(0, 40)), draw(st.integers(0, 40))])
        return f"{low} <= energy < {high}", (
            (TABLE.energy >= low) & (TABLE.energy < high)
        ).to_numpy(bool)
    start = draw(st.integers(0, N - 1))
    stop = draw(st.integers(start + 1, N))
    return f"{start}:{stop}", (np.arange(N) >= start) & (np.arange(N) < stop)


_CUTS = st.recursive(
    _comparison(),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(["and", "&", "AND"]), inner).map(
            lambda t: (f"({t[0][0]}) {t[1]} ({t[2][0]})", t[0][1] & t[2][1])
        ),
        st.tuples(inner, st.sampled_from(["or", "|"]), inner).map(
            lambda t: (f"({t[0][0]}) {t[1]} ({t[2][0]})", t[0][1] | t[2][1])
        ),
        inner.map(lambda c: (f"not ({c[0]})", ~c[1])),
    ),
    max_leaves=8,
)


@given(_CUTS)
@settings(deadline=None, max_examples=150)
def test_any_cut_gives_its_mask(cut: tuple[str, np.ndarray]) -> None:
    text, mask = cut
    assert picked(text) == np.flatnonzero(mask).tolist()


_TOKENS = "energy truth nc @last 0:10 [ ] ( ) , and or not in == < 3 2.5 GeV % all : - ! | '"


@given(st.text(max_size=60) | st.lists(st.sampled_from(_TOKENS.split()), max_size=15).map(" ".join))
@settings(deadline=None, max_examples=300)
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        indices = picked(text)
    except SelectionError as error:
        assert error.what  # noqa: PT017
    else:
        assert set(indices) <= set(range(N))
