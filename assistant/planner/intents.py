"""Which tool a clause asks for: words weigh for each tool, and what the clause names decides."""

from __future__ import annotations

import re

from assistant.planner.slots import Slots
from assistant.planner.statistic import read_statistics

_PHYSICS_PROPERTY = (
    r"mass(?:es|ive)?|heav(?:y|ier|iest)|weigh(?:s|t)?|lifetimes?|life[ -]times?|live|lives|half-?li(?:fe|ves)|mean life"
    r"|charges?|charged|spins?|quark (?:content|composition|structure)|quarks|made of|consist of|widths?|pdg (?:id|code|number|mc)"
    r"|pdg|antiparticles?|isospin|g-parity|parity|c-parity|decays?|decay(?:s|ing)? (?:into|to|modes?|channels?)|stable|long-lived"
    r"|rest energy|magnetic moment|properties|light(?:er|est)|c ?tau|ctau|lifespan|survive|branching"
)

_WEIGHTS: dict[str, list[tuple[float, str]]] = {
    "probe_event": [
        (
            6,
            r"what (?:if|happens?|would happen|changes?|difference)|if (?:i|we|you|one|the|only|both|all|half|just)|would (?:it|the|event|this|that|its|we|they|you|you still)\b.*\b(?:if|without|still|survive|change|with only|at)|still\b.*\b(?:same|class\w*|call\w*|label\w*|predict\w*|recogni\w*|identif\w*|say|be|get|hold)|does\b.*\b(?:change|survive|flip|hold|depend)\b",
        ),
        (
            6,
            r"(?:without|missing|drop(?:ping|ped)?|remov(?:e|ing|ed)|mask(?:ing|ed|s)?|hid(?:e|ing|den)|blank(?:ing|ed)?|eras(?:e|ing|ed)|delet(?:e|ing|ed)|ignor(?:e|ing)|zero(?:ing|ed)?(?: out)?|switch(?:ed|ing)? off|turn(?:ed|ing)? off|cut(?:ting)? (?:out|away|off)|black(?:ed|ing)? out|cover(?:ed|ing)?(?: up)?|leav(?:e|ing) out|los(?:e|es|ing|t)|dead|lack(?:s|ing|ed)?|only|take away|taking away|throw(?:ing)? away|disregard\w*|silenc\w*|kill\w*|unavailable|absent|broken|failed|occlud\w*)\b.*\b(?:views?|planes?|induction|collection|showers?|vertex|region|tracks?|pixels|wires|hits|half|u|v|z|xz|yz|part|area|quarter|start|end|muon)",
        ),
        (
            7,
            r"\b(?:half|quarter|third|lower|reduced?|coarser?|degraded?|worse|poorer|1/2|1/4|(?:2|3|4|8) times (?:lower|coarser|worse)|low|halv\w+|quarter\w*|25 ?%|50 ?%|one half|fraction of) (?:of )?(?:the |its |in )?(?:full |original |nominal )?(?:spatial |image |pixel )?(?:resolution|granularity|pixel)|resolution (?:is|were|was|gets?|drops?|by|of|to|down|halved|cut)|down-?sampl\w*|coarsen\w*|re-?bin(?:ned|ning)? the (?:image|picture|map)|halv\w+ the (?:resolution|granularity)|(?:coarser|bigger|larger) pixels?|blur\w*",
        ),
        (
            8,
            r"(?:which|what) (?:view|plane|part|region)s? (?:\w+ )?(?:matters?|is important|are important|counts?|decides?)|how (?:important|crucial|essential|relevant|decisive)\b.*\b(?:shower|track|vertex|views?|planes?|resolution)|matters? (?:most|more)|sensitiv\w+ .*\bto\b|depends? on .*\b(?:views?|planes?|resolution|shower|track|vertex)|counterfactual\w*|perturb\w*|robust\w*|sensitiv\w+ to|prob(?:e|ing)\b|ablat\w*|stress[ -]test",
        ),
    ],
    "find_similar_events": [
        (
            8,
            r"similar|\blike \d+\b|identical|(?:nearly|almost) the same as|looks? (?:\w+ )?like (?:event|#|\d|it|this|that|the one)|look(?:s|ing)? (?:\w+ )?alike|resembl\w*|nearest|neighbou?rs?|look-?alikes?|closest (?:\w+ )?(?:to|events?|match\w*)|most like|more (?:\w+ )?like (?:it|this|that|event|\d|#)|like (?:event|this|that|it|number|#)|analog\w+|alike|same (?:kind|sort|type|look|pattern) (?:of event )?as|comparable (?:to|events)|match(?:es|ing)? event|akin to|twins?|siblings|others like|the spitting image|reminiscent|siblings",
        ),
    ],
    "compare_classifiers": [
        (
            7,
            r"compar(?:e|es|ed|ing|ison|isons)|disagree\w*|agree(?:ment|s|d|ing)?|differ(?:s|ed|ing|ence|ences|ent|ently)?|versus|\bvs\.?|head[ -]to[ -]head|side by side|mcnemar|kappa|contradict\w*|conflict\w*|concur\w*|at odds|diverge\w*|same (?:answer|verdict|label|class|prediction)|unanim\w*|consensus|opinions?|discrepan\w*|which (?:ones|of (?:them|those)|events) (?:have )?chang\w+|mismatch\w*|contrast|outvot\w*|line up",
        ),
        (
            6,
            r"\b(?:better|worse|best|worst|superior|inferior|outperform\w*|beats?|wins?|winner|stronger|weaker|more (?:accurate|reliable|precise|often right)|less (?:accurate|reliable)|most (?:accurate|reliable)|least (?:accurate|reliable)|improve\w*|advantage|ahead|gain|preferable|prefer|higher accuracy|highest accuracy|leads?|ranks?|ranking)\b",
        ),
    ],
    "explain_event": [
        (
            6,
            r"^(?:and |so |but |ok |okay )?why\b|\bwhy (?:is|was|does|do|did|has|would|it|the|event|were|are|so|that|this|not)|explain\w*|explanation|reason(?:s|ing)?\b|rationale|evidence|justif\w*|on what (?:basis|grounds)|what (?:makes|made|led|leads|tells|told|convince\w*)|how (?:did|does|do|can|could) (?:it|the \w+|you|we) (?:know|decide|tell|conclude|arrive|come|reach|think)|argu(?:e|es|ment) for|grounds for|based on what|what speaks for|supports? (?:the|this|that|its)|what gives it away|interpret",
        ),
        (
            6,
            r"^(?:please )?describe (?:the )?event|walk (?:me )?through|tells? us|point(?:s)? to|topolog\w*|saliency|attention map|heat ?map|where does (?:it|the \w+) look|which (?:pixels|part|region)s?|look(?:s|ed|ing)? at (?:when|to decide)|pays? attention|attend\w*|feature(?:s)? (?:of|in|that)|focus(?:es|ed)? on",
        ),
        (
            5,
            r"(?:how (?:long|many|big|straight)|is|are|was|does|do|has|have|any|which|what(?:'s| is| are| does)?|measure\w*|describe|characteri[sz]e|give|tell|count|length|contained|find)\b.*\b(?:tracks?|prongs?|showers?|vertex (?:gap|activity)|gaps?|de/?dx|straightness|vertex|hits|conversion)\b",
        ),
    ],
    "display_event": [
        (
            4,
            r"\b(?:show|display|draw|plot|view|see|visuali[sz]e|render|picture|pictures|image|images|look at|event display|pull up|bring up|open|put up|let me see|have a look|take a look|depict|print|paint|pixel maps?|eyeball|inspect)\b",
        ),
        (
            8,
            r"on (?:the |my )?screen",
        ),
        (
            3,
            r"event[ -]display|what (?:does|do|did) .* look like|picture of|image of|pixel maps? of|views? of|look like\?*$|on (?:the |my )?screen|image of",
        ),
    ],
    "classify_events": [
        (
            6,
            r"\bclassif(?:y|ies|ied|ier|iers|ication|ications|ying)\b|categori[sz]\w*|(?:run|apply|use|put|throw|feed|pass|push|send|try|fire)\b.*\b(?:on|over|to|through|at|into|against|for)\b|predict(?:s|ed|ion|ions|ing)?\b|inference|infer\b|verdicts?|identif(?:y|ies|ied|ication)|label(?:s|l?ed|l?ing)?\b|tag(?:s|ged|ging)?\b|assign\w*|sort\b.*\binto",
        ),
        (
            6,
            r"what (?:kind|type|sort|class|flavou?r|category|interaction|label|channel|species)|which (?:kind|type|sort|class|flavou?r|category|interaction|label|channel)|what (?:is|are|was|were) (?:the )?events?\b|what (?:is|are|was|were) (?:it|they|those|these|this|that)\b(?! (?:mean|average|median))|what(?:'s| is) (?:in )?event|is (?:event|it|this|that|#|number)\b.*\b(?:or|an?)\b|is (?:event|number) #?\d+ |what (?:does|do|did|would) (?:the )?\w+ (?:think|say|make|call|give|see|predict|believe|guess|reckon|assign)|(?:think|say|make|reckon)s? (?:of|about) (?:event|it|them|those|these|that|this|number)|what (?:does|do|would|did) .*\b(?:say|think|call|give|make of|reckon|conclude|vote)|flavou?r of|take on|opinion (?:on|of|about)|the nature of|how does .* (?:label|tag|classify|call)|go over|how (?:sure|confident|certain) is|call (?:events?|it|them|those|these) ",
        ),
        (
            5,
            r"(?:class )?probabilit(?:y|ies)|softmax|posteriors?|scores? (?:for|of) (?:events?|it|them|those|\d)|confidences? (?:for|of|on|in) (?:events?|it|them|those)|how (?:sure|confident|certain) (?:is|are|was)",
        ),
    ],
    "select_events": [
        (
            6,
            r"\b(?:only (?:the )?events|want (?:only )?(?:the |those )?events|select|pick(?: out)?|keep|take|choose|filter|restrict|limit|narrow|isolate|extract|subset|collect|gather|grab|skim|retain|consider only|look only at|focus on|set aside|make (?:a |me a )?(?:selection|sample|subset)|build a (?:sample|selection)|cut on|apply a cut|require|discard|exclude|throw out|single out|fetch|work with)\b",
        ),
        (
            9,
            r"(?:which|what|list|show|find|give)\b (?:me )?(?:all |the )?(?:\w+ ){0,2}events? (?:that |which )?(?:does|did|do|would|the (?:cnn|vit|vlm)|are|were|is) .*\b(?:calls?|called|labels?|labell?ed|classif\w+|tags?|tagged|predict\w*|identif\w+|says?|mistak\w+|taken|put)\b",
        ),
        (
            5,
            r"^(?:and |now |so |ok |okay )?(?:of|among|out of|from) (?:those|these|them|that)\b.*\b(?:which|what|who|list|only|are)|\bwhich (?:of (?:them|those|these)|ones?|events?)\b(?! (?:does|do|is|are|look|get) (?:the )?(?:most |least )?(?:similar|cnn|vit|vlm))|\b(?:list|find|get|give me|enumerate|name|identify|locate|search for|spot)\b.*\b(?:events?|ones|those|all|candidates|of them|which)\b|only the\b",
        ),
    ],
    "describe_dataset": [
        (
            7,
            r"(?:describe|summar(?:y|ise|ize|ies)|overview|outline|characteri[sz]e|tell me about|info(?:rmation)? (?:on|about)|details (?:of|on|about)|contents? of|what(?:'s| is| are| have| do)?\b.*\b(?:in|inside|loaded|do we have in)|introduc\w*|(?:a )?look at|profile|inspect|explain|know about|size of|how (?:big|large) is|what (?:kind of )?(?:data|file|sample|detector|geometry|events))\b.*\b(?:data ?(?:set|file)?s?|sample|file|input|collection of events|events (?:are|do|have)|loaded|opened?|geometry|here)\b(?! view)",
        ),
        (
            7,
            r"how many (?:events?|entries|images?|interactions?|maps?|neutrinos|of (?:each|every)|views?|planes|projections|columns|classes|pictures|different|event)\b(?! (?:does|do|did|is|are classified|the|would|pass|surviv|have|are called|are predicted|with|above|below|between|were|get|look|misc|where|on))|number of (?:events|views|planes|entries|images)\b|(?:size|composition|make-?up|contents?|statistics|breakdown) of (?:the|this|my|our) (?:data|sample|file|set)|class (?:balance|composition|distribution|breakdown|counts)|which (?:columns|variables|quantities|detector|geometry|views?|classes)\b|what (?:columns|variables|quantities|detector|geometry|views|classes|resolution|image size)\b|(?:event|class) (?:counts?|numbers?) (?:per|by|for|in)|(?:image|pixel|map) (?:size|shape|dimensions)|how (?:big|large) (?:is|are) (?:the|this|my|our|your) (?:data|sample|file|set|images|maps)|is there (?:any )?(?:truth|mc)|truth (?:information|available|labels?)",
        ),
        (
            6,
            r"^(?:and |so )?(?:how many|count|number of|what number of|tell me how many|what is the number of)\b.*\b(?:data ?set|sample|file|truth|true|really|in total|are there|do we have|do i have|have we|are in|loaded|here|in all|altogether)\b",
        ),
    ],
    "particle_properties": [],
    "search_knowledge": [
        (
            3,
            r"^(?:and |so |but |ok,? |hey,? |please |can you |could you )*(?:what(?:'s| is| are| does| do| causes?| makes?| determines?| sets?| limits?)?|how|why|when|where|which|who|define|explain|tell me|describe|does|do|is|are|can|give me)\b",
        ),
        (
            4,
            r"literature|paper|documents?|references?|cite|citation|docs|knowledge|corpus|textbook|according to (?:the )?(?:pdg|dune|microboone|paper)|what do (?:we|you) know|look up|publi(?:shed|cations?)|theory|define\b|definition|meaning of|concept|principle|mechanism|works?\b|purpose of|role of|used for|history|review|in general|generally|typically",
        ),
        (
            4,
            r"liquid argon|\blar\b|lartpc|\btpcs?\b|argon|xenon|drift|recombination|scintillation|radiation length|moli[eè]re|ionis?z?ation|diffusion|electron lifetime|purification|wire|anode|cathode|photo(?:n |-?)detect\w*|sipm|dune|icarus|microboone|sbnd|protodune|nova|minerva|t2k|super-?k\w*|hyper-?k\w*|j-?parc|fermilab|numi|\bbnb\b|oscillat\w*|mixing angle|pmns|cp[ -]violation|mass (?:ordering|hierarchy)|cross[ -]sections?|form factor|genie|geant4?|mec|2p2h|quasi-?elastic|resonan\w*|deep[ -]inelastic|final[ -]state interactions?|\bfsi\b|nuclear effects|fermi (?:gas|motion)|bethe|stopping power|mip\b|bragg|birks|box model|pair production|compton|bremsstrahlung|moliere|critical energy|electromagnetic shower|hadronic shower|w boson|z boson|weak (?:interaction|force)|handedness|helicity|transformer(?:s)? (?:work|architecture)|attention mechanism|lora|qlora|quanti[sz]ation|fine-?tun\w*|softmax|cross-?entropy|temperature scaling|clopper|wilson interval|bootstrap|mcnemar(?:'s)? test|efficiency and purity|neutral[ -]currents? (?:interaction|event|process|background)|charged[ -]currents? interaction|tau threshold|threshold|far detector|near detector|baseline|beam|supernova|proton decay|sterile|majorana|dirac|double beta|cvn|mobilenet|squeeze-and-excitation|siamese (?:network|cnn) (?:work|architecture)|vision transformer (?:work|architecture)|trained|training",
        ),
    ],
}


def weigh(text: str, slots: Slots, *, has_previous: bool) -> dict[str, float]:
    """Return the weight of each tool for a clause."""
    scores: dict[str, float] = {}
    for tool, patterns in _WEIGHTS.items():
        scores[tool] = sum(w for w, words in patterns if re.search(rf"(?:{words})", text))
    statistics = read_statistics(text)
    scores["aggregate_statistics"] = _aggregate_weight(text, slots, statistics)
    _adjust_for_events(text, slots, scores, statistics, has_previous)
    _adjust_for_models(text, slots, scores, statistics)
    _adjust_for_knowledge(text, slots, scores, statistics, has_previous)
    return scores


def _aggregate_weight(text: str, slots: Slots, statistics: list[str]) -> float:
    if not statistics:
        return 0.0
    first = statistics[0]
    weight = {"count": 5.0, "mean": 6.0, "histogram": 7.0, "accuracy": 7.0}.get(first, 9.0)
    if first == "mean" and not (slots.columns or slots.models):
        weight = 3.0
    if first in ("worst_mistakes", "least_sure") and re.search(
        r"\b(?:show|list|give|find|which|what|rank|display|tell)\b", text
    ):
        weight += 3
    return weight


def _adjust_for_events(
    text: str, slots: Slots, scores: dict[str, float], statistics: list[str], has_previous: bool
) -> None:
    alone = not slots.events and len(slots.bare.numbers) == 1 and len(slots.bare.expressions) == 1
    single = slots.single is not None or slots.it or slots.events.head in (1, -1) or alone
    some = slots.names_events or bool(slots.cuts.filters)
    about_events = some or re.search(r"\bevents?\b", text) is not None
    if not single:
        scores["explain_event"] -= 3 if not about_events or slots.them else 1
        leaning = has_previous and not slots.cuts.filters and not slots.classes
        scores["find_similar_events"] -= 4 if not some and not leaning else 0
    if single and scores["explain_event"] > 0 and not re.search(r"data ?set|sample|file", text):
        scores["explain_event"] += 3
    if single and scores["find_similar_events"] > 0:
        scores["find_similar_events"] += 3
    if scores["probe_event"] > 0:
        strong = bool(slots.views) or re.search(
            r"resolution|mask|counterfactual|coarse|downsampl|half|region|vertex|shower|blank|granular|perturb|robust",
            text,
        )
        scores["probe_event"] += (
            4 if (single and strong) else (1 if single else (-1 if strong else -8))
        )
        if statistics and not single:
            scores["probe_event"] -= 6
    if scores["display_event"] > 0:
        if single or slots.events.expressions or slots.them:
            scores["display_event"] += 2
        elif not about_events:
            scores["display_event"] -= 2
    if scores["select_events"] > 0 and single and not slots.cuts.filters:
        scores["select_events"] -= 3
    if scores["select_events"] > 0 and (slots.cuts.filters or slots.classes or slots.them):
        scores["select_events"] += 2
    if not any(
        scores[t] > 0 for t in scores if t not in ("search_knowledge", "describe_dataset")
    ) and (slots.cuts.filters and about_events):
        scores["select_events"] += 4
    if scores["classify_events"] > 0 and some:
        scores["classify_events"] += 1
    # "How long is its longest track": measured on one event, an average over many.
    if single and scores["explain_event"] > 0 and statistics[:1] in (["mean"], ["count"], []):
        scores["aggregate_statistics"] -= 3
    if not single and slots.columns and statistics:
        scores["aggregate_statistics"] += 3
        scores["explain_event"] -= 3
    about_file = re.search(
        r"\b(?:this|the|my|our|your) (?:data ?set|data|file|sample|input)\b|\bin here\b|\bhave (?:we|i|you|here)\b|\b(?:we|i|you) have (?:here|opened|loaded)?|(?:images|pictures|maps)\b|\b(?:true )?classes\b|loaded|opened",
        text,
    )
    if (
        about_file
        and not statistics
        and not slots.models
        and not some
        and not slots.classes
        and re.search(r"\b(?:facts?|what|which|how|balance|present|contained?|describe|overview|resolution|size|numbers|give|tell|summar\w+|info\w*|details?)\b", text)
        and not re.search(r"train|in general|transformer|network|dune\b|larsoft", text)
    ):
        scores["describe_dataset"] += 7
    if statistics == ["count"]:
        whole = (
            not slots.cuts.filters
            and not slots.models
            and not (slots.them and has_previous)
            and not slots.names
        )
        predicted = any(c.role == "predicted" for c in slots.classes)
        if not (whole and not predicted and not slots.events):
            scores["aggregate_statistics"] += 4
            scores["describe_dataset"] -= 4
        else:
            scores["describe_dataset"] += (
                6 if slots.classes or scores["describe_dataset"] > 0 else 0
            )
            if not about_events and not slots.classes and not about_file:
                # "How many angels dance on a pin" counts nothing that was opened.
                scores["aggregate_statistics"] = 0
    elif statistics:
        scores["describe_dataset"] -= 4


def _adjust_for_models(
    text: str, slots: Slots, scores: dict[str, float], statistics: list[str]
) -> None:
    n = len(slots.models)
    if n >= 2:
        scores["compare_classifiers"] += (
            5 if scores["compare_classifiers"] > 0 else (2 if not statistics else 0)
        )
        if scores["classify_events"] > 0 and not scores["compare_classifiers"] > 2:
            scores["classify_events"] += 2
    elif scores["compare_classifiers"] > 0:
        models = re.search(
            r"\b(?:models?|classifiers?|networks?|each other|one another|architectures?)\b", text
        )
        truth = re.search(r"\b(?:truth|true (?:class|label))", text)
        verb = re.search(r"\bcompar(?:e|ison)\b", text)
        scores["compare_classifiers"] += 1 if models else (-1 if verb else -5)
        if truth and n == 1:
            scores["compare_classifiers"] -= 4
            scores["aggregate_statistics"] += 3
    if (
        n == 1
        and statistics == []
        and not any(
            scores[t] > 3
            for t in ("probe_event", "find_similar_events", "explain_event", "compare_classifiers")
        )
    ):
        scores["classify_events"] += 2
    if statistics and statistics[0] not in ("count", "mean", "histogram"):
        scores["classify_events"] -= 3
        scores["display_event"] -= 2
        scores["select_events"] -= 2


def _adjust_for_knowledge(
    text: str, slots: Slots, scores: dict[str, float], statistics: list[str], has_previous: bool
) -> None:
    data = (
        slots.names_events
        or slots.models
        or slots.cuts.filters
        or slots.cuts.threshold is not None
        or re.search(
            r"\b(?:events? \d|data ?set|(?:this|our|my|the) (?:data|sample|file|events?|classifiers?|selection)|here\b|of (?:them|those|these)|classified|each (?:true )?class|i (?:have )?opened)",
            text,
        )
    )
    knowledge = scores["search_knowledge"]
    if data and not re.search(
        r"in general|according to the (?:literature|paper|pdg)|literature|papers?\b|\bdocument",
        text,
    ):
        scores["search_knowledge"] = knowledge - 5
    elif knowledge:
        definition = re.search(
            r"what (?:does|do|is meant)\b.*\bmean\b|what (?:is|are) (?:an? )?(?!the\b|its\b)|how (?:is|are|does|do|can|could|fast|far|deep|thick|dense|cold|much|would)\b|why (?:is|are|do|does|can|can't|cannot|must|should|not)|difference between|define|definition|explain (?:what|how|why|the concept)|tell me about|meant by|works?\b|principle|where (?:is|does)|who\b|when\b",
            text,
        )
        scores["search_knowledge"] += 3 if definition else 0
        # A concept in a general sentence, not asked of the events.
        general = not re.search(r"\bevents?\b", text) and not statistics
        scores["search_knowledge"] += 2 if general else 0
        if definition and not data and statistics and not slots.classes and not slots.columns:
            scores["search_knowledge"] += 4
            scores["aggregate_statistics"] -= 5
        if definition and not data and (slots.classes or general):
            for tool in (
                "explain_event",
                "classify_events",
                "display_event",
                "select_events",
                "compare_classifiers",
                "probe_event",
            ):
                scores[tool] -= 4
    if slots.particle and not slots.names_events and not slots.models and not slots.cuts.filters:
        asks = re.search(rf"(?<![\w-])(?:{_PHYSICS_PROPERTY})(?![\w-])", text)
        general = not re.search(
            r"\bevents?\b|candidates|selection|data ?set|sample|energ(?:y|ies) (?:of|in)", text
        )
        medium = re.search(
            r"liquid|\bargon\b(?! (?:mass|nucle))|drift|detector|lartpc|\btpc\b|\bin (?:lar|matter|water|air)\b|electron lifetime|radiation length|recombin|beam|oscillat|shower|ordering|hierarchy|attenuat",
            text,
        )
        if asks and general and not medium:
            scores["particle_properties"] = 14.0
            scores["search_knowledge"] = min(scores["search_knowledge"], 9.0)
