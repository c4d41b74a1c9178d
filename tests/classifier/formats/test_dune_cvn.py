"""The DUNE CVN reader, on small files of the same format and on the real maps where they are."""

import os
import zlib
from pathlib import Path

import numpy as np
import pytest

from classifier import open_events
from classifier.events import DUNE_FD_HD
from nulens.errors import FormatError

REAL = Path(__file__).parents[3] / ".." / "shared" / "data" / "dune-cvn"
INFO = ["6", "12.5", "8.25", "0", "0", "0", "0.5", "-12", "2", "1", "0", "3", "0", "0", "321"]


def write_map(path: Path, pixels: dict[tuple[int, int, int], int]) -> None:
    views = np.zeros((3, 500, 500), np.uint8)
    for where, value in pixels.items():
        views[where] = value
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(zlib.compress(views.tobytes()))


def write_info(path: Path, code: int = 6, pdg: int = -12, lines: int = 15) -> None:
    values = [str(code), *INFO[1:7], str(pdg), *INFO[8:], "0"]
    path.write_text("\n".join(values[:lines]) + "\n")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in (10, 2, 1):
        write_map(tmp_path / "nue" / f"event{number}.gz", {(0, 1, number): number})
        write_info(tmp_path / "nue" / f"event{number}.info")
    write_map(tmp_path / "nc" / "event7.gz", {(2, 499, 499): 255})
    write_info(tmp_path / "nc" / "event7.info", code=13, pdg=1)
    return tmp_path


def test_order_is_class_folder_then_number(folder: Path) -> None:
    events = open_events(folder)
    assert list(events.table["id"]) == ["nc/event7", "nue/event1", "nue/event2", "nue/event10"]
    assert [e.id for e in events] == list(events.table["id"])
    assert [e.index for e in events[1:3]] == [1, 2]


def test_pixels_are_view_wire_time(folder: Path) -> None:
    event = open_events(folder)[3]
    assert event.views.shape == (3, 500, 500)
    assert event.views.dtype == np.uint8
    assert event.views[0, 1, 10] == 10
    assert event.views.sum() == 10
    assert event.geometry is DUNE_FD_HD


def test_info_truth(folder: Path) -> None:
    nc, nue = open_events(folder)[0].truth, open_events(folder)[1].truth
    assert nue.label == "nue_cc"
    assert (nue.energy, nue.lepton_energy, nue.mode, nue.nu_pdg) == (12.5, 8.25, "dis", -12)
    assert (nue.protons, nue.charged_pions, nue.neutral_pions, nue.neutrons) == (2, 1, 0, 3)
    assert nc.label == "nc"
    assert nc.mode is None
    assert nc.nu_pdg is None  # the writer's 1 stands for "neutral current"


@pytest.mark.parametrize(
    ("code", "label"),
    [
        *[(0, "numu_cc"), (3, "numu_cc"), (4, "nue_cc"), (7, "nue_cc"), (8, "nutau_cc")],
        *[(11, "nutau_cc"), (13, "nc"), (14, "cosmic"), (12, None), (15, None)],
    ],
)
def test_interaction_codes(tmp_path: Path, code: int, label: str | None) -> None:
    write_map(tmp_path / "event1.gz", {})
    write_info(tmp_path / "event1.info", code=code)
    assert open_events(tmp_path).table["truth"][0] == label


@pytest.mark.parametrize("lines", [14, 15, 16])
def test_info_of_14_to_16_lines(tmp_path: Path, lines: int) -> None:
    write_map(tmp_path / "event1.gz", {})
    write_info(tmp_path / "event1.info", lines=lines)
    assert open_events(tmp_path)[0].truth.energy == 12.5


def test_csv_truth_is_joined_by_number_not_by_row(tmp_path: Path) -> None:
    for number in (3, 20, 1):
        write_map(tmp_path / f"event{number}.gz", {(0, 0, number): 1})
    (tmp_path / "labels.csv").write_text(
        "event,is_antineutrino,flavour,interaction,protons,charged_pions,neutral_pions,neutrons\n"
        "20,1,1,2,0,1,0,3\n1,-1,3,-1,2,0,0,1\n99,0,0,0,0,0,0,0\n"
    )
    events = open_events(tmp_path)
    assert list(events.table["truth"]) == ["nc", None, "nue_cc"]
    assert events[2].truth.nu_pdg == -12
    assert events[2].truth.mode == "dis"
    assert events[1].truth is None
    assert np.isnan(events.table["protons"][1])
    assert list(events.labels) == [2, -1, 0]


def test_without_truth(tmp_path: Path) -> None:
    write_map(tmp_path / "nue" / "event1.gz", {})
    events = open_events(tmp_path)
    assert events[0].truth is None
    assert len(events[0].hits) == 0


def test_one_map_opens_alone(folder: Path) -> None:
    events = open_events(folder / "nue" / "event10.gz")
    assert len(events) == 1
    assert events[0].truth.label == "nue_cc"


def test_fingerprint_follows_pictures_and_truth(folder: Path) -> None:
    before = open_events(folder).reader.fingerprint
    assert open_events(folder).reader.fingerprint == before
    write_map(folder / "nue" / "event2.gz", {(0, 1, 2): 3})
    changed = open_events(folder).reader.fingerprint
    assert changed != before
    write_info(folder / "nue" / "event2.info", code=0)
    assert open_events(folder).reader.fingerprint not in (before, changed)


def test_opening_reads_no_map(folder: Path) -> None:
    for path in folder.rglob("*.gz"):
        path.write_bytes(b"rubbish")
    assert len(open_events(folder).table) == 4


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-50])


def _cut_checksum(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-2])


def _flipped(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-1] ^= 0xFF
    path.write_bytes(data)


def _gzip(path: Path) -> None:
    import gzip

    path.write_bytes(gzip.compress(bytes(750_000)))


@pytest.mark.parametrize(
    ("damage", "what"),
    [
        (_truncated, "is truncated"),
        (_cut_checksum, "is truncated"),
        (_flipped, "no whole zlib stream"),
        (_gzip, "is a gzip file"),
        (lambda p: p.write_bytes(b""), "is empty"),
        (lambda p: p.write_bytes(b"not a stream"), "no whole zlib stream"),
        (lambda p: p.write_bytes(zlib.compress(bytes(749_999))), "749999 bytes"),
        (lambda p: p.write_bytes(zlib.compress(bytes(50_000_000))), "more than the 750000"),
        (lambda p: p.unlink(), "cannot be read"),
    ],
)
def test_damaged_map(folder: Path, damage, what: str) -> None:
    events = open_events(folder)
    path = folder / "nue" / "event2.gz"
    damage(path)
    with pytest.raises(FormatError, match=what) as error:
        _ = events[2].views
    assert str(path) in error.value.what
    assert error.value.remedy
    assert events[1].views.sum() == 1  # the others are still good


@pytest.mark.parametrize(
    "text",
    [
        *["", "6\n1.0\n", "\x80" * 9, "1\n" * 20, "\n".join(["nine"] * 15)],
        *["\n".join([code, *INFO[1:]]) for code in ("99", "nan")],
    ],
)
def test_damaged_info(folder: Path, text: str) -> None:
    path = folder / "nc" / "event7.info"
    path.write_text(text, encoding="latin-1")
    with pytest.raises(FormatError, match=r"event7\.info"):
        open_events(folder)


@pytest.mark.parametrize(
    "text",
    ["", "event,flavour\n1,2\n", "\x80\x81"]
    + [
        "event,is_antineutrino,flavour,interaction,protons,charged_pions,neutral_pions,neutrons\n"
        + rows
        for rows in ("1,0,x,0,0,0,0,0\n", "1,0,7,0,0,0,0,0\n", "1,0,0\n", "1,0,0,0,0,0,0,0\n" * 2)
    ],
)
def test_damaged_labels(tmp_path: Path, text: str) -> None:
    write_map(tmp_path / "event1.gz", {})
    (tmp_path / "labels.csv").write_text(text, encoding="latin-1")
    with pytest.raises(FormatError, match=r"labels\.csv"):
        open_events(tmp_path)


def test_paths_that_are_no_events(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match="does not exist"):
        open_events(tmp_path / "nowhere")
    with pytest.raises(FormatError, match="does not exist"):
        open_events(tmp_path / "event1.gz")
    with pytest.raises(FormatError, match="no DUNE CVN map"):
        open_events(tmp_path)
    with pytest.raises(FormatError, match="no path may hold"):
        open_events("a\0b")
    (tmp_path / "empty.h5").touch()
    with pytest.raises(FormatError, match=r"HDF5 files by its own path, such as .*empty\.h5"):
        open_events(tmp_path)
    with pytest.raises(FormatError, match="is empty"):
        open_events(tmp_path / "empty.h5")
    (tmp_path / "notes.txt").write_text("hello")
    with pytest.raises(FormatError, match="no format known"):
        open_events(tmp_path / "notes.txt")


def test_the_present_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder / "nue")
    assert Path(open_events(".").source).name == "nue"
    assert len(open_events("..")) == len(open_events(folder))


def test_without_permission(folder: Path) -> None:
    locked = folder / "nue"
    locked.chmod(0)
    user = os.geteuid()
    try:
        if user == 0:  # the superuser may read anything: become nobody
            for parent in folder.parents:
                if parent.stat().st_mode & 0o001 == 0:
                    parent.chmod(parent.stat().st_mode | 0o001)
            folder.chmod(0o755)
            os.seteuid(65534)
        with pytest.raises(FormatError, match="may not be read"):
            open_events(folder)
        with pytest.raises(FormatError, match="may not be read"):
            open_events(locked / "event1.gz")
    finally:
        os.seteuid(user)
        locked.chmod(0o755)


@pytest.mark.dune
@pytest.mark.skipif(not REAL.is_dir(), reason="the real DUNE maps are not here")
def test_real_maps() -> None:
    events = open_events(REAL / "tutorial")
    assert len(events) == 397
    assert events.table["truth"].value_counts().to_dict() == {
        "numu_cc": 100,
        "nc": 100,
        "nutau_cc": 100,
        "nue_cc": 97,
    }
    folders = [i.split("/")[0] for i in events.table["id"]]
    assert list(dict.fromkeys(folders)) == ["nc", "nue", "numu", "nutau"]
    # The truth file counts hits that the map's pixels follow.
    info = REAL / "tutorial" / f"{events.table['id'][120]}.info"
    assert events[120].truth.energy == float(info.read_text().split()[1])
    assert len(events[120].hits) > 50
    assert set(open_events(REAL / "highstats").table["truth"]) == {"nue_cc", "numu_cc", "nc"}
