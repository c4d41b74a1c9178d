"""Efficiency and purity of a classifier's selection, at a cut or where the other is as wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np

from assistant.tools.base import Outcome
from assistant.tools.figures import as_json
from assistant.tools.statistics_base import (
    Estimate,
    Sample,
    Statistics,
    empty,
    estimate,
    estimate_table,
    need_truth,
    share_in_words,
)
from assistant.tools.wording import listed, model_name, percent, plural, symbol, with_unit
from classifier.events import CLASSES, EventClass
from classifier.statistics import Proportion, efficiency, purity, working_point
from nulens.errors import NuLensError

Kind = Literal["efficiency", "purity"]
_MEASURE: dict[Kind, Callable[..., Proportion]] = {"efficiency": efficiency, "purity": purity}
_OTHER: dict[Kind, Kind] = {"efficiency": "purity", "purity": "efficiency"}


def _measured(sample: Sample, kind: Kind) -> Outcome:
    need_truth(sample)
    found_cut = ""
    if sample.arguments.at is not None:
        sample, found_cut = _at_working_point(sample, kind)
    a = sample.arguments
    result = empty(sample, target=a.target, cut=a.cut, at=a.at)
    text = found_cut
    text += _of_class(sample, result, kind, a.target) if a.target else _of_all(sample, result, kind)
    figures = []
    if a.by and a.by != "truth":
        from classifier.display import by_group_figure

        target = a.target or CLASSES[0].value
        found = {
            group: _share(sample.part(own), kind, target)
            for group, own in sample.groups(a.by).items()
        }
        found = {group: share for group, share in found.items() if share.n}
        own = [estimate(group, share) for group, share in found.items()]
        result.estimates += own
        words = [f"{e.name}: {share_in_words(e, a.level)}" for e in own]
        text += f" For {symbol(target)} by {with_unit(a.by)}: {'; '.join(words)}."
        figure = by_group_figure(found, f"{kind} ({symbol(target)})", with_unit(a.by))
        figures.append(as_json(figure))
    table = estimate_table(kind.capitalize(), result.estimates)
    return Outcome(result, text, tables=[table], figures=figures)


def _at_working_point(sample: Sample, kind: Kind) -> tuple[Sample, str]:
    """Return the sample with the cut at which the other measure is as wanted, and say so."""
    a, other = sample.arguments, _OTHER[kind]
    if a.target is None:
        raise NuLensError("No class is named for the cut.", "Say whose, such as νe CC.")
    if a.cut is not None:
        raise NuLensError(
            f"A cut is given, and the {other} that would fix it.", "Give one of the two."
        )
    known = np.array([bool(t) for t in sample.truth])
    signal = np.array([t == a.target for t in sample.truth])[known]
    wanted = float(a.at or 0.0)
    cut = working_point(signal, sample.scores(a.target)[known], wanted, other)
    name = f"the {model_name(a.model)}'s {symbol(a.target)} selection"
    if cut is None:
        raise NuLensError(
            f"No cut gives {name} of these events {'an' if other == 'efficiency' else 'a'} {other} "
            f"of {percent(wanted)}{_purest(signal, sample.scores(a.target)[known])}.",
            f"Ask for a lower {other}.",
        )
    if other == "purity":
        text = f"The lowest cut at which {name} has a purity of {percent(wanted)} is {cut:g}."
    else:
        text = f"The highest cut at which {name} has an efficiency of {percent(wanted)} is {cut:g}."
    text += " It was found on these very events; on others it may do a little worse. "
    return Sample(sample.context, a.model_copy(update={"cut": cut}), sample.events), text


def _purest(signal: Any, scores: Any) -> str:
    """Say how pure a selection can be made."""
    cuts = [cut for cut in np.arange(1001) / 1000 if (scores >= cut).any()]
    if not signal.any() or not cuts:
        return ""
    found = [float(signal[scores >= cut].mean()) for cut in cuts]
    best = int(np.argmax(found))
    return f"; the highest purity, at a cut of {cuts[best]:g}, is {percent(found[best])}"


def _selected(sample: Sample, target: str) -> tuple[Any, Any]:
    """Signal and selection as flags, for events of known truth."""
    truth = np.array([t or "" for t in sample.truth])
    cut = sample.arguments.cut
    chosen = sample.scores(target) >= cut if cut is not None else np.array(sample.labels) == target
    known = truth != ""
    return (truth == target)[known], chosen[known]


def _share(sample: Sample, kind: Kind, target: str) -> Proportion:
    return _MEASURE[kind](*_selected(sample, target), confidence=sample.arguments.level)


def _of_all(sample: Sample, result: Statistics, kind: Kind) -> str:
    a = sample.arguments
    result.estimates = [estimate(c.value, _share(sample, kind, c.value)) for c in CLASSES]
    words = [f"{symbol(e.name)} {share_in_words(e, a.level)}" for e in result.estimates]
    cut = "by the most probable class"
    if a.cut is not None:
        cut = f"with a probability of at least {a.cut:g}"
    return f"The {kind} of the {model_name(a.model)}'s selections {cut}: {listed(words)}."


def _of_class(sample: Sample, result: Statistics, kind: Kind, target: str) -> str:
    a = sample.arguments
    signal, chosen = _selected(sample, target)
    truth = np.array([t for t in sample.truth if t])
    own = estimate(target, _share(sample, kind, target))
    twin = estimate(_OTHER[kind], _share(sample, _OTHER[kind], target))
    product = _product(own, twin)
    result.estimates = [own, twin, product]
    result.counts = {
        str(k): int(n) for k, n in zip(*np.unique(truth[chosen], return_counts=True), strict=True)
    }
    result.rows = [{"selected": int(chosen.sum()), "signal": int(signal.sum())}]
    cut = f" with P({symbol(target)}) ≥ {a.cut:g}" if a.cut is not None else ""
    made_of = ", ".join(f"{n} {symbol(k)}" for k, n in result.counts.items())
    text = (
        f"The {kind} of the {model_name(a.model)}'s {symbol(target)} selection{cut} "
        f"is {share_in_words(own, a.level)}. It selects {plural(int(chosen.sum()))}"
        + (f" (by truth {made_of})" if made_of else "")
        + f"; {twin.name} {share_in_words(twin, a.level)}."
    )
    text += _rejections(result, truth, chosen, target, a.level)
    if product.value is not None:
        text += f" Efficiency times purity is {product.value:.3f}."
    return text


def _product(one: Estimate, other: Estimate) -> Estimate:
    """Return efficiency times purity, the figure of merit by which working points are chosen."""
    known = one.value is not None and other.value is not None
    value = one.value * other.value if known else None  # type: ignore[operator]
    return Estimate(name="efficiency x purity", value=value, low=None, high=None, n=one.n)


def _rejections(result: Statistics, truth: Any, chosen: Any, target: str, level: float) -> str:
    """Add the share of each other true class that a selection keeps out."""
    words = []
    for other in (c.value for c in EventClass):
        if other == target or other not in truth:
            continue
        kept_out = efficiency(truth == other, ~chosen, confidence=level)
        e = estimate(f"rejection of {other}", kept_out)
        result.estimates.append(e)
        words.append(f"{percent(kept_out.value)} of the {symbol(other)} ({e.passed} of {e.n})")
    return f" It rejects {listed(words)}." if words else ""


def efficiency_of(sample: Sample) -> Outcome:
    """Efficiency of a selection by the classifier."""
    return _measured(sample, "efficiency")


def purity_of(sample: Sample) -> Outcome:
    """Purity of a selection by the classifier."""
    return _measured(sample, "purity")


COMPUTE: dict[str, Callable[[Sample], Outcome]] = {
    "efficiency": efficiency_of,
    "purity": purity_of,
}
