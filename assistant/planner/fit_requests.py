"""Tune the request model: ``python -m assistant.planner.fit_requests``, some minutes on two cores.

The lower layers of all-MiniLM-L6-v2 and its embeddings stay as they are; the upper ones are tuned
together with three linear heads by cross-entropy (AdamW, one cycle of the learning rate). Where
several answers to a request are equally good, the loss is that of all of them together.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, NamedTuple

import click

from assistant.conversations import QUESTIONS, Turn, load_questions
from assistant.planner.request_model import (
    LABELS,
    SCALE,
    SCOPES,
    SPLITS,
    STATISTICS,
    WEIGHTS,
    joined,
)

REQUESTS = Path(__file__).with_name("labelled_requests.jsonl")
"""Requests in many voices: ``ask``, the ``label``s that are right, and, of later questions, the one
``before``, what was called for that (``after``), and the ``scope``; ``split`` where it is known."""
TUNED_LAYERS = (2, 3, 4, 5)
_EPOCHS, _BATCH, _TOKENS = 3, 32, 128
_RATE, _RATE_OF_HEADS = 2e-4, 1e-3
_BESIDE = 0.3
"""Weight of the losses of split and scope."""
_STATISTICS = [f"aggregate_statistics:{s}" for s in STATISTICS]


class Example(NamedTuple):
    """A request as the model reads it, and what is right; empty or None where that is not known."""

    text: str
    labels: list[int]
    split: int | None
    scope: int | None


def examples() -> list[Example]:
    """Return what the model is tuned to.

    Those are `REQUESTS`, the tuned conversations, and the tuned questions to the documents.
    """
    from assistant.planner.fit_intents import REQUESTS as BY_TOOL
    from knowledge.evaluation import questions

    found = []
    for line in REQUESTS.read_text(encoding="utf-8").splitlines():
        e = json.loads(line)
        text = joined(e["after"], e["before"], e["ask"]) if "before" in e else e["ask"]
        split, scope = e.get("split"), e.get("scope")
        found.append(
            Example(
                text,
                [LABELS.index(label) for label in e["label"]],
                None if split is None else SPLITS.index(split),
                None if scope is None else SCOPES.index(scope),
            )
        )
    for conversation in load_questions(QUESTIONS / "tuned.jsonl"):
        said: tuple[str, str] | None = None
        for turn in conversation.turns:
            labels = _labels(turn)
            text = joined(said[1], said[0], turn.ask) if said else turn.ask
            if labels:
                split = turn.arguments.get("by", "none")
                split = split if split in SPLITS else "other"
                known = SPLITS.index(split) if turn.arguments else None
                found.append(Example(text, [LABELS.index(i) for i in labels], known, None))
            said = turn.ask, _short(turn)
    found += [
        Example(q.question, [LABELS.index("search_knowledge")], 0, None)
        for q in questions()
        if q.half == "tuned"
    ]
    return found + _by_tool(BY_TOOL)


def _by_tool(path: Path) -> list[Example]:
    """Read requests that stand under the name of their tool, and of the tool called before."""
    found: list[Example] = []
    labels: list[str] = []
    after: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("# "):
            intent, _, said = line[2:].partition(" after ")
            after = [t.replace("aggregate_statistics", "aggregate") for t in said.split()]
            labels = _STATISTICS if intent == "aggregate_statistics" else [intent.replace(" ", ":")]
        elif line:
            texts = [joined(tool, "", line) for tool in after] or [line]
            found += [Example(t, [LABELS.index(i) for i in labels], None, None) for t in texts]
    return found


def _labels(turn: Turn) -> list[str]:
    """Return the labels that are right for a turn; none where that is left open."""
    if (turn.abstain and not turn.tools) or turn.tools == []:
        return ["decline"]
    if turn.refused:
        return []
    named = turn.any_tool or (turn.tools or [])[:1]
    return [label for tool in named for label in _told_apart(tool, turn)]


def _told_apart(tool: str, turn: Turn) -> list[str]:
    if tool != "aggregate_statistics":
        return [tool]
    statistic = turn.arguments.get("statistic")
    return [f"{tool}:{statistic}"] if statistic else _STATISTICS


def _short(turn: Turn) -> str:
    """Return what was called for a turn, as `assistant.planner.request_model` writes it."""
    told = [_told_apart(tool, turn) for tool in turn.tools or turn.any_tool or []]
    names = ["aggregate" if len(each) > 1 else each[0].split(":")[-1] for each in told]
    return " ".join(names) or "none"


def fit(seed: int = 0) -> int:
    """Tune the model and write its weights; return to how many requests."""
    import torch
    from safetensors.torch import save_file
    from torch.nn import functional
    from transformers import AutoModel, AutoTokenizer

    from nulens.base_models import base_model

    torch.manual_seed(seed)
    rng = random.Random(seed)
    folder = str(base_model("minilm"))
    tokenizer = AutoTokenizer.from_pretrained(folder)
    encoder: Any = AutoModel.from_pretrained(folder)
    sizes = {"first": len(LABELS), "by": len(SPLITS), "scope": len(SCOPES)}
    width = encoder.config.hidden_size
    heads = torch.nn.ModuleDict({name: torch.nn.Linear(width, n) for name, n in sizes.items()})
    prefixes = tuple(f"encoder.layer.{layer}." for layer in TUNED_LAYERS)
    for name, weight in encoder.named_parameters():
        weight.requires_grad_(name.startswith(prefixes))
    tuned = [w for w in encoder.parameters() if w.requires_grad]
    known = examples()
    steps = _EPOCHS * (len(known) // _BATCH)
    optimiser = torch.optim.AdamW(
        [{"params": tuned, "lr": _RATE}, {"params": heads.parameters(), "lr": _RATE_OF_HEADS}]
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, [_RATE, _RATE_OF_HEADS], total_steps=steps, pct_start=0.1
    )
    encoder.train()
    with click.progressbar(length=steps, label="tuning") as bar:
        for batch in _batches(known, rng):
            read = tokenizer(
                [e.text for e in batch],
                padding=True,
                truncation=True,
                max_length=_TOKENS,
                return_tensors="pt",
            )
            mask = read["attention_mask"][..., None]
            pooled = (encoder(**read).last_hidden_state * mask).sum(1) / mask.sum(1)
            vectors = functional.dropout(SCALE * functional.normalize(pooled, dim=-1), 0.1)
            logp = heads["first"](vectors).log_softmax(-1)
            right = [torch.logsumexp(p[e.labels], 0) for p, e in zip(logp, batch, strict=True)]
            loss = -torch.stack(right).mean()
            for name, of in (("by", "split"), ("scope", "scope")):
                rows = [i for i, e in enumerate(batch) if getattr(e, of) is not None]
                if rows:
                    known_of = torch.tensor([getattr(batch[i], of) for i in rows])
                    loss = loss + _BESIDE * functional.cross_entropy(
                        heads[name](vectors[rows]), known_of
                    )
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_([*tuned, *heads.parameters()], 1.0)
            optimiser.step()
            schedule.step()
            bar.update(1)
    state = {k: v for k, v in encoder.state_dict().items() if k.startswith(prefixes)}
    save_file({k: v.half().contiguous() for k, v in (state | heads.state_dict()).items()}, WEIGHTS)
    return len(known)


def _batches(known: list[Example], rng: random.Random) -> Any:
    """Yield the batches of all epochs, of texts of like length, which need little padding."""
    for _ in range(_EPOCHS):
        order = sorted(known, key=lambda e: len(e.text) + rng.randrange(30))
        starts = list(range(0, len(order) - _BATCH + 1, _BATCH))
        rng.shuffle(starts)
        yield from (order[start : start + _BATCH] for start in starts)


if __name__ == "__main__":
    click.echo(f"Tuned to {fit()} requests.")
