"""Requests that no tool can serve: deeds that change things, and talk of other worlds."""

from __future__ import annotations

import re

_POLITE = (
    r"^(?:(?:and|so|now|then|ok(?:ay)?|hey|hi|hello|well|next|also|first|finally|please|kindly|just"
    r"|go ahead and|quickly|can|could|would|will|may|might|you|we|i|i'd|i'll|let us|let me"
    r"|want(?: to)?|would like(?: to)?|like to|need(?: to)?|have to|to|try to|help me(?: to)?"
    r"|be so kind(?: and| as to)?|should|must|do|some|automatically|use this to)[ ,:]+)*"
)
_FILE = (
    r"(?:files?|disks?|data ?sets?|data ?base|sample|folder|archive|hdf5|csv|root|training (?:set"
    r"|data|sample)|drive|records?|truth|corpus|cache|predictions|history)"
)
_MODEL = r"(?:models?|classifiers?|networks?|vlm|vit|cnn|weights|parameters|checkpoints?|biases)"
_SCRIPT = (
    r"(?:poems?|songs?|jokes?|haikus?|limericks?|story|stories|essays?|letters?|e-?mails?|recipes?"
    r"|python|java\w*|c\+\+|rust|fortran|bash|code|scripts?|programs?|functions?|macros?|notebooks?"
    r"|apps?|web ?sites?|papers?|abstracts?|thesis|slides?|presentations?|talks?|press release"
    r"|proposal|blog|tweets?|novel|lyrics)"
)
_ALWAYS = (
    r"re-?train|train|fine[ -]?tun\w*|over-?writ\w*|rewrite|rename|re-?label|e-?mail|mail|send"
    r"|upload|publish|tweet|post|book|buy|purchase|sell|install|uninstall|download|translate|shut"
    r" down|reboot|restart|merge|commit|deploy|compile|schedule|remind(?! me (?:what|how|why|which"
    r"|where|when|who)\b)|wipe|format|swap|shuffle|optimi[sz]e|tune|upgrade|sing|cook|bake"
    r"|simulate(?!.*\b(?:views?|planes?|resolution|dead|mask\w*|wires)\b)|invent|reserve|hack|crack"
    r"|pay|transfer|patch|debug|refactor|recalibrate|re-?calibrate|back ?up(?! (?:your|this|that"
    r"|the (?:verdict|claim|label)))|archive|zip|compress|encrypt|decrypt|print out|phone"
    r"|order(?!.*\bby\b| (?:the )?(?:events?|them)\b)|ring|message|text|notify|subscribe|register"
    r" me|log ?in|log ?out|unplug|ramp|solve|integrate|differentiate|extrapolate|forecast|fit|drive"
    r"|fly|paint me|play|sort the file|reorder|rearrange|anonymi[sz]e|blacklist|calculate the"
    r" (?:derivative|integral|square root)|prune|distil\w*|quanti[sz]e"
)
_DEEDS = tuple(
    re.compile(_POLITE + pattern)
    for pattern in (
        rf"(?:{_ALWAYS})\b",
        r"(?:let|have|make|get)\b.{0,30}\b(?:train|learn|re-?train|study)\b",
        r".*\b(?:train|learn|teach)\w*\b.*\b(?:longer|more|further|extra|additional|\d+ epochs)\b"
        r"(?!.*\?)",
        r"make (?:it|them|this|that|the \w+) (?:\w+ )?(?:better|more accurate|faster|smarter"
        r"|bigger|stronger)",
        # Deleting is masking only where a part of the picture goes.
        r"(?:delete|destroy|purge|trash|erase)\b"
        r"(?!.*\b(?:views?|planes?|showers?|tracks?|vertex|hits|half|region|muon)\b)",
        r"(?:remove|clear|flush|empty|reset) (?:all |the |your |my |our |of )*(?:\w+ )?"
        r"(?:predictions|cache|history|documents|data ?base|weights)\b",
        r"(?:remove|drop|discard|cut|take|throw|exclude|kick|get rid of)\b.*\b(?:from|out of|in) "
        rf"(?:the |this |my |our |your )?(?:\w+ )?{_FILE}\b|(?:remove|drop"
        rf"|discard)\b.*\bpermanently",
        r"(?:change|set|modify|edit|alter|fix|replace|turn|flip|convert|make)\b.*\b(?:labels?"
        r"|truth|true class|weights|epochs|learning rate|hyper-?parameters?|voltage|pressure"
        r"|file(?: ?name)?|password|configuration|energy of event \d+"
        r"|event \d+(?:'s)? (?:energy|label|truth|class)|its (?:label|truth|class))\b",
        r"(?!.*\b(?:resolution|granularity|views?|planes?|pixels?)\b)(?:increase|raise|lower|reduce"
        r"|decrease|double|improve|boost|tweak|adjust|extend|update|speed up|change|modify|edit"
        r"|alter|replace|fix)\b.*\b(?:epochs?|learning rate|batch(?: size)?|voltage|drift field"
        rf"|beam|{_MODEL}|accuracy|performance|corpus|software)\b",
        r"(?:write|compose|draft|create|make|code|program|prepare|tell|give|generate|produce"
        r"|design) (?:me |us |up )?(?:an? |the |some |any |another |my )?(?:\w+"
        rf" ){{0,3}}{_SCRIPT}\b(?! (?:of|for) (?:the )?events?| behind)",
        r"(?:generate|produce|make|create|fabricate|synthesi[sz]e|mock up) (?:(?:me|us|up|some|an?"
        r"|another|about|at least|the|\d+) )*(?:\d+|more|new|fake|extra|additional|synthetic"
        r"|artificial|simulated) (?:\w+ ){0,2}(?:events?|data|samples?|interactions?|images?)\b",
        r"(?:add|append|insert|inject|put|move|copy|include|merge)\b.*\b(?:to|into|in|onto) "
        rf"(?:the |this |my |our |your |a )?(?:\w+ )?{_FILE}\b",
        r"(?:save|export|store|dump|write|print)\b.*(?:\b(?:to|as|into|in|on) (?:an? |the "
        r"|my )?(?:\w+ )?(?:file|disk|csv|pdf|png|jpe?g|excel|spreadsheet|hdf5|root|json|usb"
        r"|printer|paper|latex)\b|\.\w{2,4}$)|(?:save|close|lock|unlock) (?:the |this "
        r"|my )?(?:file|data ?set|changes)\b",
        r"(?:open|load|read|import|mount|switch to|use)\b (?:the |a |my |an )?"
        r"(?:other |different |another |new |next )(?:file|data ?set|data|sample|run)\b",
        r"(?:switch|turn|power) (?:on|off)\b.*\b(?:beam|detector|high voltage|magnet|light|pump"
        r"|computer|cryostat)",
    )
)
_PASSIVE = re.compile(
    r"\bif (?:it|they|we|you|i|the \w+) (?:is|are|was|were|had been) (?:re-?)?trained\b"
    r"|\b(?:should|must|can|could|want|like|need|have|get|let)\b.*\b(?:be |to be |get )?"
    r"(?:re-?trained|fine-?tuned|overwritten|deleted from|renamed|relabell?ed|uploaded|e-?mailed)\b"
)
_ELSEWHERE = re.compile(
    # Everyday life, people, other times, sums.
    r"\b(?:weather|gpus?|cpus?|forecast|raining|snowing|restaurants?|recipes?|pancakes?|pizza"
    r"|breakfast|lunch|dinner|coffee|beer|football|soccer|world cup|olympi\w+|cricket|tennis"
    r"|stocks?|share prices?|shares (?:should|can|do) i"
    r"|bitcoin|crypto|president|prime minister|elections?|movies?|films?"
    r"|netflix|songs?|music|jokes?|poems?|haiku|birthday|horoscope|zodiac|capital of|population of"
    r"|phone number|telephone|e-?mail address|salar(?:y|ies)|holidays?|vacation|flights?|hotels?"
    r"|tickets?|girlfriend|boyfriend|wife|husband|mother|father|my (?:name|boss|age|dog|cat|car"
    r"|keys|thesis|supervisor|password|homework)|shift (?:leader|crew)|shifter|celebrit\w+"
    r"|politic\w+|religio\w+|gods?|meaning of life|lottery|taxes|doctor'?s|diet|calories|bus|taxi"
    r"|parking|news)\b|\b(?:in|by|until) 20[3-9]\d\b|\bwhat (?:time|day|date) is it\b|\bhow old are"
    r" you\b|\bare you (?:human|alive|conscious|real|happy)\b|\bdo you (?:love|like|feel|dream"
    r"|sleep|believe|have feelings)\b|\byour (?:name|age|favou?rite|mother)\b|\b\d+(?:\.\d+)?"
    r" ?(?:times|plus|minus|\*|divided by|\^) ?\d+|\b(?:square root|derivative|integral|factorial"
    r"|logarithm) of\b|\bx ?\^ ?2\b|\b(?:did|was) i\b(?!.*\b(?:events?|select\w*|ask\w*|call\w*"
    r"|name\w*|keep|kept|data|file|cut|read|quote|measure|use|choose|get|trust|interpret|tell"
    r"|distinguish|need|have|open\w*|load\w*)\b)"
)
_WHEN = re.compile(
    r"\b(?:tomorrow|yesterday|tonight|next (?:week|month|year|run|summer|winter)|last (?:week|month"
    r"|year|night)|right now in|today'?s|this (?:morning|evening|afternoon|weekend))\b"
)
"""Other times, which a request for work of ours may name in passing: "I need it tonight"."""
_WORK = re.compile(
    r"\b(?:accurac\w+|purit\w+|efficienc\w+|histogram\w*|confusion matrix|calibration|classif\w+"
    r"|vlm|vit|cnn|nue|numu|nutau|nc)\b"
)
_OURS = re.compile(r"\b(?:nue|numu|nutau|nc)\b.*\bevents?\b|\bevents? \d")
"""Names events: an everyday word beside it is only said in passing."""


def is_beyond(text: str) -> bool:
    """Say whether a normalised clause asks for a deed without a tool, or for another world."""
    text = text.strip(" ,.;:!?")
    return (
        any(pattern.search(text) for pattern in _DEEDS)
        or _PASSIVE.search(text) is not None
        or (_ELSEWHERE.search(text) is not None and not _OURS.search(text))
        or (_WHEN.search(text) is not None and not (_OURS.search(text) or _WORK.search(text)))
    )
