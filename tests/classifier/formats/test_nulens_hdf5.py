"""NuLens' own event files: what goes in comes out, whatever interrupts or damages them."""

import errno
import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest

from classifier import open_events
from classifier.events import EventClass, Geometry, Hits, Truth, View
from classifier.formats.nulens_hdf5 import EventWriter, convert
from nulens.errors import FormatError, NuLensError

GEOMETRY = Geometry(
    name="test-chamber",
    views=(View("A", "wire", "time", 0.3, 0.2), View("B", "z", "x", 0.4, 0.1)),
    shape=(40, 60),
    beam_axis=1,
    saturation=100.0,
    vertex=None,
)
PROVENANCE = {"command": "pytest", "seed": np.int64(7)}


def make_event(number: int, dtype: str = "u1") -> tuple[str, Hits, Truth]:
    """Make an event that depends on its number alone."""
    rng = np.random.default_rng(number)
    views = np.zeros((2, 40, 60), dtype)
    n = int(rng.integers(0, 30))
    where = rng.integers(0, 2, n), rng.integers(0, 40, n), rng.integers(0, 60, n)
    views[where] = rng.integers(1, 100, n) if dtype == "u1" else rng.uniform(0.5, 99, n)
    particles = pd.DataFrame(
        {"pdg": rng.choice([13, 211, 2212], 3), "energy": rng.uniform(0, 5, 3)}
    ).assign(process=["primary", f"decay-{number % 4}", "primary"])
    truth = Truth(
        label=list(EventClass)[number % 5],
        energy=float(number) + 0.5,
        lepton_energy=0.25,
        mode=[None, "qe", "mec", "coh"][number % 4],
        nu_pdg=[None, -12, 14, 16][number % 4],
        protons=number % 6 - 1,
        vertex=np.array([[1.5, 2.0], [3.0, 4.0]]),
        particles=particles,
    )
    return f"run1/event{number}", Hits.from_views(views), truth


def write(path: Path, numbers: Iterable, dtype: str = "u1") -> None:
    """Write these events; an exception among the numbers is raised in its turn."""
    with EventWriter(path, GEOMETRY, PROVENANCE) as writer:
        for number in numbers:
            if not isinstance(number, int):
                raise number
            writer.write(*make_event(number, dtype))


def same_hits(a: Hits, b: Hits) -> bool:
    return all(
        np.array_equal(getattr(a, n), getattr(b, n)) for n in ("view", "row", "column", "value")
    )


@pytest.mark.parametrize("dtype", ["u1", "f4"])
def test_what_goes_in_comes_out(tmp_path: Path, dtype: str) -> None:
    path = tmp_path / "a.h5"
    write(path, range(450), dtype)
    events = open_events(path)
    assert len(events) == 450
    assert events.geometry == GEOMETRY
    assert events.reader.provenance == {"command": "pytest", "seed": 7}
    for number in (0, 1, 199, 200, 201, 399, 449):
        id_, hits, truth = make_event(number, dtype)
        event = events[number]
        assert event.id == id_
        assert same_hits(event.hits, hits)
        assert event.views.dtype == np.dtype(dtype)
        read = event.truth
        for name in ("label", "energy", "lepton_energy", "mode", "nu_pdg", "protons", "neutrons"):
            assert getattr(read, name) == getattr(truth, name), name
        np.testing.assert_array_equal(read.vertex, truth.vertex)
        pd.testing.assert_frame_equal(read.particles, truth.particles, check_dtype=False)
    assert [p.name for p in tmp_path.iterdir()] == ["a.h5"]


def test_table_tells_what_is_unknown(tmp_path: Path) -> None:
    with EventWriter(tmp_path / "a.h5", GEOMETRY, {}) as writer:
        writer.write("with", *make_event(1)[1:])
        writer.write("without", make_event(2)[1], None)
        writer.write("bare", make_event(3)[1], Truth(EventClass.NC))
    table = open_events(tmp_path / "a.h5").table
    assert list(table["truth"]) == ["numu_cc", None, "nc"]
    assert np.isnan(table[["energy", "nu_pdg", "protons"]].to_numpy()[1:]).all()
    events = open_events(tmp_path / "a.h5")
    assert events[1].truth is None
    assert events[2].truth.vertex is None
    assert events[2].truth.protons == -1
    assert len(events[2].truth.particles) == 0


def test_empty_file(tmp_path: Path) -> None:
    write(tmp_path / "a.h5", range(0))
    events = open_events(tmp_path / "a.h5")
    assert len(events) == 0
    assert list(events.table["truth"]) == []
    assert len(events.reader.fingerprint) == 64


def test_unsorted_hits_are_sorted_and_bad_ones_refused(tmp_path: Path) -> None:
    def hits(view: list[int], row: list[int], column: list[int]) -> Hits:
        return Hits(
            np.array(view, "u1"), np.array(row, "u2"), np.array(column, "u2"), np.ones(2, "u1")
        )

    with EventWriter(tmp_path / "a.h5", GEOMETRY, {}) as writer:
        writer.write("a", hits([1, 0], [3, 4], [5, 6]), None)
        with pytest.raises(NuLensError, match="outside"):
            writer.write("b", hits([0, 0], [3, 40], [5, 6]), None)
        with pytest.raises(NuLensError, match="twice"):
            writer.write("c", hits([0, 0], [3, 3], [5, 5]), None)
        with pytest.raises(NuLensError, match="id 'a' occurs twice"):
            writer.write("a", hits([0, 0], [3, 4], [5, 5]), None)
    events = open_events(tmp_path / "a.h5")
    assert list(events[0].hits.view) == [0, 1]
    assert list(events[0].hits.row) == [4, 3]


def test_no_file_is_replaced_unasked(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    write(path, range(3))
    with pytest.raises(FormatError, match="exists already"):
        EventWriter(path, GEOMETRY, {})
    with EventWriter(path, GEOMETRY, {}, overwrite=True) as writer:
        writer.write(*make_event(9))
        assert len(open_events(path)) == 3  # the old one stays until the new one is whole
    assert len(open_events(path)) == 1


def test_a_failed_run_keeps_its_events_and_resumes(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with pytest.raises(KeyError):
        write(path, [*range(250), KeyError])
    assert not path.exists()
    assert EventWriter.interrupted(path)
    with pytest.raises(FormatError, match="interrupted run"):
        EventWriter(path, GEOMETRY, PROVENANCE)
    with EventWriter.resume(path) as writer:
        assert len(writer) == 250
        for number in range(len(writer), 420):
            writer.write(*make_event(number))
    write(tmp_path / "b.h5", range(420))
    a, b = open_events(path), open_events(tmp_path / "b.h5")
    assert a.reader.fingerprint == b.reader.fingerprint
    pd.testing.assert_frame_equal(a.table, b.table)
    with pytest.raises(FormatError, match="no interrupted run"):
        EventWriter.resume(path)


_ENDLESS = """
import sys
sys.path[:0] = {paths!r}
from test_nulens_hdf5 import *
with EventWriter({path!r}, GEOMETRY, PROVENANCE) as writer:
    for number in range(10**9):
        writer.write(*make_event(number))
"""


def test_a_killed_run_resumes(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    paths = [str(Path(__file__).parent), str(Path(__file__).parents[3])]
    code = _ENDLESS.format(paths=paths, path=str(path))
    process = subprocess.Popen([sys.executable, "-c", code])
    parts = tmp_path / "a.h5.part"
    until = time.monotonic() + 60
    while len(list(parts.glob("block-*.h5"))) < 3 and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    with EventWriter.resume(path) as writer:
        kept = len(writer)
        assert kept >= 600
        assert kept % 200 == 0
        writer.write(*make_event(kept))
    events = open_events(path)
    assert len(events) == kept + 1
    for number in (0, 333, kept - 1, kept):
        assert events[number].id == make_event(number)[0]
        assert same_hits(events[number].hits, make_event(number)[1])


def test_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.h5"
    real = Path.replace

    def full(self: Path, target: Path) -> Path:
        if "block-000001" in self.name:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(self, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(NuLensError, match="full"):
        write(path, range(500))
    monkeypatch.undo()
    assert not list(tmp_path.rglob("*.tmp"))
    assert len(EventWriter.resume(path)) == 200


_LIMITED = """
import resource, sys
sys.path[:0] = {paths!r}
from test_nulens_hdf5 import *
resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))
try:
    write(Path({path!r}), range(500))
except NuLensError as error:
    print(error)
"""


# The first limit is below the size of a block of 200 events, the second below that of the file.
@pytest.mark.parametrize(("limit", "kept"), [(60_000, (1, 199)), (150_000, (200, 500))])
def test_limit_on_the_size_of_files(tmp_path: Path, limit: int, kept: tuple[int, int]) -> None:
    path = tmp_path / "a.h5"
    paths = [str(Path(__file__).parent), str(Path(__file__).parents[3])]
    script = _LIMITED.format(paths=paths, path=str(path), limit=limit)
    run = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stderr) == (0, "")
    assert "limit on the size of files" in run.stdout
    with pytest.raises(FormatError, match="not finished"):
        open_events(path)
    events = open_events(f"{path}.part")
    assert kept[0] <= len(events) <= kept[1]
    for number in (0, len(events) // 2, len(events) - 1):
        id, hits, _ = make_event(number)
        assert events[number].id == id
        assert same_hits(events[number].hits, hits)
    with EventWriter.resume(path) as writer:
        for number in range(len(writer), 500):
            writer.write(*make_event(number))
    write(tmp_path / "b.h5", range(500))
    whole = open_events(tmp_path / "b.h5")
    pd.testing.assert_frame_equal(open_events(path).table, whole.table)


def test_folder_that_may_not_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FormatError, match="cannot be written"):
        EventWriter(tmp_path / "file" / "a.h5", GEOMETRY, {})


def test_convert_and_resume_it(tmp_path: Path) -> None:
    write(tmp_path / "a.h5", range(300))
    events = open_events(tmp_path / "a.h5")
    with pytest.raises(KeyboardInterrupt):
        convert(events[10:], tmp_path / "b.h5", progress=_interrupt_at(230))
    seen: list[int] = []
    convert(events[10:], tmp_path / "b.h5", progress=lambda done, n: seen.append(done))
    copy = open_events(tmp_path / "b.h5")
    assert seen[-1] == 290
    assert list(copy.table["id"]) == list(events[10:].table["id"])
    assert all(same_hits(a.hits, b.hits) for a, b in zip(events[10:], copy, strict=True))
    assert copy.reader.provenance["source_fingerprint"] == events.reader.fingerprint
    assert copy.reader.provenance["command"] == "pytest"
    with pytest.raises(FormatError, match="exists already"):
        convert(events, tmp_path / "b.h5")


def _interrupt_at(stop: int):
    def progress(done: int, total: int) -> None:
        if done == stop:
            raise KeyboardInterrupt

    return progress


def test_fingerprint_follows_the_pixels(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    write(path, range(50))
    before, stat = open_events(path).reader.fingerprint, path.stat()
    with h5py.File(path, "r+") as file:
        file["hits/value"][17] = 255 - file["hits/value"][17]
    os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    assert open_events(path).reader.fingerprint != before


def test_readers_travel_to_other_processes(tmp_path: Path) -> None:
    write(tmp_path / "a.h5", range(5))
    events = open_events(tmp_path / "a.h5")
    _ = events[0].hits
    copy = pickle.loads(pickle.dumps(events[1:4]))
    assert same_hits(copy[1].hits, events[2].hits)
    child = os.fork()
    if child == 0:
        os._exit(0 if same_hits(events[2].hits, make_event(2)[1]) else 1)
    assert os.waitpid(child, 0)[1] == 0


def test_opening_many_events_reads_no_picture(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    write(path, range(10))
    n = 200_000
    with h5py.File(path, "r+") as file:
        for name, item in file["events"].items():
            item.resize(n, axis=0)
            if name == "id":
                item[:] = [f"event{i}" for i in range(n)]
            elif name in ("n_hits", "n_particles"):
                item[10:] = 0
            elif name == "energy":
                item[:] = np.random.default_rng(0).uniform(0, 40, n)
        # Pictures that cannot be read: opening and cutting must not need them.
        name, first = "hits/value", file["hits/value"].id.get_chunk_info(0).byte_offset
    data = bytearray(path.read_bytes())
    data[first : first + 8] = b"rubbish!"
    path.write_bytes(data)
    start = time.perf_counter()
    events = open_events(path)
    assert len(events.table) == n
    assert time.perf_counter() - start < 2  # 0.2 s on a quiet machine
    with pytest.raises(FormatError, match="damaged at event 1"):
        _ = events[1].hits


def test_without_the_right_groups(tmp_path: Path) -> None:
    path = tmp_path / "other.h5"
    with h5py.File(path, "w") as file:
        file["table"] = np.arange(5)
    with pytest.raises(FormatError, match="without the attribute 'format'"):
        open_events(path)
    write(tmp_path / "a.h5", range(5))
    for name in ("hits/row", "events/n_hits", "events", "hits"):
        broken = tmp_path / "b.h5"
        broken.write_bytes((tmp_path / "a.h5").read_bytes())
        with h5py.File(broken, "r+") as file:
            del file[name]
        with pytest.raises(FormatError, match=f"without '/{name}") as error:
            open_events(broken)
        assert "nulens convert" in error.value.remedy


def test_newer_version(tmp_path: Path) -> None:
    write(tmp_path / "a.h5", range(2))
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file.attrs["version"] = 99
    with pytest.raises(FormatError, match="version 99"):
        open_events(tmp_path / "a.h5")


def test_links_to_other_files_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "secret.h5", range(2))
    write(tmp_path / "a.h5", range(2))
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        del file["hits/value"]
        file["hits/value"] = h5py.ExternalLink(str(tmp_path / "secret.h5"), "/hits/value")
    with pytest.raises(FormatError, match="outside of itself"):
        open_events(tmp_path / "a.h5")


def test_parts_that_do_not_fit(tmp_path: Path) -> None:
    write(tmp_path / "a.h5", range(5))
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file["events/n_hits"][2] += 1
    with pytest.raises(FormatError, match="do not fit"):
        open_events(tmp_path / "a.h5")


def test_pixels_outside_the_views(tmp_path: Path) -> None:
    write(tmp_path / "a.h5", range(5))
    with h5py.File(tmp_path / "a.h5", "r+") as file:
        file["hits/row"][:] = 4000
    events = open_events(tmp_path / "a.h5")
    with pytest.raises(FormatError, match="outside the views"):
        _ = events[1].views


def test_damage_anywhere_is_a_clear_error(tmp_path: Path) -> None:
    write(tmp_path / "a.h5", range(8))
    whole = (tmp_path / "a.h5").read_bytes()
    rng = np.random.default_rng(3)
    path = tmp_path / "b.h5"
    refused = 0
    for trial in range(150):
        data = bytearray(whole)
        if trial % 3 == 0:
            del data[int(rng.integers(8, len(data))) :]
        else:
            for place in rng.integers(8, len(data), 20):
                data[place] = int(rng.integers(256))
        path.write_bytes(data)
        try:
            events = open_events(path)
            for event in events:
                assert event.views.shape == (2, 40, 60)
            assert len(events.reader.fingerprint) == 64
        except FormatError as error:
            refused += 1
            assert error.what.startswith(str(path))  # noqa: PT017
    assert refused > 50
