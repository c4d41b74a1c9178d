import pytest
from llguidance import LLMatcher
from llguidance.hf import from_tokenizer
from transformers import AutoTokenizer

from classifier import claims
from classifier.claims import Claim
from classifier.models.vlm_sentences import ORDER, grammar, plain, plain_templates


@pytest.fixture(scope="module")
def accepts(language_model):
    tokenizer = AutoTokenizer.from_pretrained(language_model)
    grammar_tokens = from_tokenizer(tokenizer)

    def accepts(text, said=None):
        asked = grammar(None if said is None else sayings(said))
        matcher = LLMatcher(grammar_tokens, LLMatcher.grammar_from_lark(asked))
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        return matcher.try_consume_tokens(ids) == len(ids) and matcher.is_accepting()

    return accepts


def sayings(stated):
    return frozenset((c.quantity, c.rounded().value) for c in stated)


def test_plain_words_are_read_back(stated):
    assert claims.read(plain(stated)).unread == ()
    assert sorted(c.quantity for c in claims.parse(plain(stated))) == sorted(
        c.quantity for c in stated
    )
    assert {c.quantity: c.value for c in claims.parse(plain(stated))} == {
        c.quantity: c.rounded().value for c in stated
    }


def test_order_of_claims_does_not_matter(stated):
    assert plain(reversed(stated)) == plain(stated)


def test_every_quantity_has_a_place_and_a_sentence():
    assert set(ORDER) == set(claims.UNITS)
    assert {quantity for quantity, _ in plain_templates()} == set(claims.UNITS)


def test_grammar_takes_what_is_said(accepts, stated):
    assert accepts(" " + plain(stated))


@pytest.mark.parametrize("gone", ["longest_track_cm", "n_showers", "vertex_gap_cm", "initial_dedx"])
def test_grammar_lets_claims_be_left_out(accepts, stated, gone):
    # Whether a track leaves is not said of a track that is not mentioned.
    together = {gone, "track_contained"} if gone == "longest_track_cm" else {gone}
    assert accepts(" " + plain(c for c in stated if c.quantity not in together))


@pytest.mark.parametrize("gone", ["n_prongs", "has_track", "has_shower", "vertex_activity"])
def test_grammar_asks_for_what_can_always_be_told(accepts, stated, gone):
    assert not accepts(" " + plain(c for c in stated if c.quantity != gone))


def test_grammar_takes_no_shower_with_a_gap(accepts, stated):
    changed = [c for c in stated if c.quantity != "has_shower"] + [Claim("has_shower", False)]
    assert not accepts(" " + plain(changed))


def test_grammar_takes_no_claim_twice(accepts, stated):
    assert not accepts(" " + plain([*stated, Claim("vertex_activity", "high")]))
    assert not accepts(" " + plain(stated) + " I like it.")


@pytest.mark.parametrize("gone", ORDER)
def test_grammar_takes_nothing_but_what_may_be_said(accepts, stated, gone):
    whole = " " + plain(stated)
    # Of a shower that is not mentioned nothing can be said.
    together = {gone, "n_showers", "vertex_gap_cm"} if gone == "has_shower" else {gone}
    rest = [c for c in stated if c.quantity not in together]
    assert accepts(whole, stated)
    assert not accepts(whole, rest)
    assert accepts(" " + plain(rest), rest)


@pytest.mark.parametrize("quantity", ["n_prongs", "longest_track_cm", "initial_dedx"])
def test_grammar_takes_no_other_number(accepts, stated, quantity):
    other = [Claim(c.quantity, 7.0) if c.quantity == quantity else c for c in stated]
    assert accepts(" " + plain(other))
    assert not accepts(" " + plain(other), stated)
    assert accepts(" " + plain(other), other)


@pytest.mark.parametrize("only", ["n_prongs", "track_contained", "vertex_activity"])
def test_grammar_takes_a_single_claim(accepts, stated, only):
    said = [c for c in stated if c.quantity == only]
    assert accepts(" " + plain(said), said)
