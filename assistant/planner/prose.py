"""What the embedded model says: the summaries of its steps, and fixed sentences without numbers."""

from __future__ import annotations

import re

from assistant.planner.dialogue import Call, Dialogue
from assistant.planner.plan import Plan

ABSTAIN = "I cannot answer that"
"""The words by which every answer that declines is known."""

_CAN_DO = (
    "I can describe the opened events, select and classify them, compare the classifiers, compute "
    "statistics with intervals, explain, display and probe single events, find similar ones, look "
    "up particles, and quote the documents on neutrinos and liquid-argon detectors."
)
_REPLIES = {
    "decline": f"{ABSTAIN}: it is outside of what I do here. {_CAN_DO}",
    "greeting": f"Hello. {_CAN_DO}",
    "thanks": "You are welcome. Ask on when you like.",
    "help": _CAN_DO,
    "models": "I have the VLM (vlm), the ViT (vit) and the CNN (cnn), and use the VLM where none is"
    " named.",
    "which_event": "Which event do you mean? Name it by its number, or by a cut.",
    "no_probability": "I cannot cut there: no probability is above one. Which cut do you mean?",
    "negative": "No event has a negative number. Which event do you mean?",
    "which_events": "Which events shall the name stand for? Give numbers or a cut.",
}
_RECORDED = (
    "They hold the true class, the interaction mode, the neutrino and lepton energy, the numbers of"
    " protons, neutrons, charged and neutral pions, the hits, and what is measured on the image:"
    " tracks, showers, prongs and the vertex."
)
_NOT_COVERED = (
    f"{ABSTAIN}: the documents that I searched do not cover it, and "
    f"the opened events cannot tell. {_CAN_DO}"
)


def reply_without_steps(plan: Plan) -> tuple[str, bool]:
    """Return the text of a plan that calls no tool, and whether it declines."""
    if plan.reply == "which_model":
        return (
            "There is no such classifier here. I have the VLM (vlm), the ViT (vit) and the CNN "
            "(cnn); which of them shall I use?",
            False,
        )
    if plan.reply == "no_quantity":
        return f"{ABSTAIN}: the events record no {plan.subject}. {_RECORDED}", True
    return _REPLIES[plan.reply or "decline"], plan.reply == "decline"


_WHY_LEFT = {
    "which_event": "Name the event by its number, or by a cut.",
    "which_events": "Name the events by numbers or a cut.",
    "which_model": "I have the VLM, the ViT and the CNN.",
    "no_quantity": "The events do not record that.",
}


def with_notes(plan: Plan, text: str) -> str:
    """Return a text with what is said before it, and which parts of the request it leaves out."""
    notes = []
    for clause, outcome in plan.left:
        # A numeral of the question is no result.
        which = f": “{clause}”" if not re.search(r"\d", clause) else ""
        why = _WHY_LEFT.get(outcome.reply or "", "It is outside of what I do here.")
        notes.append(f"I did not do one part of this{which}. {why}")
    return "\n\n".join(part for part in (plan.opening, text, *notes) if part)


def write(dialogue: Dialogue, calls: list[Call]) -> tuple[str, bool]:
    """Return the text for the calls of the present turn, and whether it declines."""
    done = [c for c in calls if not c.failed]
    failed = [c for c in calls if c.failed]
    looked_up = [c for c in done if c.tool == "search_knowledge"]
    others = [c for c in done if c.tool != "search_knowledge"]
    if (
        not others
        and not failed
        and looked_up
        and not any(c.result.get("found") for c in looked_up)
    ):
        return _NOT_COVERED, True
    parts = []
    for call in done:
        if call.tool == "search_knowledge" and not call.result.get("found") and others:
            continue
        parts.append(str(call.result.get("summary", "")))
    parts += [_failure(call) for call in failed]
    return "\n\n".join(p for p in parts if p), False


def _failure(call: Call) -> str:
    what = str(call.result.get("error", "That did not work."))
    remedy = str(call.result.get("remedy", ""))
    return re.sub(r"\s+", " ", f"{what} {remedy}").strip()
