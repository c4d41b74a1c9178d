"""Asking a vision-language model: verdict probabilities and explanations, with shared caches."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from classifier.claims import VERDICT_NAMES, VERDICT_PREFIX
from classifier.events import CLASSES, Event, EventClass, Geometry
from classifier.models.vlm_backbone import Backbone
from classifier.models.vlm_prompts import prompt
from classifier.models.vlm_sentences import Sayings, grammar

if TYPE_CHECKING:
    import torch

SHARED_PROMPTS = ("nulens_vlm", "mllama", "llava")
"""Model types whose text before the first image does not depend on the images after it, positions
included, so that its key-value cache serves every event."""

MOST_TOKENS = 160
"""Tokens of the longest explanation that the grammar allows, with room to spare."""


@dataclass
class State:
    """A batch in mid-sentence: cache, mask, and the logits of the next token."""

    cache: Any
    attention_mask: torch.Tensor
    cross_attention_mask: torch.Tensor | None
    logits: torch.Tensor

    def branches(self, n: int) -> State:
        """Return n copies of each row, next to one another."""
        cache = copy.deepcopy(self.cache)
        cache.batch_repeat_interleave(n)
        cross = self.cross_attention_mask
        return State(
            cache,
            self.attention_mask.repeat_interleave(n, 0),
            None if cross is None else cross.repeat_interleave(n, 0),
            self.logits.repeat_interleave(n, 0),
        )


class Reader:
    """Reads events of one geometry under one prompt.

    Parameters
    ----------
    backbone : Backbone
        A tuned model in evaluation mode.
    geometry : Geometry
        Views of all events that will be read.
    style : str
        One of `classifier.models.vlm_prompts.STYLES`.
    share : bool
        Whether the text before the images is read once for all events.
    aside : str
        What else is known of all events, as in `classifier.models.vlm_prompts.prompt`.
    """

    def __init__(
        self,
        backbone: Backbone,
        geometry: Geometry,
        style: str = "full",
        *,
        share: bool = True,
        aside: str = "",
    ) -> None:
        self.backbone = backbone
        self.text = open_text(backbone, geometry, style, aside)
        self._share = share

    @cached_property
    def names(self) -> list[list[int]]:
        """Tokens of each class name, in the order of `CLASSES`."""
        return name_tokens(self.backbone.processor.tokenizer)

    @cached_property
    def _head(self) -> tuple[list[int], Any]:
        """Tokens of the text before the first image, and their cache."""
        import torch
        from transformers import DynamicCache

        model = self.backbone.model
        kind = self.backbone.base.config.model_type
        before, mark, _ = self.text.partition(self.backbone.processor.placeholder)
        cache = DynamicCache(config=self.backbone.base.config)
        if not (self._share and mark and before and kind in SHARED_PROMPTS):
            return [], cache
        tokenizer = self.backbone.processor.tokenizer
        ids = tokenizer(before, add_special_tokens=False)["input_ids"]
        batch = torch.tensor([ids], device=self.backbone.device)
        model(input_ids=batch, past_key_values=cache, use_cache=True, logits_to_keep=1)
        return ids, cache

    def start(self, events: Sequence[Event]) -> State:
        """Read the prompt and the events, up to the class name."""
        return self.begin(self.backbone.processor([self.text] * len(events), events))

    def begin(self, inputs: dict[str, torch.Tensor]) -> State:
        """Read prompts and events that are inputs of the model already; all have `text`."""
        inputs = self.backbone.move(inputs)
        ids, mask = inputs.pop("input_ids"), inputs.pop("attention_mask")
        head, cache = self._head
        if head and ids[0, : len(head)].tolist() != head:
            head = []  # the tokenizer joins text and image mark: nothing can be shared
        cache = copy.deepcopy(cache) if head else type(cache)(config=self.backbone.base.config)
        if len(ids) > 1 and head:
            cache.batch_repeat_interleave(len(ids))
        output = self.backbone.model(
            input_ids=ids[:, len(head) :],
            attention_mask=mask,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
            **inputs,
        )
        cross = inputs.get("cross_attention_mask")
        last = None if cross is None else cross[:, -1:]
        return State(output.past_key_values, mask, last, output.logits[:, -1])

    def advance(self, state: State, ids: torch.Tensor) -> torch.Tensor:
        """Feed tokens (B, n); return the logits after each, (B, n, V), and move the state on."""
        import torch

        n = ids.shape[1]
        mask = torch.cat([state.attention_mask, state.attention_mask.new_ones(len(ids), n)], dim=1)
        extra = {}
        if state.cross_attention_mask is not None:
            extra["cross_attention_mask"] = state.cross_attention_mask.expand(-1, n, -1, -1)
        output = self.backbone.model(
            input_ids=ids,
            attention_mask=mask,
            past_key_values=state.cache,
            use_cache=True,
            **extra,
        )
        state.attention_mask = mask
        state.logits = output.logits[:, -1]
        logits: torch.Tensor = output.logits
        return logits

    def log_probabilities(self, state: State) -> npt.NDArray[np.float32]:
        """Return the summed log-probability of all tokens of each class name, shape (B, 3).

        Two names may begin alike (``NuE``, ``NuMu``), so that the first token does not decide.
        """
        import torch

        first = state.logits.float().log_softmax(-1)
        total = torch.stack([first[:, name[0]] for name in self.names], dim=1)
        longer = [i for i, name in enumerate(self.names) if len(name) > 1]
        if longer:
            n = max(len(self.names[i]) for i in longer)
            padded = [(self.names[i] + self.names[i][-1:] * n)[:n] for i in longer]
            ids = torch.tensor(padded, device=total.device).repeat(len(total), 1)
            after = self.advance(state.branches(len(longer)), ids[:, :-1])
            picked = after.float().log_softmax(-1).gather(-1, ids[:, 1:, None])[..., 0]
            lengths = torch.tensor([len(self.names[i]) for i in longer], device=total.device)
            counted = torch.arange(1, n, device=total.device) < lengths.repeat(len(total))[:, None]
            total[:, longer] += (picked * counted).sum(1).view(len(total), len(longer))
        return total.cpu().numpy().astype(np.float32)

    def explain(
        self,
        state: State,
        labels: Sequence[EventClass],
        said: Sequence[Sayings] | None = None,
    ) -> list[str]:
        """Return the explanations that follow the verdicts, held to the grammar of claims.

        What is in `said`, an entry a row, is stated, and nothing else. Each step feeds what all
        rows are sure of: the verdict, what the grammar leaves no choice about, and the last choice.
        """
        import torch

        sayings: Sequence[Sayings | None] = said or [None] * len(labels)
        rows = [
            _Row(self._tokenizer_of_grammar, self._name(label), own)
            for label, own in zip(labels, sayings, strict=True)
        ]
        end = self.backbone.processor.tokenizer.eos_token_id
        for _ in range(MOST_TOKENS):
            busy = [row for row in rows if not row.done]
            if not busy:
                break
            n = min(len(row.pending) for row in busy)
            fed = [row.feed(n) if not row.done else [end] * n for row in rows]
            logits = self.advance(state, torch.tensor(fed, device=self.backbone.device))
            choices = logits[:, -1].float().cpu().numpy()
            for row, choice in zip(rows, choices, strict=True):
                if not row.done and not row.pending:
                    row.choose(choice)
        decode = self.backbone.processor.tokenizer.decode
        return [decode(row.written).strip() for row in rows]

    def _name(self, label: EventClass) -> list[int]:
        text = f" {VERDICT_NAMES[label]}."
        tokenizer = self.backbone.processor.tokenizer
        ids: list[int] = tokenizer(text, add_special_tokens=False)["input_ids"]
        return ids

    @cached_property
    def _tokenizer_of_grammar(self) -> Any:
        from llguidance.hf import from_tokenizer

        tokenizer = self.backbone.processor.tokenizer
        # Llama 3.2 Vision has an image token beyond its head; others have a head with spare rows.
        head = int(self.backbone.base.get_output_embeddings().out_features)
        return from_tokenizer(tokenizer, n_vocab=max(head, len(tokenizer)))


class _Row:
    """One explanation being written: tokens to feed, tokens written, what the grammar allows."""

    def __init__(self, tokenizer: Any, verdict: list[int], said: Sayings | None) -> None:
        from llguidance import LLMatcher

        self._matcher = LLMatcher(tokenizer, LLMatcher.grammar_from_lark(grammar(said)))
        self.pending = list(verdict)
        self.written: list[int] = []
        self._take_forced()

    @property
    def done(self) -> bool:
        return bool(self._matcher.is_stopped())

    def feed(self, n: int) -> list[int]:
        fed, self.pending = self.pending[:n], self.pending[n:]
        return fed

    def choose(self, logits: npt.NDArray[np.float32]) -> None:
        """Take the most probable token that the grammar allows."""
        bits = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        allowed = np.unpackbits(bits, bitorder="little")[: len(logits)].astype(bool)
        token = int(np.where(allowed, logits, -np.inf).argmax())
        self._matcher.consume_token(token)
        self.pending.append(token)
        self.written.append(token)
        self._take_forced()

    def _take_forced(self) -> None:
        forced = self._matcher.compute_ff_tokens()
        self._matcher.consume_tokens(forced)
        self.pending += forced
        self.written += forced


def open_text(backbone: Backbone, geometry: Geometry, style: str, aside: str = "") -> str:
    """Return the chat up to and with the fixed words before the class name."""
    asked = prompt(style, geometry, aside)
    first = backbone.config.images_first
    before, after = ("", asked.question) if first else (asked.question, "")
    chat = backbone.processor.chat(asked.system, before, after, geometry.n_views)
    return chat + VERDICT_PREFIX


def name_tokens(tokenizer: Any) -> list[list[int]]:
    """Return the tokens that each class name adds to the fixed words before it."""
    lead = tokenizer(VERDICT_PREFIX, add_special_tokens=False)["input_ids"]
    names = []
    for label in CLASSES:
        text = f"{VERDICT_PREFIX} {VERDICT_NAMES[label]}"
        ids = tokenizer(text, add_special_tokens=False)["input_ids"]
        names.append(ids[len(lead) :])
    return names
