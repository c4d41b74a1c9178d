"""Which statistic a clause asks for."""

from __future__ import annotations

import re

PATTERNS: list[tuple[str, str]] = [
    (
        "corrected_counts",
        r"(?:correct|adjust|unsmear)(?:ed|ing|ion)?\b.*\b(?:numbers?|counts?|yields?|rates?|for (?:the )?mis|using the (?:confusion|response|migration)|totals?|tally)|unfold\w*|(?:confusion|misclassification|efficiency|migration|bias|purity)[ -]corrected|invert(?:ing|ed)? the (?:confusion|response|migration)|\b(?:true|actual|real|underlying) (?:number|count|yield|rate|composition)s?\b.*\b(?:estimate|infer|recover|after|from|given|once)|\b(?:estimate|infer|recover)\b.*\b(?:true|actual|real|underlying) (?:number|count|yield|composition)|(?:account|allow|compensat)\w* for (?:the )?(?:mis\w+|confusion|mistakes|wrong)|(?:counts?|number|yield)s?\b.*\bcorrected\b",
    ),
    (
        "confusion_matrix",
        r"confusion|migration matrix|response matrix|cross[ -]?tab\w*|contingency|truth (?:vs\.?|versus|against) predict\w*|(?:which|what) class(?:es)? (?:does|do|is|are|get) .*\b(?:mix(?:es|ed)?|confus)|mix(?:es)? up|true (?:class )?(?:vs\.?|versus|against) predicted",
    ),
    (
        "worst_mistakes",
        r"\b(?:confident|certain|sure|worst|biggest|embarrassing|egregious|largest|gravest|bad(?:dest)?|blatant|severe|serious|strongest|top \d*|high-confidence|glaring|spectacular\w*)\b.*\b(?:mistakes?|errors?|misclassif\w*|misidentif\w*|wrong(?:ly)?|blunders?|failures?|mislabel\w*|incorrect\w*|misses)|\b(?:wrong|mistaken|incorrect|misclassified|misidentified|mislabel\w+)\b.*\b(?:most|very|highest|greatest|strongly|high|great)\b.*\b(?:sure|confident|certain|confidence|certainty|probability|conviction)|confidently (?:wrong|mis\w+|incorrect|mistaken)|most wrong|\bworst (?:events|cases|predictions|failures)|(?:wrong|fails?|errs?|mistaken) most|(?:sure|confident|certain) (?:of itself )?(?:but|yet|and|while|though) (?:is |was |still |actually )?(?:wrong|mistaken|incorrect)|blunders",
    ),
    (
        "least_sure",
        r"\b(?:least|less) (?:sure|certain|confident|clear|decided)|most (?:uncertain|unsure|ambiguous|doubtful|undecided|unclear|hesitant)|lowest (?:\w+ )?(?:confidence|probabilit|certainty|score)|hesitat\w*|borderline|close calls?|undecided|(?:hardest|toughest|trickiest) (?:events?|ones?|cases?|for|to)|closest to (?:the )?(?:decision|a tie|tie)|struggl\w*|smallest (?:margin|confidence)|toss-?ups?|(?:finds?|found|has|have) (?:\w+ )?(?:hardest|difficult|most difficult|tricky|trouble)|most difficult|trouble with|(?:biggest|greatest|largest) doubts?|unsure (?:of|about)|uncertain (?:of|about)|not (?:very |so )?(?:sure|certain|confident)",
    ),
    (
        "roc",
        r"\brocs?\b|\baucs?\b|area under|receiver[ -]operating|discriminat\w+ power|separation power|roc-?auc",
    ),
    (
        "calibration",
        r"calibrat\w*|reliability (?:diagram|curve|plot)|\bece\b|(?:probabilit\w+|confidences?) .*\b(?:honest|trustworthy|meaningful|mean what)|over-?confiden\w*|under-?confiden\w*|brier",
    ),
    (
        "efficiency",
        r"efficienc\w*|\beffic?\b|recall|completeness|sensitivity|true[ -]positive rate|tpr|signal (?:acceptance|retention)|acceptance|(?:fraction|share|proportion|percentage|percent|much|many|%) of (?:the |all |all the )?(?:true|real|genuine|actual)\b.*\b(?:kept?|keep|select(?:ed|s)?|found|find|recover(?:ed|s)?|retain(?:ed|s)?|pass(?:es|ed)?|surviv\w+|caught|catch(?:es)?|identified|identif\w+|tagged|accepted|(?:correctly|rightly) \w+|get through|make it)|(?:select|keep|recover|retain|catch|find)s?\b.*\b(?:fraction|share|percentage|how many) of (?:the )?true",
    ),
    (
        "purity",
        r"purit\w*|\bpure\b|\bpurer\b|precision|contaminat\w*|background (?:fraction|level|leak\w*|admixture)|clean(?:liness)?\b(?=.*(?:sample|selection|candidates))|positive predictive|ppv|admixture|impurit\w*|(?:fraction|share|proportion|percentage|how many|many) of (?:the |all |its )?(?:\w+ ){0,3}(?:candidates|selected|predictions)\b.*\b(?:real|really|true|truly|actual\w*|correct|genuine\w*|right|background|wrong)",
    ),
    (
        "accuracy",
        r"accura\w*|how (?:well|good|reliable|trustworthy) (?:is|are|does|do|was|did)|perform(?:s|ance|ed|ing)?\b|how often .*\b(?:right|correct\w*|wrong|mistaken|err|fail|mislabel\w*|misclassif\w*|agree with (?:the )?truth)|(?:fraction|share|proportion|percent(?:age)?|how many|number|many|much) .*\b(?:correct(?:ly)?|right(?:ly)?|mistakes?|errors?|wrong(?:ly)?|misclassified|misidentified|mislabel\w+|incorrect(?:ly)?|mis-?id\w*)\b|(?:error|misclassification|mis-?id(?:entification)?|success|hit) (?:rate|fraction|ratio)|success rate|get (?:it |them )?(?:right|wrong)|gets? (?:it |them )?(?:right|wrong)|how (?:accurate|correct|successful)|correct fraction",
    ),
    (
        "histogram",
        r"histo\w*|\bhist\b|distribut\w*|spectr(?:um|a)\b|binned|\bbins?\b|how (?:is|are) .* (?:distributed|spread)|density plot",
    ),
    (
        "mean",
        r"\bmeans?\b(?! (?:by|that|is|to|when))|averages?\b|averaged|\bmedians?\b|typical(?:ly)?|\bavg\b|standard deviation|std\b|spread|\brms\b|minimum|maximum|\bmin\b|\bmax\b|\bmost energetic|\brange of\b|quantiles?|percentiles?|quartiles?|sum of|(?:highest|lowest|largest|smallest|greatest|maximal|minimal)\b(?:\W+\w+){0,4}? energ(?:y|ies)\b(?! events?\b)|how energetic|expected (?:energy|value)|energ(?:y|ies) range|total (?:energy|number of hits)",
    ),
    (
        "count",
        r"how many|\bnumber of|\bcounts?\b|counted|tally|fractions?\b|shares?\b|proportions?\b|percentages?\b|what percent|break[ -]?downs?|composition|how much of|ratio of|\bhow large\b|\bcount up",
    ),
]

_CALLED = (
    r"\b(?:mis\w+ (?:for|as)|mis-?id\w* (?:rate )?(?:for|as|of \w+(?: cc)? as)|mis\w+ rate (?:of|for) .* as|confused with|taken for|pass(?:ed|es|ing)? (?:off )?(?:as|for)|fak(?:e|es|ing)"
    r"|called|(?:labell?ed|classified|tagged|identified|predicted|reconstructed) (?:as|to be)|end(?:s|ing)? up (?:as|in)|gets? called|leak\w* into)"
    r" (?:an? |the |true )?(?:anti)?(?:nue|numu|nc|electrons?|muons?|neutral|e-like)\b"
)


def read_statistics(text: str) -> list[str]:
    """Return the statistics that the clause names, the more specific first."""
    if re.search(_CALLED, text) and re.search(r"\b(?:how many|fractions?|rate|number|shares?|percent\w*|proportions?|often|count)\b", text):
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
    ranked = r"events?\b.*\b(?:highest|lowest|largest|smallest|greatest)\b|\b(?:highest|lowest|largest|smallest|greatest)[ -]energy (?:\w+ ){0,3}events?"
    if found == ["mean"] and re.search(ranked, text) and not re.search(r"\b(?:what|which) (?:is|are) the (?:mean|average|highest|lowest|largest|smallest) ", text):
        return []
    if "histogram" in found:
        return ["histogram"]
    if "mean" in found and not re.search(r"how many", text):
        return ["mean"]
    return ["count"] if "count" in found else found[:1]


def _first(text: str, name: str) -> int:
    words = dict(PATTERNS)[name]
    match = re.search(words, text)
    return match.start() if match else len(text)
