"""The assistant's tools as plain functions: what an exported conversation calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from os import PathLike
from typing import Any

import numpy as np
from pydantic import ValidationError

from assistant.tools import TOOLS
from assistant.tools.base import Outcome
from assistant.tools.context import Selections, ToolContext, Workspace
from nulens.errors import NuLensError


class Toolbox:
    """The tools on one set of events, called by name with their arguments.

    ``@last`` and named selections work as in a conversation.

    Parameters
    ----------
    data : path-like, optional
        File or folder of events; the bundled sample if not given.
    classifiers : mapping, optional
        More classifiers by name.

    Examples
    --------
    >>> tools = Toolbox("events.h5")  # doctest: +SKIP
    >>> tools.classify_events(events="0:10", model="cnn").summary  # doctest: +SKIP
    """

    def __init__(
        self, data: str | PathLike[str] | None = None, classifiers: Mapping[str, Any] | None = None
    ) -> None:
        from assistant.sample import open_or_sample

        self.events = open_or_sample(data)
        self._context = ToolContext(Workspace(self.events, classifiers), Selections())
        self._specs = {spec.name: spec for spec in TOOLS}

    def __getattr__(self, name: str) -> Callable[..., Outcome]:
        """Return the tool of that name as a function of its arguments."""
        spec = self.__dict__.get("_specs", {}).get(name)
        if spec is None:
            raise AttributeError(name)

        def call(**given: Any) -> Outcome:
            try:
                arguments = spec.arguments(**given)
            except ValidationError as error:
                problem = error.errors()[0]
                raise NuLensError(
                    f"{name} cannot be called "
                    f"so: {'.'.join(map(str, problem['loc']))}: {problem['msg']}.",
                    "Correct the argument.",
                ) from None
            outcome: Outcome = spec.run(self._context, arguments)
            if outcome.selected is not None:
                self._context.selections.last = np.array(outcome.selected, dtype=np.int64)
            return outcome

        return call

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._specs]
