"""One reader a file format; `open_events` looks at the path and picks the right one."""

from __future__ import annotations

from os import PathLike, fspath
from pathlib import Path

from classifier.events import EventSet
from nulens.errors import FormatError

_FORMATS = (
    "NuLens reads a folder of DUNE CVN maps (eventN.gz with eventN.info or labels.csv)"
    " and its own HDF5 files (nulens convert writes them)."
)


def open_events(path: str | PathLike[str]) -> EventSet:
    """Open a file or folder of events; no image is read before one is asked for.

    Parameters
    ----------
    path : path-like
        A NuLens HDF5 file, the ``PATH.part`` of an interrupted run, a folder of DUNE CVN maps
        (searched recursively), or one such map.

    Raises
    ------
    FormatError
        If there is nothing at `path`, it may not be read, or is in no format that NuLens knows.
    """
    path = Path(path).expanduser()
    if path.name in ("", ".."):  # the folder that one stands in has a name elsewhere
        path = path.resolve()
    unfinished = path.parent / f"{path.name}.part"
    try:
        if path.suffix == ".part" and (path / "header.json").is_file():
            from classifier.formats.interrupted_run import InterruptedRunReader

            return EventSet.of(InterruptedRunReader(path))
        if path.is_dir() or path.suffix == ".gz":
            from classifier.formats.dune_cvn import DuneCvnReader

            path.stat()
            return EventSet.of(DuneCvnReader(path))
        with path.open("rb") as file:
            start = file.read(8)
    except FileNotFoundError:
        if unfinished.is_dir():
            raise FormatError(
                path,
                "is not finished",
                f"Repeat the command that writes it to go on, or open {unfinished}.",
            ) from None
        raise FormatError(path, "does not exist", "Check the path, or name another one.") from None
    except PermissionError:
        raise FormatError(
            path, "may not be read by this user", "Ask for read permission, or copy it."
        ) from None
    except OSError as error:
        raise FormatError(fspath(path)[:200], f"cannot be read ({error.strerror})") from None
    except ValueError:
        raise FormatError("The path", "holds a character that no path may hold") from None
    if start == b"\x89HDF\r\n\x1a\n":
        from classifier.formats.nulens_hdf5 import NuLensHdf5Reader

        return EventSet.of(NuLensHdf5Reader(path))
    raise FormatError(path, "is empty" if not start else "is in no format known here", _FORMATS)
