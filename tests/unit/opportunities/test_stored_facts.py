"""Facts of the data bucket: what was surveyed is kept, and a dataset's newest label is added to what was before it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from benchmarks.scale.folder_bucket import FolderClient
from functions.opportunities.stored_facts import StoredFacts
from shared import keys
from shared.aws import bundle
from shared.aws.store import Store
from shared.landing.parts import SlotFile
from shared.landing.snapshot import Snapshot
from shared.method.load import load
from shared.method.method import Method
from shared.tables import CURATED, FINDINGS
from tests.support.facts_of import facts_of
from tests.support.pipeline.small import METHOD_TEXT

METHOD = load(METHOD_TEXT)
COST = "    cost: {heading: cost, unit: GBP, minimum: 0"
ZERO = load(METHOD_TEXT.replace(COST, f"{COST}, absent: zero"))
"""The same method, but that who has no cost has a cost of zero."""
HEADER = "code,period_start,period_end,measure,value,text\n"

type File = tuple[str, str, str]
"""Dataset, label and file id."""


def bucket(folder: Path) -> Store:
    client: Any = FolderClient(folder)
    return Store("data", client)


@pytest.fixture
def data(tmp_path: Path) -> Store:
    return bucket(tmp_path / "data")


def curate(data: Store, file_id: str, rows: Sequence[str]) -> None:
    frame = facts_of(any=HEADER + "\n".join(rows)).tables["any"]
    table = pa.Table.from_pandas(frame, CURATED, preserve_index=False)
    data.write_table(keys.curated(file_id), table, {"sha256": f"of {file_id}", "rows": "1"})  # type: ignore[arg-type]


def snapshot_of(files: Sequence[File]) -> Snapshot:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    slots = [
        SlotFile(dataset=name, period=label, part="", file_id=file_id, landing_key=label, version_id="v", landed_at=at)
        for name, label, file_id in sorted(files)
    ]
    return Snapshot(method_id="m", files=tuple(slots))


def finding(period: str, rule: str = "drift", severity: str = "error", dataset: str = "work") -> dict[str, Any]:
    about = {"period": period, "measure": "cost" if rule == "drift" else None, "message": ""}
    return {"severity": severity, "rule": rule, "dataset": dataset, **about}


def facts(data: Store, files: Sequence[File], found: Sequence[Any] = (), method: Method = METHOD) -> StoredFacts:
    return StoredFacts(data, snapshot_of(files), method, pa.Table.from_pylist(found, FINDINGS))


def kept(data: Store) -> dict[str, Any]:
    return {place: bundle.from_bytes(data.get(place).body) for place in data.names("surveys/")}


def month(nth: int) -> tuple[str, str, str]:
    """Label, first and last day."""
    label = f"{2024 + (nth - 1) // 12}-{(nth - 1) % 12 + 1:02}"
    return label, f"{label}-01", f"{label}-28"


def work(nth: int, random: Any) -> list[str]:
    """The rows of a month's file: some of ten trusts, some figures, kinds, and names that may change."""
    label, start, end = month(nth)
    rows = []
    for code in (f"RA{place}" for place in random.permutation(10) if random.random() < 0.8):
        for measure in ("cost", "area"):
            if random.random() < 0.9:
                value = "" if random.random() < 0.2 else round(random.uniform(5, 9), 1)
                rows.append(f"{code},{start},{end},{measure},{value},")
        rows.append(f"{code},{start},{end},kind,,K{random.integers(2)}")
        if random.random() < 0.5:
            rows.append(f"{code},{start},{end},name,,Trust {code} of {random.choice([label, 'old'])}")
    return rows


@pytest.mark.parametrize("method", [METHOD, ZERO], ids=["absent is unknown", "absent is zero"])
@pytest.mark.parametrize("seed", range(4))
def test_surveys_after_each_change_are_those_of_surveying_everything(
    seed: int, method: Method, data: Store, tmp_path: Path
) -> None:
    random = np.random.default_rng(seed)
    files: dict[int, File] = {}
    found: list[Any] = []
    landed = newest = 0
    for step in range(30):
        change = random.choice(["new", "correct", "withdraw", "find", "clear"], p=[0.5, 0.15, 0.1, 0.2, 0.05])
        if change == "new" or not files:
            newest += random.choice([1, 2])
            nth = newest
        else:
            nth = int(random.choice([*files]))
        label = month(nth)[0]
        if change in ("new", "correct") or not files:
            landed += 1
            curate(data, f"file{landed}", work(nth, random))
            files[nth] = "work", label, f"file{landed}"
        elif change == "withdraw" and len(files) > 1:
            del files[nth]
        elif change == "find":
            found.append(finding(label, *random.choice([("drift", "error"), ("coverage", "warning")])))
        elif change == "clear":
            found = []
        of_files = [one for one in found if one["period"] in {label for _, label, _ in files.values()}]
        before = kept(data).keys()
        one = facts(data, [*files.values()], of_files, method)

        fresh = bucket(tmp_path / f"at once {step}")
        for _, _, file_id in files.values():
            body = data.get(keys.curated(file_id)).body  # type: ignore[arg-type]
            fresh.put(keys.curated(file_id), body)  # type: ignore[arg-type]
        whole = facts(fresh, [*files.values()], of_files, method)
        ((place, expected),) = kept(fresh).items()
        assert kept(data)[place] == expected
        assert kept(data).keys() - before <= {place}
        assert one.about == whole.about
        pd.testing.assert_frame_equal(one.texts.tables["work"], whole.texts.tables["work"])
        assert_same_surveys(one, whole)


def assert_same_surveys(one: StoredFacts, other: StoredFacts) -> None:
    assert one.surveys.keys() == other.surveys.keys()
    for name, survey in one.surveys.items():
        assert [*survey.codes] == [*other.surveys[name].codes]
        assert zeros(survey) == zeros(other.surveys[name])
        assert [*entries(survey)] == [*entries(other.surveys[name])]


def zeros(survey: Any) -> dict[str, Any]:
    return {measure: periods for measure, periods in survey.zero_where_absent.items() if periods}


def entries(survey: Any) -> Iterator[Any]:
    for measure, periods in survey.entries.items():
        for period, (rows, figures, of_units) in periods.items():
            yield measure, period, rows.tolist(), figures.tolist(), of_units


MONTHS = [("work", month(nth)[0], f"file{nth}") for nth in range(1, 6)]


def land(data: Store) -> None:
    for nth in range(1, 6):
        _, start, end = month(nth)
        rows = [f"RA0,{start},{end},{name},{nth + 4}," for name in ("cost", "area")]
        curate(data, f"file{nth}", [*rows, f"RA0,{start},{end},name,,Trust {nth}"])


def unreadable(data: Store, files: Sequence[File]) -> None:
    for _, _, file_id in files:
        data.put(keys.curated(file_id), b"no longer read")  # type: ignore[arg-type]


def test_a_new_month_reads_one_file(data: Store) -> None:
    land(data)
    facts(data, MONTHS[:4], [finding("2024-02")])
    unreadable(data, MONTHS[:4])
    one = facts(data, MONTHS, [finding("2024-02"), finding("2024-05", "coverage", "warning")])
    assert [period.end for period in one.surveys["work"].entries["area"]] == [
        date(2024, nth, 28) for nth in range(1, 6)
    ]
    cost = one.surveys["work"].entries["cost"]
    assert [len(entry.figures) for entry in cost.values()] == [1, 0, 1, 1, 1]  # what drifted is no figure
    names = one.texts.tables["work"]
    assert names["text"].tolist() == ["Trust 5"]
    assert names["warned"].tolist() == [True]


def test_without_the_newest_month_nothing_is_read(data: Store) -> None:
    land(data)
    for number in (4, 5):
        facts(data, MONTHS[:number])
    unreadable(data, MONTHS)
    assert facts(data, MONTHS[:4]).texts.tables["work"]["text"].tolist() == ["Trust 4"]


def test_a_finding_about_an_older_month_surveys_it_again(data: Store) -> None:
    land(data)
    facts(data, MONTHS[:4])
    one = facts(data, MONTHS, [finding("2024-03")])
    assert [len(entry.figures) for entry in one.surveys["work"].entries["cost"].values()] == [1, 1, 0, 1, 1]


def test_a_finding_about_some_days_of_the_newest_label_surveys_that_label_alone(data: Store) -> None:
    """A file of two months, whose findings name them by their days."""
    for year in (2024, 2025):
        days = [(f"{year}-0{nth}-01", f"{year}-0{nth}-28") for nth in (1, 2)]
        curate(data, f"roll{year}", [f"RA0,{start},{end},name,,Trust {start}" for start, end in days])
    files = [("roll", str(year), f"roll{year}") for year in (2024, 2025)]
    facts(data, files[:1])
    unreadable(data, files[:1])
    named = {"rule": "coverage", "severity": "warning", "dataset": "roll"}
    one = facts(data, files, [finding("2025-02-01/2025-02-28", **named)])
    assert one.texts.tables["roll"]["warned"].tolist() == [False, False, False, True]
    facts(data, files[:1], [])
    with pytest.raises(pa.ArrowInvalid):  # the finding is about the older file, which is read again
        facts(data, files, [finding("2024-02-01/2024-02-28", **named)])


def test_labels_that_share_periods_are_surveyed_together(data: Store) -> None:
    """Two labels of successions, whose periods are free, have one day."""
    for nth in (1, 2):
        curate(data, f"list{nth}", [f"RA{nth},2024-01-31,2024-01-31,successor,,RB{nth}"])
    files = [("succession", str(2023 + nth), f"list{nth}") for nth in (1, 2)]
    facts(data, files[:1])
    one = facts(data, files)
    assert one.texts.tables["succession"]["text"].tolist() == ["RB1", "RB2"]
    (labels,) = one._surveyed["succession"].labels.values()
    assert labels == ["2024", "2025"]
    unreadable(data, files[:1])
    curate(data, "list3", ["RA3,2024-01-31,2024-01-31,successor,,RB3"])
    with pytest.raises(pa.ArrowInvalid):
        facts(data, [*files, ("succession", "2026", "list3")])


def test_a_dry_run_keeps_no_survey(data: Store) -> None:
    land(data)
    facts(data, MONTHS[:4])
    before = kept(data).keys()
    StoredFacts(data, snapshot_of(MONTHS), METHOD, FINDINGS.empty_table(), keep=False)
    assert kept(data).keys() == before
