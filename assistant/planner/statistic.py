"""Which statistic a clause asks for."""

from __future__ import annotations

import re

from assistant.planner.filters import outcome

_WRONG = (
    r"(?:mistak\w+|errors?|errs?|misclassif\w*|misidentif\w*|mislabel\w*|wrong(?:ly)?|incorrect\w*"
    r"|blunders?|failures?|fails?|misses)"
)
_GRAVE = (
    r"(?:worst|biggest|embarrassing|egregious|largest|gravest|bad(?:dest)?|blatant|severe|serious"
    r"|strongest|top \d*|high-confidence|glaring|spectacular\w*)"
)
PATTERNS: list[tuple[str, str]] = [
    (
        "corrected_counts",
        (
            r"(?:correct|adjust|unsmear)(?:ed|ing|ion)?\b.*\b(?:numbers?"
            r"|counts?|yields?|rates?|for (?:the )?mis|using the "
            r"(?:confusion|response|migration)|totals?|tally)|unfold\w*"
            r"|(?:confusion|misclassification|efficiency|migration|bias"
            r"|purity)[ -]corrected|invert(?:ing|ed)? the (?:confusion"
            r"|response|migration)|\b(?:true|actual|real|underlying) "
            r"(?:number|count|yield|rate|composition)s?\b.*\b(?:estimate"
            r"|infer|recover|after|from|given|once)|\b(?:estimate|infer"
            r"|recover)\b.*\b(?:true|actual|real|underlying) (?:number|count"
            r"|yield|composition)|(?:account|allow|compensat)\w* for (?:the "
            r")?(?:mis\w+|confusion|mistakes|wrong)|(?:counts?|number"
            r"|yield)s?\b.*\bcorrected\b"
        ),
    ),
    (
        "confusion_matrix",
        (
            r"confusion|migration matrix|response matrix|cross[ -]?tab\w*"
            r"|contingency|truth (?:vs\.?|versus|against) predict\w*"
            r"|(?:which|what) class(?:es)? (?:does|do|is|are|get) "
            r".*\b(?:mix(?:es|ed)?|confus)|which class(?:es)? (?:is|are) (?:the )?(?:worst|best"
            r"|hardest|easiest)|mix(?:es)? up|true (?:class "
            r")?(?:vs\.?|versus|against) predicted"
        ),
    ),
    (
        "worst_mistakes",
        (
            rf"\b(?:confident|certain|sure|{_GRAVE})\b.*\b{_WRONG}|confidently {_WRONG}"
            rf"|^(?=.*\b{_WRONG}\b)(?=.*\b(?:most|very|high\w*|great\w*|strong\w*) (?:\w+ )?"
            r"(?:sure|confident|certain|confidence|certainty|probability|conviction)\b).*"
            r"|\bworst (?:events|cases|predictions|ones?|of (?:them|those|these))"
            rf"|(?:most {_WRONG}|{_WRONG} most)\b|blunders|(?:sure|confident|certain) "
            rf"(?:of itself )?(?:but|yet|and|while|though) (?:is |was |still |actually )?{_WRONG}"
        ),
    ),
    (
        "least_sure",
        (
            r"\b(?:least|less) (?:sure|certain|confident|clear|decided)"
            r"|waver\w*|shak(?:y|iest)|insecure|coin[ -]?toss|50[ -/]50|ambivalent|iff(?:y|iest)|dither\w*|on the fence|at a loss|torn between|most (?:uncertain|unsure"
            r"|ambiguous"
            r"|doubtful|undecided|unclear"
            r"|hesitant)|lowest (?:\w+ )?(?:confidence|probabilit|certainty"
            r"|score)|hesitat\w*|borderline|close calls?|undecided"
            r"|(?:hardest|toughest|trickiest) (?:events?|ones?|cases?|for"
            r"|to)|closest to (?:the )?(?:decision|a tie|tie)|struggl\w*"
            r"|smallest (?:margin|confidence)|toss-?ups?|(?:finds?|found|has"
            r"|have) (?:\w+ )?(?:hardest|difficult|most difficult|tricky"
            r"|trouble)|most difficult|trouble with|(?:biggest|greatest"
            r"|largest) doubts?|unsure (?:of|about)|uncertain (?:of|about)"
            r"|not (?:very |so )?(?:sure|certain|confident)"
        ),
    ),
    (
        "roc",
        (
            r"\brocs?\b|\baucs?\b|area under|receiver[ -]operating"
            r"|discriminat\w+ power|separation power|roc-?auc"
        ),
    ),
    (
        "calibration",
        (
            r"^(?=.*\b(?:trust|believ|honest|reliab|meaning|literal)\w*)"
            r"(?=.*\b(?:probabilit\w+|confidences?|scores?)\b(?! interval)).*|face value|\bsays? \d+ ?(?:%|percent).*\b"
            r"(?:right|correct|true)"
            r"|calibrat\w*|reliability (?:diagram|curve|plot)|\bece\b"
            r"|(?:probabilit\w+|confidences?) .*\b(?:honest|trustworthy"
            r"|meaningful|mean what)|over-?confiden\w*|under-?confiden\w*"
            r"|brier"
        ),
    ),
    (
        "efficiency",
        (
            r"efficien\w*|^(?=.*\b(?:fractions?|shares?|proportion|percent\w*|much)\b)"
            r"(?=.*\b(?:lose|lost|losing|kept|keep|surviv\w+|retain\w*)\b)"
            r"(?=.*\b(?:cut|threshold|above|score)\b).*|how much signal|signal\b.*\b(?:keep|kept|retain\w*|left|los[et]"
            r"|surviv\w+)|\beffic?\b|recall|completeness|sensitivity|true[ "
            r"-]positive rate|tpr|signal (?:acceptance|retention)|acceptance"
            r"|(?:fraction|share|proportion|percentage|percent|much|many|%) "
            r"of (?:the |all |all the )?(?:true|real|genuine"
            r"|actual)\b.*\b(?:kept?|keep|select(?:ed|s)?|found|find"
            r"|recover(?:ed|s)?|retain(?:ed|s)?|pass(?:es|ed)?|surviv\w+"
            r"|caught|catch(?:es)?|identified|identif\w+|tagged|accepted"
            r"|(?:correctly|rightly) \w+|get through|make it)|(?:select|keep"
            r"|recover|retain|catch|find)s?\b.*\b(?:fraction|share"
            r"|percentage|how many) of (?:the )?true"
        ),
    ),
    (
        "purity",
        (
            r"purit\w*|\bpure\b|\bpurer\b|precision|contaminat\w*"
            r"|background (?:fraction|level|leak\w*|admixture)"
            r"|clean(?:liness)?\b(?=.*(?:sample|selection|candidates))"
            r"|positive predictive|ppv|admixture|impurit\w*|(?:fraction"
            r"|share|proportion|percentage|how many|many) of (?:the |all "
            r"|its )?(?:\w+ ){0,3}(?:candidates|selected"
            r"|predictions)\b.*\b(?:real|really|true|truly|actual\w*|correct"
            r"|genuine\w*|right|background|wrong)"
        ),
    ),
    (
        "accuracy",
        (
            r"accura\w*|how (?:often|frequently) (?:is|are|does|do) .*\b(?:wrong|right|correct\w*"
            r"|err|mistaken|fail)|how (?:does|do|did|would|will) (?:\w+ ){1,3}(?:do|perform|fare"
            r"|score"
            r"|behave)\b|how (?:well|good|bad|badly|poorly|reliable|trustworthy) (?:is|are"
            r"|does|do|was|did)|perform(?:s|ance|ed|ing)?\b|how often "
            r".*\b(?:right|correct\w*|wrong|mistaken|err|fail|mislabel\w*"
            r"|misclassif\w*|agree with (?:the )?truth)|(?:fraction|share"
            r"|proportion|percent(?:age)?|how many|number|many|much) "
            r".*\b(?:correct(?:ly)?|right(?:ly)?|mistakes?|errors?"
            r"|wrong(?:ly)?|misclassified|misidentified|mislabel\w+"
            r"|incorrect(?:ly)?|mis-?id\w*)\b|(?:error|misclassification"
            r"|mis-?id(?:entification)?|success|hit) (?:rate|fraction|ratio)"
            r"|success rate|get (?:it |them )?(?:right|wrong)|gets? (?:it "
            r"|them )?(?:right|wrong)|how (?:accurate|correct|successful)"
            r"|correct fraction"
        ),
    ),
    (
        "histogram",
        (
            r"\b(?:plot|draw|graph|chart)\b.*\b(?:energ(?:y|ies)|hits|track "
            r"lengths?|prongs|scores?|probabilit\w+|protons|p_\w+)\b(?! (?:events?|ones?|case)\b)"
            r"|histo\w*|\bhist\b|distribut\w*|spectr(?:um|a)\b|binned"
            r"|\bbins?\b|how (?:is|are) .* (?:distributed|spread)|density "
            r"plot"
        ),
    ),
    (
        "mean",
        (
            r"\bmeans?\b(?! (?:by|that|is|to|when))|averages?\b|averaged"
            r"|\bmedians?\b|typical(?:ly)?|\bavg\b|standard deviation|std\b"
            r"|spread|\brms\b|minimum|maximum|\bmin\b|\bmax\b"
            r"|\brange of\b|quantiles?|percentiles?|quartiles?|sum "
            r"of|(?:highest|lowest|largest|smallest|greatest|maximal"
            r"|minimal)\b(?:\W+\w+){0,4}? energ(?:y|ies)\b(?! (?:events?|ones?)\b)"
            r"|\benerg(?:y|ies)\b.*\b(?:span|cover)|how energetic|expected (?:energy|value)|energ(?:y|ies) range"
            r"|total (?:energy|number of hits)"
        ),
    ),
    (
        "count",
        (
            r"how many|frequenc(?:y|ies)|how (?:common|frequent)|split (?:up )?(?:between|among"
            r"|over|into|across)|\bnumber of(?! (?:\w+ )?(?:protons?|neutrons?|pions?|pi-?0s?|hits"
            r"|prongs|tracks)\b(?! events?))|\bcounts?\b|counted|tally|fractions?\b"
            r"|shares?\b|proportions?\b|percentages?\b|what percent|break[ "
            r"-]?downs?|composition|how much of|ratio of|\bhow large\b"
            r"|\bcount up"
        ),
    ),
]

_CALLED = (
    r"\b(?:mis\w+ (?:\w+ ){0,4}(?:for|as)|mis-?id\w* (?:rate )?(?:for|as|of "
    r"\w+(?: cc)? as)|mis\w+ rate (?:of|for) .* as|confused with"
    r"|taken for|pass(?:ed|es|ing)? (?:off )?(?:as|for)|fak(?:e|es"
    r"|ing)"
    r"|called|(?:labell?ed|classified|tagged|identified|predicted"
    r"|reconstructed) (?:as|to be)|end(?:s|ing)? up (?:as|in)|gets? "
    r"called|leak\w* into)"
    r" (?:an? |the |true )?(?:anti)?(?:nue|numu|nc|electrons?|muons?|neutral|e-like)\b"
)


COUNTED_EXTREMES = (
    r"\btop \d+\b|\b\d+ (?:\w+ ){0,3}(?:with|of|at) the (?:highest|lowest|largest|smallest"
    r"|greatest|least"
    r"|most)\b|\b(?:highest|lowest|largest|smallest)[ -]energy \d+|\b\d+ (?:highest|lowest|largest"
    r"|smallest)"
)


def read_statistics(text: str) -> list[str]:
    """Return the statistics that the clause names, the more specific first."""
    if re.search(_CALLED, text) and re.search(
        r"\b(?:how many|fractions?|rate|number|shares?|percent\w*|proportions?|often|count)\b", text
    ):
        return ["count"]
    found: list[str] = []
    for name, words in PATTERNS:
        if re.search(rf"(?:{words})", text):
            found.append(name)
    if not found:
        return []
    if "corrected_counts" in found:
        return ["corrected_counts"]
    if "confusion_matrix" in found and "calibration" not in found:
        return ["confusion_matrix"]
    for alone in ("worst_mistakes", "least_sure"):
        if alone in found:
            return [alone]
    if "accuracy" in found and outcome(text) and {"mean", "histogram"} & set(found):
        found.remove("accuracy")  # "the energies of the events that it gets wrong"
    # "fraction of true nue kept" names a count as well; the specific statistic stands for it.
    specific = [s for s in found if s not in ("count", "mean", "histogram")]
    if specific:
        both = [s for s in specific if s in ("purity", "efficiency")]
        if len(both) == 2:
            # Keep the order in which they are said.
            return sorted(both, key=lambda s: _first(text, s))
        if "accuracy" in specific and len(specific) > 1 and not re.search(r"accura", text):
            specific = [s for s in specific if s != "accuracy"]
        return sorted(specific, key=lambda s: _first(text, s))
    if found == ["mean"] and re.search(COUNTED_EXTREMES, text):
        return []
    ranked = (
        r"events?\b.*\b(?:highest|lowest|largest|smallest|greatest)\b"
        r"|\b(?:highest|lowest|largest|smallest|greatest)[ -]energy "
        r"(?:\w+ ){0,3}events?"
    )
    if (
        found == ["mean"]
        and re.search(ranked, text)
        and not re.search(
            r"\b(?:what|which) (?:is|are) the (?:mean|average|highest|lowest|largest|smallest) ",
            text,
        )
    ):
        return []
    if "histogram" in found:
        return ["histogram"]
    each = re.search(r"\b(?:on average|typically|per event)\b", text)
    if "mean" in found and (each or not re.search(r"how many", text)):
        return ["mean"]
    return ["count"] if "count" in found else found[:1]


def _first(text: str, name: str) -> int:
    words = dict(PATTERNS)[name]
    match = re.search(words, text)
    return match.start() if match else len(text)
