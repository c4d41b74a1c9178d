"""The words of the field and of plain English that the planner knows."""

from __future__ import annotations

MODELS = ("vlm", "vit", "cnn")
"""Every classifier by name, in the order in which they are shown."""

MODEL_PATTERNS: dict[str, str] = {
    "vlm": (
        r"(?:vision|visual|image)[ -](?:and[ -])?(?:language|text)(?: model| transformer| one)?s?"
        r"|v-?lms?|(?:large )?language[ -]model|llm|smol-?vlm|smol-?lm2?|llama(?: vision)?"
        r"|vision-llm|multi-?modal (?:model|one)"
    ),
    "vit": (
        r"(?:vision|visual|image)[ -]transformers?|vi-?ts?|(?:pure |plain )?transformer"
        r"(?: model| network| encoder| one)?"
    ),
    "cnn": (
        r"(?:siamese|convolutional|convolution|conv)(?:[ -](?:siamese|convolutional|conv))?"
        r"(?:[ -]?neural)?[ -]?(?:net(?:work)?s?|cnn|classifier|model|one)?"
        r"|c-?nns?|conv-?nets?"
    ),
}

UNKNOWN_MODELS = (
    r"(?:random|decision|isolation)[ -]forests?|(?:boosted )?decision trees?|g?bdts?|xg-?boost"
    r"|light-?gbm|cat-?boost|ada-?boost|svms?|support[ -]vector[ -]machines?|res-?nets?(?:-?\d+)?"
    r"|dense-?nets?(?:-?\d+)?|efficient-?nets?|vgg(?:-?\d+)?|inception(?:-?v\d)?|alex-?net"
    r"|g-?nns?|graph (?:neural )?net(?:work)?s?|nu-?graph2?|pandora|mlps?|perceptrons?|lstms?|rnns?"
    r"|recurrent (?:neural )?net(?:work)?s?|gpt(?:-?\d[\w.]*)?|chat-?gpt|claude|gemini|mistral|qwen"
    r"|yolo\w*|u-?nets?|logistic regressions?|naive bayes|k-?nn|k-?nearest[ -]neighbou?rs?"
    r"|auto-?encoders?|diffusion models?|clip model|swin\w*|mamba|point-?nets?\+*|dgcnn|gans?"
    r"|capsule net(?:work)?s?|gaussian process(?:es)?|linear discriminants?|fisher discriminants?"
    r"|sparse ?conv\w*|minkowski\w*|hidden markov models?|kernel machines?|gradient boost\w*"
    r"|(?:deep )?boltzmann machines?|cvn"
)

CLASS_PATTERNS: dict[str, str] = {
    "nue_cc": (
        r"(?:anti)?nue(?:[ -]?like)?(?:[ -]?cc)?|nue_cc|(?:anti-?)?electron[ -](?:anti-?)?neutrinos?"
        r"(?:[ -](?:charged[ -]current|cc))?|electron[ -]?like|e-like"
        r"|electron(?:[ -]flavou?r(?:ed)?| cc)|electronic neutrinos?"
    ),
    "numu_cc": (
        r"(?:anti)?numu(?:[ -]?like)?(?:[ -]?cc)?|numu_cc|(?:anti-?)?mu(?:on)?(?:ic)?[ -](?:anti-?)?"
        r"neutrinos?(?:[ -](?:charged[ -]current|cc))?|mu(?:on)?[ -]?like"
        r"|muon(?:[ -]flavou?r(?:ed)?| cc)"
    ),
    "nutau_cc": (
        r"(?:anti)?nutau(?:[ -]?like)?(?:[ -]?cc)?|nutau_cc|(?:anti-?)?tau(?:on)?[ -](?:anti-?)?"
        r"neutrinos?(?:[ -](?:charged[ -]current|cc))?|tau(?:[ -]flavou?r(?:ed)?| cc)|tauons?"
    ),
    "nc": r"ncs?(?:[ -]?like)?|neutral[ -]currents?|nc_events?",
    "cosmic": r"cosmics?(?:[ -]rays?)?(?: muons?)?",
    "cc": r"cc|charged[ -]currents?",
}

TRUE_WORDS = (
    r"true|truly|truth|really|actual|actually|genuine|genuinely|real|mc|monte carlo|generated"
    r"|simulated|in truth|in reality|ground[ -]truth|bona fide|in fact"
)
PREDICTED_WORDS = (
    r"predict(?:s|ed|ion|ions)?|classif(?:y|ies|ied|ying)(?: as)?|call(?:s|ed|ing)?|label(?:s|l?ed|l?ing)?|tag(?:s|ged)?"
    r"|identif(?:y|ies|ied)|assign(?:s|ed)?|reco(?:nstruct(?:s|ed)?)?|thinks?|says?|said|believes?"
    r"|considers?|deems?|guess(?:es|ed)?|judge[sd]?|mistak(?:es?|en)|candidates?|takes?|took|puts?"
    r"|chose|chooses?|picks?|picked|misidentif(?:y|ies|ied)|misclassif(?:y|ies|ied)|mislabell?ed"
    r"|confus(?:es?|ed)|selected|end(?:s|ed)? up|ended|according|votes?|voted|flag(?:s|ged)?"
    r"|mis-?id(?:'?d)?|mistook|come out|comes out|came out|came back|declared?|sees?|like"
)

COLUMN_PATTERNS: list[tuple[str, str, str]] = [
    # column, dimension, how people say it
    (
        "lepton_energy",
        "energy",
        r"(?:outgoing |final[ -]state )?(?:charged )?lepton(?:'s)? (?:energy|energies|momentum)|(?:muon|electron)(?:'s)? energy|lepton_energy|e_?lep\w*|leptonic energy",
    ),
    (
        "energy",
        "energy",
        r"(?:(?:true |incoming |incident )?neutrino(?:'s)? )?energ(?:y|ies)|energetic|e_?nu|enu|harder|softer|soft|hard",
    ),
    (
        "longest_track_cm",
        "length",
        r"(?:longest[ -]|track[ -]|muon[ -])*track(?:s)?(?:[ -]lengths?)?|track[ -]lengths?|longest_track_cm|range",
    ),
    (
        "vertex_gap_cm",
        "length",
        r"vertex[ -]gaps?|(?:conversion |shower )?gaps?|vertex_gap_cm|conversion distances?",
    ),
    ("initial_dedx", "dedx", r"initial[ -]de/?dx|de/?dx|initial_dedx|stopping power"),
    ("shower_score", "score", r"shower[ -](?:score|likeness)|shower_score"),
    ("n_hits", "count", r"hits?|n_?hits|(?:lit |nonzero |non-zero )?pixels?|occupanc(?:y|ies)"),
    ("n_prongs", "count", r"prongs?|n_prongs|tracks and showers|prong multiplicit(?:y|ies)"),
    (
        "vertex_activity",
        "charge",
        r"vertex[ -]activit(?:y|ies)|vertex_activity|charge (?:near|at|around) the vertex",
    ),
    ("track_straightness", "score", r"(?:track[ -])?straightness|track_straightness"),
    ("protons", "count", r"protons?"),
    ("charged_pions", "count", r"charged[ -]pions?|charged_pions|pi\+?/?-|pi\+-"),
    ("neutral_pions", "count", r"neutral[ -]pions?|neutral_pions|pi-?0s?|pi[ -]?zeros?|pizeros?"),
    ("neutrons", "count", r"neutrons?"),
    (
        "confidence",
        "score",
        r"confidences?|certaint(?:y|ies)|sureness|top probabilit(?:y|ies)|max(?:imum)? probabilit(?:y|ies)",
    ),
    ("unlike", "score", r"unlike(?:ness)?|novelty|out-of-distribution|ood(?: score)?"),
    ("score", "score", r"scores?|probabilit(?:y|ies)|posteriors?|outputs?"),
]
"""Columns of the event table, of the measured topology and of the predictions."""

MODES = {
    "qe": r"(?:cc)?qe|quasi-?[ -]?elastics?",
    "res": r"res|resonan(?:t|ce)s?(?: production)?",
    "dis": r"dis|deep(?:ly)?[ -]inelastic(?: scattering)?",
    "mec": r"mec|2p2h|meson[ -]exchange(?:[ -]currents?)?",
    "coh": r"coh|coherent(?: pion production)?",
}

VIEW_PATTERNS: dict[str, str] = {
    "Z": r"collection(?:[ -](?:views?|planes?|wires?))?|z[ -](?:views?|planes?)|(?:views?|planes?) z|w[ -](?:view|plane)",
    "U": r"(?:first|1th) induction(?:[ -](?:view|plane))?|u[ -](?:views?|planes?)|(?:views?|planes?) u",
    "V": r"2th induction(?:[ -](?:view|plane))?|v[ -](?:views?|planes?)|(?:views?|planes?) v",
    "XZ": r"xz(?:[ -](?:view|plane|projection))?",
    "YZ": r"yz(?:[ -](?:view|plane|projection))?",
}

PARTICLES = (
    r"muons?(?: minus| plus)?|mu[+-]|anti-?muons?|electrons?|positrons?|e[+-]|photons?|gammas?"
    r"|gamma rays?|protons?|anti-?protons?|neutrons?|(?:neutral|charged|positive|negative)?[ -]?"
    r"(?:pi(?:on)?s?(?:[ -]?(?:0|zero|plus|minus|[+-]))?|pions?|kaons?)|pi0s?|pizeros?"
    r"|k[+-]|k0[ _-]?(?:short|long|s|l)|k[ _-]?(?:short|long|0 ?s|0 ?l)|k0|(?:short|long)[ -]lived kaons?|kaons?(?:[ -]?(?:zero|plus|minus|0|[+-]))?"
    r"|tau(?:s| leptons?|[+-])?|tauons?|lambdas?(?:[ -]?0| baryons?| hyperons?)?|sigmas?(?:[ -]?(?:plus|minus|zero|0|[+-]))?"
    r"|omega(?: minus|-| baryons?)?|xi(?: minus|-|0)?|etas?(?: mesons?)?|rhos?(?: mesons?)?"
    r"|delta(?:\+\+|\(1232\)| ?\+\+| ?resonance| ?baryons?)|w(?:[ -]?bosons?|[+-])|z(?:[ -]?bosons?| ?0)"
    r"|higgs(?: bosons?)?|deuterons?|alphas?(?: particles?)?|j/psi|d[+-]|d0|b[+-]|b0|phi mesons?"
    r"|(?:up|down|strange|charm|bottom|top)[ -]quarks?|gluons?"
    r"|electron neutrinos?|muon neutrinos?|tau neutrinos?|neutrinos?|argon-?(?:40|39|nucle\w*)?"
)

_DOMAIN = """
event events classify classified classifies classifying classification classifications classifier
classifiers class classes label labels labelled labeled predict predicted predicts prediction
predictions neutrino neutrinos antineutrino electron electrons muon muons muonic neutral current
currents charged collection induction plane planes view views vision transformer siamese
convolutional language model models network networks compare compared comparison disagree
disagreement disagreements disagrees agree agreement agrees differ differs difference differences
accuracy accurate accurately efficiency efficiencies efficient purity purities confusion matrix
histogram histograms distribution distributions spectrum average mean median energy energies
lepton uncertainty uncertainties certain uncertain confident confidence confidently mistake
mistakes misclassified misclassification misidentified worst explain explained explanation
topology track tracks shower showers vertex prong prongs similar similarity resemble resembles
nearest neighbours neighbors display displayed show showing picture image images resolution
mask masked masking removed remove missing dropped probability probabilities threshold candidates
candidate selection selections select selected dataset sample tutorial truth first last lifetime
mass charge particle particles proton protons neutron neutrons pion pions kaon kaons photon photons
radiation length argon liquid drift velocity detector detectors above below between greater less
than describe correct corrected correction significantly significant background signal recall
precision hits pixels quasielastic elastic inelastic resonant coherent interaction interactions
twenty thirty forty fifty sixty seventy eighty ninety hundred eleven twelve thirteen fourteen
fifteen sixteen seventeen eighteen nineteen seven eight three second third least most sure
cosmic cosmics which what classifieds calibration calibrated reliability counterfactual least
score scores fraction percentage flavour flavor detectors recombination scintillation decay decays
""".split()
DOMAIN_WORDS: frozenset[str] = frozenset(_DOMAIN)

_COMMON = """
even ever every never form from than then that this these those there their them they thing think
thinks shown shows like likes liked look looks list lists lost cast past best test rest west must
just much such each both mode modes modern more moss move make makes made take takes taken tell tells
told give gives given call calls called calm with without within when where while whose whom will
would could should might have has had been being were was does done doing down some same sane said
says save saved seen seem seems sees side sort sorts kind kinds type types time times long longer
longest short shorter shortest high higher highest lower lowest large larger largest small smaller
smallest number numbers count counts total totals over under into onto upon about after again
against also among another around away back because before begin behind better big bring call came
come comes clear clean close closer closest contain contained contains contaminate contamination
cover data date dates deal deep define defined definition divide drop drops early easy else end
ends ended enough entire exact exactly example except fact fair fall false fast feature features
feel few figure file files fill final find finds fine follow following found four five nine plot
plots plotted please plus point points pick picked pure purer quick quickly rather ratio read real
really reason reasons refer remain remaining remember report result results right role room rule
runs rank ranked rate rates range ranges ready send sense sent separate sequence set sets several
shall share should since single size sizes small smell soft solid something soon source space
speak speed split start state states statistic statistics stay step still stop store story strong
study subset suggest suppose table tables talk task term terms text thank thanks thought three
through throw title today together took tool tools toward trace tree trees tried true trust truly
turn two uncut unit units unlike until upper used user uses using usual usually value values very
want wants water weak week well went whole wide wire wires wish word words work works world worse
worth write wrong year years yes your yours mine mind mean means meant meaning meaningful meat meet
main mainly mail male many map maps mark match matter maybe me member memory men mention middle
mile milk million minute miss moment money month moon morning mother mouth music name names named
near nearly need needs next nice night none nose note nothing notice noun now object odd off offer
often only open opened opposite order other others our out outside own page paper part parts party
pass passed people perhaps person phrase piece place plain plan plane planet plant play prove
provide pull push put question questions quiet race rain reach record region regions rich ride ring
river road rock rose round row rows safe sail salt sand scale school science sea season seat
sentence serve shape sharp sheet ship shoe shop shot shoulder shout sight sign silver simple simply
sing sister sit skin sky sleep slip slow slowly smile snow soil son song sound south spell spend
spot spread spring square stand star station steel stick stone store straight strange stream street
string sugar sum sun sure surface surprise swim syllable symbol system tail tall teach team teeth
third thin train travel trouble truck tube twice understand usually valley vary verb view village
visit voice vowel wait walk wall war warm wash watch wave weather weight wheel white wife wild wind
window wing winter woman wonder wood yard yellow young light left level hand handed kept keep knew
know known large later latest lead learn leave length less letter life line lines live lived lives
local cell center central chance change changed changes chart check chose chosen circle city claim
code cold color column columns common company complete condition consider copy corner correctly
cost country course create cross crowd current daily dark day dead decide degree depend design
detail details determine develop different difficult direct direction discuss distance doctor
doubt draw drawn dream dress drive dry dust duty ears earth east edge effect eggs engine enter
equal equate especially evening event evidence excite exercise expect experience experiment eye
face family famous farm father favor fear feed feet fell felt field fight fire fish fit flat floor
flow flower fly food foot force forest forward free fresh friend front fruit full game garden gas
gather gave general gentle girl glass gold gone good govern grand grass gray great green grew
ground group grow guess gun hair half happen happened happens happy hard hat heard heart heat heavy
held help here history hold hole home hope horse hot hour house huge human hundred hunt hurry ice
idea imagine inch include includes including indicate industry insect instant instrument interest
invent iron island join joined joy jump kill king lady lake land language quite lets them prior prob
hide hidden blank erase cover noise noisy dense sparse batch random randomly seed merge merged
correlation correlations correlated correlate width wider half halve halved quarter double triple doubled coarse coarser blur blurred zoom crop
weird strange odd outlier outliers anomalous cell
""".split()
COMMON_WORDS: frozenset[str] = frozenset(_COMMON)
