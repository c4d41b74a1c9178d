"""The report: one self-contained HTML page, its JSON, and the README's table."""

from __future__ import annotations

import html
import json
import os
import tempfile
from os import PathLike
from pathlib import Path
from typing import Any

from classifier.evaluation.figures import all_figures
from classifier.events import CLASSES, EventClass

Results = dict[str, Any]
Row = list[str]

_STYLE = """
body { font-family: system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; font-variant-numeric: tabular-nums; }
th, td { border-bottom: 1px solid #ccc; padding: 0.3rem 0.8rem; text-align: left; }
.wide { overflow-x: auto; }
"""


def write_report(results: Results, out_dir: str | PathLike[str]) -> None:
    """Write ``report.json``, ``report.html`` and ``table.md``, each whole or not at all.

    Parameters
    ----------
    results : dict
        As `classifier.evaluation.run.evaluate` returns.
    out_dir : path
        Made if it is not there.
    """
    folder = Path(out_dir)
    folder.mkdir(parents=True, exist_ok=True)
    _write(folder / "report.json", json.dumps(results, indent=1, allow_nan=False) + "\n")
    _write(folder / "report.html", to_html(results))
    _write(folder / "table.md", to_markdown(results))


def _write(path: Path, text: str) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def interval(found: dict[str, Any] | None, percent: bool = False) -> str:
    """Return a value and its interval as text, e.g. ``0.871 [0.862, 0.880]``."""
    if not found or found.get("value") is None:
        return "–"
    scale, digits, unit = (100.0, 1, " %") if percent else (1.0, 3, "")
    value, low, high = (scale * found[k] for k in ("value", "low", "high"))
    return f"{value:.{digits}f}{unit} [{low:.{digits}f}, {high:.{digits}f}]"


def _number(value: float | None, digits: int = 3) -> str:
    return "–" if value is None else f"{value:.{digits}f}"


def summary_table(section: dict[str, Any]) -> tuple[Row, list[Row]]:
    """Return head and rows of the one table with all models."""
    head = ["model", "accuracy", "precision", "recall", "AUC-ROC", "AUC νe CC", "ECE"]
    half = any("resolution 1/2" in s for s in section["stresses"].values())
    head += ["accuracy at half resolution"] if half else []
    head += ["events/s", "peak memory", "parameters"] if section["cost"] else []
    rows = []
    for model in section["models"]:
        name = model["model"]
        row = [
            name + (" (out of fold)" if name in section["out_of_fold"] else ""),
            interval(model["accuracy"], percent=True),
            _number(model["macro"]["precision"]),
            _number(model["macro"]["recall"]),
            _number(model["macro"]["auc_roc"]),
            interval(model["classes"]["nue_cc"]["auc_roc"]),
            _number(model["calibration"]["ece"]),
        ]
        if half:
            changed = section["stresses"].get(name, {}).get("resolution 1/2", {})
            row.append(interval(changed.get("accuracy"), percent=True))
        if section["cost"]:
            cost = section["cost"].get(name)
            row += (
                [
                    f"{cost['events_per_second']:.1f}",
                    f"{cost['peak_memory_mb']:.0f} MiB",
                    f"{cost['parameters'] / 1e6:.1f} M",
                ]
                if cost
                else ["–", "–", "–"]
            )
        rows.append(row)
    return head, rows


def _class_table(section: dict[str, Any]) -> tuple[Row, list[Row]]:
    head = ["model", "class", "events", "precision (purity)", "recall (efficiency)"]
    head += ["AUC-ROC", "AUC-PR"]
    rows = []
    for model in section["models"]:
        for c in CLASSES:
            found = model["classes"][c.value]
            rows.append(
                [
                    model["model"],
                    c.symbol,
                    str(found["events"]),
                    interval(found["precision"], percent=True),
                    interval(found["recall"], percent=True),
                    interval(found["auc_roc"]),
                    interval(found["auc_pr"]),
                ]
            )
    return head, rows


def _electron_table(section: dict[str, Any]) -> tuple[Row, list[Row]]:
    head = ["model", "AUC νe CC against NC", "NC called νe CC", "νe CC called NC"]
    head += ["NC with π0 called νe CC", "NC without π0 called νe CC"]
    rows = []
    for model in section["models"]:
        pair, pions = model["electron_or_nc"], model["neutral_pions"]
        rows.append(
            [
                model["model"],
                interval(pair.get("auc_roc")),
                interval(pair.get("nc_called_nue"), percent=True),
                interval(pair.get("nue_called_nc"), percent=True),
                interval(pions.get("nc_with_pi0"), percent=True),
                interval(pions.get("nc_without_pi0"), percent=True),
            ]
        )
    return head, rows


def _calibration_table(section: dict[str, Any]) -> tuple[Row, list[Row]]:
    head = ["model", "ECE", "ECE of a perfectly calibrated model: mean", "95 % of them below"]
    head += ["negative log-likelihood"]
    rows = [
        [
            m["model"],
            *(_number(m["calibration"][k]) for k in ("ece", "perfect_mean", "perfect_upper")),
            _number(m["negative_log_likelihood"]),
        ]
        for m in section["models"]
    ]
    return head, rows


def _comparison_table(section: dict[str, Any]) -> tuple[Row, list[Row]]:
    head = ["models", "only the first is right", "only the second is right", "McNemar p"]
    rows = [
        [
            " – ".join(c["models"]),
            str(c["only_first_right"]),
            str(c["only_second_right"]),
            f"{c['p_value']:.2g}",
        ]
        for c in section["comparisons"]
    ]
    return head, rows


def _stress_table(section: dict[str, Any]) -> tuple[Row, list[Row]]:
    names = list(section["stresses"])
    changes = list(dict.fromkeys(c for found in section["stresses"].values() for c in found))
    rows = [
        [c, *(interval(section["stresses"][n].get(c, {}).get("accuracy"), True) for n in names)]
        for c in changes
    ]
    return ["events", *names], rows


def _unlike_table(section: dict[str, Any]) -> tuple[Row, list[Row]]:
    names = list(section["unlike"])
    kinds = list(dict.fromkeys(k for found in section["unlike"].values() for k in found))
    rows = [[k, *(interval(section["unlike"][n].get(k)) for n in names)] for k in kinds]
    return ["AUC of the unlike measure", *names], rows


def _others_table(section: dict[str, Any]) -> tuple[Row, list[Row]]:
    rows = [
        [m["model"], EventClass(label).symbol, *(interval(f, True) for f in found.values())]
        for m in section["models"]
        for label, found in m["others"].items()
    ]
    return ["model", "truth", *(f"called {c.symbol}" for c in CLASSES)], rows


def _cost_table(section: dict[str, Any]) -> tuple[Row, list[Row]]:
    head = ["model", "parameters", "peak memory", "events/s", "CPU s an event", "J an event"]
    head += ["device"]
    rows = [
        [
            name,
            f"{c['parameters']:,}",
            f"{c['peak_memory_mb']:.0f} MiB",
            f"{c['events_per_second']:.2f}",
            f"{c['cpu_seconds_per_event']:.3f}",
            f"{c['joules_per_event']:.1f} (proxy)",
            c["device"],
        ]
        for name, c in section["cost"].items()
    ]
    return head, rows


def _explanation_table(section: dict[str, Any]) -> tuple[Row, list[Row]]:
    head = ["model", "claims about", "precision against truth", "recall against truth"]
    head += ["precision against the picture", "the measurement itself against truth"]
    rows = [
        [
            name,
            quantity,
            interval(found["against_truth"][quantity]["precision"], percent=True),
            interval(found["against_truth"][quantity]["recall"], percent=True),
            interval(found["against_picture"][quantity]["precision"], percent=True),
            interval(found["picture_against_truth"][quantity]["precision"], percent=True),
        ]
        for name, found in section.get("explanations", {}).items()
        for quantity in found["against_truth"]
    ]
    return head, rows


def _probe_table(section: dict[str, Any]) -> tuple[Row, list[Row]]:
    head = ["model", "explanations", "verdict is the label", "sentences outside the grammar"]
    head += ["same verdict after harmless changes", "same claims", "track removed: claim gone"]
    head += ["showers removed: claim gone"]
    rows = [
        [
            name,
            str(found["events"]),
            interval(found["label_consistent"], percent=True),
            str(len(found["unread"])),
            interval(found["consistency"]["label"], percent=True),
            interval(found["consistency"]["claims"], percent=True),
            interval(found["sensitivity"]["has_track"], percent=True),
            interval(found["sensitivity"]["has_shower"], percent=True),
        ]
        for name, found in section.get("explanations", {}).items()
    ]
    return head, rows


_TABLES = (
    ("All models", summary_table),
    ("Classes", _class_table),
    ("νe CC against NC, and neutral pions", _electron_table),
    ("Calibration", _calibration_table),
    ("Models compared on the same events", _comparison_table),
    ("Changed events: accuracy", _stress_table),
    ("Events unlike the training data", _unlike_table),
    ("Events of no predicted class", _others_table),
    ("Explanations: claims", _explanation_table),
    ("Explanations: probes", _probe_table),
    ("Cost", _cost_table),
)


def to_html(results: Results) -> str:
    """Return the page: all tables and figures, the plotting library inside it."""
    from plotly.offline import get_plotlyjs

    parts = [
        "<!DOCTYPE html><html lang='en'><head><meta charset='utf-8'>",
        f"<title>NuLens: evaluation</title><style>{_STYLE}</style>",
        f"<script>{get_plotlyjs()}</script></head><body><h1>Evaluation</h1>",
        "<p>Intervals hold 68.27 %: Clopper–Pearson for shares, bootstrap for areas.</p>",
    ]
    for section in results["sections"]:
        told = f"{section['events']} events, {section['geometry']}, {section['source']}"
        parts.append(f"<h2>{html.escape(section['title'])}</h2><p>{html.escape(told)}</p>")
        for title, table in _TABLES:
            head, rows = table(section)
            if rows:
                parts.append(f"<h3>{html.escape(title)}</h3>{_html_table(head, rows)}")
        parts += [f.to_html(full_html=False, include_plotlyjs=False) for f in all_figures(section)]
    return "\n".join([*parts, "</body></html>\n"])


def _html_table(head: Row, rows: list[Row]) -> str:
    top = "".join(f"<th>{html.escape(h)}</th>" for h in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<div class='wide'><table><tr>{top}</tr>{body}</table></div>"


def to_markdown(results: Results) -> str:
    """Return one Markdown table a section, for the README."""
    parts = []
    for section in results["sections"]:
        head, rows = summary_table(section)
        lines = [f"**{section['title']}** ({section['events']} events)", ""]
        lines += ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
        lines += ["| " + " | ".join(row) + " |" for row in rows]
        parts.append("\n".join(lines))
    return "\n\n".join(parts) + "\n"
