"""The statistics of many events computed anew, for `assistant.recomputation`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from assistant.answer import Step
from assistant.recomputed_source import CLASSES, Source

if TYPE_CHECKING:
    import pandas as pd

_ALL = (*CLASSES, "nutau_cc", "cosmic")
_PARTS, _FEW = 5, 10
"""Parts of equal content that a number is split into, unless its values are so few and whole."""


def statistics(source: Source, step: Step) -> dict[str, Any]:
    """Return what `aggregate_statistics` should have found; every key that can be computed."""
    a = {"level": 0.6826894921370859, "model": "vlm", "top": 5, **step.arguments}
    indices = list(step.indices or [])
    words = {str(a[k]) for k in ("column", "by") if a.get(k)} or {"energy"}
    table = source.table(indices, words - {"index", "truth"}, a["model"])
    table["index"] = indices
    found = {
        "n_events": len(indices),
        "total_events": len(source.events),
        "level": a["level"],
        "level_percent": 100 * a["level"],
    }
    own = _OF_VALUES.get(a["statistic"])
    if own:
        return found | own(source, step, a, table)
    p = source.probabilities(a["model"], indices)
    return found | _OF_CLASSIFIER[a["statistic"]](a, table, p)


def _share(passed: int, n: int, a: dict[str, Any]) -> dict[str, Any]:
    from classifier.statistics import proportion

    found = proportion(int(passed), int(n), confidence=a["level"])
    value = found.value if n else None
    return {"value": value, "low": found.low, "high": found.high, "n": int(n)} | (
        {"passed": int(passed)} if n else {}
    )


def _groups(table: pd.DataFrame, by: str) -> dict[str, npt.NDArray[np.bool_]]:
    """Return the events of each group, by name as the tool names it; numbers ascending."""
    import pandas as pd

    values = table[by]
    if not pd.api.types.is_numeric_dtype(values):
        return {n: (values == n).to_numpy() for n in values.unique() if isinstance(n, str)}
    x = values.to_numpy(dtype=np.float64)
    single = sorted(set(x[np.isfinite(x)]))
    if len(single) <= _FEW and all(v.is_integer() for v in single):
        return {f"{v:.10g}": x == v for v in single}
    edges = sorted(set(np.nanquantile(x, np.linspace(0, 1, _PARTS + 1))))
    last = len(edges) - 2
    return {
        f"{edges[i]:.4g}–{edges[i + 1]:.4g}": (x >= edges[i])
        & ((x <= edges[i + 1]) if i == last else (x < edges[i + 1]))
        for i in range(last + 1)
    }


# Of values ---------------------------------------------------------------------------------


def _count(source: Source, step: Step, a: dict[str, Any], table: pd.DataFrame) -> dict[str, Any]:
    from classifier.selection import select, words_used
    from classifier.statistics import poisson

    n = len(table)
    whole = poisson(n, confidence=a["level"])
    truth = list(table["truth"])
    found: dict[str, Any] = {
        "counts": {t: truth.count(t) for t in _ALL if truth.count(t)},
        "estimates": [{"value": float(n), "low": whole.low, "high": whole.high}],
        "rows": [],
    }
    if (where := a.get("where")) and "@" in where:
        return {"counts": found["counts"]}
    if where:
        indices = [int(i) for i in table["index"]]
        columns = source.table(indices, set(words_used(where)), a["model"])
        inside = select(source.events.take(indices), where, columns=columns)
        found["estimates"].append(_share(len(inside), n, a))
        kinds = list(inside.table["truth"])
        found["rows"] = [{"truth": t, "events": kinds.count(t)} for t in _ALL if kinds.count(t)]
    if a.get("by"):
        groups = _groups(table, a["by"])
        found["rows"] += [{"group": g, "events": int(own.sum())} for g, own in groups.items()]
    return found


def _mean(_: Source, step: Step, a: dict[str, Any], table: pd.DataFrame) -> dict[str, Any]:
    from classifier.statistics import mean, median

    x = table[a.get("column") or "energy"].to_numpy(dtype=np.float64)
    known = x[np.isfinite(x)]
    unit = step.result["estimates"][0]["unit"]
    centre = mean(known, confidence=a["level"])
    middle = median(known, confidence=a["level"])
    spread = known.std(ddof=1) if len(known) > 1 else None
    estimates: list[dict[str, Any]] = [
        {"value": known.mean(), "low": centre.low, "high": centre.high, "n": len(known)},
        {"value": np.median(known), "low": middle.low, "high": middle.high},
        {"value": spread},
        {"value": known.min()},
        {"value": known.max()},
    ]
    for name, own in _groups(table, a["by"]).items() if a.get("by") else ():
        part = x[own & np.isfinite(x)]
        if len(part):
            estimates.append({"name": name, "value": part.mean(), "n": len(part)})
    estimates = [e | {"unit": unit} for e in estimates]
    return {"estimates": estimates, "n_left_out": len(x) - len(known)}


def _histogram(_: Source, step: Step, a: dict[str, Any], table: pd.DataFrame) -> dict[str, Any]:
    x = table[a.get("column") or "energy"].to_numpy(dtype=np.float64)
    known = np.isfinite(x)
    edges = np.array(step.result["edges"])
    groups = _groups(table, a["by"]) if a.get("by") else {"all": np.ones(len(x), dtype=np.bool_)}
    counts = [np.histogram(x[own & known], edges)[0] for own in groups.values()]
    total = np.sum(counts, axis=0)
    peak = int(total.argmax())
    asked = a.get("bins") or len(edges) - 1
    row = {"peak_low": edges[peak], "peak_high": edges[peak + 1], "events": int(total[peak])}
    return {
        # The edges are chosen, not computed; they must hold every value in the bins asked for.
        "edges": [min(edges[0], x[known].min()), *edges[1:-1], max(edges[-1], x[known].max())],
        "rows": [row | {"bins": asked}],
        "counts": dict(zip(step.result["counts"], (int(c.sum()) for c in counts), strict=True)),
        "histograms": dict(
            zip(step.result["histograms"], ([int(n) for n in c] for c in counts), strict=True)
        ),
        "n_left_out": int((~known).sum()),
    }


# Of a classifier ---------------------------------------------------------------------------


def _labels(p: npt.NDArray[np.float64]) -> npt.NDArray[Any]:
    return np.array(CLASSES)[p.argmax(axis=1)]


def _accuracy(a: dict[str, Any], table: pd.DataFrame, p: Any) -> dict[str, Any]:
    truth, label = table["truth"].to_numpy(), _labels(p)
    known = np.isin(truth, CLASSES)
    right = known & (truth == label)
    estimates = [_share(right.sum(), known.sum(), a)]
    if a.get("by"):
        groups = {"label": {c: label == c for c in dict.fromkeys(label)}}.get(a["by"]) or _groups(
            table, a["by"]
        )
        for name, own in groups.items():
            if a["by"] != "truth" or name in CLASSES:
                share = _share((right & own).sum(), (known & own).sum(), a)
                estimates.append(share | {"name": name})
    kinds = list(truth)
    return {
        "estimates": estimates,
        "counts": {"right": int(right.sum()), "wrong": int((known & ~right).sum())},
        "rows": [{"left_out": t, "events": kinds.count(t)} for t in _ALL[3:] if kinds.count(t)],
        "n_left_out": int((~known).sum()),
    }


def _working(a: dict[str, Any], table: pd.DataFrame, p: Any) -> dict[str, Any]:
    truth = table["truth"].to_numpy()
    known = np.array([isinstance(t, str) for t in truth])
    kind = a["statistic"]

    def share(target: str, wanted: str, own: Any = True) -> dict[str, Any]:
        chosen, signal = selected(target) & own, (truth == target) & known & own
        below = signal if wanted == "efficiency" else chosen
        return _share((signal & chosen).sum(), below.sum(), a)

    def selected(target: str) -> Any:
        score = p[:, CLASSES.index(target)]
        return known & (score >= a["cut"] if a.get("cut") is not None else _labels(p) == target)

    target = a.get("target")
    if a.get("at") is not None:
        a = a | {
            "cut": _cut(p[known, CLASSES.index(target)], truth[known] == target, kind, a["at"])
        }
    estimates = [share(t, kind) for t in ([target] if target else CLASSES)]
    found: dict[str, Any] = {"estimates": estimates, "cut": a.get("cut"), "at": a.get("at")}
    if target:
        estimates.append(share(target, "purity" if kind == "efficiency" else "efficiency"))
        values = [e["value"] for e in estimates]
        estimates.append({"value": None if None in values else values[0] * values[1]})
        kept_out = [truth == t for t in _ALL if t != target and (truth == t).any()]
        estimates += [_share((own & ~selected(target)).sum(), own.sum(), a) for own in kept_out]
        inside = list(truth[selected(target)])
        found["counts"] = {t: inside.count(t) for t in _ALL if inside.count(t)}
        signal = int(((truth == target) & known).sum())
        found["rows"] = [{"selected": len(inside), "signal": signal}]
    if a.get("by") and a["by"] != "truth":
        if a["by"] == "label":
            return {}
        for name, own in _groups(table, a["by"]).items():
            part = share(target or "nue_cc", kind, own)
            estimates += [part | {"name": name}] if part["n"] else []
    return found


def _cut(score: Any, signal: Any, kind: str, wanted: float) -> float:
    """Try one cut after the other for the efficiency, or the purity, that is not `kind`."""
    fits = []
    for cut in (i / 1000 for i in range(1001)):
        chosen = score >= cut
        below = chosen.sum() if kind == "efficiency" else signal.sum()
        if below and (signal & chosen).sum() >= wanted * below - 1e-9:
            fits.append(cut)
    return min(fits) if kind == "efficiency" else max(fits)


def _confusion(a: dict[str, Any], table: pd.DataFrame, p: Any) -> dict[str, Any]:
    truth, label = table["truth"].to_numpy(), _labels(p)
    rows = [t for t in _ALL if t in CLASSES or (truth == t).any()]
    matrix = [[int(((truth == t) & (label == c)).sum()) for c in CLASSES] for t in rows]
    estimates = [_share(n, sum(row), a) for row in matrix if sum(row) for n in row]
    return {"matrix": matrix, "matrix_truth": rows, "estimates": estimates}


def _roc(a: dict[str, Any], table: pd.DataFrame, p: Any) -> dict[str, Any]:
    from scipy.stats import mannwhitneyu

    from classifier.statistics import roc_auc

    truth = table["truth"].to_numpy()
    known = np.isin(truth, CLASSES)
    estimates = []
    for target in [a["target"]] if a.get("target") else CLASSES:
        score, signal = p[known, CLASSES.index(target)], truth[known] == target
        span = roc_auc(signal, score, confidence=a["level"])
        pairs = signal.sum() * (~signal).sum()
        area = mannwhitneyu(score[signal], score[~signal]).statistic / pairs if pairs else None
        estimates.append({"value": area, "low": span.low, "high": span.high})
    return {"estimates": estimates, "n_left_out": int((~known).sum())}


def _calibration(a: dict[str, Any], table: pd.DataFrame, p: Any) -> dict[str, Any]:
    from classifier.evaluation.calibration import expected_calibration_error

    truth = table["truth"].to_numpy()
    known = np.isin(truth, CLASSES)
    codes = np.array([CLASSES.index(t) if k else -1 for t, k in zip(truth, known, strict=True)])
    error = expected_calibration_error(p.astype(np.float32), codes)
    right = (_labels(p) == truth)[known]
    return {
        "estimates": [{"value": float(error), "n": int(known.sum())}],
        "rows": [{"mean_confidence": p[known].max(axis=1).mean(), "accuracy": right.mean()}],
    }


def _corrected(a: dict[str, Any], table: pd.DataFrame, p: Any) -> dict[str, Any]:
    """Correct each half of the events by the response that the other half shows."""
    from classifier.statistics import confusion_matrix, corrected_counts

    truth, label = table["truth"].to_numpy(), _labels(p)
    half = np.arange(len(table)) % 2
    known = np.array([isinstance(t, str) for t in truth])
    values, called, covariance = np.zeros(3), np.zeros(3), np.zeros((3, 3))
    for h in (0, 1):
        own, other = half == h, (half != h) & known
        seen = np.array([(label[own] == c).sum() for c in CLASSES], dtype=np.float64)
        response = np.array(
            [[((truth == t) & (label == c) & other).sum() for t in CLASSES] for c in CLASSES],
            dtype=np.float64,
        )
        rest = other & ~np.isin(truth, CLASSES)
        noise = np.array([(label[rest] == c).sum() for c in CLASSES]) * own.sum() / other.sum()
        values += np.linalg.solve(response / response.sum(axis=0), seen - noise)
        called += seen
        matrix = confusion_matrix(list(truth[other]), list(label[other]))
        covariance += corrected_counts(seen, matrix, background=noise).covariance
    kinds = list(truth)
    return {
        "rows": [
            {"called": int(n), "corrected": v, "error": e}
            for n, v, e in zip(called, values, np.sqrt(np.diag(covariance)), strict=True)
        ],
        "counts": {t: kinds.count(t) for t in _ALL if kinds.count(t)},
    }


def _worst(a: dict[str, Any], table: pd.DataFrame, p: Any) -> dict[str, Any]:
    truth, label = table["truth"].to_numpy(), _labels(p)
    wrong = np.flatnonzero(np.isin(truth, CLASSES) & (truth != label))
    return _ranked(table, p, wrong[np.argsort(-p.max(axis=1)[wrong], kind="stable")][: a["top"]])


def _least(a: dict[str, Any], table: pd.DataFrame, p: Any) -> dict[str, Any]:
    return _ranked(table, p, np.argsort(p.max(axis=1), kind="stable")[: a["top"]])


def _ranked(table: pd.DataFrame, p: Any, places: Any) -> dict[str, Any]:
    rows = [
        {"index": int(table["index"].iloc[i]), "label": str(_labels(p)[i]),
         "confidence": p[i].max()}
        for i in places
    ]  # fmt: skip
    return {"rows": rows}


_OF_VALUES = {"count": _count, "mean": _mean, "histogram": _histogram}
_OF_CLASSIFIER = {
    "accuracy": _accuracy,
    "efficiency": _working,
    "purity": _working,
    "confusion_matrix": _confusion,
    "roc": _roc,
    "calibration": _calibration,
    "corrected_counts": _corrected,
    "worst_mistakes": _worst,
    "least_sure": _least,
}
