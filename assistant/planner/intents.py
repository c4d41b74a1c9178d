"""Which tool a clause asks for: words weigh for each tool, and what the clause names decides."""

from __future__ import annotations

import re
from typing import Any

from assistant.planner.arguments import read_by, sort_arguments
from assistant.planner.builder import LOOK_UP
from assistant.planner.filters import outcome
from assistant.planner.intent_model import DECLINE, intent_points, likely_statistic
from assistant.planner.intent_words import PHYSICS_PROPERTY, WEIGHTS
from assistant.planner.lexicon import MODEL_PATTERNS
from assistant.planner.slots import Slots
from assistant.planner.statistic import COUNTED_EXTREMES, SHARE, read_statistics
from assistant.planner.subject import is_outside

MEASURED = {
    "longest_track_cm", "vertex_gap_cm", "initial_dedx", "shower_score", "n_prongs",
    "vertex_activity", "track_straightness",
}  # fmt: skip
"""Columns of the topology that is measured on the image of one event."""
VERDICTS = {"confidence", "score", "p_nue_cc", "p_numu_cc", "p_nc"}
_ANY_MODEL = "|".join(MODEL_PATTERNS.values())
_LEANS = r"(?:and|or|now|but|only|just|what about|how about|what if)\b"

_POLITELY = r"(?:(?:please|now|and|then|ok|so|could you|can you|would you|i want to|let us) )*"
_OPENING = (
    (r"classify|label|tag|(?:do|perform|make) (?:a |the )?classif\w+", "classify_events", 12),
    (r"display|draw|render|visuali[sz]e", "display_event", 7),
    (r"explain|justify", "explain_event", 4),
    (
        r"(?:explain|why|justify)(?=.*\b(?:most|least|\w+est|first|last|random)\b.*\b(?:event|one"
        r"|nue|numu|nutau|nc|interaction)\b)",
        "explain_event",
        14,
    ),
    (r"compare|contrast", "compare_classifiers", 4),
    (
        r"(?:i (?:wish|want|need|(?:woul)?d like) )?(?:(?:give|show|make|do|run)(?: me)? )?"
        r"(?:an? |the )?compari[sz]?i?on",
        "compare_classifiers",
        12,
    ),
    (r"select|list|pick out|filter", "select_events", 6),
)
"""The verb that a request opens with says what is wanted."""
_ALIKE = r"\b(?:both|all (?:the )?(?:3|models|classifiers|networks)|each of the)\b"
_EVENTS_WHERE = (
    r"\b(?:events?|ones|nue|numu|nc)\b(?: [\d.]+| \w+)*? (?:where|that|which|for which)\b"
)
_CHANGED = (
    r"\b(?:if|without|mask\w*|drop\w*|missing|dead|hid\w*|remov\w*|classif\w*|what|label|verdict)\b"
)
_VIEWS_ONLY = (
    r"(?=.*\b(?:classif|label|call|predict|verdict|say|think|run|identif|decide|tell|take|see)\w*)"
    r".*\b(?:alone|only|just|nothing but|solely|(?:single|one) (?:view|plane)|without)\b"
)
"""A verdict is asked of some of the views: "how is it classified from the V view alone?"."""
_LIKE_A_CLASS = (
    r"\b(?:classified|called|labell?ed|predicted|identified) (?:like|that way|so)"
    r"|\b(?:nue|numu|nc|electron|muon|e|mu)[ -]like\b"
    r"|\blook\w*\b.* like (?:an? )?(?:nue|numu|nc)s?\b(?! (?:event|interaction))"
)
_DEFINES = (
    r"^(?:(?:and|so|but|please|tell me|remind me|explain(?: to me)?),? )*what (?:(?:is|are)"
    r" (?:an? |meant by )"
    r"|(?:is|are) (?:the )?(?:definition|meaning) of|(?:is|are) [\w-]+(?: [\w-]+)? (?:anyway|again"
    r"|actually|exactly|in general|about)\W*$|[\w-]+(?: [\w-]+)? (?:is|are|means?|stands? for)\W*$)"
)
"""Asks what a word means: "what is a confusion matrix?"."""
_CHECKED = (
    r"(?:and |so |but )*(?:does|is|was|did) (?:that|this|it) (?:(?:what|how) it |also |indeed )?"
    r"(?:agree|match|fit|right|correct|true|really|actually)\b"
)
"""Whether a verdict is true: "is that right?"."""
_SUCH_SIGNS = (
    r"\b(?:any(?:thing)?|something|signs?|hints?|traces?|one|features?|an?) (?:\w+ )?(?:like|of|as)"
    r" (?:that|this|those|these|it)\b|\bsuch an?\b|\b(?:show|have|see) (?:any |that|this|such)"
)
WHICH_OF_THEM = (
    r"(?:(?:please|and|then|also|tell me|list|show(?: me)?|say|give me|name) )*"
    r"(?:which|the ones?|those)(?: ones?| events?)? (?:that )?"
    r"(?:are|is|were|(?:it|they) (?:calls?|labels?)|comes? out|counts? as)\b"
)
"""Begins a clause that asks for some of the events of the clause before."""


def weigh(text: str, slots: Slots, *, before: str | None) -> dict[str, float]:
    """Return the weight of each tool for a clause.

    Parameters
    ----------
    text : str
        Normalised clause.
    slots : Slots
        What was read in it.
    before : str or None
        The tool that was called last, in an earlier turn or clause.
    """
    has_previous = before is not None
    scores: dict[str, float] = {}
    for tool, patterns in WEIGHTS.items():
        scores[tool] = sum(w for w, words in patterns if re.search(rf"(?:{words})", text))
    statistics = read_statistics(text)
    if statistics == ["least_sure"] and slots.cuts.threshold is not None:
        statistics = []  # cut on the confidence, the events are asked for
    for verbs, tool, weight in _OPENING:
        if tool == "classify_events" and (slots.views or scores["probe_event"] > 5):
            continue  # "classify it using only U": what is changed says more
        if not statistics and re.match(rf"{_POLITELY}(?:{verbs})\b", text):
            scores[tool] += weight
    scores["aggregate_statistics"] = _aggregate_weight(text, slots, statistics)
    _adjust_for_events(text, slots, scores, statistics, before)
    _adjust_for_models(text, slots, scores, statistics, has_previous)
    _adjust_for_knowledge(text, slots, scores, statistics, has_previous)
    if is_outside(text, slots):
        # A tool's word whose object is no event of ours: "how pure must the argon be?"
        scores = {t: w if t in LOOK_UP else min(w, 1.0) for t, w in scores.items()}
        scores["search_knowledge"] = max(scores["search_knowledge"], 0.0) + 6
    scores[DECLINE] = 0.0
    outside = is_outside(text, slots)
    ours = _names_ours(slots) and not outside
    for tool, points in intent_points(text, slots, before).items():
        look_up = tool in (*LOOK_UP, DECLINE)
        elsewhere = outside and (not look_up or tool == DECLINE)
        if not (points > 0 and (elsewhere or (ours and look_up))):
            scores[tool] += points
    if re.search(_LIKE_A_CLASS, text) and not slots.single:
        scores["find_similar_events"] = min(scores["find_similar_events"], 0.0)
    if re.search(_DEFINES, text) and not (
        outside or _names_ours(slots) or (has_previous and slots.them)
    ):
        scores["aggregate_statistics"] = min(scores["aggregate_statistics"], 2.0)
        scores["search_knowledge"] += 6
    by_verdict = (sort_arguments(text) or ("",))[0].startswith(("p_", "confidence"))
    if by_verdict and not statistics and slots.single is None:
        drawn = re.match(rf"{_POLITELY}(?:display|draw|plot|render)\b", text)
        scores["display_event" if drawn else "select_events"] += 14
    if slots.expression and text == slots.expression:
        scores["select_events"] += 12
    of_events = slots.classes or re.search(r"\b(?:which|who\w*|events?|ones?)\b", text)
    plotted = re.match(rf"{_POLITELY}(?:plot|draw|histogram)\b", text)
    by_rank = not statistics and of_events and not plotted and sort_arguments(text)
    named = statistics or (slots.columns and not by_rank) or read_by(text)
    if by_rank and not named:
        scores["aggregate_statistics"] = min(scores["aggregate_statistics"], 2.0)
    elif not named and likely_statistic(text, slots, before) is None:
        # What sounds like a statistic, but names none, is no reason to compute one.
        scores["aggregate_statistics"] = min(scores["aggregate_statistics"], 2.0)
    return scores


def _names_ours(slots: Slots) -> bool:
    """Whether a clause names events or classifiers, so that it is no question about the world."""
    return bool(slots.names_events or slots.models or slots.cuts.filters or slots.views)


def _aggregate_weight(text: str, slots: Slots, statistics: list[str]) -> float:
    if not statistics:
        return 0.0
    first = statistics[0]
    if first == "count" and re.search(r"\b(?:probability|chances?|likelihood|odds|risk)\b", text):
        return 16.0  # "the chance that an NC is called nue"
    weight = {"count": 5.0, "mean": 6.0, "histogram": 7.0, "accuracy": 7.0}.get(first, 9.0)
    if first == "mean" and not (slots.columns or slots.models):
        weight = 3.0
    if first in ("worst_mistakes", "least_sure") and re.search(
        r"\b(?:show|list|give|find|which|what|rank|display|tell)\b", text
    ):
        weight += 3
    return weight


def _adjust_for_events(
    text: str, slots: Slots, scores: dict[str, float], statistics: list[str], before: str | None
) -> None:
    has_previous = before is not None
    alone = not slots.events and len(slots.bare.numbers) == 1 and len(slots.bare.expressions) == 1
    single = slots.single is not None or slots.it or slots.events.head in (1, -1) or alone
    some = slots.names_events or bool(slots.cuts.filters)
    about_events = some or re.search(r"\b(?:events?|interactions|entries)\b", text) is not None
    if not single:
        scores["explain_event"] -= 3 if not about_events or slots.them else 1
        leaning = has_previous and not slots.cuts.filters and not slots.classes
        scores["find_similar_events"] -= 4 if not some and not leaning else 0
    if single and scores["explain_event"] > 0 and not re.search(r"data ?set|sample|file", text):
        scores["explain_event"] += 3
    if before == "search_knowledge" and single and re.search(_SUCH_SIGNS, text):
        scores["find_similar_events"] = 0.0
        scores["explain_event"] += 16  # what the documents told of, looked for in an event
    if before == "find_similar_events" and slots.them:
        scores["find_similar_events"] = 0  # "what are those neighbours?"
    if single and scores["find_similar_events"] > 0:
        scores["find_similar_events"] += 3
    if single and slots.views and re.search(_VIEWS_ONLY, text):
        scores["probe_event"] += 16
    if scores["probe_event"] > 0:
        strong = bool(slots.views) or re.search(
            r"resolution|mask|counterfactual|coarse|downsampl|half|region"
            r"|vertex|shower|blank|granular|perturb|robust|stress",
            text,
        )
        scores["probe_event"] += (
            4 if (single and strong) else (1 if single else (-1 if strong else -8))
        )
        if slots.views and re.search(
            r"\b(?:dead|missing|lost|without|drop\w*|kill\w*|gone|off)\b", text
        ):
            scores["probe_event"] += 4
        if statistics and not single:
            scores["probe_event"] -= 6
    if re.match(
        rf"{_POLITELY}(?:show|display|draw|plot)(?: me)? (?:only |just )?(?:the )?", text
    ) and (slots.views and not re.search(_CHANGED, text)):
        scores["probe_event"] = 0.0  # "show only the collection view of event 50"
    if scores["display_event"] > 0:
        if single or slots.events.expressions or slots.them:
            scores["display_event"] += 2
        elif not about_events:
            scores["display_event"] -= 2
    listed = (
        rf"{_POLITELY}(?:show|give|print|list)(?: me)? (?:all )?(?:the|their) (?:\w+ )?energies\b"
    )
    if slots.events.expressions and not statistics and re.match(listed, text):
        scores["display_event"] = -12.0
        scores["select_events"] += 20  # "show the energies of events 5 to 10"
    if scores["select_events"] > 0 and single and not slots.cuts.filters:
        scores["select_events"] -= 3
    if scores["select_events"] > 0 and (slots.cuts.filters or slots.classes or slots.them):
        scores["select_events"] += 2
    if not any(
        scores[t] > 0 for t in scores if t not in ("search_knowledge", "describe_dataset")
    ) and (slots.cuts.filters and about_events and not (has_previous and re.match(_LEANS, text))):
        scores["select_events"] += 4
    cuts = " ".join(slots.cuts.filters)
    if (
        (slots.it or slots.single is not None)
        and slots.cuts.filters
        and not statistics
        and re.match(r"(?:and |so |but )*(?:does|do|did|has|have|is|are|was|were)\b", text)
        and not re.search(
            r"\b(?:label|p_n\w+|confidence|correct|has_shower|track_\w+|n_(?:prong|shower"
            r"|track)s)\b",
            cuts,
        )
    ):
        scores["describe_dataset"] += 24  # "does it have protons?"
    contents = {"protons", "neutrons", "charged_pions", "neutral_pions"} & set(slots.columns)
    pions = re.search(r"\bhow many (?:\w+ )?pions?\b", text)
    if single and statistics == ["count"] and (contents or pions):
        scores["describe_dataset"] += 24  # "how many protons does event 12 have?"
    if has_previous and re.match(_CHECKED, text):
        scores["describe_dataset"] += 12
    if re.search(r"\b(?:sort|rank|order)\b.*\bby\b", text) and sort_arguments(text):
        scores["select_events"] += 10
    if single and re.match(r"(?:and |so |but )*why\b", text):
        scores["explain_event"] += 8
    asked_for = ("display_event", "explain_event", "probe_event", "find_similar_events")
    if single and slots.classes and not statistics and all(scores[t] < 3 for t in asked_for):
        scores["classify_events"] += 6  # "nue or numu, event 160?"
    which = r"(?:and |so )?which (?:of (?:the|all)|events?|ones)\b"
    if slots.cuts.filters and not statistics and not single and re.match(which, text):
        scores["select_events"] += 6
        scores["explain_event"] = min(scores["explain_event"], 0.0)  # a shower is a cut here
    if outcome(text) and not statistics and (slots.names_events or slots.classes):
        scores["select_events"] += 12
    if not single and not has_previous and re.search(r"\bwhat happens to an? ", text):
        scores["probe_event"] -= 20
    if scores["classify_events"] > 0 and some:
        scores["classify_events"] += 1
    # "How long is its longest track": measured on one event, an average over many.
    if single and scores["explain_event"] > 0 and statistics[:1] in (["mean"], ["count"], []):
        scores["aggregate_statistics"] -= 3
    if not statistics and slots.columns and read_by(text):
        scores["aggregate_statistics"] += 14  # "does the number of hits depend on the class?"
    measured = slots.events.expressions and set(slots.columns) <= MEASURED
    if not single and slots.columns and (statistics or measured):
        scores["aggregate_statistics"] += 3 if statistics else 14
        scores["explain_event"] -= 3 if statistics else 9
    if (
        single
        and not statistics
        and scores["probe_event"] <= 0
        and slots.columns
        and set(slots.columns) <= MEASURED
    ):
        scores["explain_event"] += 9
    if single and not statistics and slots.columns and set(slots.columns) <= VERDICTS:
        scores["classify_events"] += 8
    about_file = re.search(
        r"\b(?:this|the|my|our|your) (?:data ?set|data|file|sample|input)\b|\bin here\b"
        r"|\bhave (?:we|i|you|here)\b|\b(?:we|i|you) have (?:here|opened|loaded)?|(?:images"
        r"|pictures|maps)\b|\b(?:true )?classes\b|loaded|opened",
        text,
    )
    if (
        about_file
        and not statistics
        and not slots.models
        and not some
        and not slots.classes
        and re.search(
            r"\b(?:facts?|what|which|how|balance|present|contained?|describe|overview"
            r"|resolution|size|numbers|give|tell|summar\w+|info\w*|details?)\b",
            text,
        )
        and not re.search(r"train|in general|transformer|network|dune\b|larsoft", text)
    ):
        scores["describe_dataset"] += 7
    if (
        slots.names_events
        and not slots.expression
        and re.search(
            r"\btru(?:e|th)\b.*\b(?:class|label|flavou?r|type|identity|energy|mode)|\btruth\b"
            r"|\bmode\b|\bfinal[ -]state|which (?:final )?particles|\brecorded of\b|\bgenerator\b",
            text,
        )
        and not statistics
        and not slots.models
    ):
        scores["describe_dataset"] += 14
    elif (
        single
        and not statistics
        and {"energy", "lepton_energy", "protons", "n_hits"} & set(slots.columns)
        and scores["display_event"] < 4
    ):
        scores["aggregate_statistics"] += 8
        scores["explain_event"] -= 6
    ranked = slots.classes or re.search(rf"\b(?:events?|ones?|which\w*)\b|{COUNTED_EXTREMES}", text)
    opened = re.match(rf"{_POLITELY}(?:explain|justify|why|classify|label|probe)\b", text)
    ranked = ranked or re.fullmatch(r"(?:the )?\d+ (?:longest|shortest) (?:muon )?tracks?\W*", text)
    if sort_arguments(text) and ranked and not (statistics or single or opened):
        scores["select_events"] += 5 if scores["display_event"] <= 0 else 0
        scores["explain_event"] -= 6
    of_verdict = some or (has_previous and slots.models)
    if re.match(r"(?:please )?explain (?:how|what|why|to me)\b", text) and not of_verdict:
        scores["explain_event"] -= 8
        scores["search_knowledge"] += 6
    if statistics[:1] in (["worst_mistakes"], ["least_sure"]):
        scores["select_events"] -= 8
    if statistics == ["count"]:
        split_by = read_by(text)
        whole = (
            split_by in (None, "truth")
            and not (slots.classes and re.search(SHARE, text))
            and not slots.cuts.filters
            and not slots.models
            and not (slots.them and has_previous)
            and not slots.names
        )
        predicted = any(c.role == "predicted" for c in slots.classes)
        if not (whole and not predicted and not slots.events):
            scores["aggregate_statistics"] += 4
            scores["describe_dataset"] -= 4
        else:
            scores["describe_dataset"] += (
                6 if slots.classes or scores["describe_dataset"] > 0 else 0
            )
            if not about_events and not slots.classes and not about_file:
                # "How many angels dance on a pin" counts nothing that was opened.
                scores["aggregate_statistics"] = 0
    elif statistics:
        averaged = statistics[0] in ("mean", "histogram") and slots.columns
        scores["describe_dataset"] -= 12 if averaged else 4


def _adjust_for_models(
    text: str, slots: Slots, scores: dict[str, float], statistics: list[str], has_previous: bool
) -> None:
    n = len(slots.models)
    described = outcome(text) and re.search(r"\b(?:events?|ones?|nue|numu|nc)\b", text)
    apart = outcome(text)[0].startswith("correct_") if outcome(text) else False
    if (
        n >= 2
        and statistics == ["accuracy"]
        and "accura" not in text
        and not read_by(text)
        and not (described and (sort_arguments(text) or re.search(_EVENTS_WHERE, text)))
    ):
        scores["compare_classifiers"] += 20  # "how do the 3 fare on those?"
    judged = any(c.role == "predicted" for c in slots.classes) or outcome(text) != []
    if n >= 2 and judged and "count" not in statistics and (apart or re.search(_ALIKE, text)):
        where = re.search(_EVENTS_WHERE, text)
        scores["select_events"] += (
            28 if where else 12
        )  # "true nue that both the CNN and the ViT call NC"
        scores["compare_classifiers"] -= 20 if apart or where else 8
    if n >= 2:
        scores["compare_classifiers"] += (
            5 if scores["compare_classifiers"] > 0 else (2 if not statistics else 0)
        )
        if re.match(r"(?:and |so )?(?:where|who|whether)\b", text):
            scores["compare_classifiers"] += 5
        if scores["classify_events"] > 0 and not scores["compare_classifiers"] > 2:
            scores["classify_events"] += 2
    elif scores["compare_classifiers"] > 0:
        models = re.search(
            r"\b(?:models?|classifiers?|networks?|each other|one another|architectures?)\b", text
        )
        verb = bool(re.search(r"\bcompar(?:e|ison)\b|significan|\bwho (?:is|was)\b", text)) or (
            has_previous and not slots.classes
        )
        if has_previous and re.search(r"\b(?:else|otherwise|different(?:ly)?|another)\b", text):
            scores["compare_classifiers"] += 5
        scores["compare_classifiers"] += 1 if models else (-1 if verb else -5)
    if n == 1 and not statistics and re.match(rf"(?:the )?(?:{_ANY_MODEL})[ ,:]", text):
        scores["classify_events"] += 4
    if n == 1 and re.match(r"(?:please |now )?(?:have|let|make|ask|get)\b", text):
        scores["classify_events"] += 6
        scores["display_event"] -= 4
    if (
        n == 1
        and statistics == []
        and not any(
            scores[t] > 3
            for t in ("probe_event", "find_similar_events", "explain_event", "compare_classifiers")
        )
    ):
        scores["classify_events"] += 4 if slots.names_events or slots.classes else 2
    cuts = " ".join([*slots.cuts.filters, slots.expression or ""])
    on_verdicts = re.search(r"\b(?:p_n\w+|label|confidence|correct)\b", cuts) or (
        slots.cuts.threshold is not None and re.search(r"\bevents\b", text)
    )
    roles = {c.role for c in slots.classes}
    misjudged = roles >= {"true", "predicted"} and re.match(r"(?:which|what|list|show)\b", text)
    if (
        (on_verdicts or misjudged)
        and not statistics
        and not re.search(r"\b(?:classify|run|predict)\b", text)
    ):
        # Cut on a verdict, the events are what is asked for.
        scores["select_events"] += 8
    if statistics and statistics[0] not in ("count", "mean", "histogram"):
        scores["classify_events"] -= 3
        scores["display_event"] -= 2
        scores["select_events"] -= 2


def _adjust_for_knowledge(
    text: str, slots: Slots, scores: dict[str, float], statistics: list[str], has_previous: bool
) -> None:
    data: Any = (
        slots.names_events
        or slots.models
        or slots.cuts.filters
        or slots.cuts.threshold is not None
        or re.search(
            r"\b(?:events? \d|data ?set|(?:this|our|my|the) (?:data|sample"
            r"|file|events?|classifiers?|selection)|here\b|of (?:them|those"
            r"|these)|classified|each (?:true )?class|i (?:have )?opened)",
            text,
        )
    )
    data = data or slots.it or bool(slots.bare.numbers and re.match(r"(?:and |so )?why\b", text))
    knowledge = scores["search_knowledge"]
    if data and not re.search(
        r"in general|according to the (?:literature|paper|pdg)|literature|papers?\b|\bdocument",
        text,
    ):
        scores["search_knowledge"] = knowledge - 5
    elif knowledge:
        definition = re.search(
            r"what (?:does|do|is meant)\b.*\bmean\b|what (?:is|are) (?:an? )?(?!the\b|its\b)"
            r"|how (?:is|are|does|do|can|could|fast|far|deep|thick|dense|cold|much|would)\b"
            r"|why (?:is|are|do|does|can|can't|cannot|must|should|not)|difference between|define"
            r"|definition|what (?:distinguishes|separates)|explain (?:what|how|why|the concept)"
            r"|tell me about|meant by|\bworks?\b|principle|where (?:is|does)|who\b|when\b",
            text,
        )
        scores["search_knowledge"] += 3 if definition else 0
        # A concept in a general sentence, not asked of the events.
        general = not re.search(r"\bevents?\b", text) and not statistics
        scores["search_knowledge"] += 2 if general else 0
        if definition and not data and statistics and not slots.classes and not slots.columns:
            scores["search_knowledge"] += 4
            scores["aggregate_statistics"] -= 5
        if definition and not data and (slots.classes or general):
            for tool in (
                "explain_event",
                "classify_events",
                "display_event",
                "select_events",
                "compare_classifiers",
                "probe_event",
            ):
                scores[tool] -= 4
    # "The charge of the proton and its mass": the particle is what "its" stands for.
    particle = slots.particle and (
        not slots.names_events or (slots.it and not slots.events and text.find("its") > 0)
    )
    if particle and not slots.models and not slots.cuts.filters:
        asks = re.search(rf"(?<![\w-])(?:{PHYSICS_PROPERTY})(?![\w-])", text)
        general = not re.search(
            r"\bevents?\b|candidates|selection|data ?set|sample|energ(?:y|ies) (?:of|in)", text
        )
        medium = re.search(
            r"liquid|\bargon\b(?! (?:mass|nucle))|drift|detector|lartpc|\btpc\b|\bin (?:lar"
            r"|matter|water|air)\b|electron lifetime|radiation length|recombin|beam|oscillat"
            r"|shower|ordering|hierarchy|attenuat",
            text,
        )
        if asks and general and not medium and not (statistics and slots.columns):
            scores["particle_properties"] = 14.0
            scores["search_knowledge"] = min(scores["search_knowledge"], 9.0)
