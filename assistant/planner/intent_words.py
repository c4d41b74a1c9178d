"""The words that speak for each tool, with their weights."""

from __future__ import annotations

PHYSICS_PROPERTY = (
    r"(?:data|info(?:rmation)?|facts|numbers) (?:on|about|for) (?:the|an?)|mass(?:es|ive)?|heav(?:y"
    r"|ier|iest)|weigh(?:s|t)?|lifetimes?|life[ -]times?|live|lives|half[ -]?li(?:fe|ves)|mean life"
    r"|charges?|charged|spins?|quark (?:content|composition|structure)|quarks|made of|consist of"
    r"|widths?|pdg (?:id|code|number|mc)|pdg|antiparticles?|isospin|g-parity|parity|c-parity"
    r"|decays?|decay(?:s|ing)? (?:into|to|modes?|channels?)|stable|long-lived|rest energy"
    r"|magnetic moment|properties|light(?:er|est)|c ?tau|ctau|lifespan|survive|branching"
)
"""What is asked of a particle."""

WEIGHTS: dict[str, list[tuple[float, str]]] = {
    "probe_event": [
        (8, r"^(?:and |but )?if\b.*\b(?:dead|missing|lost|gone|dropped|masked|off|noisy)\b"),
        (
            6,
            r"what (?:if|happens?|would happen|changes?|difference)|if (?:i|we|you|one|the|only"
            r"|both|all|half|just)|would (?:it|the|event|this|that|its|we|they|you"
            r"|you still)\b.*\b(?:if|without|still|survive|change|with only|at)"
            r"|still\b.*\b(?:same|class\w*|call\w*|label\w*|predict\w*|recogni\w*|identif\w*"
            r"|say|be|get|hold)|does\b.*\b(?:change|survive|flip|hold|depend)\b",
        ),
        (
            6,
            r"(?:without|missing|drop(?:ping|ped)?|remov(?:e|ing|ed)|mask(?:ing|ed|s)?|hid(?:e|ing"
            r"|den)|blank(?:ing|ed)?|eras(?:e|ing|ed)|delet(?:e|ing|ed)|ignor(?:e|ing)|zero(?:ing"
            r"|ed)?(?: out)?|switch(?:ed|ing)? off|turn(?:ed|ing)? off|cut(?:ting)? (?:out|away"
            r"|off)|black(?:ed|ing)? out|cover(?:ed|ing)?(?: up)?|leav(?:e|ing) out|los(?:e|es|ing"
            r"|t)|dead|lack(?:s|ing|ed)?|only|take away|taking away|throw(?:ing)? away|disregard\w*"
            r"|silenc\w*|kill\w*|block(?:ing|ed)? out|obscur\w*|suppress\w*|disabl\w*|scrub\w*"
            r"|unavailable|absent|broken|failed|occlud\w*|wip(?:e|ing|ed)|minus|throw(?:ing)? out"
            r"|strip\w*|knock\w*)\b.*\b(?:views?|planes?|induction|collection|showers?|vertex"
            r"|region|tracks?|pixels|wires|hits|half|u|v|z|xz|yz|part|area|quarter|start|end|muon)",
        ),
        (
            7,
            r"\b(?:half|quarter|\d+th|third|lower|reduced?|coarser?|degraded?|worse|poorer|1/2|1/4"
            r"|(?:2|3|4|8) times (?:lower|coarser|worse)|low|halv\w+|quarter\w*|25 ?%|50 ?%"
            r"|one half|fraction of) (?:of )?(?:the |its |in )?(?:full |original "
            r"|nominal )?(?:spatial |image |pixel )?(?:resolution|granularity|pixel)"
            r"|resolution (?:is|were|was|gets?|drops?|by|of|to|down|halved|cut)|down-?sampl\w*"
            r"|coarsen\w*|coarser|\d+ times (?:lower|worse|less) (?:fine|detailed|resol\w*)"
            r"|re-?bin(?:ned|ning)? (?:the )?(?:images?|pictures?|maps?|events?)"
            r"|halv\w+ the (?:resolution|granularity)|(?:coarser|bigger|larger) pixels?|blur\w*",
        ),
        (
            8,
            r"\b(?:views?|planes?|showers?|tracks?|vertex|half)\b(?: \w+){0,3} (?:hidden|removed"
            r"|gone|missing|masked|off|blanked|absent|dropped|erased|failed|wiped|invisible|covered"
            r"|not there|weren't there|were not there|needed|necessary|required|essential|decisive"
            r"|crucial|enough|sufficient)\b|\b(?:from|with|by|on|using) (?:the )?(?:[uvz]|[xy]z"
            r"|induction|collection) (?:view|plane)s? (?:alone|only)\b",
        ),
        (
            8,
            r"(?:which|what)(?: of (?:the|its|these)(?: \d)?)? (?:view|plane|part|region)s?"
            r" .*\b(?:most )?(?:important|crucial|decisive)|(?:which|what)(?: of (?:the|its"
            r"|these)(?: \d)?)? (?:view|plane|part|region)s? (?:\w+ )?(?:matters?|is important|are"
            r" important|counts?|decides?)|how (?:important|crucial|essential|relevant"
            r"|decisive)\b.*\b(?:shower|track|vertex|views?|planes?|resolution)|matters? (?:most"
            r"|more)|sensitiv\w+ .*\bto\b|(?:depend|hinge|rel(?:y|ies)|rest)\w* (?:up)?on"
            r" .*\b(?:views?|planes?|resolution|shower|track|vertex)|counterfactual\w*|perturb\w*"
            r"|robust\w*|sensitiv\w+ to|prob(?:e|ing)\b|ablat\w*|stress[ -]test",
        ),
    ],
    "find_similar_events": [
        (
            8,
            r"similar|look(?:s|ing)? (?:much |just |exactly )?the same|same look|\blike \d+\b"
            r"|identical|(?:nearly|almost) the same as|looks? (?:\w+ )?like (?:event|#|\d|it|this"
            r"|that|the one)|look(?:s|ing)? (?:\w+ )?alike|resembl\w*|nearest|neighbou?rs?"
            r"|look-?alikes?|closest (?:\w+ ){0,3}(?:to|events?|match\w*)|most like|more (?:\w+"
            r" )?like (?:it|this|that|event|\d|#)"
            r"|(?<!thing )like (?:event|this|that|it|number|#)|analog\w+"
            r"|alike|same (?:kind|sort|type|look|pattern|topology|shape) (?:of event )?as"
            r"|comparable (?:to|events)|match(?:es|ing)? event|akin to|lies? (?:next|close|near\w*)"
            r" to|twins?|siblings|cousins?|doubles of|doppelg\w+|of the same kind|others like|the"
            r" spitting image|reminiscent|kin(?:dred)?\b|relatives|copies of",
        ),
    ],
    "compare_classifiers": [
        (
            7,
            r"\bsignifican\w+|fluctuation|by chance|something (?:else|different)|another (?:label"
            r"|class|verdict)|\b(?:vlm|vit|cnn) ?[<>] ?(?:vlm|vit|cnn)\b|(?:vlm|vit|cnn) against"
            r" (?:the )?(?:vlm|vit|cnn)|against each other|trust(?:ed)? (?:the )?(?:most|more|best)"
            r"|rely on|who (?:is|was|wins|gets|got|had|has)\b|compar(?:e|es|ed|ing|ison|isons)"
            r"|disagree\w*|say (?:all )?the same|agree(?:ment|s|d|ing)?|differ(?:s|ed|ing|ence"
            r"|ences|ent|ently)?|versus"
            r"|\bvs\.?|head[ -]to[ -]head|side by side|next to each other|alongside|mcnemar|kappa"
            r"|contradict\w*|conflict\w*|concur\w*|at odds|diverge\w*|same (?:answer|verdict|label"
            r"|class|prediction)|unanim\w*|consensus|opinions?|discrepan\w*|which (?:ones|of"
            r" (?:them|those)|events) (?:have )?chang\w+|mismatch\w*|contrast|outvot\w*|line up"
            r"|part ways|eye to eye|at variance|clash\w*|coincid\w*|consistent with each|deviat\w*"
            r"|depart from|tally with|in (?:accord|line|unison)|cross-check|pit(?:ted)? against"
            r"|divided|splits? (?:over|the)",
        ),
        (
            6,
            r"\b(?:better|worse|best|worst|superior|inferior|outperform\w*|beats?|wins?|winner"
            r"|stronger|weaker|more (?:accurate|reliable|precise|often right)|less (?:accurate"
            r"|reliable)|most (?:accurate|reliable)|least (?:accurate|reliable)|improve\w*"
            r"|advantage|ahead|gain|edges?|trumps?|surpass\w*|excels?|fares? better|stacks? up"
            r"|preferable|prefer|higher accuracy|highest accuracy|leads?|ranks?|ranking)\b",
        ),
    ],
    "explain_event": [
        (
            6,
            r"\b(?:signs?|hints?|indications?|traces?) of"
            r"|on what (?:basis|grounds)|\bbased? .*\bon\W*$|\bback (?:it |this |that )?up\b|walk"
            r" (?:me|us)|^(?:(?:the|its|a|any|longest|muon|initial|first|main) )*(?:tracks?|prongs?"
            r"|showers?|gaps?|de/?dx|vertex)\b(?! (?:mask|drop|miss))",
        ),
        (
            6,
            r"^(?:and |so |but |ok |okay )?why\b|\bclaims?\b|\bwhy (?:is|was|does|do|did|has|would"
            r"|it|the|event|were|are|so|that|this|not)|explain\w*|explanation|reason(?:s|ing)?\b"
            r"|rationale|evidence|justif\w*|on what (?:basis|grounds)|understand\b|make sense of"
            r"|defend\b|unpack\b|clarify|motivat\w*|account for|rationali[sz]\w*|elaborate|comment"
            r" on|reasoning|what (?:drove|drives|swayed|persuaded|tipped|triggered)|insight|gave .*"
            r" away|on what (?:does|do|did) .*\bbase\b|what (?:makes|made|led|leads|tells|told"
            r"|convince\w*)|how (?:did|does|do|can|could) (?:it|the \w+|you|we) (?:know|decide|tell"
            r"|conclude|arrive|come|reach|think)|argu(?:e|es|ment) for|grounds for|based on what"
            r"|what speaks for|supports? (?:the|this|that|its)|what gives it away|interpret",
        ),
        (
            6,
            r"^(?:please )?describe (?:the )?event|walk (?:me )?through|tells? us|point(?:s)? to"
            r"|topolog\w*|saliency|attention map|heat ?map|where (?:does|did|do) (?:it"
            r"|the \w+) look|which (?:pixels|part|region)s?|look(?:s|ed|ing)? at (?:when|to decide)"
            r"|pays? attention|attend\w*|features?\b|focus(?:es|ed)? on",
        ),
        (
            5,
            r"(?:how (?:long|many|big|straight)|(?:leaves?|exits?|escapes?) the detector|is|are"
            r"|was|does|do|has|have|any|which|what(?:'s| is| are| does)?|measure\w*|describe"
            r"|characteri[sz]e|give|tell|count|length|contained|find)\b.*\b(?:tracks?|prongs?"
            r"|showers?|vertex (?:gap|activity)|gaps?|de/?dx|straightness|vertex|hits"
            r"|conversion)\b",
        ),
        (12, r"\b(?:any|some)thing like (?:that|this|it)\b"),
    ],
    "display_event": [
        (
            4,
            r"\b(?:show|display|draw|plot|view|see|visuali[sz]e|render"
            r"|picture|pictures|image|images|look at|event display|hit maps?|pull up"
            r"|bring up|open|put up|let me see|have a look|take a look"
            r"|depict|print|paint|pixel maps?|eyeball|inspect|peek|glimpse|pop up|flash up)\b",
        ),
        (
            8,
            r"on (?:the |my )?screen",
        ),
        (
            3,
            r"event[ -]display|what (?:does|do|did) .* look like|picture of|image of"
            r"|pixel maps? of|views? of|look like\?*$|on (?:the |my )?screen|image of",
        ),
    ],
    "classify_events": [
        (
            6,
            r"are you (?:sure|certain)|\bclassif(?:y|ies|ied|ier|iers|ication|ications|ying)\b"
            r"|categori[sz]\w*|(?:run|apply|use|put|throw|feed|pass|push|send|try"
            r"|fire)\b.*\b(?:on|over|to|through|at|into|against|for)\b|predict(?:s|ed|ion|ions"
            r"|ing)?\b|inference|infer\b|verdicts?|identif(?:y|ies|ied|ication)|label(?:s|l?ed"
            r"|l?ing)?\b|tag(?:s|ged|ging)?\b|assign\w*|sort\b.*\binto",
        ),
        (
            6,
            r"what (?:kind|type|sort|class|flavou?r|category|interaction|label|channel|species)"
            r"|which (?:kind|type|sort|class|flavou?r|category|interaction|label|channel)"
            r"|what (?:is|are|was|were) (?:the )?events?\b|what (?:is|are|was|were) (?:it|they"
            r"|those|these|this|that)\b(?! (?:mean|average|median))|what(?:'s| is) (?:in )?event"
            r"|is (?:event|it|this|that|#|number)\b.*\b(?:or|an?)\b|is (?:event|number) #?\d+ "
            r"|what (?:does|do|did|would) (?:the )?\w+ (?:think|say|make|call|give|see|predict"
            r"|believe|guess|reckon|assign)|(?:think|say|make|reckon)s? (?:of|about) (?:event|it"
            r"|them|those|these|that|this|number)|what (?:does|do|would|did) .*\b(?:say|think|call"
            r"|give|make of|reckon|conclude|vote)|flavou?r of|take on|opinion (?:on|of|about)"
            r"|the nature of|how does .* (?:label|tag|classify|call)|go over|how (?:sure|confident"
            r"|certain) is|call (?:events?|it|them|those|these) ",
        ),
        (
            8,
            r"(?:class )?probabilit(?:y|ies)|softmax|posteriors?|scores? (?:for|of) (?:events?"
            r"|it|them|those|\d)|confidences? (?:for|of|on|in) (?:events?|it|them|those)"
            r"|how (?:sure|confident|certain) (?:is|are|was)",
        ),
    ],
    "select_events": [
        (
            6,
            r"\b(?:only (?:the )?events|want (?:only )?(?:the |those )?events|select|pick(?: out)?"
            r"|keep|take|choose|filter|restrict|limit|narrow|isolate|extract|subset|collect|gather"
            r"|grab|skim|drop|remove|reject|veto|retain|consider only|look only at|focus on"
            r"|set aside|make (?:a |me a )?(?:selection|sample|subset)|build a (?:sample|selection)"
            r"|cut on|apply a cut|require|discard|exclude|throw out|single out|fetch|work with)\b",
        ),
        (
            9,
            r"^(?:all |the )?events? (?:the (?:cnn|vit|vlm)|where|that|which|whose|for which"
            r"|in which|with)\b|(?:which|what|list|show|find|give)\b (?:me )?(?:all "
            r"|the )?(?:\w+ ){0,2}events? (?:that |which )?(?:does|did|do|would|the (?:cnn|vit"
            r"|vlm)|are|were|is) .*\b(?:calls?|called|labels?|labell?ed|classif\w+|tags?|tagged"
            r"|predict\w*|identif\w+|says?|mistak\w+|taken|put|miss(?:es|ed)?|misclassif\w+"
            r"|wrong|misidentif\w+|right|correct\w*)\b",
        ),
        (
            5,
            r"^(?:and |now |so |ok |okay )?(?:of|among|out of|from) (?:those|these|them"
            r"|that)\b.*\b(?:which|what|who|list|only|are)|\bwhich (?:of (?:them|those|these)"
            r"|ones?|events?|are|were)\b(?! (?:does|do|is|are|look|get) (?:the )?(?:most "
            r"|least )?(?:similar|cnn|vit|vlm))|\b(?:list|find|get|give me|enumerate|name"
            r"|identify|locate|search for|spot)\b.*\b(?:events?|ones|those|them|all|candidates"
            r"|of them|which)\b|only the\b",
        ),
    ],
    "describe_dataset": [
        (
            9,
            r"(?:which|what)(?: are)?(?: the)? (?:wire |readout )*(?:planes?|views?"
            r"|projections)(?:/\w+)?\b(?! (?:matter|count|is|are) ).*\b(?:events|data|file"
            r"|sample|images|pictures|called|there)\b"
            r"|how many (?:\w+ )?(?:views?|planes?|projections|columns|pixels)\b(?!.*\b(?:above"
            r"|below|lit))|how (?:big|large) (?:is|are) the (?:images|pictures|maps)|what (?:am i"
            r"|are we) (?:looking at|dealing with)|what have (?:i|we) (?:got|here)|(?:does|do"
            r"|has|have|is|are) (?:the |this |these |my )?(?:data|file|sample"
            r"|events)\b.*\b(?:truth|labels?|labelled|simulated|real)\b|(?:range"
            r"|span)\b.*\b(?:covered|spanned)\b|cover(?:ed|s)? (?:by|in) the data",
        ),
        (
            7,
            r"(?:describe|summar(?:y|ise|ize|ies)|overview|outline|characteri[sz]e"
            r"|tell me about|info(?:rmation)? (?:on|about)|details (?:of|on|about)|contents? of"
            r"|what(?:'s| is| are| have| do)?\b.*\b(?:in|inside|loaded|do we have in)"
            r"|introduc\w*|(?:a )?look at|profile|inspect|explain|know about|size of|how (?:big"
            r"|large) is|what (?:kind of )?(?:data|file|sample|detector|geometry"
            r"|events))\b.*\b(?:data ?(?:set|file)?s?|sample|file|input|collection of events"
            r"|events (?:are|do|have)|loaded|opened?|geometry|here)\b(?! view)",
        ),
        (
            7,
            r"how many (?:events?|entries|images?|interactions?|maps?|neutrinos|of (?:each|every)"
            r"|views?|planes|projections|columns|classes|pictures|different|event)\b(?! (?:does|do"
            r"|did|is|are classified|the\b|would|pass|surviv|have|are called|are predicted|with"
            r"|above|below|between|were|get|look|misc|where|on))|number of (?:events|interactions"
            r"|views|planes|entries|images)\b|(?:size|composition|make-?up|contents?|statistics"
            r"|breakdown) of (?:the|this|my|our) (?:data|sample|file|set)|class(?:es)? (?:are |be"
            r" )?(?:balanced?|composition|distribution|breakdown|counts)|which (?:columns|variables"
            r"|quantities|detector|geometry|views?|classes)\b|what (?:columns|variables|quantities"
            r"|detector|geometry|views|classes|resolution|image size)\b|(?:event|class) (?:counts?"
            r"|numbers?) (?:per|by|for|in)|(?:image|pixel|map) (?:size|shape|dimensions)|how (?:big"
            r"|large) (?:is|are) (?:the|this|my|our|your) (?:data|sample|file|set|images|maps)|is"
            r" there (?:any )?(?:truth|mc)|truth (?:information|available|labels?)",
        ),
        (
            6,
            r"^(?:and |so )?(?:how many|count|number of|what number of|tell me how many"
            r"|what is the number of)\b.*\b(?:data ?set|sample|file|truth|true|really|in total"
            r"|are there|do we have|do i have|have we|are in|loaded|here|in all|altogether)\b",
        ),
    ],
    "particle_properties": [],
    "search_knowledge": [
        (
            3,
            r"^(?:and |so |but |ok,? |hey,? |please |can you |could you )*(?:what(?:'s| is| are"
            r"| does| do| causes?| makes?| determines?| sets?| limits?)?|how|why|when|where"
            r"|which|who|define|explain|tell me|describe|does|do|is|are|can|give me)\b",
        ),
        (
            4,
            r"^(?:and |so |but )*what (?:happens|characteri[sz]es|distinguishes"
            r"|defines) (?!.*\bevents?\b)"
            r"|literature|paper|documents?|references?|cite|citation|docs|knowledge|corpus"
            r"|textbook|according to (?:the )?(?:pdg|dune|microboone|paper)|what do (?:we"
            r"|you) know|look up|publi(?:shed|cations?)|theory|define\b|definition|meaning of"
            r"|concept|principle|mechanism|\bworks?\b|purpose of|role of|used for|history"
            r"|review|in general|generally|typically",
        ),
        (
            4,
            r"liquid argon|\blar\b|lartpc|\btpcs?\b|argon|xenon|drift|recombination|scintillation"
            r"|radiation length|moli[eè]re|ionis?z?ation|diffusion|electron lifetime|purification"
            r"|wire|anode|cathode|photo(?:n |-?)detect\w*|sipm|dune|icarus|microboone|sbnd"
            r"|protodune|nova|minerva|t2k|super-?k\w*|hyper-?k\w*|j-?parc|fermilab|numi|\bbnb\b"
            r"|oscillat\w*|mixing angle|pmns|cp[ -]violation|mass (?:ordering|hierarchy)"
            r"|cross[ -]sections?|form factor|genie|geant4?|mec|2p2h|quasi-?elastic|resonan\w*"
            r"|deep[ -]inelastic|final[ -]state interactions?|\bfsi\b|nuclear effects|fermi (?:gas"
            r"|motion)|bethe|stopping power|mip\b|bragg|birks|box model|pair production|compton"
            r"|bremsstrahlung|moliere|critical energy|electromagnetic shower|hadronic shower"
            r"|w boson|z boson|weak (?:interaction|force)|handedness|helicity"
            r"|transformer(?:s)? (?:work|architecture)|attention mechanism|\blora\b|qlora"
            r"|quanti[sz]ation|fine-?tun\w*|softmax|cross-?entropy|temperature scaling|clopper"
            r"|wilson interval|bootstrap|mcnemar(?:'s)? test|efficiency and purity"
            r"|neutral[ -]currents? (?:interaction|event|process|background)"
            r"|charged[ -]currents? interaction|tau threshold|threshold|far detector|near detector"
            r"|baseline|beam|supernova|proton decay|sterile|majorana|dirac|double beta|cvn"
            r"|mobilenet|squeeze-and-excitation|siamese (?:network|cnn) (?:work|architecture)"
            r"|vision transformer (?:work|architecture)|trained|training",
        ),
    ],
}
"""Patterns a tool: how much each speaks for it."""
