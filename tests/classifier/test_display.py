"""Figures: they hold the numbers that they are made from, at the right place, and stay light."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from classifier import open_events
from classifier import statistics as s
from classifier.display import (
    by_group_figure,
    comparison_figure,
    confusion_figure,
    corrected_counts_figure,
    event_display,
    histogram_figure,
    probability_figure,
    reliability_figure,
    roc_figure,
    verdicts_figure,
)
from classifier.evaluation.calibration import Reliability
from classifier.events import DUNE_FD_HD, Event, EventClass, Geometry, Hits, Truth
from nulens.errors import NuLensError

REAL = Path(__file__).parents[2] / ".." / "shared" / "data" / "dune-cvn" / "tutorial"
LIGHT = 300_000


def make_event(views: np.ndarray, geometry: Geometry = DUNE_FD_HD, truth=None) -> Event:
    return Event("nue/event3", 3, geometry, Hits.from_views(views), truth)


def size(figure) -> int:
    """Bytes of the figure as plain JSON, without the escapes that protect HTML."""
    return len(json.dumps(json.loads(figure.to_json())))


def drawn_at(trace, x: float, y: float) -> float:
    """Value of the drawn pixel whose centre is nearest to a place in cm."""
    column = round((x - trace.x0) / trace.dx)
    row = round((y - trace.y0) / trace.dy)
    return trace.z[row, column]


def small_views() -> np.ndarray:
    views = np.zeros((3, 500, 500), np.uint8)
    views[0, 100:110, 200] = 50
    views[2, 120, 210] = 255
    return views


def test_pixels_lie_where_they_are_in_cm() -> None:
    figure = event_display(make_event(small_views()))
    assert len(figure.data) == 3
    u, v, z = figure.data
    assert drawn_at(u, 105 * 0.467, 200 * 0.48) == 50
    assert drawn_at(u, 115 * 0.467, 200 * 0.48) == 0
    assert drawn_at(z, 120 * 0.479, 210 * 0.48) == 255
    assert (np.asarray(v.z) == 0).all()
    assert (u.z.sum(), z.z.sum()) == (500, 255)
    assert figure.layout.xaxis.title.text == "wire (cm)"
    assert figure.layout.yaxis.title.text == "time (cm)"
    assert [a.text for a in figure.layout.annotations] == ["view U", "view V", "view Z"]


def test_views_share_their_time_and_are_zoomed() -> None:
    figure = event_display(make_event(small_views()))
    assert len({(t.y0, t.z.shape[0]) for t in figure.data}) == 1
    assert all(max(t.z.shape) < 120 for t in figure.data)


def test_few_far_pixels_are_kept_but_zoomed_out_of() -> None:
    views = np.zeros((3, 500, 500), np.uint8)
    views[:, 0:100, 240:260] = 200
    views[0, 480, 20] = 1
    figure = event_display(make_event(views))
    assert figure.layout.xaxis.range[1] < 130 * 0.467
    assert drawn_at(figure.data[0], 480 * 0.467, 20 * 0.48) == 1
    assert "zoomed" in figure.layout.title.text


def test_the_beam_runs_to_the_right() -> None:
    along_columns = replace(DUNE_FD_HD, beam_axis=1)
    figure = event_display(make_event(small_views(), along_columns))
    assert figure.layout.xaxis.title.text == "time (cm)"
    assert drawn_at(figure.data[0], 200 * 0.48, 105 * 0.467) == 50


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_figures_stay_light(dtype: type) -> None:
    rng = np.random.default_rng(0)
    views = rng.integers(0, 256, (3, 500, 500)).astype(dtype)
    views[1, 250, 250] = 255
    event = make_event(views)
    figure = event_display(event, saliency=rng.random((3, 500, 500)))
    assert size(figure) < LIGHT
    assert "largest of a square" in figure.layout.title.text
    assert drawn_at(figure.data[2], 250 * 0.467, 250 * 0.48) == 255  # thinning keeps the largest
    pitch = DUNE_FD_HD.views[0].row_pitch_cm
    first = figure.data[0]
    last = first.x0 + first.dx * (first.z.shape[1] - 1)
    assert abs(last / pitch - 499) <= first.dx / pitch / 2  # the last wire is drawn
    assert size(event_display(event)) < LIGHT


def test_saliency_and_vertex() -> None:
    vertex = np.array([[100.0, 200.0], [np.nan, np.nan], [120.0, 210.0]])
    event = make_event(small_views(), truth=Truth(EventClass.NUE_CC, vertex=vertex))
    saliency = np.zeros((3, 500, 500))
    saliency[0, 105, 200] = 3.0
    saliency[0, 106, 200] = -1.5
    figure = event_display(event, saliency=saliency)
    over = next(t for t in figure.data if t.name == "U saliency")
    assert drawn_at(over, 105 * 0.467, 200 * 0.48) == 127
    assert drawn_at(over, 106 * 0.467, 200 * 0.48) == -64
    assert "orange against" in figure.layout.title.text
    marks = [t for t in figure.data if t.name == "true vertex"]
    assert [(m.xaxis, m.x[0]) for m in marks] == [("x", 46.7), ("x3", 120 * 0.479)]
    with pytest.raises(NuLensError, match="shape"):
        event_display(event, saliency=saliency[:2])


def test_titles_are_as_wide_as_a_narrow_page() -> None:
    views = np.zeros((3, 500, 500), np.uint8)
    views[:, 0:100, 240:260] = 200
    views[0, 480, 20] = 1
    event = make_event(views)
    plain = event_display(event, "short")
    figure = event_display(event, "a long title " * 8, saliency=np.zeros((3, 500, 500)))
    lines = figure.layout.title.text.replace("<sup>", "").replace("</sup>", "").split("<br>")
    assert len(lines) == 4
    assert all(len(line) <= 92 for line in lines)
    assert figure.layout.margin.t > plain.layout.margin.t  # nothing lies over the views


def test_empty_event_and_its_title() -> None:
    event = replace(make_event(np.zeros((3, 500, 500), np.uint8)), id="<img src=x>")
    figure = event_display(event)
    assert len(figure.data) == 3
    assert "<img" not in figure.layout.title.text
    assert event_display(event, "<b>mine").layout.title.text == "&lt;b&gt;mine"


@pytest.mark.dune
@pytest.mark.skipif(not REAL.is_dir(), reason="the real DUNE maps are not here")
def test_real_events_lose_no_charge_at_the_edges() -> None:
    for event in open_events(REAL)[::80]:
        figure = event_display(event)
        assert size(figure) < LIGHT
        for number, trace in enumerate(figure.data):
            assert trace.z.max() == event.views[number].max()
            if "thinned" not in (figure.layout.title.text or ""):
                assert trace.z.sum() == event.views[number].sum()


MATRIX = s.confusion_matrix(
    ["nue_cc"] * 5 + ["nc"] * 3 + ["nutau_cc"],
    ["nue_cc"] * 4 + ["nc"] + ["nc"] * 2 + ["numu_cc"] * 2,
)


@pytest.mark.parametrize("by", ["truth", "prediction"])
def test_confusion_axes_are_not_swapped(by: str) -> None:
    figure = confusion_figure(MATRIX, by)
    (heat,) = figure.data
    assert figure.layout.xaxis.title.text == "predicted class"
    assert figure.layout.yaxis.title.text == "true class"
    assert figure.layout.yaxis.autorange == "reversed"
    row, column = list(heat.y).index("NC"), list(heat.x).index("νμ CC")
    assert heat.text[row][column].startswith("1<br>")  # one true NC was called νμ CC
    np.testing.assert_array_equal(heat.z, MATRIX.normalised(by))
    assert list(heat.y) == ["νe CC", "νμ CC", "NC", "ντ CC"]


def test_histograms_draw_their_counts_and_intervals() -> None:
    one = s.histogram([1.0, 2.0, 2.5, 7.0], bins=4)
    (bar,) = histogram_figure(one, "energy (GeV)").data
    np.testing.assert_array_equal(bar.y, one.counts)
    np.testing.assert_allclose(bar.error_y.array, one.high - one.counts)
    np.testing.assert_allclose(bar.error_y.arrayminus, one.counts - one.low)
    many = s.histograms([1.0, 2.0, 5.0], ["nue_cc", "nc", "nc"])
    figure = histogram_figure(many, "energy (GeV)")
    assert [t.name for t in figure.data] == ["νe CC", "NC"]
    for trace, h in zip(figure.data, many.values(), strict=True):
        np.testing.assert_array_equal(trace.y, h.counts)
    assert figure.layout.xaxis.title.text == "energy (GeV)"


def test_roc_keeps_its_corners_and_stays_light() -> None:
    rng = np.random.default_rng(0)
    signal = rng.random(30_000) < 0.4
    curve = s.roc_curve(signal, rng.normal(signal, 1))
    figure = roc_figure({"cnn": curve})
    trace = figure.data[0]
    assert (trace.x[0], trace.y[0], trace.x[-1], trace.y[-1]) == (0, 0, 1, 1)
    area = np.trapezoid(trace.y, trace.x)
    assert area == pytest.approx(curve.auc.value, abs=2e-3)
    assert f"{curve.auc.value:.3f}" in trace.name
    assert size(figure) < LIGHT
    few = s.roc_curve([True, False, True], [0.9, 0.5, 0.1])
    np.testing.assert_array_equal(roc_figure({"cnn": few}).data[0].y, few.signal)


def test_other_figures_hold_their_numbers() -> None:
    values = {"cnn": s.proportion(8, 10), "vit": s.proportion(9, 10)}
    (bar,) = comparison_figure(values, "accuracy").data
    assert list(bar.y) == [0.8, 0.9]
    assert bar.error_y.array[0] == pytest.approx(values["cnn"].high - 0.8)
    bins = {"1–2": s.proportion(1, 2), "2–10": s.proportion(3, 3)}
    (points,) = by_group_figure(bins, "efficiency", "energy").data
    assert (list(points.x), list(points.y)) == (["1–2", "2–10"], [0.5, 1.0])
    assert points.error_y.arrayminus[1] == pytest.approx(1.0 - bins["2–10"].low)
    labelled = s.ConfusionMatrix(MATRIX.truth[:3], MATRIX.predicted, np.diag([5, 6, 7]))
    counts = s.corrected_counts([1, 4, 9], labelled)
    drawn = corrected_counts_figure(counts.classes, counts.observed, counts.values, counts.errors)
    observed, corrected = drawn.data
    assert list(observed.y) == [1, 4, 9]
    np.testing.assert_allclose(corrected.error_y.array, [1, 2, 3])
    both = {"before": [0.7, 0.2, 0.1], "no shower": [0.1, 0.2, 0.7]}
    before, after = probability_figure(both).data
    assert list(before.x) == ["νe CC", "νμ CC", "NC"]
    assert list(after.y) == [0.1, 0.2, 0.7]
    drawn = verdicts_figure({"event 3": [0.7, 0.2, 0.1], "event 4": [0.1, 0.2, 0.7]})
    assert drawn.layout.barmode == "stack"
    assert [bar.name for bar in drawn.data] == ["νe CC", "νμ CC", "NC"]
    assert [list(bar.y) for bar in drawn.data] == [[0.7, 0.1], [0.2, 0.2], [0.1, 0.7]]
    assert list(drawn.data[0].x) == ["event 3", "event 4"]
    half = np.array([0.5])
    curve = Reliability(half, half, half - 0.1, half + 0.2, np.array([7]))
    trace = reliability_figure({"vit": curve}).data[0]
    assert trace.error_y.array[0] == pytest.approx(0.2)
    for figure in (confusion_figure(MATRIX), roc_figure({}), histogram_figure({}, "x")):
        assert json.loads(figure.to_json())["layout"]
