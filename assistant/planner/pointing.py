"""What a turn points back at, written out: "the second one" becomes "event 64".

An event is pointed at by its place in what was listed, several as "both" or "the others", and an
earlier selection as "the first selection" or, once a single event has been looked at, as "them".
Places are written as event numbers; a selection that is not the latest as a name, ``@earlier_0``,
which `Pointer.written_out` turns into its cut string.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import partial

from assistant.planner.arguments import sort_arguments
from assistant.planner.dialogue import ONE_EVENT, Dialogue, Group, listed

_RANK = (
    r"worst|best|closest|nearest|highest|lowest|largest|smallest|biggest|longest|shortest"
    r"|(?:most|least) \w+"
)
_NOUN = r"ones?|events?|mistakes?|matche?s?|hits?|neighbou?rs?|entr(?:y|ies)"
_OF_LIST = (
    r"(?:of|in|on|from) (?:them|those|these|the (?:\d+|lot|ones)"
    r"|(?:the|that|this|your) (?:list|table|ranking))"
)
_ENDS = (
    r"(?=\W*$|[,.;?!:]| (?:and|or|please|with|using|too|then|again|as|by|instead|to|called|also|now"
    r"|from|according)\b)"
)
_IN_FILE = r"(?! (?:of|in) (?:the |this |my |our )?(?:file|data|sample|run))"
_PLACE = re.compile(
    r"\b(?:the|its|their) (?:very )?(?:(?P<n>\d+)th|(?P<end>first|last|final)|(?P<middle>middle|one"
    rf" in (?:the middle|between)))(?: (?:{_RANK}))?(?: (?:(?P<noun>{_NOUN})\b{_IN_FILE}(?:"
    rf" (?:{_OF_LIST}))?|{_OF_LIST})|{_ENDS})"
)
_LONE_PLACE = (
    r"^((?:(?:and|now|then|please|ok) )*(?:show|display|draw|explain|classify|probe)(?: me)?)"
    r" (first|last|\d+th)(?=\W*$)"
)
_ALL_BUT = re.compile(
    r"\b(?:all(?: of them)?|every(?:thing|one)|them all) (?:but|except(?: for)?|save|without)"
    rf" (?:the )?(?:(?P<n>\d+)th|first|(?P<last>last))(?: one| event)?(?: {_OF_LIST})?(?! ?\d)"
)
_NUMBERED = re.compile(r"\b(?:(?:number|no\.?|rank|place) )(?P<n>\d{1,2})\b(?!\.\d)")
_SEVERAL = re.compile(
    rf"\b(?:the )?(?P<end>first|last|top|bottom|nearest|closest) (?P<k>\d+)(?: (?:ones?|{_OF_LIST})"
    rf"|(?<=the first \d)(?! ?\w)|{_ENDS})"
)
_SURE = (
    r"(?:(?:one|event) (?:that |where )?(?:it|they|the \w+) (?:is|was|felt) )?(?:(?:most|least)"
    r" (?:un)?|(?<=was )|(?<=is ))(?:sure|surest|certain|confident)(?: (?:about|of))?"
)
_EXTREME = re.compile(
    rf"\bthe (?:(?P<near>closest|nearest|most similar|best match|best hit)|(?P<worst>worst)"
    rf"|(?P<far>farthest|furthest|most distant|least similar)|(?P<high>highest|largest|biggest|top)"
    rf"|(?P<low>lowest|smallest)|(?P<sure>{_SURE}))(?: (?:{_NOUN}|{_OF_LIST})\b|{_ENDS})"
)
_OTHERS = re.compile(
    r"\b(?:all )?(?:the )?(?:others\b|rest\b(?: of (?:them|those|these|the (?:\d+|lot|list"
    rf"|ones))\b)?|(?:(?<=the )other|(?<=those )other|remaining)(?: (?P<k>\d+))?(?: ones?\b|"
    rf" events?\b|{_ENDS}))"
)
_ALL_OF = re.compile(
    r"\b(?:both(?: of (?:them|those|these))?|(?:all(?: of)?(?: the| those| these)?|the(?: whole"
    r"| full| entire| complete| (?P<old>earlier|previous|old|original))?|those|these) (?P<k>\d+)"
    r"(?: of (?:them|those|these))?)(?: (?:ones|events|batches|sets|samples"
    rf"|selections))?(?: together)?(?:{_ENDS}|(?= (?:get|do|does|is|are|have|has)\b))"
)
_OF_MODELS = (
    r"\b(?:agree|differ|disagree|wins?|better|best|worse|right|sure|accurate|mattered|models?"
    r"|classifiers?|networks?|nets?)\b"
)
_BY_MODEL = r"\b(?:with|by|using|through|from) the \w+ (?:network|model|classifier|net)\b"
_DONE_TO = r"\b(?:for|on|about|over|show|display|draw|explain|classify|label|probe) $"
_OTHER_MODELS = (
    r"(?:(?<=do )|(?<=does )|(?<=did )|(?<=would ))(?:the )?(?:other 2|others|other ones?)(?= \w)"
    r"|\b(?:the )?(?:other 2|others|other ones?)(?= (?:agree|say|think|see|call|make|would|get|got"
    r"|classify|label|predict|fail|miss|identify|do|find|also|give)\b)"
)
_ASKED_OTHERS = r"(?:(?:and|so|what about|how about|what do) )*(?:the )?others?(?: say| think)?\W*"
_OUTSIDE = r"(?:outside(?: of)?|not in|besides|other than|except(?: for)?|everything but)"
_FORMER = re.compile(r"\bthe (?:(former)|latter)(?: (?:one|event))?\b")
_THEM = re.compile(
    r"\b(?:(?:all |any |each |some |most )?(?:of )?(?:them|those|these)\b(?: (?:\d+ )?(?:ones"
    r"|events)\b)?|(?:all )?the \d+ events\b|their\b|therein\b)"
)
_SELECTION = re.compile(
    r"\b(?:(?:the|that|this|my|our)(?: same)? (?P<age>earlier|previous|original|initial|old|whole"
    r"|full|entire|complete|first|\d+th|last|latest|current)? ?(?:selection|subset"
    r"|list of events)|the (?:last|latest) (?:lot|batch|group)"
    r"|the (?P<which>earlier|previous|original|initial|old|first|\d+th) (?:sample|set|group|batch"
    r"|lot|list|cut)|the (?P<wider>whole|full|entire|complete) (?:selection|list|lot))\b"
)
_BACK = re.compile(
    r"^(?:(?:ok(?:ay)?|so|now|and|then|please|let us|let me|can we|i want to)[, ]+)*(?:(?:go|get"
    r"|come|return|switch|going|coming) )?(?:(?:back|return) (?:again )?(?:to|at)|again (?:for"
    r"|on)) "
)
_UNDO = (
    r"(?:(?:ok|no|please|now|and|but)[, ]+)*(?:undo|revert|take)\b(?: (?:that|this|it|the last"
    r" (?:cut|one|step|selection)))?(?: back)?|(?:please )?go back(?: (?:one|a) step)?"
)
_WHICH_HAS_MORE = re.compile(
    r"\b(which (?:1|one|event|of (?:them|those|these|both|the \d+))(?: ones?| events)?"
    r"|which) (?P<verb>has|have|had|is|was|shows?|contains?) (?:the )?(?:(?P<more>more|higher"
    r"|larger"
    r"|bigger|greater|longer|longest|harder)|fewer|less|lower|smaller|shorter|softer)"
    r" (?=\w+)(?!\w+ than)"
)
_ONE_OF = re.compile(
    r"\b(show|see|draw|display|look at|explain|take|pick)( me)? (one|any|some)(?=\W*$)"
)
_ORIGINAL = re.compile(
    r"\bthe (?:original|initial|starting|reference|query)(?: (?:one|event)\b| (?=next|beside|with)|"
    rf"{_ENDS})"
)
_LEADING = r"(?:(?:and|or|now|then|what about|how about|for|on|in|the same for) )*"
_LISTING = 200


class Pointer:
    """Writes out what a turn points at.

    Parameters
    ----------
    dialogue : Dialogue
        The conversation, whose earlier turns hold what can be pointed at.
    """

    def __init__(self, dialogue: Dialogue) -> None:
        self._groups = dialogue.groups()
        self._names = dialogue.names
        self._named: list[str] = []

    def __call__(self, text: str) -> str:
        """Return a normalised clause with what it points at written out."""
        if not self._groups:
            return text
        alone = self._groups[-1].size == 1 and not self._lists()
        if alone and re.fullmatch(_ASKED_OTHERS, text):
            return "the other classifiers"
        text = re.sub(
            _OTHER_MODELS, "the other classifiers", self._named_anew(self._returned(text))
        )
        if pair := self._pair(text):
            text = _WHICH_HAS_MORE.sub(
                lambda found: f"which of {pair} has the {'most' if found['more'] else 'least'} ",
                text,
            )
        text = re.sub(_LONE_PLACE, r"\1 the \2 one", text)
        steps: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]], ...] = (
            (_ALL_BUT, self._all_but_one),
            (_SELECTION, self._selection),
            (_ORIGINAL, self._original),
            (_FORMER, self._former),
            (_PLACE, self._place),
            (_NUMBERED, self._numbered),
            (_SEVERAL, self._several),
            (_EXTREME, self._extreme),
            (_OTHERS, self._others),
            (_ALL_OF, self._all_of),
        )
        for pattern, meant in steps:
            text = pattern.sub(_or_as_it_is(meant), text)
        text = _ONE_OF.sub(r"\1\2 1 of them", text)
        text = self._ranked(text)
        return _THEM.sub(lambda found: self._them() or found[0], text)

    def written_out(self, events: str) -> str:
        """Return a cut string with the names of earlier selections written out."""
        for number, meant in enumerate(self._named):
            name = f"@earlier_{number}"
            if events == name:
                return meant
            bare = re.fullmatch(r"@\w+|[\w.]+ [<>=!]=? [\w.]+|-?\d*:-?\d*|\[[^\]]*\]", meant)
            events = re.sub(rf"{name}\b", meant if bare else f"({meant})", events)
        return events

    # What is there -----------------------------------------------------------------------

    def name(self, events: str) -> str:
        """Return a name for the events of a cut string, for use in this turn."""
        if events == self._groups[-1].events:
            return "@last"
        if events not in self._named:
            self._named.append(events)
        return f"@earlier_{self._named.index(events)}"

    def _lists(self) -> list[Group]:
        """Return the listings of several events, the latest first.

        Events that one turn looked at one by one are a listing as well.
        """
        found: list[Group] = []
        for group in reversed(self._groups):
            one_by_one = [g for g in self._groups if g.turn == group.turn and g.size == 1]
            indices = list(dict.fromkeys(g.indices[0] for g in one_by_one))
            if group.size > 1:
                found.append(group)
            elif len(indices) > 1 and group is one_by_one[-1]:
                together = listed(indices)
                found.append(replace(group, events=together, indices=indices, size=len(indices)))
        return found

    def _selections(self) -> list[Group]:
        """Return the different selections of several events, the earliest first."""
        found: list[Group] = []
        for group in self._groups:
            chosen = group.call.tool != "display_event" and group.call.tool not in ONE_EVENT
            if chosen and group.size != 1 and group.events not in [g.events for g in found]:
                found.append(group)
        return found

    def _singles(self, k: int) -> list[int]:
        """Return the last `k` different events that were looked at one by one."""
        found: list[int] = []
        for group in reversed(self._groups):
            if group.size != 1 or len(found) == k:
                break
            if group.indices[0] not in found:
                found.append(group.indices[0])
        run = [g.indices[0] for g in self._groups if g.size == 1]
        return sorted(found, key=run.index) if len(found) == k else []

    def _after(self, group: Group) -> list[int]:
        """Return which events of a listing were singled out since."""
        place = max(i for i, g in enumerate(self._groups) if g.call is group.call)
        looked_at = (*ONE_EVENT, "display_event", "classify_events")
        later = [g.indices for g in self._groups[place + 1 :] if g.call.tool in looked_at]
        return [i for indices in later if set(indices) < set(group.indices) for i in indices]

    # What is pointed at --------------------------------------------------------------------

    def _place(self, found: re.Match[str]) -> str | None:
        least = int(found["n"] or 1)
        for group in self._lists():
            far = found["noun"] in ("event", "events") and group.size > _LISTING / 10
            if far or (group.indices and len(group.indices) < least):
                continue
            if not group.indices:
                return None
            place = -1 if found["end"] in ("last", "final") else least - 1
            place = len(group.indices) // 2 if found["middle"] else place
            return f"event {group.indices[place]}"
        return None

    def _all_but_one(self, found: re.Match[str]) -> str | None:
        """Return a listing without what stands at one of its places: "all but the first"."""
        group = next(iter(self._lists()), None)
        place = -1 if found["last"] else int(found["n"] or 1) - 1
        if group is None or place >= len(group.indices):
            return None
        return _events([i for i in group.indices if i != group.indices[place]])

    def _numbered(self, found: re.Match[str]) -> str | None:
        """Return what stands at a place of a ranking: "number two"."""
        group = next(iter(self._lists()), None)
        n = int(found["n"])
        if group is None or not 0 < n <= len(group.indices) or n in group.indices:
            return None
        return f"event {group.indices[n - 1]}"

    def _several(self, found: re.Match[str]) -> str | None:
        k = int(found["k"])
        if found["end"] == "top" and re.match(r"(?:and |only |just )+the top", found.string):
            return None  # how many are ranked
        for group in self._lists():
            if len(group.indices) > k:
                last = found["end"] in ("last", "bottom")
                return _events(group.indices[-k:] if last else group.indices[:k])
        return None

    def _extreme(self, found: re.Match[str]) -> str | None:
        """Return the first or the last of a ranked listing."""
        for group in self._lists():
            a = group.call.arguments
            similar = group.call.tool == "find_similar_events"
            worst = a.get("statistic") in ("worst_mistakes", "least_sure")
            ranked = a.get("sort_by") not in (None, "random", "index")
            if found["near"] or found["far"]:
                fits = similar
            elif found["sure"] or found["worst"] or found["high"] == "top":
                fits = worst or (ranked and found["worst"] is None)
            else:
                fits = ranked
            if fits and group.indices:
                upside_down = ranked and not a.get("descending", True)
                first = (not (found["far"] or (found["low"] and ranked))) != upside_down
                return f"event {group.indices[0 if first else -1]}"
        return None

    def _original(self, _: re.Match[str]) -> str | None:
        """Return the event whose like was last looked for."""
        for group in reversed(self._groups):
            if group.call.tool == "find_similar_events" and re.fullmatch(r"\d+:\d+", group.meant):
                return f"event {group.meant.split(':')[0]}"
        return None

    def _former(self, found: re.Match[str]) -> str | None:
        pair = next((g.indices for g in self._lists() if g.size == 2), [])
        pair = self._singles(2) or pair
        if len(pair) == 2:
            return f"event {pair[0 if found[1] else 1]}"
        chosen = self._selections()[-2:]
        return self.name(chosen[0 if found[1] else 1].events) if len(chosen) == 2 else None

    def _others(self, found: re.Match[str]) -> str | None:
        k = int(found["k"] or 0)
        if re.search(r"\b(?:agree|differ|classifiers?|networks?|models?)\b", found.string):
            return None
        for group in self._lists()[:2]:
            seen = self._after(group)
            left = [i for i in group.indices if i not in seen]
            if seen and left and (not k or k == len(left)):
                return _events(left)
        unused = [n for n in self._names.values() if f"@{n}" != self._groups[-1].events]
        if len(unused) == 1 and len(self._names) == 2:
            return f"@{unused[0]}"
        chosen = self._selections()
        if k or len(chosen) < 2 or chosen[-1].events != self._groups[-1].events:
            return None
        inner = str(chosen[-1].call.arguments.get("events", ""))
        narrowed = "@last" in inner or "where" in chosen[-1].call.arguments
        if "@last and (not " in inner:
            return "@last"  # an exclusion has left them
        if narrowed:
            whole, part = chosen[-2].events, chosen[-1].events
            outer = f"({whole})" if " or " in whole else whole
            return self.name(f"{outer} and not ({part})")
        return None

    def _all_of(self, found: re.Match[str]) -> str | None:
        k = int(found["k"] or 2)
        done_to = re.search(_DONE_TO, found.string[: found.start()])
        others = re.sub(_BY_MODEL, "", found.string)
        if k < 4 and not done_to and re.search(_OF_MODELS, others):
            return None  # "which of the two is better?"
        if self._groups[-1].size == k and not found["old"]:
            return "@last"
        if singles := self._singles(k):
            return _events(singles)
        joint = re.search(r"\b(?:have|has|having|contain|pass) $", found.string[: found.start()])
        if found["k"] is None and (two := self._last_two("and" if joint else "or")):
            return two if two.startswith("@") else self.name(two)
        latest = self._groups[-1].events if found["old"] else None
        if group := next((g for g in self._lists() if g.size == k and g.events != latest), None):
            return self.name(group.events)
        return None

    def _pair(self, text: str) -> str | None:
        """Return the few events of which one is asked for: "which of the two has more hits?"."""
        if not _WHICH_HAS_MORE.search(text):
            return None
        few = self._groups[-1].size > 1
        two = [] if few else self._singles(2)
        return "them" if few else _events(two) if two else None

    def _last_two(self, joined: str) -> str | None:
        """Return the events of the last two turns together, where both asked the same of them."""
        last = [g for g in self._groups if g.turn == self._groups[-1].turn][-1]
        before = next((g for g in reversed(self._groups) if g.turn < last.turn), None)
        if before is None or before.call.tool != last.call.tool or before.events == last.events:
            return None
        keys = [g.call.arguments.get("name") for g in (before, last)]
        if all(keys):
            return " and ".join(f"@{key}" for key in keys)
        inner = " and " if joined == "or" else " or "
        both = (before.events, last.events)
        return f" {joined} ".join(f"({e})" if inner in e else e for e in both)

    def _all_but(self, key: str, _: re.Match[str]) -> str:
        return self.name(f"not @{key}")

    def _named_anew(self, text: str) -> str:
        """Write out "outside golden", and "B?" where a selection is called "batch B"."""
        lone = re.fullmatch(rf"{_LEADING}(?:the )?(\w+)\W*", text)
        for said, key in self._names.items():
            text = re.sub(
                rf"\b{_OUTSIDE} (?:the )?['\"@]?{re.escape(said)}\b['\"]?",
                _or_as_it_is(partial(self._all_but, key)),
                text,
            )
            others = [n for n in self._names if n != said and n.split()[-1] == said.split()[-1]]
            if lone and " " in said and lone[1] == said.split()[-1] and not others:
                return text.replace(lone[1], f"@{key}")
        return text

    def _selection(self, found: re.Match[str]) -> str | None:
        which = found["age"] or found["which"] or found["wider"] or ""
        chosen = self._selections()
        if not chosen:
            return None
        roots = [g for g in chosen if "@" not in str(g.call.arguments.get("events", "@"))]
        if which == "first" or which.endswith("th"):
            place = int(which[:-2] or 1) - 1 if which != "first" else 0
            return self.name(roots[place].events) if place < len(roots) else None
        if which in ("original", "initial", "whole", "full", "entire", "complete"):
            return self.name((roots or chosen)[-1].events)
        if which in ("earlier", "previous", "old") and chosen[-1].events == self._groups[-1].events:
            return self.name(chosen[-2].events) if len(chosen) > 1 else None
        return self.name(chosen[-1].events)

    def _them(self) -> str | None:
        """Return the listing before the one event that was looked at last."""
        last = self._groups[-1]
        looked_at = last.call.tool in (*ONE_EVENT, "display_event", "classify_events")
        found_by_cut = any(
            g.turn == last.turn
            and g.call.tool == "select_events"
            and not g.call.arguments.get("limit")
            for g in self._groups
        )
        if last.size != 1 or not looked_at or found_by_cut:
            return None
        group = next(iter(self._lists()), None)
        return self.name(group.events) if group and group.size <= _LISTING else None

    def _ranked(self, text: str) -> str:
        """Say of which events one is asked for by its rank: "the lowest one"."""
        lone = re.search(
            rf"\bthe (?:{_RANK}|one (?:with|having|of) .*)(?: (?:one|of them))?{_ENDS}"
            rf"|^(?:(?:and|now|show|the) )*(?:{_RANK})[ -]\w+ one\W*$",
            text,
        )
        group = next(iter(self._lists()), None)
        if (
            not lone
            or group is None
            or re.search(r"\b(?:file|data|sample)\b|\bevent \d", text)
            or ("the one " not in text and re.search(r"\b(?:event|nue|numu|nutau|nc)\b", text))
        ):
            return text
        said = "of them" in text or not sort_arguments(text)
        return text if said else f"{text.rstrip(' ?.!')} of them"

    def _returned(self, text: str) -> str:
        """Write out "back to the NC ones", "undo that"."""
        chosen = self._selections()
        if re.fullmatch(_UNDO, text.strip(" ?.!")) and len(chosen) > 1:
            return f"select {self.name(chosen[-2].events)}"
        back = _BACK.match(text)
        if back is None:
            return text
        rest = text[back.end() :]
        if re.fullmatch(
            r"@\w+\W*|(?:that|the|my|our|this)(?: \w+)? (?:selection|set|list)\W*", rest
        ):
            rest = f"select {rest}"
        return rest


def _events(indices: list[int]) -> str:
    words = ", ".join(map(str, indices))
    return f"event {words}" if len(indices) == 1 else f"events {words}"


def _or_as_it_is(
    meant: Callable[[re.Match[str]], str | None],
) -> Callable[[re.Match[str]], str]:
    """Leave the words as they are where they point at nothing."""
    return lambda found: meant(found) or found[0]
