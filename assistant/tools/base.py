"""What every tool takes and gives: validated arguments in, a typed outcome out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from assistant.answer import Citation, Table
from assistant.tools.context import ToolContext
from classifier.intervals import ONE_SIGMA

LEVEL = ONE_SIGMA
"""Probability content of every interval unless another is asked for: one standard deviation."""

Events = Field(
    default="all",
    description=(
        "Cut string that selects events. 'all'; index ranges such as '0:10' (half open) or '-5:'; "
        "lists such as '[3, 17]'; cuts such as 'truth == nc and energy > 2' (true "
        "neutrino energy in GeV; nu_pdg < 0 are antineutrinos; of NC, nu_pdg and mode may be "
        "unknown); '@last' for the events of the previous step; '@name' for a named "
        "selection. A tool about one event takes the first."
    ),
)
ModelName = Field(default="vlm", description="Classifier: vlm, vit or cnn.")
ClassName = Literal["nue_cc", "numu_cc", "nc"]


class Arguments(BaseModel):
    """Arguments of a tool; unknown ones are refused."""

    model_config = ConfigDict(extra="forbid", protected_namespaces=())


class Result(BaseModel):
    """Result of a tool: plain data from which the answer takes its numbers."""

    model_config = ConfigDict(protected_namespaces=())


@dataclass
class Outcome:
    """What a tool did.

    Attributes
    ----------
    result : Result
        Typed result.
    summary : str
        One to three sentences for the text, with numbers from the result alone.
    indices : list of int or None
        File indices of the events acted on.
    selected : list of int or None
        File indices that ``@last`` means from now on; None leaves it.
    """

    result: Result
    summary: str
    indices: list[int] | None = None
    selected: list[int] | None = None
    tables: list[Table] = field(default_factory=list)
    figures: list[dict[str, Any]] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)


@dataclass(frozen=True)
class ToolSpec:
    """One tool: its name, the arguments that a model fills in, and what it does."""

    name: str
    arguments: type[Arguments]
    run: Callable[[ToolContext, Any], Outcome]

    @property
    def description(self) -> str:
        """What a model reads: the docstring of the arguments."""
        return " ".join((self.arguments.__doc__ or "").split())
