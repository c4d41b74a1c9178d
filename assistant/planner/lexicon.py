"""The words of the field and of plain English that the planner knows."""

from __future__ import annotations

from pathlib import Path

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
        r"(?:[ -]?neural)?[ -]?(?:net(?:work)?s?|cnn|classifier|model|one)?|c-?nns?|conv-?nets?"
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
        r"(?:anti)?nue(?:[ -]?like)?(?:[ -]?cc)?|nue_cc|(?:anti-?)?electron[ "
        r"-](?:anti-?)?neutrinos?(?:[ -](?:charged[ -]current|cc))?|electron[ -]?like|e-like"
        r"|electron(?:[ -]flavou?r(?:ed)?| cc)|electronic neutrinos?"
    ),
    "numu_cc": (
        r"(?:anti)?numu(?:[ -]?like)?(?:[ -]?cc)?|numu_cc|(?:anti-?)?mu(?:on)?(?:ic)?[ "
        r"-](?:anti-?)?neutrinos?(?:[ -](?:charged[ -]current|cc))?|mu(?:on)?[ -]?like"
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

DIFFER = (
    r"(?:disagree|differ(?!en)|split|diverge|conflict|contradict|clash|argue|dispute|part (?:ways"
    r"|company)|are (?:at odds|divided|split|in conflict)|(?:do not|don't) (?:all )?(?:agree|match"
    r"|say the same|coincide))"
)
"""What classifiers do that do not agree."""

TRUE_WORDS = (
    r"true|truly|truth|really|actual|actually|genuine|genuinely|real|mc|monte carlo|generated"
    r"|simulated|in truth|in reality|ground[ -]truth|bona fide|in fact"
)
PREDICTED_WORDS = (
    r"predict(?:s|ed|ion|ions)?|classif(?:y|ies|ied|ying)(?: as)?"
    r"|call(?:s|ed|ing)?|label(?:s|l?ed|l?ing)?|tag(?:s|ged)?"
    r"|identif(?:y|ies|ied)|assign(?:s|ed)?|reco(?:nstruct(?:s|ed)?)?|thinks?|says?|said|believes?"
    r"|considers?|deems?|guess(?:es|ed)?|judge[sd]?|mistak(?:es?|en)|candidates?|takes?|took|puts?"
    r"|chose|chooses?|picks?|picked|misidentif(?:y|ies|ied)|misclassif(?:y|ies|ied)|mislabell?ed"
    r"|confus(?:es?|ed)|selected|end(?:s|ed)? up|ended|according|votes?|voted|flag(?:s|ged)?"
    r"|mis-?id(?:'?d)?|mistook|come out|comes out|came out|came back|declared?|sees"
    r"|(?<!\bi )(?<!\bwe )(?<!\bto )(?<!\bme )see|(?<!'d )(?<!would )(?<!\bi )like"
)

COLUMN_PATTERNS: list[tuple[str, str, str]] = [
    # column, dimension, how people say it
    (
        "lepton_energy",
        "energy",
        r"(?:outgoing |final[ -]state )?(?:charged )?lepton(?:'s)? (?:energy|energies|momentum)"
        r"|leptons?(?= (?:takes?|carr\w+|has|have|gets?|of|above|below|over|under|at|between)|\s*$)"
        r"|(?:an?|the|whose|its|or) (?:outgoing |final[ -]state )?(?:muon|electron)(?= (?:takes?"
        r"|carr\w+|has|have|gets?|of|above|below|over|under|at|between|with)|\s*$)"
        r"|(?:muon|electron)(?:'s)? energy|energ(?:y|ies) (?:that is )?(?:carried (?:away )?by"
        r"|taken by|given to|going to|of) the (?:\w+ )?(?:leptons?|(?:muon|electron)s?(?!"
        r" neutrino))|lepton_energy|e_?lep\w*|leptonic energy",
    ),
    (
        "visible_energy",
        "deposit",
        r"(?:visible|deposited) (?:energ(?:y|ies)|charge)|energy deposit(?:s|ed)?|visible_energy",
    ),
    (
        "shower_energy",
        "deposit",
        r"shower(?:'s)? energ(?:y|ies)|energ(?:y|ies) (?:of|in) the (?:\w+ )?showers?"
        r"|shower_energy",
    ),
    ("track_angle", "angle", r"track[ -]angles?|angles? of the (?:longest )?tracks?|track_angle"),
    ("n_showers", "count", r"number of showers|n_showers"),
    ("n_tracks", "count", r"number of tracks|n_tracks"),
    (
        "energy",
        "energy",
        r"(?:(?:true |incoming |incident )?neutrino(?:'s)? )?energ(?:y"
        r"|ies)|energetic|e_?nu|enu|e|harder|softer|soft|hard",
    ),
    (
        "longest_track_cm",
        "length",
        r"(?:longest[ -]|track[ -]|muon[ -])*track(?:s)?(?:[ "
        r"-]lengths?)?|track[ -]lengths?|longest_track_cm|range(?! of)",
    ),
    (
        "vertex_gap_cm",
        "length",
        r"vertex[ -]gaps?|(?:conversion |shower )?gaps?|vertex_gap_cm|conversion distances?"
        r"|distances? (?:between|from|of) (?:the )?(?:vertex|shower(?: start)?) (?:and|to"
        r"|from) (?:the )?"
        r"(?:vertex|(?:start of the )?shower(?: start)?)",
    ),
    ("initial_dedx", "dedx", r"initial[ -]de/?dx|de/?dx|initial_dedx|stopping power"),
    ("shower_score", "score", r"shower[ -](?:score|likeness)|shower_score"),
    ("n_hits", "count", r"hits?|n_?hits|(?:lit |nonzero |non-zero )?pixels?|occupanc(?:y|ies)"),
    ("n_prongs", "count", r"prongs?|n_prongs|tracks and showers|prong multiplicit(?:y|ies)"),
    (
        "vertex_activity",
        "deposit",
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
        r"confidences?|certaint(?:y|ies)|sureness|top probabilit(?:y"
        r"|ies)|max(?:imum)? probabilit(?:y|ies)",
    ),
    ("unlike", "score", r"unlike(?:ness)?|novelty|out-of-distribution|ood(?: score)?"),
    ("p_nue_cc", "score", r"p_nue_cc"),
    ("p_numu_cc", "score", r"p_numu_cc"),
    ("p_nc", "score", r"p_nc"),
    ("score", "score", r"p|scores?|probabilit(?:y|ies)|posteriors?|outputs?"),
]
"""Columns of the event table, of the measured topology and of the predictions."""

MODES = {
    "qe": r"(?:cc)?qe|quasi-?[ -]?elastic(?:s|ally)?",
    "res": r"res|resonan(?:t|ce)(?:s|ly)?(?: production)?",
    "dis": r"dis|deep(?:ly)?[ -]inelastic(?:ally)?(?: scattering)?",
    "mec": r"mec|2p2h|meson[ -]exchange(?:[ -]currents?)?",
    "coh": r"coh|coherent(?:ly)?(?: pion production)?",
}

VIEW_PATTERNS: dict[str, str] = {
    "Z": (
        r"collection(?:[ -](?:views?|planes?|wires?))?|z[ -](?:views?"
        r"|planes?)|(?:views?|planes?) z|w[ -](?:view|plane)"
    ),
    "U": (
        r"(?:first|1th) induction(?:[ -](?:view|plane))?|u[ -](?:views?"
        r"|planes?)|(?:views?|planes?) u"
    ),
    "V": r"2th induction(?:[ -](?:view|plane))?|v[ -](?:views?|planes?)|(?:views?|planes?) v",
    "XZ": r"xz(?:[ -](?:view|plane|projection))?",
    "YZ": r"yz(?:[ -](?:view|plane|projection))?",
}

PARTICLES = (
    r"muons?(?: minus| plus)?|mu[+-]|anti-?muons?|electrons?|positrons?|e[+-]|photons?|gammas?"
    r"|gamma rays?|protons?|anti-?protons?|neutrons?|(?:neutral|charged|positive"
    r"|negative)?[ -]?(?:pi(?:on)?s?(?:[ -]?(?:0|zero|plus|minus|[+-]))?|pions?|kaons?)|pi0s?"
    r"|pizeros?|k[+-]|k0[ _-]?(?:short|long|s|l)|k[ _-]?(?:short|long|0 ?s|0 ?l)|k_[sl]|k0|(?:short"
    r"|long)[ -]lived kaons?|kaons?(?:[ -]?(?:zero|plus|minus|0|[+-]))?|tau(?:s| leptons?|[+-])?"
    r"|tauons?|lambdas?(?:[ -]?0| baryons?| hyperons?)?|sigmas?(?:[ -]?(?:plus|minus|zero|0|[+-]))?"
    r"|(?<=\ba )[wz]|(?<=the )[wz](?! (?:view|plane))|omega(?: minus|-| baryons?)?|xi(?: minus|-"
    r"|0)?|etas?(?: mesons?)?|rhos?(?: mesons?)?|delta(?:\+\+|\(1232\)| ?\+\+| ?resonance"
    r"| ?baryons?)|w(?:[ -]?bosons?|[+-])|z(?:[ -]?bosons?| ?0)|higgs(?: bosons?)?|deuterons?"
    r"|alphas?(?: particles?)?|j/psi|d[+-]|d0|b[+-]|b0|phi mesons?|(?:up|down|strange|charm|bottom"
    r"|top)[ -]quarks?|gluons?|electron neutrinos?|muon neutrinos?|tau neutrinos?|neutrinos?"
    r"|argon-?(?:40|39|nucle\w*)?"
)


def _words(name: str) -> frozenset[str]:
    text = Path(__file__).with_name(name).read_text(encoding="utf-8")
    return frozenset(text.split())


DOMAIN_WORDS = _words("field_words.txt")
"""Words of the field; a word that is one slip away from one of them is taken for it."""
COMMON_WORDS = _words("english_words.txt")
"""Plain English words that look like one of them and are left alone."""
FILLER_WORDS = _words("filler_words.txt")
"""Words that ask for nothing by themselves."""
