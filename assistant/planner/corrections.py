"""What a turn takes back: of itself ("1 to 9, no, 2 to 9"), or of the turn before ("no, 7")."""

from __future__ import annotations

import re

from assistant.planner.classes import read_classes
from assistant.planner.cuts import Cuts, read_cuts
from assistant.planner.ranges import read_bare, read_events
from assistant.planner.scan import BLANK, Scan
from assistant.planner.slots import read_slots

_MEANT = (
    r"(?:i |we )?(?:really |actually |just )?(?:meant|want(?:ed)?|need(?:ed)?|intended|said"
    r"|should have said|was after|was asking (?:for|about))(?: to (?:say|ask|see|type))?"
)
_LEAD = re.compile(
    r"(?:(?:no+(?! (?:protons?|neutrons?|pions?|pi-?0s?|charged|neutral|showers?|tracks?"
    r"|prongs?)\b)|nope|nah|not quite|sorry (?:for|about) (?:the|that|my) \w+|sorry|oops|pardon"
    r"|apologies|my (?:mistake|bad|fault)|actually|correction|wait|hang on|hold on|scratch that"
    r"|scrap that|strike that|typo|hm+|er+m?|uh|ah|oh|(?:i see|understood|got it|all ?right|fine"
    r"|thanks?(?: you)?|interesting|cool|great|nice|perfect|good|wow|right|never mind|forget it"
    r"|anyway|(?:back|returning) to (?:the |our |my )?(?:data|work|business|topic|events)"
    r")(?=\s*[,.;:!-])|ok(?:ay)?|well"
    r"|(?:the|that|this|these|those|it|they) (?:\w+ ){0,2}(?:looks?|seems?|is|are|was|were) "
    r"(?!.{0,30}\b(?:nue|numu|nutau|nc)\b)[a-z' -]{3,30}(?=[,;.!])(?!.*\?.*\?)"
    r"|argh|lol|(?:ha)+h?"
    r"|that (?:is|was) (?:wrong|not (?:it|right|what i (?:meant|wanted)))|(?P<wrong>wrong"
    r" (?:one|event|number))|wrong (?:model|class|classifier|network|cut|range)|i (?:said|typed"
    r"|wrote|asked for) [^,]{1,30} but " + _MEANT + rf"|{_MEANT}"
    r"|make (?:that|it)|it should (?:be|have been)|that should (?:be|have been)"
    r"|too many|too few|that is too (?:many|few))\b[\s,.:;!-]*)+"
)
_TRAIL = re.compile(
    r",? *\b(?:rather|sorry|i meant?|(?:was|is) what i (?:meant|wanted)|i should (?:have )?sa(?:y"
    r"|id)|my (?:mistake|bad)|oops)[ .!]*$"
)
_TAKES_BACK = (
    r"\b(?:no+|nope|sorry|oops|pardon|apologies|mistake|bad|fault|actually|correction|scra\w+ that"
    r"|strike that|typo|wrong|meant?|want(?:ed)?|need(?:ed)?|intended|said|should|was after"
    r"|make|too)\b"
)
_RATHER = (
    r"(?:and |now |but )*(?:(?P<new>[^\d]{2,40}?),? (?:rather than|instead of|(?<=,) not|and not)"
    r" [^\d]{2,40}|not [^\d]{2,40}?,? but (?P<but>.{2,40})"
    r"|(?P<range>(?:events? )?\d+ ?(?:-|to) ?\d+),? (?:not|instead of|rather than) .{2,40})"
)
_AND_WITH = (
    r"^(?:(?:and|plus|also|but|now|then|please) )+(?:(?:require|demand|ask for|insist on|need) )?"
    r"(?=(?:an?|no|\d+|(?:at least|at most|exactly|more than) \d+)"
    r" (?:charged |neutral )?(?:protons?|neutrons?|pions?|pi-?0s?)\b)"
)
_THAT_REQUEST = (
    r"(\b(?:restrict|confine|limit|narrow|repeat|redo|extend|apply|split|break|do))"
    r" (?:down )?(?:that|the|this) (?:very )?(?:last|latest|previous)"
    r" (?:one|number|result|question|request|calculation)\b"
)
"""Means what was asked before, no event."""
_WHAT_IF = (
    r"^(?:and |but |so )*what if (?:we|i|you|one) (?:also |only |just |now )*"
    r"(?:ask for|require|demand|insist on|want|keep|take) (?=.*\bones\b)"
)


def without_lead(text: str) -> tuple[str, bool]:
    """Return what a follow-up asks for, and whether it takes something back.

    "Hmm, no, I meant the ViT" is "the vit", taken back; "ok, the vit" is not; "the vit, not the
    cnn" is.
    """
    text, taken_back = _without_opening(text)
    text = re.sub(_AND_WITH, "and with ", text)
    text = re.sub(_WHAT_IF, "and ", text)
    text = re.sub(_THAT_REQUEST, r"\1 that", text)
    if found := re.fullmatch(_RATHER, text):
        return found["but"] or found["new"] or found["range"], True
    return text, taken_back


def _without_opening(text: str) -> tuple[str, bool]:
    """Return a follow-up without what it opens with, and whether that takes something back."""
    trailing = _TRAIL.search(text)
    if trailing and trailing.start() > 0:
        text = text[: trailing.start()]
    found = _LEAD.match(text)
    if found is None or found.end() == len(text):
        return text, trailing is not None
    rest = text[found.end() :]
    if found["wrong"]:
        rest = re.sub(r"^(?:it is |the )?#?(?=\d)", "event ", rest)
    return rest, trailing is not None or re.search(_TAKES_BACK, found[0]) is not None


_APPOSED = re.compile(
    r"\b(?:(?:on|for|of|about|with|in) )?(?:the same(?= (?:events?|\d))|those|these|them)(?:"
    r" (?:events?|\d+))*"
    r"(?:,? \(|, ?|: ?| - )(?:(?:i\.?e\.?|namely|that is|so|meaning|from|events?|numbers?)[, ]+)*"
    r"(?P<range>#?\d+ ?(?:to|-|through|until|till|\.\.)+ ?#?\d+)\)?"
)


def written_once(text: str) -> str:
    """Return a text that points at events and names them as well with the name only.

    "The same ten, 260 to 269" are the events 260 to 269.
    """
    return _APPOSED.sub(r"for events \g<range>", text)


_RETRACTS = (
    r"^(?P<said>.{6,}?)\s*(?:(?:\.\.+|[,;]| -)\s*(?:oh |ah |oops,? )?(?:no wait|no,|no sorry|sorry"
    r"|wait|actually|rather|or rather|make that|i meant?|scratch that|correction)"
    r"(?:,? (?:no|sorry|i meant?|make that))*|\(?(?:sorry|oops),? i meant?)[,:]?\s+(?P<meant>.+)$"
)


def retracted(text: str, n: int | None) -> str:
    """Return a normalised text without what it takes back itself: "events 1 to 9, sorry, 2 to 9".

    Of what stands before the correction, only what the correction names anew is dropped.
    """
    found = re.match(_RETRACTS, text)
    if found is None:
        return text
    meant = read_slots(found["meant"], n=n)
    scan = Scan(found["said"])
    if meant.events or meant.bare or meant.classes or meant.cuts.filters:
        read_bare(scan, read_events(scan, n))
    if meant.classes:
        read_classes(scan)
    if meant.cuts.filters:
        read_cuts(scan, Cuts())
    if scan.left == found["said"]:
        return text
    return re.sub(r"\s+", " ", scan.left.replace(BLANK, "") + " " + found["meant"])
