"""The numbers of an answer computed anew from the events, the classifiers and the documents.

A tool's result is compared with plain arithmetic on `classifier`'s public functions, not with the
tool's own code, so that a wrong column, a wrong selection or swapped classes come to light.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, get_args

import numpy as np

from assistant.answer import Answer, Step
from assistant.grounding import ground
from assistant.recomputed_source import CLASSES, Source
from assistant.recomputed_statistics import statistics

if TYPE_CHECKING:
    import pandas as pd

    from assistant.tools.context import Workspace

_COUNTED = re.compile(r"(?<!event )(?<![\d.,])(\d+) (νe CC|νμ CC|ντ CC|NC)(?!\w)")
_OF_ONE_EVENT = ("explain_event", "probe_event", "find_similar_events")


@dataclass
class Recomputed:
    """What came of computing an answer's numbers anew.

    Attributes
    ----------
    agreeing : int
        Numerals of the text that a recomputed number or a passage found in its document supports.
    disagreeing : list of str
        Numbers of the steps that come out otherwise.
    unchecked : list of str
        Numerals of the text that nothing recomputed supports.
    """

    agreeing: int = 0
    disagreeing: list[str] = field(default_factory=list)
    unchecked: list[str] = field(default_factory=list)


def recompute(answer: Answer, workspace: Workspace) -> Recomputed:
    """Compute the numbers of an answer anew and compare.

    Parameters
    ----------
    answer : Answer
    workspace : Workspace
        Of the assistant that gave it: the opened events and the loaded classifiers.
    """
    source = Source(workspace)
    found = Recomputed()
    anew: list[Step] = []
    for number, step in enumerate(answer.steps, 1):
        where = f"step {number} ({step.tool})"
        if "error" in step.result:
            n = len(source.events)
            anew.append(replace(step, result={"total_events": n, "numbered": [0, n - 1]}))
            continue
        computed = COMPUTE[step.tool](source, step)
        found.disagreeing += differences(step.result, computed, where)
        wanted = _indices(source, step)
        if wanted is not None and step.indices is not None and wanted != set(step.indices):
            found.disagreeing.append(f"{where}: other events than {step.arguments['events']}")
        anew.append(replace(step, result=computed))
    counted = {pair for step in anew for pair in _counts(step.result)}
    found.disagreeing += [
        f"{n} {symbol} in the text is not computed"
        for n, symbol in _COUNTED.findall(answer.text)
        if (int(n), symbol) not in counted and not answer.citations
    ]
    agreeing, found.unchecked = ground(answer.text, anew, answer.citations)
    found.agreeing = len(agreeing)
    return found


def _counts(result: Any) -> Iterator[tuple[int, str]]:
    """Yield every number of events of a class that a result holds, with the class's symbol."""
    from classifier.events import EventClass

    symbols = {c.value: c.symbol for c in EventClass}
    if isinstance(result, dict):
        of = next((result[k] for k in ("truth", "group", "left_out") if k in result), None)
        if of in symbols:
            yield result.get("events", 0), symbols[of]
        for key, value in result.items():
            if key in symbols and isinstance(value, int):
                yield value, symbols[key]
            yield from _counts(value)
    elif isinstance(result, list):
        for item in result:
            yield from _counts(item)


def differences(said: Any, computed: Any, where: str) -> list[str]:
    """Return where a result does not say what was computed."""
    if isinstance(computed, dict):
        if not isinstance(said, dict):
            return [f"{where}: {said} where {computed} is computed"]
        return [d for k, v in computed.items() for d in differences(said.get(k), v, f"{where} {k}")]
    if isinstance(computed, list | tuple):
        if not isinstance(said, list) or len(said) != len(computed):
            return [f"{where}: {said} where {list(computed)} is computed"]
        pairs = enumerate(zip(said, computed, strict=True))
        return [d for i, (s, c) in pairs for d in differences(s, c, f"{where}[{i}]")]
    if isinstance(computed, np.generic):
        computed = computed.item()
    if isinstance(computed, float) and not math.isfinite(computed):
        computed = None
    if isinstance(computed, int | float) and isinstance(said, int | float):
        same = math.isclose(said, computed, rel_tol=1e-4, abs_tol=1e-5)
    else:
        same = said == computed
    return [] if same else [f"{where}: {said} where {computed} is computed"]


def _indices(source: Source, step: Step) -> set[int] | None:
    """Resolve a step's cut anew; None where it needs the session or is ranked."""
    from classifier.selection import select, words_used

    cut = step.arguments.get("events")
    ranked = step.arguments.get("sort_by") or step.arguments.get("limit")
    if not isinstance(cut, str) or "@" in cut or cut.count("::") or ranked:
        return None
    model = (step.arguments.get("models") or [step.arguments.get("model", "vlm")])[0]
    everything = [int(i) for i in source.events.indices]
    words = set(words_used(cut)) - set(source.events.table.columns)
    columns = source.table(everything, words, model) if words else None
    found = [int(i) for i in select(source.events, cut, columns=columns).indices]
    return set(found[:1] if step.tool in _OF_ONE_EVENT else found)


def _numbers_of(table: pd.DataFrame) -> dict[str, Any]:
    """Return the numbers of a table of one event."""
    numbers = table.select_dtypes("number")
    return {str(c): float(numbers[c].iloc[0]) for c in numbers.columns}


def _class_counts(truth: Any) -> dict[str, int]:
    values = [t for t in truth if isinstance(t, str)]
    return {t: values.count(t) for t in dict.fromkeys(values)}


def _describe(source: Source, step: Step) -> dict[str, Any]:
    events = source.events.take(step.indices or [])
    energy = events.table["energy"].to_numpy(dtype=np.float64)
    energy = energy[np.isfinite(energy)]
    return {
        "n_events": len(events),
        "total_events": len(source.events),
        "class_counts": _class_counts(events.table["truth"]),
        "energy_mean": energy.mean() if len(energy) else None,
        "energy_min": energy.min() if len(energy) else None,
        "energy_max": energy.max() if len(energy) else None,
        "records": [
            {"event": event.index} | _numbers_of(source.events.take([event.index]).table)
            for event in events
        ]
        if len(events) <= 5
        else [],
        "n_views": len(events.geometry.views),
        "rows": events.geometry.shape[0],
        "columns_of_pixels": events.geometry.shape[1],
    }


def _select(source: Source, step: Step) -> dict[str, Any]:
    a, indices = step.arguments, list(step.indices or [])
    found: dict[str, Any] = {
        "n_selected": len(indices),
        "total_events": len(source.events),
        "class_counts": _class_counts(source.events.take(indices).table["truth"]),
    }
    column = a.get("sort_by")
    if column and column not in ("index", "random") and "@" not in a["events"]:
        chosen = _indices(source, replace(step, arguments={"events": a["events"]})) or set()
        model = a.get("model", "vlm")
        values = source.table(sorted(chosen), {column}, model)[column].dropna().astype(float)
        ordered = np.sort(values.to_numpy())[:: -1 if a.get("descending", True) else 1]
        found["sort_values"] = ordered[: a.get("limit")][:200].tolist()
    return found


def _classify(source: Source, step: Step) -> dict[str, Any]:
    from classifier.statistics import proportion

    indices = list(step.indices or [])
    truth = source.events.take(indices).table["truth"].to_numpy()
    known = np.isin(truth, CLASSES)
    found = []
    for model in step.arguments.get("models") or [step.arguments["model"]]:
        p = source.probabilities(model, indices)
        label = np.array(CLASSES)[p.argmax(axis=1)]
        right = int((label == truth)[known].sum())
        share = proportion(right, int(known.sum()))
        found.append(
            {
                "model": model,
                "counts": {c: int((label == c).sum()) for c in CLASSES},
                "n_with_truth": int(known.sum()),
                "n_correct": right,
                "accuracy": share.value if known.any() else None,
                "accuracy_low": share.low if known.any() else None,
                "accuracy_high": share.high if known.any() else None,
                "n_unlike": int((source.unlike(model, indices) > 0.99).sum()),
                "least_sure": indices[int(p.max(axis=1).argmin())],
                "least_sure_probability": p.max(axis=1).min(),
                "verdicts": [
                    {"event": i, "p_nue_cc": row[0], "p_numu_cc": row[1], "p_nc": row[2]}
                    for i, row in list(zip(indices, p, strict=True))[:200]
                ],
            }
        )
    return {"n_events": len(indices), "level": 0.6826894921370859, "by_model": found}


def _compare(source: Source, step: Step) -> dict[str, Any]:
    from classifier.statistics import mcnemar, proportion

    indices, models = list(step.indices or []), step.arguments["models"]
    truth = source.events.take(indices).table["truth"].to_numpy()
    known = np.isin(truth, CLASSES)
    p = {m: source.probabilities(m, indices) for m in models}
    label = {m: np.array(CLASSES)[p[m].argmax(axis=1)] for m in models}
    right = {m: (label[m] == truth)[known] for m in models}
    apart = np.zeros(len(indices), dtype=np.bool_)
    for m in models:
        apart |= label[m] != label[models[0]]
    pairs = []
    for i, a in enumerate(models):
        for b in models[i + 1 :]:
            same = label[a] == label[b]
            share = proportion(int(same.sum()), len(same))
            pair: dict[str, Any] = {
                "first": a, "second": b, "n_agree": int(same.sum()), "agreement": share.value,
                "agreement_low": share.low, "agreement_high": share.high,
                "n_differ": int((~same).sum()),
            }  # fmt: skip
            if known.any():
                test = mcnemar(right[a], right[b])
                pair |= {
                    "only_first_right": int((right[a] & ~right[b]).sum()),
                    "only_second_right": int((right[b] & ~right[a]).sum()),
                    "p_value": test.p_value,
                    "accuracy_difference": right[a].mean() - right[b].mean(),
                    "difference_percentage_points": 100 * (right[a].mean() - right[b].mean()),
                }
            pairs.append(pair)
    accuracies = []
    for m in models if known.any() else ():
        share = proportion(int(right[m].sum()), int(known.sum()))
        accuracies.append(
            {"model": m, "accuracy": share.value, "low": share.low, "high": share.high,
             "n_correct": int(right[m].sum())}
        )  # fmt: skip
    return {
        "n_events": len(indices),
        "n_with_truth": int(known.sum()),
        "level": 0.6826894921370859,
        "significance": 0.05,
        "accuracies": accuracies,
        "pairs": pairs,
        "n_all_agree": int((~apart).sum()),
        "n_differ": int(apart.sum()),
        "disagreements": [
            {"event": indices[i], "probabilities": {m: p[m][i].max() for m in models}}
            for i in np.flatnonzero(apart)[:100]
        ],
    }


def _one(source: Source, step: Step, model: str) -> dict[str, Any]:
    index = (step.indices or [0])[0]
    p = source.probabilities(model, [index])[0]
    return {"event": index, "p_nue_cc": p[0], "p_numu_cc": p[1], "p_nc": p[2]}


def _explain(source: Source, step: Step) -> dict[str, Any]:
    from classifier.topology import measure

    model = step.arguments["model"]
    event = source.events[(step.indices or [0])[0]]
    measured = measure(event)
    topology = {f.name: getattr(measured, f.name) for f in fields(measured)}
    found = _one(source, step, model) | {"topology": topology}
    classifier = source.workspace.classifier(model)
    if hasattr(classifier, "explain"):
        explained = classifier.explain(event)
        scores = [e.score for e in explained.evidence if e.score is not None]
        found |= {
            "text": explained.text,
            "claims": [
                {"claimed": e.claimed, "measured": e.measured, "score": e.score, "unit": e.unit}
                for e in explained.evidence
            ],
            "mean_score": float(np.mean(scores)) if scores else None,
        }
    return found


def _display(source: Source, step: Step) -> dict[str, Any]:
    shown = []
    for index in step.indices or []:
        event = source.events[index]
        energy = event.truth.energy if event.truth else None
        shown.append({"event": index, "energy_gev": energy, "n_hits": len(event.hits)})
    n = len(step.result.get("selected", shown))
    return {"n_selected": n, "n_shown": len(shown), "shown": shown}


def _similar(source: Source, step: Step) -> dict[str, Any]:
    model = source.workspace.classifier(step.arguments["model"])
    own = (step.indices or [0])[0]
    others = [int(n["event"]) for n in step.result["neighbours"]]
    vectors = np.asarray(model.embed(source.events.take([own, *others])), dtype=np.float64)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    table = source.events.table
    return {
        "event": own,
        "n_searched": step.result["n_searched"]
        if step.arguments.get("among", "all") != "all"
        else len(source.events),
        "neighbours": [
            {"event": i, "similarity": v @ vectors[0], "energy_gev": float(table["energy"].loc[i])}
            for i, v in zip(others, vectors[1:], strict=True)
        ],
        "class_counts": _class_counts(table["truth"].loc[others]),
    }


def _probe(source: Source, step: Step) -> dict[str, Any]:
    from assistant.tools.changes import changed_events
    from assistant.tools.probe_event import Region
    from classifier.evaluation.robustness import drop_view, lower_resolution

    model = step.arguments["model"]
    found = _one(source, step, model)
    event = source.events.take([found["event"]])
    p = np.array([found["p_nue_cc"], found["p_numu_cc"], found["p_nc"]])
    names = [v.name for v in event.geometry.views]
    probes: list[dict[str, Any]] = []
    for said in step.result["probes"]:
        changed = event
        words = said["change"]
        if m := re.fullmatch(r"without view (.+)", words):
            for name in m[1].split(" and "):
                changed = drop_view(changed, names.index(name))
        elif m := re.fullmatch(r"with view (.+) alone", words):
            for i, name in enumerate(names):
                changed = changed if name in m[1].split(" and ") else drop_view(changed, i)
        elif m := re.fullmatch(r"at 1/(\d+) of the resolution", words):
            changed = lower_resolution(changed, int(m[1]))
        else:
            # What a mask covers is the tool's own decision; what the classifier says of it is not.
            region = next(r for r in get_args(Region) if r in words)
            views = step.arguments.get("views")
            words, changed = next(changed_events(event, "mask", views, region, 2))
        after = source.workspace.classifier(model).predict(changed).probabilities[0]
        probes.append(
            {
                "change": words,
                "p_nue_cc": float(after[0]),
                "p_numu_cc": float(after[1]),
                "p_nc": float(after[2]),
                "probability_of_first_label": float(after[p.argmax()]),
            }
        )
    return found | {"probability": p.max(), "probes": probes}


def _particle(_: Source, step: Step) -> dict[str, Any]:
    from particle import Particle

    found = Particle.from_pdgid(step.result["pdg_id"])
    seconds = found.lifetime * 1e-9 if found.lifetime and math.isfinite(found.lifetime) else None
    return {
        "pdg_id": int(found.pdgid),
        "mass_mev": found.mass,
        "lifetime_s": seconds,
        "lifetime_microseconds": None if seconds is None else seconds * 1e6,
        "lifetime_nanoseconds": None if seconds is None else seconds * 1e9,
        "ctau_cm": None if found.ctau is None or seconds is None else found.ctau / 10,
        "charge": float(found.charge or 0),
        "spin": found.J,
        "quarks": step.result["quarks"],
    }


def _knowledge(_: Source, step: Step) -> dict[str, Any]:
    """Look each quoted passage up in its document, where that is a shipped one."""
    from pathlib import Path

    import knowledge
    from knowledge.documents import read_document

    corpus = Path(knowledge.__file__).parent / "corpus"
    quotes = []
    for quote in step.result.get("quotes", []):
        path = corpus / f"{quote['document']}.md"
        if path.exists():
            text = " ".join(" ".join(s.text.split()) for s in read_document(path).sections)
            quotes.append({"text": quote["text"] if quote["text"] in text else "not found"})
        else:
            quotes.append({})
    return {"quotes": quotes}


COMPUTE: dict[str, Callable[[Source, Step], dict[str, Any]]] = {
    "describe_dataset": _describe,
    "select_events": _select,
    "classify_events": _classify,
    "compare_classifiers": _compare,
    "aggregate_statistics": statistics,
    "explain_event": _explain,
    "display_event": _display,
    "find_similar_events": _similar,
    "probe_event": _probe,
    "search_knowledge": _knowledge,
    "particle_properties": _particle,
}
