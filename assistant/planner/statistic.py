"""Which statistic a clause asks for."""

from __future__ import annotations

import re
from itertools import pairwise

from assistant.planner.filters import outcome

_WRONG = (
    r"(?:mistak\w+|errors?|errs?|misclassif\w*|misidentif\w*|mislabel\w*|wrong(?:ly)?|incorrect\w*"
    r"|blunders?|howlers?|gaffes?|failures?|fails?|misses)"
)
_GRAVE = (
    r"(?:worst|biggest|embarrassing|egregious|largest|gravest|bad(?:dest)?|blatant|severe|serious"
    r"|strongest|top \d*|high-confidence|glaring|spectacular\w*)"
)
PATTERNS: list[tuple[str, str]] = [
    (
        "corrected_counts",
        r"\bafter (?:the |a )?correct(?:ion|ing)\b"
        r"|(?<!fraction )(?<!share )(?<!percentage )(?:correct|adjust|unsmear)(?:ed|ing"
        r"|ion)?\b.*\b(?:numbers?|counts?|yields?|rates?|for (?:the )?mis|using the (?:confusion"
        r"|response|migration)|totals?|tally)|unfold\w*|(?:confusion|misclassification|efficiency"
        r"|migration|bias|purity)[ -]corrected|invert(?:ing|ed)? the (?:confusion|response"
        r"|migration)|\bundo(?:es|ing)? (?:the )?(?:mis\w+|confusion|mistakes)|\b(?:true|actual"
        r"|real|underlying) (?:number|count|yield|rate"
        r"|composition)s?\b.*\b(?:estimate|infer|recover|after|from|given|once)|\b(?:estimate|infer"
        r"|recover)\b.*\b(?:true|actual|real|underlying) (?:number|count|yield|composition)"
        r"|(?:account|allow|compensat)\w* for (?:the )?(?:mis\w+|confusion|mistakes|wrong)"
        r"|(?:counts?|number|yield)s?\b.*\bcorrected\b",
    ),
    (
        "confusion_matrix",
        r"\bbias(?:ed)?\b|most (?:common|frequent|usual) (?:mistakes?|errors?|confusions?)|^(?:as"
        r"|for|into) (?:what|which)\b.*\b(?:mistak|confus|tak|call|label|classif|identif)\w*|what"
        r" (?:is|are|do|does|did)\b.*\b(?:mistaken|confused|taken|called|mislabell?ed|misclassified"
        r"|misidentified) (?:for|as|with)\W*$|rejections?\b(?!.*\b(?:selection|sample|candidates?"
        r"|cut|threshold|point|for|at|reach|get)\b)|confusion|migration matrix|response matrix"
        r"|cross[ -]?tab\w*|contingency|truth (?:vs\.?|versus|against) predict\w*|(?:which|what)"
        r" (?:\w+ )?class(?:es)? (?:does|do|is|are|get) .*\b(?:mix(?:es|ed)?|confus)|which"
        r" class(?:es)? (?:is|are) (?:the )?(?:worst|best|hardest|easiest)|mix(?:es)? up|true"
        r" (?:class )?(?:vs\.?|versus|against) predicted",
    ),
    (
        "worst_mistakes",
        rf"\b(?:confident|certain|sure|{_GRAVE})\b.*\b{_WRONG}|confidently {_WRONG}"
        rf"|^(?=.*\b{_WRONG}\b)(?=.*\b(?:most|very|high\w*|great\w*|strong\w*) (?:\w+ )?(?:sure"
        r"|confident|certain|confidence|certainty|probability|conviction)\b).*|\bworst (?:events"
        rf"|cases|predictions|ones?|of (?:them|those|these))|(?:most (?:badly |often )?{_WRONG}"
        rf"|{_WRONG} most)\b|blunders|howlers?|gaffes?|(?:sure|confident"
        rf"|certain) (?:of itself )?(?:but|yet|and"
        rf"|while|though) (?:is |was |still |actually )?{_WRONG}",
    ),
    (
        "least_sure",
        r"\b(?:least|less) (?:sure|certain|confident|clear|decided)|waver\w*|shak(?:y|iest)"
        r"|insecure|coin[ -]?(?:toss|flip)|50[ -/]50|ambivalent|iff(?:y|iest)|dither\w*|on the"
        r" fence|at a loss|torn between|most (?:uncertain|unsure|ambiguous|doubtful|undecided"
        r"|unclear|hesitant|confused|torn|puzzled)|lowest (?:\w+ )?(?:confidence|probabilit"
        r"|certainty|score)|hesitat\w*|borderline|close calls?|undecided|hardest (?:cases?"
        r"|(?:\w+ )?(?:for|to))|(?:toughest"
        r"|trickiest) (?:events?|ones?|cases?|for|to)|closest to (?:the )?(?:decision|a tie|tie)"
        r"|struggl\w*|smallest (?:margin|confidence)|toss-?ups?|hard time|(?:finds?|found|has|have)"
        r" (?:\w+ )?(?:hardest|difficult|most difficult|tricky|ambiguous|confusing|trouble)|most"
        r" difficult|trouble with|(?:biggest|greatest|largest) doubts?|unsure (?:of|about)"
        r"|uncertain (?:of|about)|not (?:very |so )?(?:sure|certain|confident)",
    ),
    (
        "roc",
        r"\brocs?\b|\baucs?\b|area under|receiver[ -]operating"
        r"|discriminat\w+ power|separation power|roc-?auc",
    ),
    (
        "calibration",
        r"^(?=.*\b(?:trust|believ|honest|reliab|meaning|literal)\w*)(?=.*\b(?:probabilit\w+"
        r"|confidences?|scores?)\b(?! interval)).*|face value|\breally mean\b|\bsays? \d+ ?(?:%"
        r"|percent).*\b(?:right|correct|true)|calibrat\w*|reliability (?:diagram|curve|plot)"
        r"|\bece\b|(?:probabilit\w+|confidences?) .*\b(?:honest|trustworthy|meaningful"
        r"|mean what)|over-?confiden\w*|under-?confiden\w*|brier",
    ),
    (
        "efficiency",
        r"efficien\w*|^(?=.*\b(?:fractions?|shares?|proportion|percent\w*"
        r"|much)\b)(?=.*\b(?:lose|lost|losing|kept|keep|surviv\w+|retain\w*|recover\w*|accept\w*"
        r"|pass\w*|found|caught)\b)(?=.*\b(?:cut\w*"
        r"|threshold|above|over|score|demand\w*|requir\w*|p)\b).*|how much signal"
        r"|signal\b.*\b(?:keep|kept|retain\w*|left"
        r"|los[et]|surviv\w+)|\beffic?\b|recall|completeness|sensitivity|true[ -]positive rate"
        r"|tpr|signal (?:acceptance|retention)|acceptance|(?:fraction|share|proportion"
        r"|percentage|percent|much|many|%) of (?:the |all |all the )?(?:true|real|genuine"
        r"|actual)\b.*\b(?:kept?|keep|select(?:ed|s)?|found|find|recover(?:ed|s)?|retain(?:ed"
        r"|s)?|pass(?:es|ed)?|surviv\w+|caught|catch(?:es)?|identified|identif\w+|tagged"
        r"|accepted|(?:correctly|rightly) \w+|get through|make it)|(?:select|keep|recover"
        r"|retain|catch|find)s?\b.*\b(?:fraction|share|percentage|how many) of (?:the )?true",
    ),
    (
        "purity",
        r"purit\w*|false[ -](?:positive|discovery)|fake rate|rejections?\b|reject(?:ed|s)? .*\bby\b"
        r"|how (?:strongly|well|much|efficiently|hard)\b.*\breject\w*|\bfom\b|figures? of merit|\bs"
        r" ?/ ?b\b|\bs ?/ ?(?:sqrt|root)|signal[ -](?:to|over)[ -](?:background|noise)"
        r"|background[ -](?:to|over)[ -]signal|\bpure\b|\bpurer\b|precision|contaminat\w*|how"
        r" much\b.*\bbackground|how (?:much|many) (?:\w+ ){1,3}(?:is|are|leaks?|gets?|ends? up)?"
        r" ?in(?:to)? (?:the|my|a|our) .*\b(?:selection|candidates)\b|background (?:fraction|level"
        r"|leak\w*|admixture)|clean(?:liness)?\b(?=.*(?:sample|selection|candidates))|positive"
        r" predictive|ppv|admixture|impurit\w*|(?:fraction|share|proportion|percentage|how many"
        r"|many) of (?:the |all |its )?(?:\w+ ){0,3}(?:candidates|selected"
        r"|predictions)\b.*\b(?:real|really|true|truly|actual\w*|correct|genuine\w*|right"
        r"|background|wrong)",
    ),
    (
        "accuracy",
        r"accura\w*|\bacc\b|\b(?:do|does|did|perform|fare|work)s? (?:better|worse) (?:on|for"
        r"|with|at|in)\b|\b(?:mistakes|errors|failures)\b.*\b(?:concentrat|depend|cluster"
        r"|pile)\w*|\b(?:eas(?:y|ier|iest)|hard(?:er)?"
        r"|difficult) (?:for \w+ )?to (?:classif"
        r"|identif|recogni|tag|label|get right)\w*|how (?:often|frequently) (?:is|are|does|do) .*"
        r"\b(?:wrong|right|correct\w*|err|mistaken|fail)|how (?:does|do|did|would|will) (?:\w+"
        r" ){1,3}(?:do|perform|fare|score|behave)\b|how (?:well|good|bad|badly|poorly|reliable"
        r"|trustworthy)\b|perform(?:s|ance|ed|ing)?\b|how often .*\b(?:right|correct\w*|wrong"
        r"|mistaken|err|fail|mislabel\w*|misclassif\w*|agree with (?:the )?truth)|(?:fraction|share"
        r"|proportion|percent(?:age)?|how many|number|many|much) .*\b(?:correct(?:ly)?|right(?:ly)?"
        r"|mistakes?|errors?|wrong(?:ly)?|misclassified|misidentified|mislabel\w+|incorrect(?:ly)?"
        r"|mis-?id\w*)\b|(?:error|misclassification|mis-?id(?:entification)?|success|hit) (?:rate"
        r"|fraction|ratio)|success rate|get (?:it |them )?(?:right|wrong)|gets? (?:it |them"
        r" )?(?:right|wrong)|how (?:accurate|correct|successful)|correct fraction",
    ),
    (
        "histogram",
        r"\b(?:plot|draw|graph|chart)\b(?!.*\bevents? (?:that|which|with|of|having|has)\b)"
        r"(?!.*\b(?!longest[ -]track(?! (?:events?|ones?|case)))(?:high|low|larg|small|great|long"
        r"|short|most|least)\w*[ -](?:\w+[ -])?(?:energ|hits|tr)).*\b(?:energ(?:y|ies)|hits"
        r"|track lengths?|longest tracks?|prongs|scores?|probabilit\w+|protons"
        r"|p_\w+)\b(?! (?:events?|ones?|case)\b)|histo\w*|\bhist\b|distribut\w*|spectr(?:um|a)\b"
        r"|binned|(?<!energy )(?<!in )\bbins?\b|how (?:is|are) .* (?:distributed|spread)"
        r"|density plot",
    ),
    (
        "mean",
        r"\bmeans?\b(?! (?:by|that|is|to|when))|\bmultiplicit(?:y|ies)\b|averages?\b|averaged"
        r"|\bmedians?\b|typical(?:ly)?|\bavg\b|standard deviation|std\b|spread|\brms\b|minimum"
        r"|how (?:broad|wide)\b|maximum|\bmin\b|\bmax\b|\brange of\b|quantiles?|percentiles?"
        r"|quartiles?|sum of"
        r"|(?:highest|lowest|largest|smallest|greatest|maximal|minimal)\b(?:\W+\w+){0,4}? energ(?:y"
        r"|ies)\b(?! (?:events?|ones?|interactions?|nue|numu|nutau|nc|cc|taus?)\b)|^what (?:is"
        r"|was|are) the (?:longest|shortest|highest"
        r"|lowest|largest|smallest|greatest) (?:\w+ ){0,3}(?:tracks?|hits?|number|scores?|gaps?"
        r"|prongs?|confidences?)\b(?! events?)|\benerg(?:y|ies)\b.*\b(?:span|cover)|how energetic"
        r"|expected (?:energy|value)|energ(?:y|ies) range|total (?:energy|(?:number"
        r"|amount) of (?:\w+ )?(?:hits|prongs|protons"
        r"|neutrons|pions|pi-?0s))\b",
    ),
    (
        "count",
        r"how many|frequenc(?:y|ies)|how (?:common|frequent)|split (?:up )?(?:between|among"
        r"|over|into|across)|\bnumber of(?! (?:\w+ )?(?:protons?|neutrons?|pions?|pi-?0s?|hits"
        r"|prongs|tracks)\b(?! events?))|\bcounts?\b|counted|tally|fractions?\b|shares?\b"
        r"|portions?\b|\bare there (?:more|fewer)\b.*\bor\b"
        r"|proportions?\b|percentages?\b|what percent|break[ -]?downs?|\bbreak\b.*\bdown\b"
        r"|composition|how much of|ratio of|\bhow large\b|\bcount up",
    ),
]

_CALLED = (
    r"\b(?:mis\w+ (?:\w+ ){0,4}(?:for|as)|confus\w+ (?:\w+ ){1,4}(?:with|as)"
    r"|mis-?id\w* (?:rate )?(?:for|as|of \w+(?: cc)? as)"
    r"|mis\w+ rate (?:of|for) .* as|confused with|taken for|pass(?:ed|es|ing)? (?:off )?(?:as|for)"
    r"|fak(?:e|es|ing)|called|(?:labell?ed|classified|tagged|identified|predicted"
    r"|reconstructed) (?:as|to be)|end(?:s|ing)? up (?:as|in)|gets? called|leak\w* into) (?:an? "
    r"|the |true )?(?:anti)?(?:nue|numu|nc|electrons?|muons?|neutral|e-like)\b"
)


COUNTED_EXTREMES = (
    r"\btop \d+\b|\b\d+ (?:\w+ ){0,3}(?:with|of|at) the (?:highest|lowest|largest|smallest|greatest"
    r"|least|most)\b|\b(?:highest|lowest|largest|smallest)[ -]energy \d+|\b\d+ (?:highest|lowest"
    r"|largest|smallest)"
)


_NOUNS = {
    "accuracy": r"accurac(?:y|ies)",
    "confusion_matrix": r"confusion(?: matri(?:x|ces))?",
    "purity": r"purit(?:y|ies)",
    "efficiency": r"efficienc(?:y|ies)",
    "roc": r"rocs?(?: curves?)?|aucs?",
    "calibration": r"calibrations?",
    "mean": r"means?|averages?|medians?",
    "histogram": r"histograms?|distributions?|spectr(?:um|a)",
}
_BETWEEN = r"[^?;]{0,60}?(?:,| and| &| plus| as well as| along with| together with)[\w' ,]{0,25}"


def _listed(text: str) -> list[str]:
    """Return statistics that are called by their names one after the other: "purity and AUC"."""
    places = sorted(
        (found.start(), found.end(), name)
        for name, words in _NOUNS.items()
        for found in re.finditer(rf"\b(?:{words})\b", text)
    )
    listed = [name for _, _, name in places[:1]]
    for (_, end, _), (start, _, name) in pairwise(places):
        if re.fullmatch(_BETWEEN, text[end:start]) is None:
            return []
        listed.append(name)
    listed = list(dict.fromkeys(listed))
    return listed if len(listed) > 1 else []


_EXTREME_GROUP = (
    r"\b(?:which|what) (?:interaction |energy )?(?:modes?|channels?|process(?:es)?|ranges?"
    r"|bins?|energ(?:y|ies)) (?:is|are|does|do) (?:the )?(?:\w+ )?(?:hard|eas|worst|best"
    r"|most|least|diffic|struggl|fail|suffer)"
)
"""Asks for the group of events that a classifier does best or worst on."""


SHARE = r"\b(?:fractions?|shares?|portions?|percent\w*|proportions?|ratio)\b"
"""Asks for a part of the events, not for their number."""
_OF_KINDS = (
    r"\b(?:modes|channels|processes|classes|flavou?rs) (?:\w+ )?distributed\b"
    r"|\bdistribution of (?:the"
    r" )?(?:true |interaction )*(?:modes|channels|processes|classes|flavou?rs)\b"
)
"""Asks how many events are of each kind, where no quantity could be binned."""
_WIDTH = r"\b(?:standard deviation|std|rms|medians?|how (?:broad|wide))\b"
"""Asks for a number that tells of a distribution, not for the distribution."""


_BY_QUANTITY = (
    r"\b(?:by|with the (?:most|least|fewest|\w+st)|(?:longest|shortest|most|fewest)) (?:\w+ ){0,2}"
    r"(?:hits|tracks?|prongs|protons|neutrons|pions|energy)\b(?<!mode)"
)


def read_statistics(text: str) -> list[str]:
    """Return the statistics that the clause names, the more specific first."""
    if several := _listed(text):
        return several
    if re.search(_EXTREME_GROUP, text):
        return ["accuracy"]
    which_class = re.search(r"\b(?:which|what) (?:\w+ )?class", text)
    if (
        not which_class
        and re.search(_CALLED, text)
        and re.search(
            r"\b(?:how many|fractions?|rate|number|shares?|percent\w*|proportions?|often|count"
            r"|(?:probability|chances?|likelihood|odds|risk) (?:that|of|for))\b",
            text,
        )
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
    if "worst_mistakes" in found and re.search(_BY_QUANTITY, text):
        found.remove("worst_mistakes")  # ranked by something else than how sure it is
    for alone in ("worst_mistakes", "least_sure"):
        if alone in found and not ("mean" in found and outcome(text)):
            return [alone]
    asks_for_events = re.search(
        r"^(?:and |so )?which (?:ones?|events?|of)\b|, which (?:ones? |events? |of \w+ )?(?:does|do"
        r"|did|are|were|is|was|has|have|get)\b",
        text,
    )
    if "accuracy" in found and outcome(text) and (asks_for_events or len(found) > 1):
        # "Which of them does it get wrong?", "the energies of the events that it gets wrong"
        found = [f for f in found if f in ("mean", "histogram")] or [
            f for f in found if f != "accuracy" or not asks_for_events
        ]
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
        r"(?:events?|ones?|whichever|which|nue|numu|nutau|nc|interactions?)\b.*\b(?:highest"
        r"|lowest|largest|smallest|greatest)\b|\b(?:highest|lowest|largest"
        r"|smallest|greatest)[ -]energy (?:\w+ ){0,3}(?:events?|nue|numu|nutau|nc)\b"
        r"|^which (?:\w+ ){0,4}(?:has|have|had) the (?:highest|lowest|largest|smallest|greatest)\b"
    )
    if (
        found == ["mean"]
        and re.search(ranked, text)
        and not re.search(
            r"\b(?:what|which) (?:is|are|was) the (?:mean|average|highest|lowest|largest|smallest) "
            r"|^(?:mean|average|highest|lowest|largest|smallest|greatest) ",
            text,
        )
    ):
        return []
    if "histogram" in found and re.search(_OF_KINDS, text):
        return ["count"]
    if "histogram" in found and not ("mean" in found and re.search(_WIDTH, text)):
        return ["histogram"]
    each = re.search(r"\b(?:on average|typically|per event)\b", text)
    if "mean" in found and (each or not re.search(r"how many", text)):
        return ["mean"]
    return ["count"] if "count" in found else found[:1]


def _first(text: str, name: str) -> int:
    words = dict(PATTERNS)[name]
    match = re.search(words, text)
    return match.start() if match else len(text)
