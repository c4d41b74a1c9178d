"""The NumPy MiniLM gives what sentence-transformers gives."""

from __future__ import annotations

import warnings

import numpy as np

from knowledge.encoder import MiniLM, load_encoder

TEXTS = [
    "What is X0 of LAr?",
    "νe CC: ionisation of 2.1 MeV/cm, then a shower.",
    "a",
    "The radiation length of liquid argon is 14 cm. " * 60,
]


def test_same_vectors_as_sentence_transformers() -> None:
    from nulens.base_models import base_model

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of third parties, on import
        from sentence_transformers import SentenceTransformer

        theirs = SentenceTransformer(str(base_model("minilm")), device="cpu").encode(TEXTS)
    ours = load_encoder().encode(TEXTS)
    np.testing.assert_allclose(ours, theirs, atol=2e-5)


def test_a_batch_changes_no_vector() -> None:
    encoder = load_encoder()
    together = encoder.encode(TEXTS)
    apart = np.stack([encoder.encode([text])[0] for text in TEXTS])
    np.testing.assert_allclose(together, apart, atol=2e-6)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)


def test_common_words_are_one_low_piece() -> None:
    encoder = load_encoder()
    assert isinstance(encoder, MiniLM)
    assert len(encoder.word_pieces("the")) == 1
    assert len(encoder.word_pieces("lartpc")) > 1
    assert encoder.word_pieces("house")[0] < encoder.word_pieces("cathode")[0]
