"""Turns that change one thing of the turn before: "and the ViT?", "above 20", "the next one"."""

from __future__ import annotations

import re
from typing import Any

from assistant.planner import arguments as args
from assistant.planner.builder import LOOK_UP, OF_LAST
from assistant.planner.carried_numbers import bounds_of, carry_numbers
from assistant.planner.dialogue import ONE_EVENT, Call, Turn
from assistant.planner.filters import class_filters, outcome
from assistant.planner.follow_up import CORRECTION, JUDGED, REPLACED, again, repeat, replaceable
from assistant.planner.fragments import calls_for_another, edits, is_fragment
from assistant.planner.intent_words import PHYSICS_PROPERTY
from assistant.planner.lexicon import DIFFER
from assistant.planner.lifted_cuts import lifts
from assistant.planner.probe_change import read_change
from assistant.planner.ranges import EventNumbers
from assistant.planner.requests import RequestBuilder
from assistant.planner.slots import Slots
from assistant.planner.statistic import read_statistics
from assistant.planner.text import normalise

_SAME = (
    r"\b(?:the same|same (?:thing|for|with|on|at|again|question)|do (?:it|that|this) (?:again|too"
    r"|for|with|on)|likewise|ditto|again|repeat)\b|\b(?:restrict|limit|narrow|confine|apply|extend"
    r"|redo|repeat) (?:that|it|this|these|them|those) (?:down )?(?:to|for|on|only)\b|^(?:and |now "
    r"|but )*(?:only|just) (?:for|on|with|in)\b"
)
_NOT_SAME = (
    r"same (?:events?|ones|selection|set|sample|class|answer|label|verdict|\d+|range|kind)"
    r"|still|\bthem again"
)
_SHOW_NUMBER = r"(?:(?:ok|now|and|then|please) )*(?:show|display|draw)(?: me)? (?:event |#)?\d+\W*$"
_OF_NUMBER = r"(?:(?:ok|now|and|then|please|just) )*(?:display|draw|explain|classify|label|probe)\b"
_SEEN = (
    r"(?:(?:and|now|then|ok|please|could|can|may|might|i|you|we|let|me|us|just|want to|would like"
    r" to|like to) )*(?:see|look at|view|have a look at)\b"
)
_AS_PLOT = (
    r"^(?:(?:and|now|can you|could you|please|ok) )*(?:plot|draw|show|histogram)(?: me)? (?:it|that"
    r"|this|them|@\w+|the (?:distribution|histogram|spectrum)|(?:it |that )?as an? \w+)\b(?! (?:of"
    r"|for|event|ones?)\b)|\bas an? (?:plot|histogram|graph|chart|figure|distribution|curve)\W*$"
)
_HOW_MANY_DIFFER = (
    r"^(?:(?:and|so|but|ok|on|for|in|tell me) )*(?:how (?:many|often)|what (?:fraction|share"
    rf"|number))\b.*\b{DIFFER}"
)
_WHICH_DIFFER = (
    r"^(?:(?:and|so|but|ok|on|for|in|list|show|give|draw|me|us|tell) )*(?:which|where|the ones?"
    r"|those"
    rf"|what)\b(?: (?:events?|ones?|of (?:them|those|these)))? .*\b{DIFFER}"
)
_SUCH = r"(?:and |so |but )*how (?:many|often)\b.*\b(?:such|of (?:those|these|them)|are there)\b"
_NOT_SO = (
    r"\b(?:ones?|those|which|any|events?) (?:that |which )?(?:is|are|was|were|do|does|did) not\W*$"
)
_RANK = (
    r"\b(?:(?P<most>most|highest|largest|biggest|longest|greatest|maximum)|fewest|least|lowest"
    r"|smallest|shortest|minimum)\b"
)
_LISTS = (
    r"(?:(?:and|now|then|please|ok|so) )*(?:list|show|display|draw|which|what are|give|see|name)\b"
)
_SPLIT_IT = (
    r"\b(?:break|split|divide|separate|group|bin|resolve)\w* (?:that|it|this|them|those|these|the"
    r" \w+)\b"
)
_SAME_RANGE = (
    r"\b(?:in|at|over|for|within|on) (?:that|this|the same|those|these|the last)(?: last| same"
    r"| energy)* (?:energ(?:y|ies)|bin|range|window|interval|slice|region|regime)\b"
)
_BEST = (
    r"(?:and |so |but )*(?:which|who) (?:one |model |of them )?(?:gets?|got|is|was|does|did|has"
    r"|performs?|makes) (?:the )?(?:most|more|best|better|fewest|fewer|highest)\b"
)
_ALSO = r"\b(?:also|additionally|in addition|on top|moreover|besides|furthermore)\b"
_VERDICT_ON = (
    r"(?:and |so |but )*(?:what|how) (?:do|does|did|would|will) (?:the )?\w+ (?:make|say|think|call"
    r"|label|classify|identify|judge|predict)\b"
)
_SORTS = r"\b(?:sort|order|rank|arrange)(?:ed|ing)?\b"
_REVERSED = r"\b(?:revers\w+|invert\w*|(?:the )?other way (?:a?round)?|upside down)\b"
_ASKS = r"(?:and |so |but )*(?:what|which|why|how|where|when|who|is|are|does|do|can|could)\b"
_OF_DATA = r"\b(?:events?|data\w*|files?|samples?|here|classif\w+|models?|networks?|you|we|i)\b"
_THAN = (
    r"^(?:and |now |please )*compare (?:that |it |this )?(?:with|to|against)\b"
    r"|^(?:and |but |so )*(?:better|worse|higher|lower|larger|smaller) than\b"
    r"|^(?:and |but |so )*(?:is|are|was|were) (?:that|this|it|they|these)\b.*\b(?:better|worse"
    r"|higher|lower|larger|smaller|different|the same|comparable)\b"
)
_NETWORK = r"\b(?:vlm|vit|cnn|events?|classifiers?|networks?)\b|\d"
_GIVES = (
    r"(?:and |but |so )*what (?:does|would|did|will) (?:the )?\w+ (?:give|get|reach|yield|achieve)"
    r"(?: there| here| then| (?:for|at) (?:that|this|it))?\W*$"
)
_TOPIC = (
    r"(?:(?:and|or|but|so) |what about |how about )+(?:(?:in|for|of|at) )?(?:the |an? )?"
    r"[\w-]+(?: [\w-]+)?\W*"
)
"""Names something else to look up: "and MicroBooNE?"."""
_AMONG = r"\b(?:among|amongst|within|search|look|only|restrict)\b"
_SHARE_OF = (
    r"(?:and )?(?:what |is |(?:as|in) (?:an? )?|the |that )+"
    r"(?:percentage|fraction|share|proportion|percent|%) of\b"
)
_NEW_SPLIT = r"^(?:and |but |now |or )*(?:on|with|in|per|by) (?:the )?(?=(?:\w+ ){0,2}\w+\W*$)"
_MASKS = (
    r"(?:(?:and|now|please|then) )*(?:remove|mask|hide|erase|drop|blank|take away|without)\b.*"
    r"\b(?:tracks?|showers?|vertex|views?|planes?)\b"
)
_WHOLE_REQUEST = r"(?:is|are) (?:the )?(?:vlm|vit|cnn)\b|(?:plot|draw|show|histogram)\b"
"""Begins a request with a subject of its own: "is the cnn calibrated?"."""
_MIND = (
    r"(?:and |but )*(?:what|how) (?:would|could|might) (?:change|flip|turn|alter) (?:your mind"
    r"|(?:the|its|that|this) (?:verdict|label|answer|class|decision|classification)|it)"
)
_FEWER = (
    r"(?:(?:and|only|just) )*(?:the )?(?:top )?(\d+)"
    r"(?: events?| of them| ones)?(?: only| please)?[ .!?]*"
)
_OVERALL = (
    r"\b(?:data ?set|sample|file|in total|altogether|overall|all events|every(?:thing)?|in all"
    r"|in general)\b"
)
_RESULT = (
    r"(?:that|this|it|these|those|they|the (?:last )?(?:number|value|result|figure|answer|one)s?)"
)
_NUMBER_WORD = r"(?:number|value|result|figure|answer|estimate)s?"
_OF_RESULT = (
    r"(?:is|are|was) (?:it|you|they) (?:\w+ )?(?:sure|certain|confident)(?: (?:of|about) \w+)?",
    rf"(?:how|what) (?:sure|certain|confident|accurate|reliable|precise|good|trustworthy|solid)"
    rf" (?:are you|is {_RESULT})(?: (?:of|about|in) {_RESULT}(?: {_NUMBER_WORD})?)?",
    r"(?:(?:what|how large|how big|how wide) (?:is|are) )?(?:the |its |their |any )?(?:statistical"
    r" )?(?:error|uncertaint|interval|confidence interval|error bar)(?:y|ies|s)?(?: (?:on|of|for)"
    rf" {_RESULT}(?: {_NUMBER_WORD})?)?",
    rf"where (?:does|do|did|is|are|have) (?:{_RESULT}|you)(?: {_NUMBER_WORD})?"
    rf"(?: (?:get|have|take|got))?(?: {_RESULT})?(?: number)?(?: (?:come|taken))?(?: from)?",
    rf"(?:says who|according to (?:what|whom|which \w+)|(?:what|which) (?:document|source|paper)"
    rf"(?: (?:is|was|does|did|says) {_RESULT}.*)?|(?:what is )?(?:your|the) (?:source|evidence)"
    rf"|sources?|how (?:do you know|(?:did|do) you (?:get|compute|calculate|find|work out|determine"
    rf"|know|arrive at)(?: (?:to )?{_RESULT})?(?: number)?)|on what (?:basis|grounds)"
    rf"|what is {_RESULT} (?:number )?based on)",
    rf"(?:out )?of how many(?: events?)?|(?:based )?on how many(?: events?)?(?: is {_RESULT})?|how"
    rf" many (?:events )?(?:(?:is|was|are|were) {_RESULT}\b(?: (?:\w+ )?(?:on|from|of|in|over"
    rf"|with))?|(?:do|does|did) {_RESULT} (?:rest|depend|rely|come|use|include|cover|involve"
    r"|take)(?: \w+)?|(?:went|go|stood|stand|are) (?:in|into|behind) .*)|(?:what is )?(?:the|its)"
    r" (?:sample size|statistics)",
    rf"(?:{_RESULT} )?(?:as|in|expressed as) (?:an? )?(?:percentages?|per cent|percent|fractions?|%"
    r"|rate|absolute numbers?)|and relative(?:ly)?",
    rf"is (?:{_RESULT}|the (?:difference|gap|improvement|gain|drop|loss|change|effect)|there an?)"
    r" (?:\w+ )?(?:statistically )?(?:significant|meaningful|real)(?: .*)?",
)
"""Asks about what was just answered: how sure, from where, out of how many, whether significant."""
_EVIDENCE = (
    r"(?:(?:what|where) is )?(?:your|the|its|any) (?:evidence|reason(?:ing)?|basis|grounds?|clues?)"
    r"(?: (?:for|of|behind) .*)?|on what (?:basis|grounds|evidence).*|(?:what|how) makes .*"
)
_FROM_DOCUMENTS = "It is quoted word for word from the document that is named behind it:"
_FROM_EVENTS = "It is computed from the events by the step below, run here once more:"
_HOW_MANY = (
    rf"(?:and |so |ok |then )*how many(?: (?:events|in total|is|are|was|were|{_RESULT}|there|left"
    r"|remain|remaining|of them))*"
)
_RECORDED = (
    r"(?:(?:and|so|or|what about|what is|the|its|true|neutrino|interaction|lepton|final) )*"
    r"(?:modes?|energy|class|flavou?r|truth|channel|type|state|contents?|protons?|pions?"
    r"|neutrons?)\W*"
)
"""Names something that is recorded of an event: "and the mode?"."""
_INSTEAD_OF = (
    r"\b(?:instead of|rather than|in place of|not(?= (?:the )?(?:vlm|vit|cnn)\b)) (.{2,40})$"
)
_WHICH_BIN = (
    r"(?:\b(?:which|what)(?: \w+)? (?:bin|range|group|slice|region|one|mode|class|interval"
    r"|of them)\b|\bwhere|^(?:(?:and|so|the) )*(?:bin|energy))\b.*\b(?:worst|best|lowest|highest"
    r"|poorest|weakest|strongest|least|most|minimum|maximum|peaks?|drops?|worse|better)\b"
)
"""Asks for an extreme of what is told bin by bin."""
_FAMILIES = ((r"(?:\w+ )?(?:k|kaon)", "kaon"), (r"(?:\w+ )?pi", "pion"))


class ContinuationBuilder(RequestBuilder):
    """Plans turns that lean on the turn before."""

    opening = ""
    """Said before the results."""
    corrected = False
    """The turn opens by taking something back."""

    def _continued(self, text: str, slots: Slots) -> bool:
        """Plan a turn that changes one thing of the turn before, if it is one."""
        previous = self.dialogue.previous
        assert previous is not None
        last = previous.calls[-1]
        listing = last.tool in ("select_events", "find_similar_events")
        listing = listing or last.arguments.get("statistic") in ("worst_mistakes", "least_sure")
        counts = listing or last.arguments.get("statistic") == "histogram"
        seen = slots.events.numbers and re.match(_SEEN, text)
        if (
            seen
            or re.match(_OF_NUMBER, text)
            or (
                re.match(_SHOW_NUMBER, text)
                and not (counts and last.arguments.get("limit", counts))
            )
        ):
            return False
        groups = self.dialogue.groups()
        known = groups and groups[-1].call is last and "@last" in str(last.arguments.get("events"))
        bounded = Call(last.tool, last.arguments | {"events": groups[-1].meant}) if known else last
        if re.search(_SAME_RANGE, text) and (bounds := bounds_of(bounded)):
            slots.cuts.filters += bounds
            slots.them = slots.it = False
        if len(text.split()) <= 8 and self._ranked_anew(text, slots, previous):
            return True
        said = read_statistics(text)
        if carry_numbers(text, slots, last, bounded) and (
            not said or (slots.cuts.threshold is not None and replaceable(last.arguments, said))
        ):
            return self._repeated(slots)
        if last.arguments.get("by") and re.search(_WHICH_BIN, text):
            self.calls += again(self.dialogue, previous)
            return True
        only_names = is_fragment(text, slots) and not (slots.models or read_statistics(text))
        if self.pointed and slots.events.numbers and listing and only_names:
            found = " or ".join(slots.events.expressions)
            self.calls.append(Call("display_event", {"events": found}))
            return True
        if last.tool == "probe_event" and (change := read_change(text, slots, last.arguments)):
            if slots.bare.numbers == [change.get("factor")]:
                slots.bare = EventNumbers()
            if change["change"] == "all" or not slots.events.numbers:
                slots.events = EventNumbers()  # "the first half of the event"
            if not calls_for_another(text, last.tool):
                return self._repeated(slots)
        if last.tool in LOOK_UP and (slots.events or slots.bare or slots.models):
            if last.tool == "search_knowledge" and slots.it and not re.search(_NETWORK, text):
                return self._repeated(slots)  # "which model is used to correct for it?"
            return False
        events_before = groups and (len(self.dialogue.last_indices()) == 1 or slots.them)
        named = (
            (groups and slots.names_events)
            or slots.cuts.filters
            or slots.particle
            or read_statistics(text)
        )
        goes_on = re.match(_ASKS, text) and not named and not re.search(_OF_DATA, text)
        looked_at = events_before or slots.classes
        another_topic = re.fullmatch(_TOPIC, text) and not (named or slots.views)
        if (
            last.tool == "search_knowledge"
            and (slots.it or goes_on or another_topic)
            and not looked_at
        ):
            return self._repeated(slots)  # "How much energy can it have?"
        one = len(self.dialogue.last_indices()) == 1
        if last.tool == "describe_dataset" and one and re.fullmatch(_RECORDED, text):
            self.calls.append(Call(last.tool, {"events": "@last"}))
            return True
        if last.tool == "particle_properties" and (particle := _particle(text, slots, last)):
            self.calls.append(Call("particle_properties", {"particle": particle}))
            return True
        if last.tool == "select_events" and re.search(_ALSO, text) and slots.cuts.filters:
            slots.them = not slots.events  # "if I also ask for no pi0?"
            return False
        if re.search(r"\bthe (?:\w+ ){1,4}one\b", text) and args.sort_arguments(text):
            slots.them = True
        such = re.match(_SUCH, text) and re.search(DIFFER, normalise(previous.question))
        if last.tool == "compare_classifiers" and (such or re.search(_HOW_MANY_DIFFER, text)):
            models = last.arguments["models"]
            self.calls.append(Call(last.tool, {"events": "@last", "models": models}))
            self.calls.append(Call("select_events", {"events": "@differ", "model": models[0]}))
            return True
        if last.tool == "compare_classifiers" and re.search(_WHICH_DIFFER, text):
            self._add_selected(["@differ"], text)
            return True
        used = self.dialogue.used_models()
        if last.tool in OF_LAST and len(used) > 1 and re.match(_BEST, text):
            self.calls.append(Call("compare_classifiers", {"events": "@last", "models": used}))
            return True
        if (where := last.arguments.get("where")) and groups and re.search(_NOT_SO, text):
            inner = groups[-1].meant if groups[-1].call is last else str(last.arguments["events"])
            inner = f"({inner})" if " or " in inner else inner
            self._add_selected([inner, f"not ({where})"], text)
            return True
        both = re.search(r"\bboth\W*$", normalise(self.dialogue.current.question))
        if (
            last.arguments.get("statistic") in ("mean", "count")
            and re.search(_AS_PLOT, text)
            and not both
        ):
            column = last.arguments.get("column", "energy")
            self.calls.append(
                Call(
                    "aggregate_statistics",
                    last.arguments | {"statistic": "histogram", "column": column},
                )
            )
            return True
        counted = last.arguments.get("statistic") == "accuracy" and slots.them
        if counted and re.match(_LISTS, text) and (cut := self._outcome_counted()):
            # "How many does the VLM get wrong?" - "List them."
            self._add_selected([str(last.arguments["events"]), *cut], text)
            return True
        if slots.models and last.arguments.get("statistic") in JUDGED and re.match(_GIVES, text):
            slots.them = False  # "what would the cnn give there?"
            return self._repeated(slots)
        if last.tool == "compare_classifiers" and re.search(REPLACED, text) and slots.models:
            return self._repeated(slots)
        within = last.tool == "find_similar_events" and re.search(_AMONG, text)
        if within and (slots.classes or slots.cuts.filters):
            return self._repeated(slots)
        others = slots.models or slots.classes or slots.cuts.filters or slots.events or slots.names
        if others and last.tool == "aggregate_statistics" and re.search(_THAN, text):
            return self._repeated(slots)  # "is that better than the vlm?"
        if (
            last.arguments.get("statistic") == "count"
            and slots.classes
            and re.match(_SHARE_OF, text)
        ):
            whole = class_filters(slots.classes, "true")
            terms = str(bounded.arguments["events"]).split(" and ")
            part = " and ".join(term for term in terms if term not in whole)
            new = {"events": " and ".join(whole), "where": part}
            self.calls.append(Call(last.tool, last.arguments | new))
            return True
        if last.arguments.get("by") and not args.read_by(text):
            # "How does it depend on the energy?" - "And on the interaction mode?"
            by = re.sub(_NEW_SPLIT, "by the ", text)
            if args.read_by(by) and by != text:
                self.calls.append(Call(last.tool, last.arguments | {"by": args.read_by(by)}))
                return True
        if where and slots.names and only_names and slots.names[0].startswith("earlier_"):
            # "How many of them are DIS?" - "And the others?"
            judged = "label" in str(where)
            tool = "classify_events" if judged else "describe_dataset"
            asked_of = {"model": self._inherited() or "vlm"} if judged else {}
            self.calls.append(Call(tool, {"events": f"@{slots.names[0]}"} | asked_of))
            return True
        asked = slots.models and slots.names_events and re.match(_VERDICT_ON, text)
        if asked and last.tool == "aggregate_statistics":
            return False  # "and what does the vlm make of the rest?"
        split = re.search(_SPLIT_IT, text) and args.read_by(text)
        if split and last.tool == "aggregate_statistics":
            return self._repeated(slots)
        if split and (slots.them or slots.it) and last.tool not in LOOK_UP:
            counted = {"events": "@last", "statistic": "count", "by": split}
            counted["model"] = self._inherited() or "vlm"
            self.calls.append(Call("aggregate_statistics", counted))
            return True
        if re.match(
            r"of (?:them|those|these|@?\w+), (?:(?:only|just) )?(?:the|those) ones\b", text
        ):
            return False
        of_verdict = re.search(r"\bcorrect\w* == (?:true|false)", str(last.arguments.get("events")))
        beside = set(read_statistics(text)) - {"accuracy"}
        if of_verdict and (cut := outcome(text)) and len(text.split()) <= 8 and not beside:
            slots.cuts.filters, slots.them = [*slots.cuts.filters, *cut], False
            return self._repeated(slots)  # "and the ones it gets right?"
        if lifts(text):
            stood = str(last.arguments.get("events")).split(" and ")
            slots.cuts.filters = [f for f in slots.cuts.filters if f not in stood]
            if not slots.cuts.filters:
                return self._repeated(slots)  # "drop the QE requirement"
        count = re.fullmatch(_FEWER, text)
        if count and (end := _counted(last, previous.question)):
            slots.events.expressions = [end.format(count[1])]
            return self._repeated(slots)
        if re.fullmatch(_MIND, text.strip(" ?.!")) and last.tool in (
            "classify_events",
            "explain_event",
        ):
            model = (slots.models or [self._inherited() or "vlm"])[0]
            self.calls.append(
                Call("probe_event", {"events": "@last", "model": model, "change": "all"})
            )
            return True
        taken_back = self.corrected or re.search(CORRECTION, text)
        slots.instead = bool(taken_back)
        if gone := re.search(_INSTEAD_OF, normalise(self.dialogue.current.question)):
            old = self._slots(gone[1])
            slots.replaced = old.models
            slots.lifted = old.cuts.filters + class_filters(old.classes, "true")
            slots.cuts.filters = [f for f in slots.cuts.filters if f not in slots.lifted]
        correction = taken_back and not _asks_anew(text)
        statistics = read_statistics(text)
        another = bool(statistics) and statistics != [last.arguments.get("statistic")]
        probes = last.tool != "probe_event" and re.match(_MASKS, text)
        same = re.search(_SAME, text) and not (another and is_fragment(text, slots)) and not probes
        if (correction or same) and not re.search(_NOT_SAME, text):
            if self._repeated(slots):
                return True
            if not statistics or another:
                return False
        chosen = last.tool == "select_events" and not last.arguments.get("limit")
        cuts = slots.names_events or slots.classes or slots.cuts.filters
        if statistics and chosen and not cuts:
            slots.them = not re.search(_OVERALL, text)
            return False
        if not edits(text, slots, last.tool):
            return False
        if replaceable(last.arguments, statistics) and another and not _names_others(text, slots):
            return self._repeated(slots)
        if another:
            if last.tool not in OF_LAST or not re.match(_WHOLE_REQUEST, text):
                self._inherit_events(slots, previous)
            return False
        if statistics and not cuts and not slots.models:
            # "Median?" after a mean asks for nothing else; "30 bins" after a histogram does.
            self.calls += repeat(self.dialogue, slots, text) or again(self.dialogue, previous)
            return True
        if slots.models and last.tool in ("select_events", "display_event", "describe_dataset"):
            # Events were found without a classifier; now one is asked about them.
            chosen_by = [previous.calls[0].arguments.get(k) for k in ("events", "sort_by")]
            verdict = re.search(r"label|p_n|correct|confidence", str(chosen_by))
            slots.them = slots.them or not slots.names_events
            return bool(verdict) and self._repeated(slots)
        return self._repeated(slots)

    def _outcome_counted(self) -> list[str]:
        """Return the cut on the verdict of the latest questions: "how many are wrong? the ViT?"."""
        for turn in reversed(self.dialogue.turns[:-1]):
            if not turn.calls or turn.calls[-1].arguments.get("statistic") != "accuracy":
                break
            if cut := outcome(normalise(turn.question)):
                return cut
        return []

    def _asked_of_result(self, text: str) -> bool:
        """Plan a question about what was just answered: what gave the answer, once more."""
        previous, said = self.dialogue.previous, text.strip(" ?.!")
        if self.calls or previous is None:
            return False
        last = previous.calls[-1]
        if re.fullmatch(_HOW_MANY, said) and last.tool not in LOOK_UP:
            arguments = {
                "events": "@last",
                "model": self._inherited() or "vlm",
                "statistic": "count",
            }
            self.calls.append(Call("aggregate_statistics", arguments))
            return True
        asked = re.sub(r"^(?:and|but|so|ok|hm+),? ", "", said)
        if last.tool == "classify_events" and re.fullmatch(_EVIDENCE, asked):
            model = self._inherited() or "vlm"
            self.calls.append(Call("explain_event", {"events": "@last", "model": model}))
            return True
        if last.tool in ONE_EVENT[:2] or not any(re.fullmatch(p, asked) for p in _OF_RESULT):
            return False
        used = self.dialogue.used_models()
        if re.match(r"is\b", asked) and last.tool == "aggregate_statistics" and len(used) > 1:
            models = used[-2:]
            self.calls.append(
                Call("compare_classifiers", {"events": last.arguments["events"], "models": models})
            )
        else:
            self.calls += again(self.dialogue, previous)
            looked_up = last.tool == "search_knowledge"
            if not re.match(r"(?:and )?(?:(?:out )?of how|how|is|(?:what|the|its) )", said):
                self.opening = _FROM_DOCUMENTS if looked_up else _FROM_EVENTS
        return True

    def _ranked_anew(self, text: str, slots: Slots, previous: Turn) -> bool:
        """Rank what the turn before gave by something else: "sort by hits", "the other way"."""
        order = args.sort_arguments(text)
        ranked = next((c.arguments for c in previous.calls if c.arguments.get("sort_by")), None)
        if ranked and (way := re.search(r"\b(?:ascend|increas|(descend|decreas))ing\b", text)):
            order = str(ranked["sort_by"]), way[1] is not None
        elif ranked and re.search(_REVERSED, text):
            order = str(ranked["sort_by"]), not ranked.get("descending", True)
        elif ranked and not order and (rank := re.search(_RANK, text)):
            order = str(ranked["sort_by"]), rank["most"] is not None  # "the one with the fewest?"
        if not order or slots.classes or slots.cuts.filters or slots.events:
            return False
        new: dict[str, Any] = {"sort_by": order[0], "descending": order[1]}
        if count := slots.top or (slots.bare.numbers or [0])[0]:
            new["limit"] = count
        if ranked and not slots.them:
            for call in again(self.dialogue, previous):
                anew = new if call.arguments.get("sort_by") else {}
                self.calls.append(Call(call.tool, call.arguments | anew))
        elif re.search(_SORTS, text) and previous.calls[-1].tool not in LOOK_UP:
            model = self._inherited() or "vlm"
            self.calls.append(Call("select_events", {"events": "@last", "model": model} | new))
        return bool(self.calls)

    def _add_selected(self, cuts: list[str], text: str) -> None:
        """Select what passes some cuts, and draw it where the words say so."""
        previous = self.dialogue.previous
        model = previous.calls[-1].arguments.get("model") if previous else None
        events = " and ".join(cut for cut in cuts if cut != "all") or "all"
        self.calls.append(Call("select_events", {"events": events, "model": model}))
        if re.search(r"\b(?:show|display|draw|see|look)\b", text):
            self.calls.append(Call("display_event", {"events": "@last"}))

    def _repeated(self, slots: Slots) -> bool:
        calls = repeat(self.dialogue, slots, slots.text)
        self.calls += calls or []
        return bool(calls)

    def _inherit_events(self, slots: Slots, previous: Turn) -> None:
        """Let a fragment speak of the events of the turn before, and of its classifier."""
        last = previous.calls[-1].arguments
        events = str(last.get("events", "all"))
        self.fragment = True
        # A statistic of the one event that was just looked at says nothing.
        if not slots.names_events and len(self.dialogue.last_indices()) != 1:
            if "@last" in events or last.get("statistic") is None:
                slots.them = True
            elif events != "all":
                slots.expression = events
        model = self.dialogue.last_model()
        if model and not slots.models:
            slots.models = [model]


def _particle(text: str, slots: Slots, last: Call) -> str | None:
    """Return the particle of a follow-up: "and its mass?", "lifetime of the charged one?"."""
    before = str(last.arguments["particle"])
    if slots.particle and not re.search(r"\b(?:one|ones)\b", text):
        fresh = len(slots.particles) == 1 and len(text.split()) <= 6
        return slots.particle if fresh else None
    charge = re.search(r"\b(neutral|charged|positive|negative)\b", text)
    if charge:
        family = next((f for k, f in _FAMILIES if re.match(k, before)), None)
        return f"{charge[1]} {family}" if family else None
    return (
        before
        if re.search(rf"\b(?:{PHYSICS_PROPERTY})\b", text) and len(text.split()) < 9
        else None
    )


def _counted(last: Call, question: str) -> str | None:
    """Return how the first or last few events of the file are written, if those were asked for."""
    events = str(last.arguments.get("events"))
    said = re.search(r"\b(?:first|last) \w+", normalise(question))
    if not said:
        return None
    return (
        "0:{}"
        if re.fullmatch(r"0:\d+", events)
        else "-{}:"
        if re.fullmatch(r"-\d+:", events)
        else None
    )


def _names_others(text: str, slots: Slots) -> bool:
    """Whether a turn names events itself, by more than going on about those before."""
    pointed = slots.names_events and re.search(r"\b(?:them|th[eo]se|it|its|the same|there)\b", text)
    return bool(slots.events or slots.names or slots.expression or slots.rest or pointed)


def _asks_anew(text: str) -> bool:
    """Whether a correction carries a whole new request ("no, explain event 3 instead")."""
    return (
        re.search(
            r"\b(?:explain|classify|compare|display|draw|similar|histogram|mean|purity"
            r"|efficiency|accuracy|confusion|mask|why|how many|what)\b",
            text,
        )
        is not None
    )
