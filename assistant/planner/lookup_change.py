"""What a follow-up changes of a question to the documents or to the particle data."""

from __future__ import annotations

import re

from assistant.planner.dialogue import Call
from assistant.planner.intent_words import PHYSICS_PROPERTY
from assistant.planner.slots import Slots
from assistant.planner.text import normalise


def change_lookup(call: Call, slots: Slots, question: str) -> bool:
    """Look something else up: "and its lifetime?", "and of the electron?", "what about xenon?"."""
    if call.tool == "particle_properties":
        if slots.particle:
            call.arguments["particle"] = slots.particle
        return True
    asked = re.sub(r"^(?:and|so|but|now|ok|also|or|what about|how about|,| )+", "", question).strip(
        " ?.!"
    )
    earlier = normalise(str(call.arguments["question"])).strip(" ?.!")
    earlier = re.sub(r"^[^()]+ \((.+)\)$", r"\1", earlier)
    if slots.particle and re.fullmatch(rf"(?:the )?(?:{PHYSICS_PROPERTY}) of .*", earlier):
        call.tool, call.arguments = "particle_properties", {"particle": slots.particle}
        return True
    topic = re.search(r"\b(?:of|in|for) ((?:the |a |an )?[\w -]+)$", earlier)
    thing = re.match(r"(?:and |so )?what (?:is|are) (?:meant by )?(.+)", earlier)
    if re.search(r"\bit\b", asked):
        asked = re.sub(r"\bit\b", thing[1], asked) if thing else f"{asked} ({earlier})"
    elif topic and re.search(r"\b(?:its|their|there|that)\b", asked):
        asked = re.sub(r"\b(?:its|their) (.+)", rf"the \1 of {topic[1]}", asked)
        asked = re.sub(r"\b(?:that|there)\b", topic[1], asked)
    elif topic and re.match(r"and the \w+(?: \w+)?\W*$", question):
        asked = f"what is {asked} of {topic[1]}"  # another property of the same thing
    elif topic and len(asked.split()) <= 5:
        new = re.sub(r"^(?:of|in|for) ", "", asked)
        asked = earlier[: topic.start(1)] + new
    else:
        asked = f"{asked} ({earlier})"
    call.arguments["question"] = asked
    return True
