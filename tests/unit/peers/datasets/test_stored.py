"""What is known of datasets is kept by the content of what it is made from, and made once."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from benchmarks.scale.folder_bucket import FolderClient
from functions.peers.datasets.stored import known_facts
from shared import keys
from shared.aws import bundle
from shared.aws.store import Store
from shared.landing.parts import SlotFile
from shared.landing.snapshot import Snapshot
from shared.method.load import load
from shared.method.method import Method
from shared.tables import CURATED
from tests.support.facts_of import facts_of
from tests.support.pipeline.small import METHOD_TEXT

METHOD = load(METHOD_TEXT)
HEADER = "code,period_start,period_end,measure,value,text,row\n"


@pytest.fixture
def data(tmp_path: Path) -> Store:
    client: Any = FolderClient(tmp_path)
    store = Store("data", client)
    for month, figure in (("01", 5), ("02", 600), ("03", 7)):
        curate(store, f"work{month}", f"RA0,2025-{month}-01,2025-{month}-28,cost,{figure},,2\n")
    curate(store, "roll", "RA0,2025-01-01,2025-12-31,name,,Trust A,2\n")
    return store


def curate(data: Store, file_id: str, rows: str) -> None:
    frame = facts_of(any=HEADER + rows).tables["any"]
    data.write_table(keys.curated(file_id), pa.Table.from_pandas(frame, CURATED, preserve_index=False))  # type: ignore[arg-type]


def snapshot_of(*files: tuple[str, str, str]) -> Snapshot:
    """(dataset, label, file id) of each file."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    slots = [
        SlotFile(dataset=name, period=label, part="", file_id=file_id, landing_key=label, version_id="v", landed_at=at)
        for name, label, file_id in files
    ]
    return Snapshot(method_id="m", files=tuple(slots))


ROLL = ("roll", "2025", "roll")
JANUARY, FEBRUARY, MARCH = (("work", f"2025-{month}", f"work{month}") for month in ("01", "02", "03"))
BOTH = snapshot_of(ROLL, JANUARY, FEBRUARY)


def kept(data: Store) -> set[str]:
    return {*data.names("datasets/")}


def test_files_give_facts_and_findings_once(data: Store) -> None:
    first = known_facts(data, BOTH, METHOD)
    assert [row["rule"] for row in first.known["work"].findings] == ["drift"]
    assert first.codes_by_label("work") == {"2025-01": {"RA0"}, "2025-02": {"RA0"}}
    assert first.tables["roll"]["text"].tolist() == ["Trust A"]
    assert len(kept(data)) == 2
    for file_id in ("work01", "work02", "roll"):
        data.put(keys.curated(file_id), b"no longer read")  # type: ignore[arg-type]
    again = known_facts(data, BOTH, METHOD)
    assert again.known["work"].findings == first.known["work"].findings
    assert again.tables["roll"].equals(first.tables["roll"])


def test_a_dry_run_keeps_nothing(data: Store) -> None:
    assert known_facts(data, BOTH, METHOD, keep=False).known.keys() == {"roll", "work"}
    assert kept(data) == set()


@pytest.mark.parametrize(
    "files",
    [
        (JANUARY, MARCH),  # another file
        (JANUARY,),
        (JANUARY, FEBRUARY, MARCH),
        (JANUARY, ("work", "2025-03", "work02")),  # under another label
    ],
)
def test_other_files_of_a_dataset_are_known_anew_and_no_other_dataset_is(
    data: Store, files: tuple[tuple[str, str, str], ...]
) -> None:
    known_facts(data, BOTH, METHOD)
    before = kept(data)
    curate(data, "roll", "not,read,again,,,,\n".replace("read,again", "2025-01-01,2025-12-31"))
    facts = known_facts(data, snapshot_of(ROLL, *files), METHOD)
    assert len(kept(data) - before) == 1
    assert facts.tables["roll"]["text"].tolist() == ["Trust A"]
    assert {*facts.codes_by_label("work")} == {label for _, label, _ in files}


def other_contract() -> Method:
    work = METHOD.datasets["work"]
    expects = work.expects.model_copy(update={"drift": 1000})
    return METHOD.model_copy(
        update={"datasets": METHOD.datasets | {"work": work.model_copy(update={"expects": expects})}}
    )


def test_another_contract_gives_other_findings(data: Store) -> None:
    known_facts(data, BOTH, METHOD)
    assert known_facts(data, BOTH, other_contract()).known["work"].findings == []
    assert len(kept(data)) == 3


def test_groups_of_other_measures_get_their_rows(data: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    assert known_facts(data, BOTH, METHOD).tables["work"].empty
    monkeypatch.setattr("functions.peers.datasets.stored.needed", lambda method: {"work": frozenset({"cost"})})
    rows = known_facts(data, BOTH, METHOD).tables["work"]
    assert rows["state"].tolist() == ["value", "missing"]  # what drifted is removed


SPRING = [("work", f"2025-{month:02}", f"spring{month}") for month in range(1, 6)]
"""Months that do not drift."""


def land_spring(data: Store) -> None:
    for _, label, file_id in SPRING:
        month = int(label[-2:])
        curate(data, file_id, f"RA0,2025-{month:02}-01,2025-{month:02}-28,cost,{5 + month / 10},,2\n")
    curate(data, "corrected", "RA0,2025-02-01,2025-02-28,cost,6,,2\n")


def unreadable(data: Store, *files: tuple[str, str, str]) -> None:
    for _, _, file_id in files:
        data.put(keys.curated(file_id), b"no longer read")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("files", "unread"),
    [
        (SPRING[:5], SPRING[:3]),  # a new month is compared with the one before it
        (SPRING[:3], SPRING),  # without the newest month, as before it was landed
        ([*SPRING[:3], ("work", "2025-04", "spring5")], [*SPRING[:2], SPRING[3]]),  # the newest month anew
        ([SPRING[0], ("work", "2025-02", "corrected"), *SPRING[2:4]], [SPRING[1], SPRING[4]]),  # an older month: all
        ([*SPRING[:2], SPRING[3]], [SPRING[2], SPRING[4]]),
    ],
)
def test_what_is_known_of_earlier_months_is_not_made_again(
    files: list[tuple[str, str, str]], unread: list[tuple[str, str, str]], data: Store, tmp_path: Path
) -> None:
    land_spring(data)
    for number in (3, 4):  # one after the other, as they were landed
        known_facts(data, snapshot_of(*SPRING[:number]), METHOD)
    before = kept(data)
    unreadable(data, *unread)
    found = known_facts(data, snapshot_of(*files), METHOD)

    client: Any = FolderClient(tmp_path / "at once")
    fresh = Store("data", client)
    land_spring(fresh)
    expected = known_facts(fresh, snapshot_of(*files), METHOD)
    assert found.known["work"].findings == expected.known["work"].findings == []
    assert found.codes_by_label("work") == expected.codes_by_label("work")
    (place,) = kept(fresh)
    assert bundle.from_bytes(data.get(place).body) == bundle.from_bytes(fresh.get(place).body)
    assert kept(data) - before <= {place}


def test_a_month_after_one_that_drifted_is_compared_with_all(data: Store) -> None:
    """Of 5, 600 and 7, the second is wrong, and the third is not 86 times smaller than what is right."""
    known_facts(data, snapshot_of(JANUARY, FEBRUARY), METHOD)
    rows = known_facts(data, snapshot_of(JANUARY, FEBRUARY, MARCH), METHOD).known["work"].findings
    assert [(row["rule"], row["period"]) for row in rows] == [("drift", "2025-02")]
