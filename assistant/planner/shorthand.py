"""What people type for short, written out: "evts 3-5 w/ cnn pls", "conf mtx", "whats"."""

from __future__ import annotations

import re

_WRITTEN_OUT: tuple[tuple[str, str], ...] = (
    # Talk.
    (r"\b(?:pls|plz|plse|pretty please)\b", "please"),
    (r"\b(?:thx|tx|ty|thnx)\b", "thanks"),
    (r"\bhe+y+\b", "hey"),
    (r"^k+\b[.,]? ", "ok "),
    (
        r",? (?:exactly|precisely|roughly|actually|really|please|if possible|if you (?:can|please)"
        r"|say|in your opinion|to be precise|by any chance), ",
        " ",
    ),
    (r"(?<=\d) ?[-,(]+ ?(?:and |also |plus )+(?=#?\d)", ", "),
    (r"\b(?:sry|soz|srry)\b", "sorry"),
    (r"\bwtf\b(?! (?:is|are|does))", "what"),
    (r"\b(?:wtf|tf|the (?:hell|heck|fuck)|on earth|exactly(?= (?:is|are)\b))\b ?", ""),
    (r"\b(?:adn|nad|annd)\b|(?<=\w) & (?=\w)", " and "),
    (
        r"^n (?=(?:event|evt|ev|the|then|now|what|how|which|those|them)\b)|(?<=\w) n (?=\w)(?!"
        r" n (?:protons?|neutrons?|pi|hits|prongs|charged|neutral))",
        " and ",
    ),
    (r"^(?:y|whyy+)(?= (?:is|was|does|did|do|the)\b)", "why"),
    (r"\b(which|what|who|how|where|why|th[eo]se|they|you|there|events?|ones|many) r\b", r"\1 are"),
    (
        r"(?<![\w'-])'?em\b(?! (?:showers?|cascades?|calor\w*|energy|like|component|interaction))",
        "them",
    ),
    (r"\bu(?= (?:do|please|tell|show|give|classify|run|make|plot|draw|explain|compare)\b)", "you"),
    (r"\b(can|could|would|will|do|are) u\b", r"\1 you"),
    (r"\bgimme\b", "give me"),
    (r"\blemme\b", "let me"),
    (r"\bwann?a\b", "want to"),
    (r"\bgonna\b", "going to"),
    (r"\b(what|who|where|how|when|which|that|there|here|why|it|let)'s\b|\b(that)s\b", r"\1\2 is"),
    (r"\b(what|who|where|how|why)'re\b", r"\1 are"),
    (r"\b(what|who|where|how)s\b(?! )", r"\1"),
    (r"\b(what|who|where|how)s\b", r"\1 is"),
    (r"\blet is\b", "let us"),
    (r"\b(is|are|was|were|do|does|did|has|have)n'?t\b", r"\1 not"),
    (r"\b(?:abt)\b", "about"),
    (r"\b(?:btw|btwn|betw)\b\.?", "between"),
    (
        r"\b(?:acc\.?|according) to\b|(?<!^)(?<!and )\bacc\.? (?=(?:the )?(?:vlm|vit|cnn)\b)",
        "according to ",
    ),
    (r"\bwi?th?out\b|\bw/ ?o(?:ut)?\b", "without"),
    (r"\bw/ ?", "with "),
    (r"\bthru\b|(?<=\d )(?:trough|throught|threw|tru)(?= #?\d)", "through"),
    (r"\bb4\b", "before"),
    (r"\b(?:incl|inclusive)\b\.?(?=$|[ ,.?!])", ""),
    (r"\bvs\.", "vs"),
    # Events and numbers.
    (r"\b(?:evts|evs|evnts|events?s)\b\.?", "events"),
    (r"\b(?:evt|evnt|ev)\b\.?", "event"),
    (r"\b(?:idx|ind)\b\.?", "index"),
    (r"(?<=\d) ?-+> ?(?=\d)", "-"),
    (r"(?<=\d),? an (?=\d)", " and "),
    (r"(?<![\w#])# of\b|\bnum(?:ber)? of\b|\bno\. of\b|\bnr of\b", "number of"),
    (r"\bup to and including\b", "to"),
    (r"[\[(] ?(\d+(?:\.\d+)?) ?[,;] ?(\d+(?:\.\d+)?) ?[\])] ?(gev|mev|cm|m)\b", r"\1-\2 \3"),
    # Quantities.
    (r"\bpi ?(?:±|\+/?-|-/\+)s?(?!\w)", "charged pion"),
    (r"\bpi[ -]?(?:zero|nought|naught)(s?)\b", r"pi0\1"),
    (r"\brm\b", "remove"),
    (
        r"\bconf(?:us)?(?:\.|usion)? (?:mtx|mat|mtrx|matr)\b\.?|\bconf\.? matrix\b",
        "confusion matrix",
    ),
    (r"\b(?:mtx|mtrx)\b", "matrix"),
    (r"\bconf\b\.?", "confidence"),
    (r"\beffs?\b\.?", "efficiency"),
    (r"\bpurs?\b\.?", "purity"),
    (r"\baccs?\b\.?", "accuracy"),
    (r"\bavg\b\.?", "average"),
    (r"\bin (?:(?:the|an) )?(?:average|mean)\b(?! \w+ (?:energ|hits|of))", "on average"),
    (r"(?<!\d)(?<!\d )%(?= )", "percentage"),
    (r"\bhist(?:o|os|s)?\b\.?", "histogram"),
    (r"\bdistrib\b\.?", "distribution"),
    (r"\bprobs?\b\.?", "probability"),
    (r"\bpreds\b\.?", "predictions"),
    (r"\bpred\b\.?", "predicted"),
    (r"\blbls?\b\.?", "label"),
    (r"\bdiffs?\b", "differences"),
    (
        r"\breso?l?\b\.?(?=$|[ ,?!.])(?<=\d res)(?! (?:\w*nu(?:e|mu|tau)|events?|cc)\b)"
        r"|(?<=half )res\b|(?<=full )res\b",
        "resolution",
    ),
    (r"\bcalib\b\.?", "calibration"),
    (r"\bmis-?id(?:'?d)?\b", "misidentified"),
    (r"\bnets\b", "networks"),
    (r"\bthresh\b\.?", "threshold"),
    (r"\bdata ?sets?\b", "data set"),
    (r"\be_?lep(?:ton)?\b|\b(?:lepton|lep\.?) e\b(?![+-])", "lepton energy"),
    (r"\b(neutrino|nu|true) e\b(?![+-])", r"\1 energy"),
    (r"\b(charged|neutral) pi(s?)\b(?![+-])", r"\1 pion\2"),
    (r"\bint(?:er)?\.? (?=modes?\b)", "interaction "),
    (r"\bcrit\.? (?=energy)", "critical "),
    (r"\banti-?nu(s?)\b", r"antineutrino\1"),
    (r"\benerg\b\.?", "energy"),
    (r"\bp ?[_(] ?(?:anti)?(nue|numu|nc)(?:[ _]?cc)?(?: ?\))?(?!\w)", r"p_\1"),
    (r"\bp_(nue|numu)\b", r"p_\1_cc"),
    (r"\bar-?(?=(?:39|40|42)\b)", "argon-"),
    (r"\bnumus\b", "numu"),
    (r"\bnues\b", "nue"),
    (r"\bnutaus\b", "nutau"),
)
_COMPILED = tuple((re.compile(pattern), full) for pattern, full in _WRITTEN_OUT)


def write_out(text: str) -> str:
    """Return a lower-case text with shorthand written out."""
    for pattern, full in _COMPILED:
        text = pattern.sub(full, text)
    return text
