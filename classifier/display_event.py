"""Event displays: the views side by side, zoomed to where there is charge."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from classifier.events import Event, Geometry, View
from nulens.errors import NuLensError

if TYPE_CHECKING:
    from plotly.graph_objects import Figure, Heatmap, Scatter

# Bytes of pixels in one figure, so that it stays below 300 kB as JSON (which adds a third).
_BUDGET = 190_000
_ZOOM = 0.99
_MARGIN = 12
_SMALLEST = 48
# A crop is never more elongated than this, so that views keep their shape side by side.
_ELONGATION = 2.0
# Colours at equal steps of log(charge) over two decades, pale to dark: a faint track and a
# saturated shower are both seen, and the numbers under the pointer stay those of the file.
_CHARGE = ("#fdeecb", "#fdc086", "#f5815f", "#d1456f", "#8b2981", "#45127a", "#0b0724")
_DECADES = 2.0
# Letters that fit a line of 560 pixels, Plotly's title and its superscript; pixels of a line.
_TITLE_WIDTH, _NOTE_WIDTH, _LINE = 64, 92, 20
# Pixels: how wide one view of three is on a wide page, how low and how tall the views may be.
_PANEL, _LEAST_TALL, _MOST_TALL = 340, 170, 290
_FOR, _AGAINST = "rgba(0,114,178,0.75)", "rgba(230,159,0,0.75)"


def event_display(
    event: Event,
    title: str | None = None,
    *,
    saliency: npt.NDArray[Any] | None = None,
) -> Figure:
    """Draw the views of an event; the beam runs from left to right.

    Large crops are thinned to keep the figure light: each drawn pixel is then the largest of a
    square of pixels, as the figure says.

    Parameters
    ----------
    event : Event
    title : str, optional
        The event's number and id unless given.
    saliency : ndarray, shape (n_views, H, W), optional
        What each pixel adds to a verdict, drawn over the charge, the largest value strongest: blue
        speaks for the verdict, orange against it.

    Raises
    ------
    NuLensError
        If the saliency has another shape than the event's views.
    """
    from plotly.graph_objects import Figure

    geometry = event.geometry
    if saliency is not None and saliency.shape != event.views.shape:
        raise NuLensError(
            f"The saliency has shape {saliency.shape}, and the views {event.views.shape}.",
            "Compute it for this event.",
        )
    layers = 1 if saliency is None else 2
    bytes_each = event.views.itemsize + layers - 1
    limit = _BUDGET // (geometry.n_views * bytes_each)
    peak = float(np.abs(saliency).max()) if saliency is not None else 0.0
    figure = Figure()
    crops = _crops(event)
    pooled = False
    for number, crop in enumerate(crops):
        rows, columns = crop
        size = (rows.stop - rows.start) * (columns.stop - columns.start)
        step = max(1, int(np.ceil(np.sqrt(size / limit))))
        pooled |= step > 1
        figure.add_trace(_charge(event, number, crop, step))
        if saliency is not None and peak > 0:
            shades = _pool_signed(saliency[number][rows, columns] / peak, step)
            figure.add_trace(_shades(event, number, crop, step, shades))
        vertex = None if event.truth is None else event.truth.vertex
        if vertex is not None and np.isfinite(vertex[number]).all():
            figure.add_trace(_cross(geometry, number, vertex[number]))
    zoom = _crops(event, _ZOOM)
    zoomed = _area(zoom) < 0.7 * _area(crops)
    tall = _lay_out(figure, event, zoom if zoomed else crops)
    notes = ["thinned: each point is the largest of a square of pixels"] if pooled else []
    if zoomed:
        notes.append(f"zoomed to {_ZOOM:.0%} of the charge, double-click for all")
    if saliency is not None:
        notes.append("blue speaks for the verdict, orange against it")
    _entitle(figure, f"Event {event.index} ({event.id})" if title is None else title, notes, tall)
    return figure


def _charge(event: Event, number: int, crop: tuple[slice, slice], step: int) -> Heatmap:
    from plotly.graph_objects import Heatmap

    geometry = event.geometry
    view = geometry.views[number]
    charge = _pool(event.views[number][crop], step)
    return Heatmap(
        z=charge if geometry.beam_axis else charge.T,
        **_places(view, crop, step, geometry.beam_axis),
        **_axes(number),
        zmin=0,
        zmax=max(float(event.hits.value.max(initial=0)), 1.0),
        colorscale=_colours(),
        showscale=number == geometry.n_views - 1,
        colorbar={"title": {"text": "charge"}, "thickness": 12, "x": 1.0},
        name=view.name,
        hovertemplate=_hover(view, geometry.beam_axis) + "charge %{z}",
    )


def _shades(
    event: Event,
    number: int,
    crop: tuple[slice, slice],
    step: int,
    shades: npt.NDArray[np.int8],
) -> Heatmap:
    from plotly.graph_objects import Heatmap

    geometry = event.geometry
    view = geometry.views[number]
    return Heatmap(
        z=shades if geometry.beam_axis else shades.T,
        **_places(view, crop, step, geometry.beam_axis),
        **_axes(number),
        zmin=-127,
        zmax=127,
        colorscale=[[0, _AGAINST], [0.5, "rgba(255,255,255,0)"], [1, _FOR]],
        showscale=False,
        name=f"{view.name} saliency",
        hoverinfo="skip",
    )


def _cross(geometry: Geometry, number: int, vertex: npt.NDArray[np.float64]) -> Scatter:
    from plotly.graph_objects import Scatter

    x, y = _position(geometry.views[number], vertex, geometry.beam_axis)
    return Scatter(
        x=[x],
        y=[y],
        **_axes(number),
        mode="markers",
        marker={"symbol": "cross-thin-open", "size": 14, "color": "#009e73"},
        name="true vertex",
        showlegend=False,
    )


def _crops(event: Event, share: float = 1.0) -> list[tuple[slice, slice]]:
    """Return rows and columns with this share of the charge in each view, with a margin.

    The columns are those of all views together: views of a drift chamber share their time, so what
    lies side by side happened at once.
    """
    height, width = event.geometry.shape
    hits = event.hits
    across = _extent(hits.column, hits.value, share, width)
    crops = []
    for number in range(event.geometry.n_views):
        own = hits.view == number
        along = _extent(hits.row[own], hits.value[own], share, height)
        n_rows, n_columns = (b - a + 1 + 2 * _MARGIN for a, b in (along, across))
        n_rows = max(n_rows, _SMALLEST, int(n_columns / _ELONGATION))
        n_columns = max(n_columns, _SMALLEST, int(n_rows / _ELONGATION))
        crops.append((_around(*along, n_rows, height), _around(*across, n_columns, width)))
    first, last = min(c.start for _, c in crops), max(c.stop for _, c in crops)
    return [(rows, slice(first, last)) for rows, _ in crops]


def _extent(
    places: npt.NDArray[Any], values: npt.NDArray[Any], share: float, size: int
) -> tuple[int, int]:
    """Return the first and last place between which this share of the charge lies."""
    charge = np.cumsum(np.bincount(places, values, size).astype(np.float64))
    if not charge[-1] > 0:
        return size // 2, size // 2
    outside = (1 - share) / 2 * charge[-1]
    # Rounding in the sum may not move the ends of the whole extent.
    tiny = 1e-12 * charge[-1]
    first = int(np.searchsorted(charge, outside + tiny))
    return first, int(np.searchsorted(charge, charge[-1] - outside - tiny))


def _around(low: int, high: int, size: int, limit: int) -> slice:
    size = min(size, limit)
    start = min(max((low + high + 1 - size) // 2, 0), limit - size)
    return slice(start, start + size)


def _area(crops: list[tuple[slice, slice]]) -> int:
    return sum((r.stop - r.start) * (c.stop - c.start) for r, c in crops)


def _pool(pixels: npt.NDArray[Any], step: int) -> npt.NDArray[Any]:
    """Take the largest of each square of `step` pixels; the last ones may be cut off squares."""
    if step == 1:
        return pixels
    padding = [(0, -n % step) for n in pixels.shape]
    padded = np.pad(pixels, padding)
    height, width = padded.shape
    squares = padded.reshape(height // step, step, width // step, step)
    return squares.max(axis=(1, 3))


def _pool_signed(values: npt.NDArray[Any], step: int) -> npt.NDArray[np.int8]:
    """Take the value farthest from zero of each square, -1 to 1, in steps of 1/127."""
    high, low = _pool(np.maximum(values, 0), step), _pool(np.maximum(-values, 0), step)
    return np.round(127 * np.where(high >= low, high, -low)).astype(np.int8)


def _places(view: View, crop: tuple[slice, slice], step: int, beam_axis: int) -> dict[str, float]:
    """Return where the first drawn pixel's centre lies and how far apart they are, in cm."""
    x, y = _position(view, [s.start + (step - 1) / 2 for s in crop], beam_axis)
    dx, dy = _position(view, (step, step), beam_axis)
    return {"x0": x, "dx": dx, "y0": y, "dy": dy}


def _position(
    view: View, pixel: Sequence[float] | npt.NDArray[np.float64], beam_axis: int
) -> tuple[float, float]:
    """Return where a (row, column) is drawn, in cm."""
    along, across = float(pixel[0]) * view.row_pitch_cm, float(pixel[1]) * view.column_pitch_cm
    return (along, across) if beam_axis == 0 else (across, along)


def _axes(number: int) -> dict[str, str]:
    suffix = "" if number == 0 else str(number + 1)
    return {"xaxis": f"x{suffix}", "yaxis": f"y{suffix}"}


def _hover(view: View, beam_axis: int) -> str:
    names = (view.row_axis, view.column_axis)
    along, across = names if beam_axis == 0 else names[::-1]
    return f"{escape(along)} %{{x:.1f}} cm<br>{escape(across)} %{{y:.1f}} cm<br>"


def _colours() -> list[list[Any]]:
    stops = np.logspace(-_DECADES, 0, len(_CHARGE))
    return [[0, "#ffffff"], *[[float(s), c] for s, c in zip(stops, _CHARGE, strict=True)]]


def _lay_out(figure: Figure, event: Event, crops: list[tuple[slice, slice]]) -> int:
    """Place the views side by side; return how tall they are in pixels."""
    n, gap = len(crops), 0.06
    tallest = 0.0
    width = (1 - gap * (n - 1)) / n
    beam_axis = event.geometry.beam_axis
    for number, (view, crop) in enumerate(zip(event.geometry.views, crops, strict=True)):
        ends = [[s.start - 0.5 for s in crop], [s.stop - 0.5 for s in crop]]
        (x0, y0), (x1, y1) = (_position(view, end, beam_axis) for end in ends)
        tallest = max(tallest, (y1 - y0) / (x1 - x0))
        suffix = "" if number == 0 else str(number + 1)
        names = (view.row_axis, view.column_axis)
        along, across = names if beam_axis == 0 else names[::-1]
        start = number * (width + gap)
        figure.update_layout(
            {
                f"xaxis{suffix}": {
                    "title": {"text": f"{escape(along)} (cm)"},
                    "domain": [start, start + width],
                    "anchor": f"y{suffix}",
                    "range": [x0, x1],
                    "constrain": "domain",
                    "showgrid": False,
                    "zeroline": False,
                },
                f"yaxis{suffix}": {
                    "title": {"text": f"{escape(across)} (cm)" if number == 0 else ""},
                    "anchor": f"x{suffix}",
                    "scaleanchor": f"x{suffix}",
                    "range": [y0, y1],
                    "constrain": "domain",
                    "constraintoward": "top",
                    "showgrid": False,
                    "zeroline": False,
                },
            }
        )
        figure.add_annotation(
            text=f"view {escape(view.name)}",
            x=start + width / 2,
            y=1.0,
            xref="paper",
            yref="paper",
            yanchor="bottom",
            showarrow=False,
        )
    figure.update_layout(template="plotly_white")
    return round(min(max(_PANEL * tallest, _LEAST_TALL), _MOST_TALL))


def _entitle(figure: Figure, title: str, notes: Sequence[str], tall: int) -> None:
    """Set the title and the notes below it, in as many lines as a narrow figure needs."""
    heading = textwrap.wrap(title, _TITLE_WIDTH) or [""]
    small = textwrap.wrap("; ".join(notes), _NOTE_WIDTH)
    text = "<br>".join(map(escape, heading)) + "".join(f"<br><sup>{n}</sup>" for n in small)
    more = len(heading) - 1 + len(small)
    figure.update_layout(
        title={"text": text, "y": 1, "yref": "container", "yanchor": "top", "pad": {"t": 14}},
        height=110 + tall + _LINE * more,
        margin={"l": 60, "r": 20, "t": 60 + _LINE * more, "b": 50},
    )
