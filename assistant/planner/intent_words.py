"""The words that speak for each tool, with their weights."""

from __future__ import annotations

PHYSICS_PROPERTY = (
    r"(?:data|info(?:rmation)?|facts|numbers) (?:on|about|for) (?:the|an?)|mass(?:es|ive)?|heav"
    r"(?:y|ier|iest)|weigh(?:s|t)?|lifetimes?"
    r"|life[ -]times?|live|lives|half-?li(?:fe|ves)|mean life"
    r"|charges?|charged|spins?|quark (?:content|composition"
    r"|structure)|quarks|made of|consist of|widths?|pdg (?:id|code"
    r"|number|mc)"
    r"|pdg|antiparticles?|isospin|g-parity|parity|c-parity|decays?"
    r"|decay(?:s|ing)? (?:into|to|modes?|channels?)|stable"
    r"|long-lived"
    r"|rest energy|magnetic moment|properties|light(?:er|est)|c ?tau"
    r"|ctau|lifespan|survive|branching"
)
"""What is asked of a particle."""

WEIGHTS: dict[str, list[tuple[float, str]]] = {
    "probe_event": [
        (8, r"^(?:and |but )?if\b.*\b(?:dead|missing|lost|gone|dropped|masked|off|noisy)\b"),
        (
            6,
            (
                r"what (?:if|happens?|would happen|changes?|difference)|if (?:i"
                r"|we|you|one|the|only|both|all|half|just)|would (?:it|the|event"
                r"|this|that|its|we|they|you|you still)\b.*\b(?:if|without|still"
                r"|survive|change|with only|at)|still\b.*\b(?:same|class\w*"
                r"|call\w*|label\w*|predict\w*|recogni\w*|identif\w*|say|be|get"
                r"|hold)|does\b.*\b(?:change|survive|flip|hold|depend)\b"
            ),
        ),
        (
            6,
            (
                r"(?:without|missing|drop(?:ping|ped)?|remov(?:e|ing|ed)"
                r"|mask(?:ing|ed|s)?|hid(?:e|ing|den)|blank(?:ing|ed)?|eras(?:e"
                r"|ing|ed)|delet(?:e|ing|ed)|ignor(?:e|ing)|zero(?:ing|ed)?(?: "
                r"out)?|switch(?:ed|ing)? off|turn(?:ed|ing)? off|cut(?:ting)? "
                r"(?:out|away|off)|black(?:ed|ing)? out|cover(?:ed|ing)?(?: up)?"
                r"|leav(?:e|ing) out|los(?:e|es|ing|t)|dead|lack(?:s|ing|ed)?"
                r"|only|take away|taking away|throw(?:ing)? away|disregard\w*"
                r"|silenc\w*|kill\w*|block(?:ing|ed)? out|obscur\w*|suppress\w*|disabl\w*|scrub\w*|unavailable|absent|broken|failed"
                r"|occlud\w*|wip(?:e|ing|ed)|minus|throw(?:ing)? out|strip\w*"
                r"|knock\w*)\b.*\b(?:views?|planes?|induction|collection"
                r"|showers?|vertex|region|tracks?|pixels|wires|hits|half|u|v|z"
                r"|xz|yz|part|area|quarter|start|end|muon)"
            ),
        ),
        (
            7,
            (
                r"\b(?:half|quarter|third|lower|reduced?|coarser?|degraded?"
                r"|worse|poorer|1/2|1/4|(?:2|3|4|8) times (?:lower|coarser"
                r"|worse)|low|halv\w+|quarter\w*|25 ?%|50 ?%|one half|fraction "
                r"of) (?:of )?(?:the |its |in )?(?:full |original |nominal "
                r")?(?:spatial |image |pixel )?(?:resolution|granularity|pixel)"
                r"|resolution (?:is|were|was|gets?|drops?|by|of|to|down|halved"
                r"|cut)|down-?sampl\w*|coarsen\w*|coarser|\d+ times (?:lower|worse|less) (?:fine"
                r"|detailed|resol\w*)|re-?bin(?:ned|ning)? (?:the )?"
                r"(?:images?|pictures?|maps?|events?)|halv\w+ the (?:resolution|granularity)"
                r"|(?:coarser|bigger|larger) pixels?|blur\w*"
            ),
        ),
        (
            8,
            r"\b(?:views?|planes?|showers?|tracks?|vertex|half)\b(?: \w+){0,3} (?:hidden|removed"
            r"|gone|missing"
            r"|masked|off|blanked|absent|dropped|erased|failed|wiped|invisible|not there"
            r"|weren't there"
            r"|were not there|needed|necessary|required|essential|decisive|crucial|enough"
            r"|sufficient)\b",
        ),
        (
            8,
            (
                r"(?:which|what)(?: of (?:the|its|these)(?: \d)?)? (?:view|plane|part"
                r"|region)s? .*\b(?:most "
                r")?(?:important|crucial|decisive)|(?:which|what)(?: of (?:the|its"
                r"|these)(?: \d)?)? (?:view|plane"
                r"|part|region)s? (?:\w+ "
                r")?(?:matters?|is important|are important|counts?|decides?)"
                r"|how (?:important|crucial|essential|relevant"
                r"|decisive)\b.*\b(?:shower|track|vertex|views?|planes?"
                r"|resolution)|matters? (?:most|more)|sensitiv\w+ .*\bto\b"
                r"|(?:depend|hinge|rel(?:y|ies)|rest)\w* (?:up)?on .*\b(?:views?|planes?"
                r"|resolution|shower|track"
                r"|vertex)|counterfactual\w*|perturb\w*|robust\w*|sensitiv\w+ to"
                r"|prob(?:e|ing)\b|ablat\w*|stress[ -]test"
            ),
        ),
    ],
    "find_similar_events": [
        (
            8,
            (
                r"similar|look(?:s|ing)? (?:much |just |exactly )?the same|same look|\blike \d+\b"
                r"|identical|(?:nearly|almost) the same as"
                r"|looks? (?:\w+ )?like (?:event|#|\d|it|this|that|the one)"
                r"|look(?:s|ing)? (?:\w+ )?alike|resembl\w*|nearest|neighbou?rs?"
                r"|look-?alikes?|closest (?:\w+ )?(?:to|events?|match\w*)|most "
                r"like|more (?:\w+ )?like (?:it|this|that|event|\d|#)|like "
                r"(?:event|this|that|it|number|#)|analog\w+|alike|same (?:kind"
                r"|sort|type|look|pattern) (?:of event )?as|comparable (?:to"
                r"|events)|match(?:es|ing)? event|akin to|twins?|siblings"
                r"|cousins?|doubles of|doppelg\w+|of the same kind|others like|the spitting image|reminiscent|kin(?:dred)?\b|relatives|copies of"
            ),
        ),
    ],
    "compare_classifiers": [
        (
            7,
            (
                r"\bsignifican\w+|fluctuation|by chance|something (?:else|different)|another "
                r"(?:label|class|verdict)"
                r"|\b(?:vlm|vit|cnn) ?[<>] ?(?:vlm|vit|cnn)\b|(?:vlm|vit"
                r"|cnn) against (?:the )?(?:vlm|vit|cnn)|against each other|trust(?:ed)? "
                r"(?:the )?(?:most|more|best)|rely on|who (?:is|was"
                r"|wins|gets)\b|compar(?:e|es|ed"
                r"|ing|ison|isons)|disagree\w*|agree(?:ment|s|d"
                r"|ing)?|differ(?:s|ed|ing|ence|ences|ent|ently)?|versus|\bvs\.?"
                r"|head[ -]to[ -]head|side by side|next to each other|alongside|mcnemar|kappa|contradict\w*"
                r"|conflict\w*|concur\w*|at odds|diverge\w*|same (?:answer"
                r"|verdict|label|class|prediction)|unanim\w*|consensus|opinions?"
                r"|discrepan\w*|which (?:ones|of (?:them|those)|events) (?:have "
                r")?chang\w+|mismatch\w*|contrast|outvot\w*|line up|part ways|eye to eye"
                r"|at variance|clash\w*|coincid\w*|consistent with each|deviat\w*|depart from|tally with"
                r"|in (?:accord|line|unison)|cross-check|pit(?:ted)? against|divided|split over"
            ),
        ),
        (
            6,
            (
                r"\b(?:better|worse|best|worst|superior|inferior|outperform\w*"
                r"|beats?|wins?|winner|stronger|weaker|more (?:accurate|reliable"
                r"|precise|often right)|less (?:accurate|reliable)|most "
                r"(?:accurate|reliable)|least (?:accurate|reliable)|improve\w*"
                r"|advantage|ahead|gain|edges?|trumps?|surpass\w*|excels?|fares? better|stacks? up|preferable|prefer|higher accuracy"
                r"|highest accuracy|leads?|ranks?|ranking)\b"
            ),
        ),
    ],
    "explain_event": [
        (
            6,
            r"on what (?:basis|grounds)|\bbased? .*\bon\W*$|\bback (?:it |this |that )?up\b"
            r"|walk (?:me|us)"
            r"|^(?:the |its )?(?:\w+ ){0,3}(?:tracks?|prongs?|showers?|gaps?|de/?dx"
            r"|vertex)\b(?! (?:mask|drop|miss))",
        ),
        (
            6,
            (
                r"^(?:and |so |but |ok |okay )?why\b|\bwhy (?:is|was|does|do|did"
                r"|has|would|it|the|event|were|are|so|that|this|not)|explain\w*"
                r"|explanation|reason(?:s|ing)?\b|rationale|evidence|justif\w*"
                r"|on what (?:basis|grounds)|understand\b|make sense of|defend\b|unpack\b"
                r"|clarify|motivat\w*|account for|rationali[sz]\w*|elaborate|comment on|reasoning"
                r"|what (?:drove|drives|swayed|persuaded|tipped|triggered)|insight|gave .* away|on what (?:does|do|did) .*\bbase\b"
                r"|what (?:makes|made"
                r"|led|leads|tells"
                r"|told|convince\w*)|how (?:did|does|do|can|could) (?:it|the \w+"
                r"|you|we) (?:know|decide|tell|conclude|arrive|come|reach|think)"
                r"|argu(?:e|es|ment) for|grounds for|based on what|what speaks "
                r"for|supports? (?:the|this|that|its)|what gives it away"
                r"|interpret"
            ),
        ),
        (
            6,
            (
                r"^(?:please )?describe (?:the )?event|walk (?:me )?through"
                r"|tells? us|point(?:s)? to|topolog\w*|saliency|attention map"
                r"|heat ?map|where does (?:it|the \w+) look|which (?:pixels|part"
                r"|region)s?|look(?:s|ed|ing)? at (?:when|to decide)|pays? "
                r"attention|attend\w*|features?\b|focus(?:es"
                r"|ed)? on"
            ),
        ),
        (
            5,
            (
                r"(?:how (?:long|many|big|straight)|(?:leaves?|exits?|escapes?) the detector|is"
                r"|are|was|does|do|has|have"
                r"|any|which|what(?:'s| is| are| does)?|measure\w*|describe"
                r"|characteri[sz]e|give|tell|count|length|contained"
                r"|find)\b.*\b(?:tracks?|prongs?|showers?|vertex (?:gap"
                r"|activity)|gaps?|de/?dx|straightness|vertex|hits|conversion)\b"
            ),
        ),
    ],
    "display_event": [
        (
            4,
            (
                r"\b(?:show|display|draw|plot|view|see|visuali[sz]e|render"
                r"|picture|pictures|image|images|look at|event display|hit maps?|pull up"
                r"|bring up|open|put up|let me see|have a look|take a look"
                r"|depict|print|paint|pixel maps?|eyeball|inspect|peek|glimpse|pop up|flash up)\b"
            ),
        ),
        (
            8,
            r"on (?:the |my )?screen",
        ),
        (
            3,
            (
                r"event[ -]display|what (?:does|do|did) .* look like|picture of"
                r"|image of|pixel maps? of|views? of|look like\?*$|on (?:the "
                r"|my )?screen|image of"
            ),
        ),
    ],
    "classify_events": [
        (
            6,
            (
                r"are you (?:sure|certain)|\bclassif(?:y|ies|ied|ier|iers|ication|ications|ying)\b"
                r"|categori[sz]\w*|(?:run|apply|use|put|throw|feed|pass|push"
                r"|send|try|fire)\b.*\b(?:on|over|to|through|at|into|against"
                r"|for)\b|predict(?:s|ed|ion|ions|ing)?\b|inference|infer\b"
                r"|verdicts?|identif(?:y|ies|ied|ication)|label(?:s|l?ed"
                r"|l?ing)?\b|tag(?:s|ged|ging)?\b|assign\w*|sort\b.*\binto"
            ),
        ),
        (
            6,
            (
                r"what (?:kind|type|sort|class|flavou?r|category|interaction"
                r"|label|channel|species)|which (?:kind|type|sort|class|flavou?r"
                r"|category|interaction|label|channel)|what (?:is|are|was|were) "
                r"(?:the )?events?\b|what (?:is|are|was|were) (?:it|they|those"
                r"|these|this|that)\b(?! (?:mean|average|median))|what(?:'s| "
                r"is) (?:in )?event|is (?:event|it|this|that|#"
                r"|number)\b.*\b(?:or|an?)\b|is (?:event|number) #?\d+ |what "
                r"(?:does|do|did|would) (?:the )?\w+ (?:think|say|make|call|give"
                r"|see|predict|believe|guess|reckon|assign)|(?:think|say|make"
                r"|reckon)s? (?:of|about) (?:event|it|them|those|these|that|this"
                r"|number)|what (?:does|do|would|did) .*\b(?:say|think|call|give"
                r"|make of|reckon|conclude|vote)|flavou?r of|take on|opinion "
                r"(?:on|of|about)|the nature of|how does .* (?:label|tag"
                r"|classify|call)|go over|how (?:sure|confident|certain) is"
                r"|call (?:events?|it|them|those|these) "
            ),
        ),
        (
            5,
            (
                r"(?:class )?probabilit(?:y|ies)|softmax|posteriors?|scores? "
                r"(?:for|of) (?:events?|it|them|those|\d)|confidences? (?:for|of"
                r"|on|in) (?:events?|it|them|those)|how (?:sure|confident"
                r"|certain) (?:is|are|was)"
            ),
        ),
    ],
    "select_events": [
        (
            6,
            (
                r"\b(?:only (?:the )?events|want (?:only )?(?:the |those "
                r")?events|select|pick(?: out)?|keep|take|choose|filter|restrict"
                r"|limit|narrow|isolate|extract|subset|collect|gather|grab|skim|drop|remove|reject"
                r"|veto"
                r"|retain|consider only|look only at|focus on|set aside|make "
                r"(?:a |me a )?(?:selection|sample|subset)|build a (?:sample"
                r"|selection)|cut on|apply a cut|require|discard|exclude|throw "
                r"out|single out|fetch|work with)\b"
            ),
        ),
        (
            9,
            (
                r"^(?:all |the )?events? (?:where|that|which|whose|for which|in which|with)\b"
                r"|(?:which|what|list|show|find|give)\b (?:me )?(?:all |the "
                r")?(?:\w+ ){0,2}events? (?:that |which )?(?:does|did|do|would"
                r"|the (?:cnn|vit|vlm)|are|were|is) .*\b(?:calls?|called|labels?"
                r"|labell?ed|classif\w+|tags?|tagged|predict\w*|identif\w+|says?"
                r"|mistak\w+|taken|put|miss(?:es|ed)?|misclassif\w+|wrong"
                r"|misidentif\w+|right|correct\w*)\b"
            ),
        ),
        (
            5,
            (
                r"^(?:and |now |so |ok |okay )?(?:of|among|out of|from) (?:those"
                r"|these|them|that)\b.*\b(?:which|what|who|list|only|are)"
                r"|\bwhich (?:of (?:them|those|these)|ones?|events?|are|were)\b(?! "
                r"(?:does|do|is|are|look|get) (?:the )?(?:most |least "
                r")?(?:similar|cnn|vit|vlm))|\b(?:list|find|get|give me"
                r"|enumerate|name|identify|locate|search for"
                r"|spot)\b.*\b(?:events?|ones|those|them|all|candidates|of them"
                r"|which)\b|only the\b"
            ),
        ),
    ],
    "describe_dataset": [
        (
            9,
            (
                r"how many (?:views?|planes?|projections|columns|pixels)\b(?!.*\b(?:above|below"
                r"|lit))"
                r"|how (?:big|large) (?:is|are) the (?:images|pictures|maps)"
                r"|what (?:am i|are we) (?:looking at|dealing with)|what have (?:i|we) (?:got|here)"
                r"|(?:does|do|has|have|is|are) (?:the |this |these |my )?(?:data|file|sample"
                r"|events)\b"
                r".*\b(?:truth|labels?|labelled|simulated|real)\b"
                r"|(?:range|span)\b.*\b(?:covered|spanned)\b|cover(?:ed|s)? (?:by|in) the data"
            ),
        ),
        (
            7,
            (
                r"(?:describe|summar(?:y|ise|ize|ies)|overview|outline"
                r"|characteri[sz]e|tell me about|info(?:rmation)? (?:on|about)"
                r"|details (?:of|on|about)|contents? of|what(?:'s| is| are| have"
                r"| do)?\b.*\b(?:in|inside|loaded|do we have in)|introduc\w*"
                r"|(?:a )?look at|profile|inspect|explain|know about|size of"
                r"|how (?:big|large) is|what (?:kind of )?(?:data|file|sample"
                r"|detector|geometry|events))\b.*\b(?:data ?(?:set|file)?s?"
                r"|sample|file|input|collection of events|events (?:are|do|have)"
                r"|loaded|opened?|geometry|here)\b(?! view)"
            ),
        ),
        (
            7,
            (
                r"how many (?:events?|entries|images?|interactions?|maps?"
                r"|neutrinos|of (?:each|every)|views?|planes|projections|columns"
                r"|classes|pictures|different|event)\b(?! (?:does|do|did|is|are "
                r"classified|the\b|would|pass|surviv|have|are called|are predicted"
                r"|with|above|below|between|were|get|look|misc|where|on))"
                r"|number of (?:events|interactions|views|planes|entries|images)\b|(?:size"
                r"|composition|make-?up|contents?|statistics|breakdown) of "
                r"(?:the|this|my|our) (?:data|sample|file|set)|class(?:es)? (?:are |be )?(?:balanced?"
                r"|composition|distribution|breakdown|counts)|which (?:columns"
                r"|variables|quantities|detector|geometry|views?|classes)\b"
                r"|what (?:columns|variables|quantities|detector|geometry|views"
                r"|classes|resolution|image size)\b|(?:event|class) (?:counts?"
                r"|numbers?) (?:per|by|for|in)|(?:image|pixel|map) (?:size|shape"
                r"|dimensions)|how (?:big|large) (?:is|are) (?:the|this|my|our"
                r"|your) (?:data|sample|file|set|images|maps)|is there (?:any "
                r")?(?:truth|mc)|truth (?:information|available|labels?)"
            ),
        ),
        (
            6,
            (
                r"^(?:and |so )?(?:how many|count|number of|what number of|tell "
                r"me how many|what is the number of)\b.*\b(?:data ?set|sample"
                r"|file|truth|true|really|in total|are there|do we have|do i "
                r"have|have we|are in|loaded|here|in all|altogether)\b"
            ),
        ),
    ],
    "particle_properties": [],
    "search_knowledge": [
        (
            3,
            (
                r"^(?:and |so |but |ok,? |hey,? |please |can you |could you "
                r")*(?:what(?:'s| is| are| does| do| causes?| makes?| "
                r"determines?| sets?| limits?)?|how|why|when|where|which|who"
                r"|define|explain|tell me|describe|does|do|is|are|can|give me)\b"
            ),
        ),
        (
            4,
            (
                r"literature|paper|documents?|references?|cite|citation|docs"
                r"|knowledge|corpus|textbook|according to (?:the )?(?:pdg|dune"
                r"|microboone|paper)|what do (?:we|you) know|look up"
                r"|publi(?:shed|cations?)|theory|define\b|definition|meaning of"
                r"|concept|principle|mechanism|\bworks?\b|purpose of|role of|used "
                r"for|history|review|in general|generally|typically"
            ),
        ),
        (
            4,
            (
                r"liquid argon|\blar\b|lartpc|\btpcs?\b|argon|xenon|drift"
                r"|recombination|scintillation|radiation length|moli[eè]re"
                r"|ionis?z?ation|diffusion|electron lifetime|purification|wire"
                r"|anode|cathode|photo(?:n |-?)detect\w*|sipm|dune|icarus"
                r"|microboone|sbnd|protodune|nova|minerva|t2k|super-?k\w*"
                r"|hyper-?k\w*|j-?parc|fermilab|numi|\bbnb\b|oscillat\w*|mixing "
                r"angle|pmns|cp[ -]violation|mass (?:ordering|hierarchy)|cross[ "
                r"-]sections?|form factor|genie|geant4?|mec|2p2h|quasi-?elastic"
                r"|resonan\w*|deep[ -]inelastic|final[ -]state interactions?"
                r"|\bfsi\b|nuclear effects|fermi (?:gas|motion)|bethe|stopping "
                r"power|mip\b|bragg|birks|box model|pair production|compton"
                r"|bremsstrahlung|moliere|critical energy|electromagnetic shower"
                r"|hadronic shower|w boson|z boson|weak (?:interaction|force)"
                r"|handedness|helicity|transformer(?:s)? (?:work|architecture)"
                r"|attention mechanism|\blora\b|qlora|quanti[sz]ation|fine-?tun\w*"
                r"|softmax|cross-?entropy|temperature scaling|clopper|wilson "
                r"interval|bootstrap|mcnemar(?:'s)? test|efficiency and purity"
                r"|neutral[ -]currents? (?:interaction|event|process|background)"
                r"|charged[ -]currents? interaction|tau threshold|threshold|far "
                r"detector|near detector|baseline|beam|supernova|proton decay"
                r"|sterile|majorana|dirac|double beta|cvn|mobilenet"
                r"|squeeze-and-excitation|siamese (?:network|cnn) (?:work"
                r"|architecture)|vision transformer (?:work|architecture)"
                r"|trained|training"
            ),
        ),
    ],
}
"""Patterns a tool: how much each speaks for it."""
