"""The one error tree: a sentence on what is wrong and one on what to do."""

from __future__ import annotations

from os import PathLike, fspath


class NuLensError(Exception):
    """An error that a user can act on.

    Parameters
    ----------
    what : str
        One sentence on what is wrong.
    remedy : str
        One sentence on what to do about it.
    """

    def __init__(self, what: str, remedy: str = "") -> None:
        self.what = what
        self.remedy = remedy
        super().__init__(f"{what} {remedy}".strip())


class FormatError(NuLensError):
    """A file cannot be read as the events or documents that it should hold.

    Parameters
    ----------
    path : path-like
        The file or folder at fault.
    what : str
        What is wrong with it, as the end of a sentence that starts with the path.
    remedy : str, optional
        One sentence on what to do about it.
    """

    def __init__(
        self,
        path: str | PathLike[str],
        what: str,
        remedy: str = "Check the file, or name another one.",
    ) -> None:
        self.path = fspath(path)
        super().__init__(f"{self.path} {what.rstrip('.')}.", remedy)


class SelectionError(NuLensError):
    """A cut string or event range that cannot be understood or names what is not there."""


class ModelError(NuLensError):
    """A model that is unknown, missing, damaged, or does not fit what it is used with."""
