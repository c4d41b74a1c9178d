"""From a conversation to the tool calls of the present turn."""

from __future__ import annotations

import re

from assistant.planner import arguments as args
from assistant.planner.builder import LOOK_UP
from assistant.planner.clauses import STATEMENT, split
from assistant.planner.corrections import retracted, without_lead, written_once
from assistant.planner.dialogue import ONE_EVENT, Call, Dialogue, Turn
from assistant.planner.filters import EXCLUDES, GOT_IT, outcome
from assistant.planner.follow_up import COUNTS, extend, leans_on_previous, repeat
from assistant.planner.fragments import is_fragment, left_over
from assistant.planner.guard import is_injection, small_talk
from assistant.planner.intent_model import DECLINE
from assistant.planner.intents import WHICH_OF_THEM, weigh
from assistant.planner.referents import (
    asks_nothing_new,
    lacks_referent,
    unknown_name,
    with_event_nouns,
)
from assistant.planner.refusals import is_beyond
from assistant.planner.remarks import what_is_asked
from assistant.planner.request_model import Reading, read_request
from assistant.planner.requests import Plan
from assistant.planner.rereading import Rereader, disagree, split_as
from assistant.planner.slots import Slots, read_slots
from assistant.planner.statistic import read_statistics
from assistant.planner.subject import (
    asks_missing,
    is_outside,
    missing_quantity,
    never_recorded,
    unread_condition,
    unread_quantity,
)
from assistant.planner.text import normalise, quoted

__all__ = ["Plan", "make_plan"]

_RECORDED = ("aggregate_statistics", "select_events", "describe_dataset")
_THRESHOLD = 2.5
_CUT_ON = (
    r"\b(?:cut on|cutting on|require|select(?:ing)? (?:on|by)|filter (?:on|by)"
    r"|events? (?:with|by))\b"
)
_SHORT = 6
"""Words of a follow-up up to which the request before it says what its numbers mean."""
_POINTS = 3
"""Words of a follow-up that only points: of "and the third?" the rules know what is meant."""
_NEGATIVE = r"\bevent (?:number |no\.? |index )?#? ?-\d+\b(?! ?:)"
_WITHOUT_EVENTS = ("describe_dataset", "aggregate_statistics")
"""Tools that need not be told of which events."""
_AGAIN = (
    "classify_events", "compare_classifiers", "aggregate_statistics", "explain_event",
    "find_similar_events", "probe_event",
)  # fmt: skip
"""Tools of which a short turn that names no events asks once more."""
_WEAK = ("select_events", "search_knowledge", "display_event", "describe_dataset")
_SUBJECTLESS = (
    r"^(?:and |so |now |ok(?:ay)? )*(?:which (?:ones?|are|were)\b|what (?:fraction|share|percentage"
    r"|proportion)\b(?! of)|how many (?:are|were|have|is|pass)\b(?! (?:there|events)\b.*\b(?:data"
    r"|file|sample|total))|what (?:is|was) the (?:truth|true (?:class|label|flavou?r|energy"
    r"|answer))\W*$|what (?:does|do|would|did) (?:the )?\w+(?: \w+)? (?:say|think|call|give"
    r"|make of it)\W*$|who (?:is|was) (?:right|better|correct|closer)|is (?:the|that"
    r"|this) difference)|\bthey\b|^(?:and |so |but )*(?:does|do|is|was|did) (?:that|this"
    r"|it) (?:agree|match|fit|right|correct|true)\b|\b(?:the 2|both) (?:of them )?(?:compare|agree"
    r"|differ|disagree|match|say|fare)\b"
)
_WHICH = (
    r"\b(?:which (?:ones?|of (?:them|these|those|event\w*)|events?|are|were|does|did|nue|numu|nutau"
    r"|nc)|(?:those|the ones?|any|\d+) (?:that |which )?(?:it|they|the \w+|both|all|is|are) "
    r"|the (?:wrong|false|incorrect|misclassified|right|correct) ones)\b"
    r"|^(?:and |so |are |is |were )*any (?:of (?:them|those|these)|ones?)\b"
    r"|^(?:and |so |but )*(?:are|were) (?:they|those|these|all of them)\b"
)
_REALLY = (
    r"\b(?:really|actually|truly|in truth) (?:are|were)(?: (?:that|so|one|ones|this))?\W*$"
    r"|\b(?:are|were|is) (?:really |actually |in fact )?(?:genuine|real|true|so|the real thing"
    r"|(?:really|actually|truly)(?: (?:that|so|one|ones|this))?)\W*$"
)
_THE_ONES = r"(?:\bwhich|\bthe) (?:\w+ ){0,2}ones\b"
"""Names events of the clause or turn before: "show me the NC ones"."""
_WITH_MODEL = (
    r"(?:and |please |but )*(?:use|using|with|by|via|take|based on) (?:the |its )?"
    r"(?:\w+ ?){1,2}(?:features?|embeddings?|space|for (?:that|this|it))?$"
)
_HOW_MANY = (
    r"(?:please |just |only |say |i (?:want|need) )*(?:(?:give|show|list|find|keep|take)(?:"
    r" me)? )?(?:only )?(?:the )?(?:top"
    r" )?(\d+)(?: (?:nearest|closest|best|most (?:similar|alike))(?: (?:ones|events|matches))?)?"
    r"(?: (?:of them|please|(?:are|is|would be|will be|will|should) (?:enough|fine|do"
    r"|plenty|sufficient)))?"
)
_ORDER_THEM = (
    r"(?:and |then |please )*(?:sort|rank|order|arrange)(?:ed)?(?: (?:them|those|these|the"
    r" events|all"
    r"|it))?(?: again)?(?: by| from| in)\b"
)
_WHY = (
    r"(?:and |but |so |ok(?:ay)? |explain |tell me |please )*(?:why(?: so| not(?: .{2,15})?| that|"
    r" is that)?|how come|explain(?: please)?|how so|why (?:did|does|do|would) (?:it|they|you|the"
    r" \w+) (?:think|say|call|believe|decide|choose)(?: (?:so|that|it|this))*|what is the reason"
    r"|reasons?|on what grounds|for what reason)"
)


def make_plan(dialogue: Dialogue) -> Plan:
    """Plan the turn that the last message of the conversation opens.

    The rules plan it; where the network reads another request in it, it is planned for that one.
    """
    plan = _plan(dialogue, None)
    guarded = is_injection(normalise(dialogue.current.question))
    reading = None if guarded else read_request(dialogue)
    if reading is None:
        return plan
    points = dialogue.previous is not None and len(dialogue.current.question.split()) <= _POINTS
    if disagree(plan, reading) and not points:
        other = _plan(dialogue, reading)
        plan = other if other.calls else plan
    split_as(plan, reading)
    return plan


def _plan(dialogue: Dialogue, reading: Reading | None) -> Plan:
    question = dialogue.current.question
    text = written_once(retracted(normalise(question), dialogue.n_events))
    if is_injection(text):
        return Plan(reply="decline")
    if re.search(_NEGATIVE, text):
        return Plan(reply="negative")
    if kind := small_talk(text):
        return Plan(reply=kind)
    if reading and reading.tool in LOOK_UP:
        return _Planner(dialogue, question, text).looked_up(reading.tool)
    text = what_is_asked(text, dialogue.n_events)
    unquoted = re.sub(r"['\"][^'\"]{1,40}['\"]", "", text)  # a name asks for no deed
    leans = dialogue.previous is not None and _only_changes(text)  # "swap the models"
    beyond = [part for part in split(unquoted) if is_beyond(part) and not leans]
    if (is_beyond(unquoted) and not leans) or beyond:
        doable = text if beyond else ""
        for part in beyond:
            doable = re.sub(rf"[\s,;.]*(?:\band\b|\bthen\b|,)*\s*{re.escape(part)}", "", doable)
        slots = read_slots(doable, n=dialogue.n_events)
        if (slots.events or slots.classes or slots.names) and not is_beyond(doable):
            text = doable
        elif reading is None:
            return Plan(reply="decline")
    if quantity := never_recorded(text):
        return Plan(reply="no_quantity", subject=quantity)
    if dialogue.previous is None or len(text.split()) > _SHORT:
        text = with_event_nouns(text, dialogue.n_events)
    text, corrected = without_lead(text) if dialogue.previous else (text, False)
    planner = _Planner(dialogue, question, text)
    planner.corrected = corrected
    planner.left = [(part, Plan(reply="decline")) for part in beyond]
    plan = planner.reread(reading) if reading else planner.plan()
    _past_empty(dialogue, plan)
    for call in plan.calls:
        call.arguments |= {
            k: planner.pointer.written_out(str(v))
            for k, v in call.arguments.items()
            if k in ("events", "where", "among") and v is not None
        }
    return plan


def _past_empty(dialogue: Dialogue, plan: Plan) -> None:
    """Let what is asked of one event be asked of the latest selection that has any."""
    groups = dialogue.groups()
    if not groups or groups[-1].size or not any(c.tool in ONE_EVENT for c in plan.calls):
        return
    found = next((g.events for g in reversed(groups) if g.size), None)
    first = plan.calls[0].arguments
    if found and first.get("events") == "@last":
        first["events"] = found


def _only_changes(text: str) -> bool:
    """Whether a turn names what it changes of the one before, and no deed of its own."""
    slots = read_slots(text)
    return bool(slots.models or slots.classes or slots.cuts.filters) and is_fragment(text, slots)


class _Planner(Rereader):
    """Reads the clauses of a turn one by one."""

    def plan(self) -> Plan:
        whole = self.whole
        if (whole.cuts.threshold or 0) > 1:
            return Plan(reply="no_probability")
        unknown = whole.unknown_model
        if unknown is None and not whole.models and (whole.events or whole.classes or whole.them):
            unknown = unknown_name(self.question)
        if (
            unknown
            and (self._about_data(self.whole) or self._before() not in (None, *LOOK_UP))
            and (
                not is_outside(self.text, self.whole)
                or self.whole.events
                or self.whole.bare.expressions
            )
            and not re.search(rf"\b(?:what|who) (?:is|are|was) (?:an? |the )?{unknown}", self.text)
        ):
            return Plan(reply="which_model", subject=unknown)
        if self._pending() and len(self.text.split()) <= 6 and is_fragment(self.text, whole):
            self._answer_to_question(self.text)
            if self.calls:
                return Plan(calls=_distinct(self.calls))
        if self._nothing_before() and lacks_referent(self.text, self.whole):
            scores = weigh(self.text, whole, before=None)
            tool = max(scores, key=lambda t: scores[t])
            if whole.it or tool not in _WITHOUT_EVENTS or scores[tool] < _THRESHOLD:
                return Plan(reply="which_event")
        if re.search(_CUT_ON, self.text) and (quantity := missing_quantity(self.text)):
            return Plan(reply="no_quantity", subject=quantity)
        parts = split(self.text) or [self.text]
        clauses = [c for c in parts if not small_talk(c)] or parts
        asked = [c for c in clauses if not re.match(STATEMENT, c)]
        if asked:
            self._heed([c for c in clauses if c not in asked])
            clauses = asked
        for position, clause in enumerate(clauses):
            self._since = self._until if len(self.calls) > self._until else self._since
            self._until = len(self.calls)
            reply = self._clause(clause, alone=len(clauses) == 1, first=position == 0)
            if (
                reply
                and reply.reply == "which_event"
                and len(clauses) > 1
                and self.whole.names_events
            ):
                # The event is named in another part of the sentence.
                reply = self._clause(self.text, alone=True, first=True)
                return reply or Plan(calls=self.calls)
            if reply and reply.reply and not self.calls:
                return reply
            if reply and reply.reply:
                self.left.append((clause, reply))
        if not self.calls:
            return self._lookup(self.question)
        return Plan(calls=_distinct(self.calls), opening=self.opening, left=self.left)

    def _heed(self, remarks: list[str]) -> None:
        """Keep of what a remark is: "I guess the CNN is overconfident: is it well calibrated?"."""
        for said in map(self._slots, remarks):
            self._spoken_of = said.models[0] if len(said.models) == 1 else self._spoken_of
            classes = {c.name for c in said.classes} & {"nue_cc", "numu_cc", "nc"}
            self._spoken_class = classes.pop() if len(classes) == 1 else self._spoken_class

    def _named_before(self) -> bool:
        """Whether the clause or the turn before gave a selection a name."""
        previous = self.dialogue.previous
        before = self.calls or (previous.calls if previous else [])
        return bool(before) and bool(before[-1].arguments.get("name"))

    def _nothing_before(self) -> bool:
        return self.dialogue.previous is None and not self._pending()

    def _about_data(self, slots: Slots) -> bool:
        return bool(
            slots.names_events or slots.bare or slots.classes or slots.cuts.filters
        ) or bool(
            re.search(
                r"classif|predict|label|compare|accura|confus|purity|efficien"
                r"|run\b|apply|use\b|identif|explain|better|versus|\bvs\b",
                slots.text,
            )
        )

    def _clause(self, text: str, *, alone: bool, first: bool) -> Plan | None:
        pointed = self._with_subject(text)
        pointed = pointed if self._opened() else self.pointer(pointed)
        self.pointed = pointed != text
        slots = self.whole if alone and pointed == text else self._slots(pointed)
        text = pointed
        if alone:
            self.text = pointed
        name = args.read_new_name(
            text,
            quoted(self.question) if alone or "'" in text or '"' in text else None,
            another=self._named_before(),
        )
        if name:
            spelt = [w for w in re.findall(r"[\w-]+", self.question) if normalise(w) == name]
            return self._name(text, slots, args.key([name, *spelt][-1]))
        has_previous = bool(self.calls) or self.dialogue.previous is not None
        if self._asked_of_result(text):
            return None
        if asked := self._asked_about(text, slots):
            text += f" {asked}"
            slots = self._slots(text)
        if re.search(_REALLY, text) and not slots.classes and (called := self._called()):
            text += f" really {called}"
            slots = self._slots(text)
        looked_up = bool(self.calls) and all(c.tool in LOOK_UP for c in self.calls)
        if looked_up and re.fullmatch(_WHY, text):
            return None  # "Is it twice that, and why?": the documents are asked already
        why = has_previous and re.fullmatch(_WHY, text.strip(" ?.!"))
        if why or (has_previous and re.match(GOT_IT, text)):
            slots.it = slots.it or not slots.names_events
            return self._act(
                text, slots, "explain_event" if why else "classify_events", first=first
            )
        subjectless = re.search(_SUBJECTLESS, text) and (first or self.calls)
        if has_previous and not slots.names_events and subjectless:
            slots.them = True
        if has_previous and (slots.classes or slots.cuts.filters) and re.search(_THE_ONES, text):
            slots.them = True
        if has_previous and re.search(r"\bare you (?:sure|certain)\b", text):
            slots.it = True
        if first and has_previous and slots.events.of_last:
            slots.them = True
        if not first and self.calls and not slots.names_events and re.match(WHICH_OF_THEM, text):
            slots.them = True  # "Classify these and tell me which are NC"
        if first and has_previous and not slots.names_events and read_statistics(text):
            slots.them = self._continues(slots)
        if has_previous and self._asks_which(text, slots):
            only_places = slots.events.head is not None and not slots.events.expressions
            slots.them = slots.them or only_places or not slots.names_events
            shown = re.search(r"\b(?:show|display|draw|plot|see)\b", text)
            return self._act(
                text, slots, "display_event" if shown else "select_events", first=first
            )
        if first and slots.models and not slots.names_events and is_fragment(text, slots):
            self._pass_documents()  # "ok roc for cnn", with a question about words in between
        if first and self.dialogue.previous and self._continued(text, slots):
            return None
        if not first and self.calls and slots.models and re.match(_WITH_MODEL, text):
            self._qualify(slots)
            return None
        if (
            slots.rest
            and has_previous
            and re.search(
                EXCLUDES,
                self.text if self.calls else normalise(self.dialogue.turns[-2].question),
            )
        ):
            slots.rest, slots.them = False, True  # what an exclusion has left
        if not first and self.calls and (column := self._cut_before()):
            # "Which have over 5 protons? Rank them", "... the one with the most".
            text = re.sub(
                r"\b(?:most|least|fewest|highest|lowest|(?:rank|sort|order) (?:them"
                r"|those))(?=\W*$)",
                lambda m: f"{m[0]} {'by ' if ' ' in m[0] else ''}{column}",
                text,
            )
            slots = self._slots(text)
        ordered = args.sort_arguments(text) if re.match(_ORDER_THEM, text) else None
        if ordered and not first and self.calls and self.calls[-1].tool == "select_events":
            self.calls[-1].arguments |= {"sort_by": ordered[0], "descending": ordered[1]}
            return None
        if not first and self.calls and (count := re.fullmatch(_HOW_MANY, text)):
            last = self.calls[-1]
            measured = last.tool == "aggregate_statistics"
            key = COUNTS.get(last.tool, "top" if measured else "limit")
            counted = [
                c
                for c in self.calls
                if c.arguments.get(key) or key == "k" or c.arguments.get("sort_by")
            ]
            for call in counted:
                call.arguments[key] = int(count[1])
            if counted:
                return None
        if not first and self.calls and self.calls[-1].tool == "aggregate_statistics":
            split_by = bool(args.read_by(text)) and not read_statistics(text)
            binned = bool(slots.bins or slots.bin_width) and not slots.columns
            # "Show me in bins of energy", "30 bins are fine".
            if (split_by or binned) and not slots.names_events and not left_over(text, slots):
                self._qualify(slots)
                return None
        quantity = slots.columns and self.calls and self.calls[-1].arguments.get("column")
        if quantity and not read_statistics(text) and is_fragment(text, slots):
            self.calls += extend(self.dialogue, self.calls[-1:], slots)
            return None
        if not first and self.calls and not read_statistics(text) and is_fragment(text, slots):
            return self._more(text, slots)
        if not first and self.calls and self._same_of_another(text, slots):
            self.calls += extend(self.dialogue, self.calls[-1:], slots)
            return None
        scores = weigh(text, slots, before=self._before())
        tool = max(scores, key=lambda t: scores[t])
        if first and tool in ("search_knowledge", DECLINE) and self._among_events(text, slots):
            del scores["search_knowledge"], scores[DECLINE]
            tool = max(scores, key=lambda t: scores[t])
        if scores[tool] < _THRESHOLD and slots.models and self._asks_models(text, slots):
            slots.them = not slots.names_events
            return self._act(text, slots, "classify_events", first=first)
        if first and self._same_tool(tool, text, slots) and self._repeated(slots):
            return None
        about = re.match(r"(?:and |so |now |ok |but )*(?:what|how) about\b", text)
        if first and self.dialogue.previous and about and tool in _WEAK and self._repeated(slots):
            return None
        statistics = read_statistics(text)
        averaged = bool(set(statistics) & {"mean", "histogram"})
        of_events = "count" in statistics and re.search(r"\bevents?\b", text)
        unnamed = self._unnamed(text)
        if not is_outside(text, slots) and (quantity := asks_missing(unnamed)):
            return Plan(reply="no_quantity", subject=quantity)
        if (tool in _RECORDED or of_events or (averaged and tool not in LOOK_UP)) and (
            missing := missing_quantity(unnamed) or (averaged and unread_quantity(text, slots))
        ):
            return Plan(reply="no_quantity", subject=missing)
        ours = bool(slots.names_events or slots.models or slots.classes or slots.cuts.filters)
        ours |= bool(re.search(r"\b(?:events?|data|file|sample|classifiers?|models?)\b", text))
        if looked_up and tool not in LOOK_UP and not (ours or statistics or slots.columns):
            return None  # "What is resonant production, what comes out?"
        if tool == DECLINE:
            # "I just opened this, tell me what is in it": the rest says what is wanted.
            return None if first and not alone else Plan(reply="decline")
        if scores[tool] < _THRESHOLD or (
            first and tool in LOOK_UP and scores[tool] < 6 and _elliptical(text)
        ):
            return self._without_intent(text, slots, first=first, alone=alone)
        if not first and self.calls and self._is_remark(text, slots, tool):
            self._qualify(slots)
            return None
        if tool not in (*LOOK_UP, *ONE_EVENT) and (unread := unread_condition(text, slots)):
            # A condition that is not understood is never passed over in silence.
            if not (slots.cuts.filters or slots.names_events or re.search(r"\d", unread)):
                return Plan(reply="no_quantity", subject=unread)
            self.left.append((unread, Plan(reply="no_quantity")))
        return self._act(text, slots, tool, first=first)

    def _cut_before(self) -> str | None:
        """Return the column that the selection of the clause before cuts on."""
        last = self.calls[-1]
        cut = re.findall(r"(\w+) [<>]=? ", str(last.arguments.get("events")))
        return cut[-1] if last.tool == "select_events" and cut else None

    def _unnamed(self, text: str) -> str:
        """Return a clause without the names of selections: "alpha" may be one."""
        names = "|".join(map(re.escape, self.dialogue.names))
        return re.sub(rf"(?<!\w)(?:{names})(?!\w)", "", text) if names else text

    def _pass_documents(self) -> None:
        """Let the turn lean on the one about events before those that asked the documents."""
        *earlier, current = self.dialogue.turns
        while earlier and all(c.tool in LOOK_UP for c in earlier[-1].calls):
            earlier.pop()
        if earlier:
            self.dialogue = Dialogue([*earlier, current], self.dialogue.context)

    def _same_tool(self, tool: str, text: str, slots: Slots) -> bool:
        """Whether a short turn asks for what the one before did, of no events that it names."""
        previous = self.dialogue.previous
        if previous is None or tool not in _AGAIN or slots.names_events or slots.bare:
            return False
        last = previous.calls[-1]
        same = [last.arguments["statistic"]] if "statistic" in last.arguments else []
        return (
            tool == last.tool
            and len(text.split()) <= _SHORT + 1
            and read_statistics(text) in ([], same)
            and not re.search(r"\b(?:events?|data|file|sample|all|every\w*)\b", text)
        )

    def _among_events(self, text: str, slots: Slots) -> bool:
        """Whether a turn after one about events says nothing that a document could be about."""
        previous = self.dialogue.previous
        return (
            previous is not None
            and previous.calls[-1].tool not in LOOK_UP
            and asks_nothing_new(text, slots)
        )

    def _asks_which(self, text: str, slots: Slots) -> bool:
        """Whether a clause asks for those events before that a verdict picks: "the wrong ones"."""
        if re.search(r"\bhow many\b", text) or not re.search(_WHICH, text):
            return False
        if {"purity", "efficiency", "roc", "mean", "histogram"} & set(read_statistics(text)):
            return False
        previous = self.dialogue.previous
        compared = previous is not None and previous.calls[-1].tool == "compare_classifiers"
        beside = (
            _chose_class(previous) and not slots.them and set(left_over(text, slots)) <= {"which"}
        )
        if beside and not self.calls:
            return False  # "and which NC?", after those called numu
        if previous and not self.calls and "correct == " in str(previous.calls[-1].arguments):
            return False  # "and the ones it gets right?", after the wrong ones
        if compared and not re.search(r"\b(?:events|ones)\b", text):
            return False  # "which of them is right more often?"
        return bool(outcome(text)) or (bool(slots.classes) and (bool(self.calls) or slots.them))

    def _asks_models(self, text: str, slots: Slots) -> bool:
        """Whether a clause asks what classifiers say of events before: "what would it say?"."""
        asked = re.match(r"(?:and |so |but |then )*(?:what|how) (?:do|does|did|would)\b", text)
        return bool(asked) and (bool(self.calls) or self._among_events(text, slots))

    def _without_intent(self, text: str, slots: Slots, *, first: bool, alone: bool) -> Plan | None:
        if self.calls:
            return self._more(text, slots)
        if (
            first
            and self.dialogue.previous
            and (leans_on_previous(text, slots) or self._among_events(text, slots))
        ):
            if self._pending():
                merged = self._answer_to_question(text)
                if merged:
                    return merged
            if repeated := repeat(self.dialogue, slots, text):
                self.calls += repeated
                return None
        elif first and self._pending() and (merged := self._answer_to_question(text)):
            return merged
        if slots.expression:
            return self._act(text, slots, "select_events", first=first)
        if slots.models and (slots.events or slots.bare.expressions or slots.classes):
            return self._act(text, slots, "classify_events", first=first)
        if slots.events or (slots.bare.expressions and len(text.split()) <= 4):
            return self._act(text, slots, "display_event", first=first)
        if (
            slots.cuts.filters
            or (slots.cuts.threshold is not None and "event" in text)
            or (slots.classes and re.search(r"\bevents?\b", text))
        ):
            return self._act(text, slots, "select_events", first=first)
        if first and not alone:
            return None  # "Can you open the file and tell me ...": the rest says what is wanted
        return self._lookup(self.question if first else text)

    def _pending(self) -> bool:
        """Whether the last reply was a question back to the user."""
        earlier = self.dialogue.turns[:-1]
        return bool(earlier) and not earlier[-1].calls and "?" in earlier[-1].reply

    def _answer_to_question(self, text: str) -> Plan | None:
        earlier = self.dialogue.turns[-2].question
        unknown, said = read_slots(normalise(earlier)).unknown_model, self._slots(text).models
        if unknown and said:
            earlier, text = normalise(earlier).replace(unknown, said[0]), ""
        joined = f"{normalise(earlier).rstrip('?.! ')} {text}"
        if re.fullmatch(r"(?:event |number |#|the )*\d+", text):
            asked = re.sub(r" (?:the|an?|this|that) event$", "", normalise(earlier).rstrip("?.! "))
            joined = f"{asked} event {re.findall(r'[0-9]+', text)[0]}"
        planner = _Planner(self.dialogue, earlier, joined)
        planner.dialogue = Dialogue(
            [*self.dialogue.turns[:-2], self.dialogue.turns[-1]], self.dialogue.context
        )
        plan = planner.plan()
        if plan.reply:
            return None
        self.calls += plan.calls
        return None if plan.calls else plan

    def _lookup(self, question: str) -> Plan:
        self.calls.append(Call("search_knowledge", {"question": question.strip()}))
        return Plan(calls=self.calls)


def _chose_class(previous: Turn | None) -> bool:
    """Whether the turn before selected events of a class."""
    last = previous.calls[-1] if previous else None
    if last is None or last.tool != "select_events":
        return False
    return re.search(r"\b(?:label|truth)", str(last.arguments["events"])) is not None


def _elliptical(text: str) -> bool:
    return (
        re.match(r"(?:and|what about|how about|same|now|or)\b", text) is not None
        and len(text.split()) <= 6
    )


def _distinct(calls: list[Call]) -> list[Call]:
    kept: list[Call] = []
    if (
        len(calls) > 1
        and calls[0].tool == "select_events"
        and calls[0].arguments == {"events": "all", "model": calls[0].arguments.get("model")}
    ):
        calls = calls[1:]  # "select ... no wait, select ..."
        if calls[0].arguments.get("events") == "@last":
            calls[0].arguments["events"] = "all"
    for call in calls:
        if (
            not any(k.tool == call.tool and k.arguments == call.arguments for k in kept)
            or call.arguments.get("events") == "@last"
        ) and not (kept and kept[-1].tool == call.tool and kept[-1].arguments == call.arguments):
            kept.append(call)
    return kept
