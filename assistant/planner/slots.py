"""Everything that one clause names: models, events, cuts, classes, views, numbers asked for."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from assistant.planner.classes import ClassMention, read_classes
from assistant.planner.contents import read_contents
from assistant.planner.cuts import Cuts, apart, read_cuts, read_two_sided, read_unit_ranges
from assistant.planner.lexicon import (
    COLUMN_PATTERNS,
    MODEL_PATTERNS,
    MODELS,
    PARTICLES,
    UNKNOWN_MODELS,
    VIEW_PATTERNS,
)
from assistant.planner.ranges import EventNumbers, read_bare, read_events
from assistant.planner.scan import BLANK, Scan

_SELF_NAMED = r"\b(?:with|using|by|via|through|on|from|of|run|use|apply|ask|does|do|try|trust)"
_THEM = (
    r"(?:of |on |for |in |among |from |with |to )?(?:them|(?:those|these)(?: \d+\b(?! ?(?:%|gev|mev"
    r"|cm)))?|the same (?:events|ones|selection|set|sample|range)|(?:that|this|the (?:last|previous"
    r"|current|above|selected)) (?:selection|sample|subset|set|list|range|group|batch)|the"
    r" (?:selected|above|previous|resulting|remaining) (?:ones|events)|the same (?:\d+|events)|such"
    r" events|both of them)"
)
_JUDGES = (
    r"(?:\w+ly )?(?:say|think|call|label|predict|classif|give|make|assign|put|get|got|do\b|perform"
    r"|fare|agree|see\b|find|vote|believe|take|mistake|confus|miss|consider|judge|choose|pick"
    r"|identif|tag|reckon|err\b|fail|work|mix|guess|decide|score)"
)
"""What a classifier does: "does it say" is no event's doing."""
_OF_INTERVAL = (
    r"(?:(?:c\.?l\.?|c\.?i\.?|levels?|confidence|credib\w+|intervals?|uncertaint\w+|errors?)"
    r"(?![\w])(?: (?:level|intervals?|limits?|bands?|bars?|regions?|errors?|uncertaint\w+))*)"
)
"""What a probability content is said of: "90 % CL interval", "95 % confidence limits"."""
_BINNED_IN = r"(gev|mev|cm|hits?|pixels?|prongs?)\b"
_BEFORE_LETTER = r"\b(?:on|in|of|for|with|to|from|and|or|vs|versus|than|selection|sample|set|show)"
_BEHIND_LETTER = (
    r"(?=\W*$|[,.;?!:]| (?:and|or|vs|versus|with|by|using|selection|sample|set|are|is)\b)"
)
"""What stands around a selection that is called by one letter."""
_BARE_VIEW = (
    r"\b(?:without|missing|dead|losing|lose|drop(?:ping)?|remov(?:e|ing)|only|just|kill(?:ing)?"
    r"|mask(?:ing)?|hid(?:e|ing)|no|with|keep(?:ing)?|us(?:e|ing)) (?:(?:the|only|just) )*(u|v|z|xz"
    r"|yz)\b(?! ?[=<>])|^(?:(?:and|or|now|then|what about|how about|same (?:for|with)|the)"
    r" )*(?:view )?(u|v|z|xz|yz)(?: one| as well| too| then| instead)*\W*$|\b(u|v|z|xz|yz) (?:is "
    r"|was |were |being |view )?(?:missing|dead|lost|gone|dropped|only|out|off|alone)\b"
)
_IT = (
    r"(?:it|this one|that one|(?:this|that|the same|the previous|said) (?:event|one|picture|image"
    r"|interaction)(?! ?#?\d)|the event(?! (?:numbers?|with|that|which|the|whose|it|closest|nearest"
    r"|after|before|following|preceding|\d|#))|same one|(?<=explain )that|(?<=why is )that|(?<=show"
    r" )that|(?<=show me )that|(?<=display )that|(?<=like )that|(?<=classify )that|(?<=about )that"
    r"|(?<=was )that(?=\W*$)|(?<=to )that(?=$|[?.!,]))"
)


_EXCEPTION = (
    r"(?<=\w)[, ]+(?:(?:(?<=all )|(?<=everything ))but(?: for)?|except(?:ing)?(?: for)?"
    r"|excluding|apart from|leaving out|other than|minus|unless"
    r"|but not(?= (?:the|those|ones|if|when|where)\b)) ((?:(?!,? (?:and|then) (?:tell|show|give"
    r"|classify"
    r"|compare|plot|how|what)\b| (?:with|by|using|on|for) (?:the )?(?:vlm|vit|cnn)\b)[^,;?])+)"
)
"""Takes events out behind those that are named."""


@dataclass
class Slots:
    """What a clause names; empty where it does not."""

    text: str
    models: list[str] = field(default_factory=list)
    unknown_model: str | None = None
    events: EventNumbers = field(default_factory=EventNumbers)
    bare: EventNumbers = field(default_factory=EventNumbers)
    cuts: Cuts = field(default_factory=Cuts)
    classes: list[ClassMention] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    them: bool = False
    it: bool = False
    rest: bool = False
    shift: int | None = None
    """+10 for "the next ten", -1 for "the previous one"."""
    views: list[str] = field(default_factory=list)
    top: int | None = None
    few: int | None = None
    """Three in "the three of the highest energy", which may be three of those before as well."""
    columns: list[str] = field(default_factory=list)
    particle: str | None = None
    particles: list[str] = field(default_factory=list)
    level: float | None = None
    bins: int | None = None
    bin_width: float | None = None
    expression: str | None = None
    instead: bool = False
    """Takes the place of what the turn before named."""
    lifted: list[str] = field(default_factory=list)
    """Cuts of the turn before that are taken back."""
    replaced: list[str] = field(default_factory=list)
    """Classifiers that make room for those named: "the ViT rather than the CNN"."""
    besides: Slots | None = None
    """What an exception names: "the DIS events except those above 20 GeV"."""
    left: str = ""
    """The text with all that is explained blanked."""

    @property
    def names_events(self) -> bool:
        """Whether the clause says itself which events it means."""
        return bool(
            self.events
            or self.names
            or self.them
            or self.it
            or self.rest
            or self.shift
            or self.expression
            or self.besides
        )

    @property
    def single(self) -> int | None:
        """The one event that is named by number, if exactly one is."""
        numbers = self.events.numbers
        return numbers[0] if len(numbers) == 1 and len(self.events.expressions) == 1 else None


def read_slots(text: str, *, n: int | None = None, names: dict[str, str] | None = None) -> Slots:
    """Read one normalised clause.

    Parameters
    ----------
    text : str
        Normalised text.
    n : int, optional
        Events in the data set.
    names : dict, optional
        Named selections as they are said ("soft muons") with their key ("soft_muons").
    """
    scan = Scan(text)
    slots = Slots(text)
    if exception := re.search(_EXCEPTION, text):
        besides = read_slots(exception[1], n=n)
        if besides.cuts.filters and not all(f.startswith("mode") for f in besides.cuts.filters):
            slots.besides = besides
            scan.blank(*exception.span())
    for said, key in sorted((names or {}).items(), key=lambda item: -len(item[0])):
        if len(said) == 1:
            if scan.take(rf"{_BEFORE_LETTER} ['\"@]?({said})\b['\"]?{_BEHIND_LETTER}", 1):
                slots.names.append(key)
            continue
        pattern = (
            rf"(?:the )?['\"@]?(?<![\w]){re.escape(said)}(?![\w])['\"]?(?: "
            r"(?:selection|sample|set|events|subset))?"
        )
        if found := scan.take(rf"(?<![\w.:-])(\d+) (?:of )?{pattern}"):
            slots.top = int(found[1])
            slots.names.append(key)
        elif scan.take(pattern) or scan.take(rf"@{re.escape(key)}\b"):
            slots.names.append(key)
    if found := scan.take(r"@last\b"):
        slots.them = True
    slots.names += [found[1] for found in scan.take_all(r"@([a-z_]\w*)")]
    _read_models(scan, slots)
    if found := scan.take(
        rf"(?<![\w.])(?:(\d+(?:\.\d+)?) ?(?:%|percent|per cent) {_OF_INTERVAL}"
        r"|\b(?:c\.?l\.?|ci|confidence (?:level|interval)s?)(?: (?:of|at|is|be"
        r"|=))* ?(\d+(?:\.\d+)?)(?![\w.]) ?(?:%|percent)?)"
    ):
        level = float(found[1] or found[2])
        slots.level = level / 100 if level > 1 else level
    elif found := scan.take(r"\b(?:1|2|3)[ -]?sigma\b(?: (?:interval|error|uncertaint|band)\w*)?"):
        slots.level = {"1": 0.6827, "2": 0.9545, "3": 0.9973}[found[0][0]]
    _read_views(scan, slots)
    if found := scan.take(
        rf"\b(\d+(?:\.\d+)?)[ -]?{_BINNED_IN}[ -](?:wide\b(?: (?:bins?|steps?))?|(?:(?:per|a|each)"
        rf" )?(?:bins?|steps?)\b)"
        r"|\b(?:bins?|steps?|width) (?:(?:of|with|that are|a|the|width|size)[ =]+)*"
        rf"(\d+(?:\.\d+)?) ?{_BINNED_IN}|\bbin(?:ning|[ -](?:width|size))s?[ =](?:(?:of|to|is) )?"
        rf"(\d+(?:\.\d+)?)(?: ?{_BINNED_IN})?"
    ):
        width = float(found[1] or found[3] or found[5])
        slots.bin_width = width / 1000 if (found[2] or found[4] or found[6]) == "mev" else width
    elif found := scan.take(
        r"\b(\d+)[ -](?:(?:\w+[ -]){0,2}bins|bin)\b"
        r"|\b(?:binned|divided|split|cut) (?:up )?in(?:to)?"
        r" (\d+)(?! ?(?:gev|mev|cm)\b|\.)(?: (?:\w+ )?(?:intervals|slices|steps)\b)?"
        r"|\b(?:n_?|number of )?bins ?(?:=|:|to|of) ?(\d+)\b"
    ):
        slots.bins = int(found[1] or found[2] or found[3])
    if re.search(r"resol|coars|granular|pixel|down-?sampl|re-?bin|blur", text):
        # How much coarser is no event.
        scan.take(
            r"\b(?:by|factor) (?:a )?(?:factor )?(?:of )?\d+\b|\b1/\d+\b|\b\d+ ?(?:x|times"
            r"|-?fold)\b"
        )
    _read_references(scan, slots)
    read_two_sided(scan, slots.cuts)
    slots.expression = _cut_string(scan)
    read_unit_ranges(scan, slots.cuts)
    slots.events = read_events(scan, n)
    read_cuts(scan, slots.cuts)
    slots.cuts.filters = apart(slots.cuts.filters)
    read_contents(scan, slots.cuts)
    slots.classes = read_classes(scan)
    _read_top(scan, slots)
    for column, _, words in COLUMN_PATTERNS:
        if column not in ("score",) and scan.take(rf"(?<![\w])(?:{words})(?![\w])"):
            slots.columns.append(column)
    if found := re.search(rf"(?<![\w-])(?:{PARTICLES})(?![\w])", text):
        slots.particle = found[0].strip()
        every = (m[0].strip() for m in re.finditer(rf"(?<![\w-])(?:{PARTICLES})(?![\w])", text))
        slots.particles = list(dict.fromkeys(every))
    if found := scan.take(
        r"\b(?:the|both|all|these|those)(?: (?:earlier|previous|old|original|whole|full|entire))?"
        r" (\d)\b(?! ?events?)"
    ):
        slots.few = int(found[1])
    read_bare(scan, slots.bare)
    slots.left = scan.left
    return slots


def _cut_string(scan: Scan) -> str | None:
    """Take a cut that is already written in the grammar: ``truth==nc and energy<2``."""
    term = (
        r"(?:\w+\s*(?:==|!=|<=|>=|<|>)\s*(?:\w+(?:\.\d+)?)|(?:index"
        r"|energy|truth|label)\s+in\s+\[[^\]]*\]|\d*:\d*)"
    )
    found = re.search(rf"(?<![\w@]){term}(?:\s+(?:and|or)\s+(?:not\s+)?{term})*", scan.left)
    if not found or not re.search(
        r"\b(?:truth|label\w*|mode|index|n_\w+|p_\w+|\w+_cm|\w+_score"
        r"|lepton_energy|nu_pdg|has_\w+)\b",
        found[0],
    ):
        return None
    scan.blank(*found.span())
    cut = re.sub(r"\s+", " ", found[0]).strip()

    def share(match: re.Match[str]) -> str:
        value = float(match[2])
        return f"{match[1]}{value / 100 if value > 1 else value:g}"

    return re.sub(r"(\bp_\w+ ?[<>]=? ?)(\d+(?:\.\d+)?)", share, cut)


def _read_models(scan: Scan, slots: Slots) -> None:
    places: list[tuple[int, str]] = []
    if found := scan.take(rf"(?<![\w])(?:{UNKNOWN_MODELS})(?![\w])"):
        slots.unknown_model = found[0]
    for name, words in MODEL_PATTERNS.items():
        taken = scan.take_all(rf"(?<![\w])(?:{words})(?:'s?)?(?![\w])")
        places += [(match.start(), name) for match in taken]
    left_out = r"\b(?:not|except|apart from)(?: with| by| using)?(?: the| your)? $"
    slots.models = list(
        dict.fromkeys(n for at, n in sorted(places) if not re.search(left_out, scan.text[:at]))
    )
    kinds = (
        r"(?:classifiers?|models?|networks?|nets?|architectures?"
        r"|algorithms?|methods?|of them(?= agree| disagree))"
    )
    if scan.take(
        rf"\b(?:all|every|each(?: of)?|the)(?: of)?(?: the)?(?: 3| available| your)+ {kinds}\b"
        rf"|\b(?:all|every|each|any)(?: of)?(?: the| your| available)* {kinds}|\ball 3\b(?!"
        r" (?:events?|ones|of (?:them|these|those)|views?|planes?|classes|are|were|have|flavou?rs"
        r"|samples|sets|selections))|\bthe 3\b(?= (?:ever )?(?:all )?(?:agree|fail|err|disagree"
        r"|differ|classif\w+|say|do\b|compare\w*|on\b|for\b)|[?.,!]|$)|\bwhich of the 3\b(?="
        r" .*\b(?:accura|reliab|trust|best|better|worst|perform))|\bwhich (?:of (?:the|your)"
        rf" )?{kinds}\b|\bthe (?:classifiers|models|networks)\b"
    ):
        slots.models = slots.models if len(slots.models) > 1 else list(MODELS)
    elif scan.take(r"\b(?:both|the 2) transformers\b"):
        slots.models = ["vlm", "vit"]
    elif not slots.models and not slots.unknown_model:
        noun = (
            r"(?:classifier|network|net|forest|machine|regression|ensemble"
            r"|architecture|neural network|algorithm|model)"
        )
        known = (
            r"(?:the|this|that|which|default|best|same|other|a|an|your|any|each|every|one|another"
            r"|standard|usual|current|first|what|and|or|trained|neural|classification|with|by|using"
            r"|of|misclassification|confusion|good|better|main|second|third|previous|last|own|my"
            r"|our|no|is|box|birks|quark|cascade|nuclear)"
        )
        found = re.search(
            rf"{_SELF_NAMED} (?:the |an? |your |my )?((?!{known}\b)[\w+-]+(?: [\w+-]+)? {noun})\b",
            scan.left,
        )
        if found and not re.search(rf"\b{known} {noun}$", found[1]):
            slots.unknown_model = found[1]
            scan.blank(*found.span(1))


def _read_views(scan: Scan, slots: Slots) -> None:
    for name, words in VIEW_PATTERNS.items():
        if scan.take_all(rf"(?<![\w])(?:{words})(?![\w])"):
            slots.views.append(name)
    slots.views += [
        (found[1] or found[2]).upper()  # no such view: the tool says so
        for found in scan.take_all(r"\b(?:view|plane) ([b-t])\b|\b([b-t])[ -](?:view|plane)\b")
    ]
    # "views U and V", "the u and v planes"
    if found := scan.take(
        r"\b(?:views? |planes? )?([uvz])(?: and | & |, ?|/| or )([uvz])\b(?: (?:views?|planes?)\b)?"
    ):
        slots.views += [g.upper() for g in found.groups() if g.upper() not in slots.views]
    if scan.take(r"\b(?:both |the 2 |two )?(?:induction (?:views|planes)|inductions)\b"):
        slots.views += [v for v in ("U", "V") if v not in slots.views]
    elif not slots.views and (found := scan.take(_BARE_VIEW)):
        slots.views.append(next(filter(None, found.groups())).upper())
    elif not slots.views and scan.take(r"\b(?:an |the |1 |one )?induction (?:view|plane)\b"):
        slots.views.append("U")


def _read_references(scan: Scan, slots: Slots) -> None:
    if found := scan.take(r"(?<![\w.:#-])(\d+)(?= of (?:them|those|these)\b)"):
        slots.top = int(found[1])
    slots.shift = _shift(scan)
    if scan.take(
        r"\b(?:the|all the|all)? ?(?:the others|the rest|the remainder|all others|the other events"
        r"|all other events|(?:the |all )?remaining (?:ones|events)|the other ones?|the complement"
        r"|everything else)\b(?: of (?:them|the events|the sample|the data))?"
    ):
        slots.rest = True
    if scan.take(r"\bwhat(?: is)? (?:left|remaining|remains)\b|\bthe remainder\b"):
        slots.them = True
    if scan.take(
        rf"\b(?:all |each |any |both |some |most |half |every one |the rest )?(?:of )?{_THEM}\b"
        r"|\btheir\b|\bthese (?:\d+ )?events\b|\bthose (?:\d+ )?events\b|(?<!is )(?<!are )(?<!was"
        r" )(?<!were )\b(?:there|therein)\b(?=\?|$| and)|\bthe ones\b"
    ):
        slots.them = True
    if scan.take(
        rf"(?<![\w'])(?<!get )(?<!gets )(?<!got ){_IT}(?![\w'])(?! (?:possible|true that"
        rf"|significant|the case|depend))(?<!one it)(?!(?:(?<=does it)|(?<=did it)|(?<=would it)"
        rf"|(?<=has it)) {_JUDGES})"
        r"|\bits\b(?! (?:uncertaint|errors?\b|interval|confidence interval|error bar))"
    ):
        slots.it = True


_LATER = ("next", "following", "after", "subsequent", "later", "further", "forward", "on")


def _shift(scan: Scan) -> int | None:
    """Read "the next ten", "the event before", "back" as a step from the latest events."""
    if found := scan.take(
        r"(?:\bthe |^(?:and |now |then |ok )*)(next|following|subsequent|previous|preceding|prior)"
        r" (\d+)\b(?: events?| ones)?"
    ):
        return int(found[2]) if found[1] in _LATER else -int(found[2])
    if found := scan.take(
        r"\bthe (\d+) (?:events |ones |entries )?(after|before|following|preceding)\b"
        r"(?: (?:that|this|those|these|them|it))?(?! ?(?:#|\d|events?))"
    ):
        return int(found[1]) if found[2] in _LATER else -int(found[1])
    found = scan.take(
        r"\b(?:the )?(next|following|subsequent|previous|preceding|prior) (?:one|event|entry)\b"
        r"|^(?:(?:and|now|then|ok|show|go|step|move|to|the|please|me|see|on|over|keep|going|skip"
        r"|with|carry|continue) )*(next|previous|back|forward|further)(?: (?:please|then|again|one"
        r"|by one|1))*\W*$|^(?:(?:and|now|then|ok|show|me|go|one|1) )*(?:one|1) (on|back|further"
        r"|forward|later|earlier)\W*$|\b(?:the )?(?:one|event|entry) (?:just |right |directly "
        r"|immediately )?(before|after|following|preceding|earlier|later|further|back)\b(?: (?:it"
        r"|that|this)(?: one)?)?(?! ?(?:#|\d|events?|the|all|this|any|energ|class))"
    )
    if found is None:
        return None
    return 1 if next(filter(None, found.groups())) in _LATER else -1


def _read_top(scan: Scan, slots: Slots) -> None:
    """How many are asked for: "five most confident mistakes", "top 10", "the 3 nearest"."""
    adjective = (
        r"(?:most|least|worst|best|highest|lowest|largest|smallest|longest|shortest|nearest|closest"
        r"|top|\w{4,}est|similar|events? (?:most|least|that look|similar"
        r"|like|closest|nearest|with (?:the|most|least|fewest))|neighbou?rs?|look-?alikes?"
        r"|predictions?|verdicts?|decisions?|mistakes?|errors?|blunders?|howlers?|gaffes?"
        r"|examples?|misclassified|wrong|matches|analogues?|ones|misidentifi\w+|confident|random)"
    )
    found = scan.take(r"\b(?:top|best|worst|bottom)[ -](\d+)\b") or scan.take(
        r"(?<![\w.:])(\d+)(?= (?:of (?:the|its|his|their) )?(?:(?:very"
        rf"|other|events?|single) )?{adjective}\b)"
    )
    found = (
        found
        or scan.take(
            rf"\bthe (\d+) (?:[\w{BLANK} -]+ )?events (?=that|which|most|closest|nearest|about"
            rf"|on|where|with"
            r"|for|whose|in which)"
        )
        or scan.take(
            rf"(?<![\w.:#-])(?<!event )(?<!the )(?<!all )(\d+)(?= (?:\w+ )?(?:[{BLANK} ]+"
            rf" )?events\b)"
        )
        or scan.take(
            r"(?<![\w.:#-])(\d+)(?= (?:(?:are|is|would be|will be) (?:enough|sufficient|fine"
            r"|plenty)|(?:will|would|should) (?:do|suffice)|at most|max(?:imum)?|suffice)\b)"
        )
        or scan.take(
            r"(?<![\w.:#-])(\d+)(?= (?:more )?like\b| (?:that|which) (?:\w+ ){0,2}(?:look"
            r"|resembl)\w*)"
        )
        or scan.take(
            r"(?:(?<=closest)|(?<=nearest)|(?<=similar)|(?<=like))\b.*, (\d+)(?= please\b|\W*$)", 1
        )
        or scan.take(r"\b(?:just|only) (\d+)\b(?=(?: (?:of them|please))?\W*$)", 1)
        or scan.take(r"\b(?:k|top|limit|how many) ?(?:=|:|of|is|to) ?(\d+)\b")
    )
    if found and slots.top is None:
        slots.top = int(found[1])
