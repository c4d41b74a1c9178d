"""What an explanation may say about a picture: one grammar that writes claims and reads them back.

Each sentence of an explanation is an instance of one template below. The same templates render and
parse, so that every sentence that NuLens can write it can also read, and weigh against
`classifier.topology`.
"""

from classifier.claims.claim import (
    HIGH_VERTEX_ACTIVITY,
    UNITS,
    Claim,
    Value,
    activity_word,
    claims_of,
)
from classifier.claims.scoring import evidence, resolution, score
from classifier.claims.sentences import (
    VERDICT_NAMES,
    VERDICT_PREFIX,
    Reading,
    parse,
    read,
    render,
    verdict,
)
from classifier.claims.templates import patterns, templates

__all__ = [
    "HIGH_VERTEX_ACTIVITY",
    "UNITS",
    "VERDICT_NAMES",
    "VERDICT_PREFIX",
    "Claim",
    "Reading",
    "Value",
    "activity_word",
    "claims_of",
    "evidence",
    "parse",
    "patterns",
    "read",
    "render",
    "resolution",
    "score",
    "templates",
    "verdict",
]
