"""Parts of a period: what two of them state counts once, whoever came first and in whatever order one asks."""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from shared.keys import Slot, VerdictName, key_hash
from shared.landed import Landed
from shared.landing.history import Log
from shared.landing.parts import STATEMENT, SlotFile, settle
from shared.landing.read import statements
from shared.landing.snapshot import SnapshotResult, take
from shared.landing.verdicts import rules_for
from tests.oracles.scale import parts as slow

START = datetime(2026, 1, 1, tzinfo=UTC)


def table(rows: Sequence[tuple[Any, ...]]) -> pa.Table:
    kinds = {"period_start": pa.date32(), "period_end": pa.date32()}
    columns = [
        pa.array(column, kinds.get(name)) for name, column in zip(STATEMENT, zip(*rows, strict=True), strict=True)
    ]
    return pa.table(columns, STATEMENT)


def stated(file_id: str) -> pa.Table:
    """A file is called by the codes it holds: `AB` states one figure of A and one of B."""
    return table([(code, None, None, None, "cost") for code in file_id])


def look(*landed: tuple[str, str], relation: bool = False, read: Callable[[str], pa.Table] = stated) -> SnapshotResult:
    """The look at (part, file_id) landed one a second, each part under a key of its own."""
    contract = SimpleNamespace(model_dump_json=lambda: "{}", relation=relation)
    method = cast(Any, SimpleNamespace(datasets={"work": contract}))
    keyed = [(f"work/2025/{part}/a.csv", file_id, second) for second, (part, file_id) in enumerate(landed)]
    history = [
        Landed(key, f"v{second}", START + timedelta(seconds=second), False)
        for key, _, second in sorted(keyed, key=lambda entry: (entry[0], -entry[2]))
    ]
    rules = {key: rules_for(key, method) for key, *_ in keyed}
    verdicts = [
        VerdictName("work", rules[key].contract_id, key_hash(key), f"v{second}", file_id)
        for key, file_id, second in keyed
    ]
    return take(Log(history, verdicts), "m", method, read)


def used(taken: SnapshotResult) -> dict[str, str]:
    return {file.part: file.file_id for file in taken.snapshot.files}


def test_parts_without_overlap_stand_side_by_side() -> None:
    taken = look(("p1", "AB"), ("p2", "CD"))
    assert used(taken) == {"p1": "AB", "p2": "CD"}
    assert taken.snapshot.left_out == ()


def test_part_that_states_what_an_earlier_one_states_is_left_out() -> None:
    taken = look(("p1", "AB"), ("p2", "BC"))
    assert used(taken) == {"p1": "AB"}
    (left,) = taken.snapshot.left_out
    assert (left.file.file_id, left.overlaps) == ("BC", {"work/2025/p1": ("B",)})


def test_its_newest_version_without_overlap_stands() -> None:
    taken = look(("p2", "C"), ("p2", "CD"), ("p1", "A"), ("p2", "AC"), ("p2", "ACD"))
    assert used(taken) == {"p1": "A", "p2": "CD"}
    assert [left.file.file_id for left in taken.snapshot.left_out] == ["ACD"]


def test_codes_may_move_from_one_part_to_another() -> None:
    """p2 takes B over first, which overlaps; once p1 gave it up, both newest files stand."""
    moved = [("p1", "AB"), ("p2", "C"), ("p2", "BC")]
    assert used(look(*moved)) == {"p1": "AB", "p2": "C"}
    assert used(look(*moved, ("p1", "A"))) == {"p1": "A", "p2": "BC"}


def test_landing_order_that_decides_which_part_is_left_out_makes_another_release() -> None:
    """The newest files are the same two; the results are not, so the ids must not be either."""
    first, second = look(("p1", "AB"), ("p2", "BC")), look(("p2", "BC"), ("p1", "AB"))
    assert (used(first), used(second)) == ({"p1": "AB"}, {"p2": "BC"})
    assert first.snapshot.file_ids() != second.snapshot.file_ids()


def test_file_left_out_makes_another_release_since_its_findings_differ() -> None:
    alone, beside = look(("p1", "AB")), look(("p1", "AB"), ("p2", "BC"))
    assert used(alone) == used(beside)
    assert alone.snapshot.file_ids() != beside.snapshot.file_ids()


def test_relations_add_up_to_one_list() -> None:
    assert used(look(("p1", "AB"), ("p2", "BC"), relation=True)) == {"p1": "AB", "p2": "BC"}


def test_older_versions_that_wait_for_a_verdict_are_asked_for_where_a_period_comes_in_parts() -> None:
    """Which version stands must not depend on which happened to be judged."""
    contract = SimpleNamespace(model_dump_json=lambda: "{}", relation=False)
    method = cast(Any, SimpleNamespace(datasets={"work": contract}))
    one, two = "work/2025/p1/a.csv", "work/2025/p2/a.csv"
    history = [Landed(one, "v1", START, False), Landed(one, "v0", START, False), Landed(two, "v2", START, False)]
    names = [
        VerdictName("work", rules_for(key, method).contract_id, key_hash(key), version, "A")
        for key, version in ((one, "v1"), (two, "v2"))
    ]
    assert take(Log(history, names), "m", method, stated).unjudged == [one]
    assert take(Log(history[:2], names), "m", method, stated).unjudged == []


landings = st.lists(
    st.tuples(st.sampled_from(["", "p1", "p2", "p3"]), st.sets(st.sampled_from("ABCDE"), min_size=1)), max_size=10
).map(lambda steps: [(part, "".join(sorted(codes))) for part, codes in steps])


@given(landings, st.randoms(use_true_random=False))
def test_no_code_counts_twice_and_nothing_is_left_out_without_need(
    steps: Sequence[tuple[str, str]], random: Any
) -> None:
    files = [
        SlotFile(dataset="work", period="2025", part=part, file_id=codes, landing_key=f"k/{part}", version_id=str(at),
                 landed_at=START + timedelta(seconds=at))
        for at, (part, codes) in enumerate(steps)
    ]  # fmt: skip
    parts = {file.slot: [other for other in reversed(files) if other.slot == file.slot] for file in files}
    shuffled = list(parts.items())
    random.shuffle(shuffled)
    found = settle(dict(shuffled), stated)
    assert found == settle(parts, stated)
    codes = [code for file in found.files for code in file.file_id]
    assert len(codes) == len(set(codes))
    in_use = {file.slot: file for file in found.files}
    for slot, versions in parts.items():
        chosen = in_use.get(slot)
        newer = versions[: versions.index(chosen)] if chosen else versions
        others = {code for file in found.files if file.slot != slot for code in file.file_id}
        assert all(others & set(version.file_id) for version in newer)  # each newer one would count a code twice
        assert (slot in {left.file.slot for left in found.left_out}) == bool(newer)


versions = st.lists(
    st.tuples(
        st.sampled_from(["2025", "2026"]), st.sampled_from(["", "p1", "p2", "p3", "p4"]), st.integers(0, 3),
        st.sets(st.sampled_from("ABCDE"), min_size=1).map(lambda codes: "".join(sorted(codes))),
    ),
    max_size=16,
)  # fmt: skip


def figures(file_id: str) -> pa.Table:
    """Two figures for each letter, which differ from those of others by code, unit, period or measure."""
    rows: list[tuple[Any, ...]] = []
    for letter in file_id:
        unit, day = ("u" if letter in "BD" else None), (date(2025, 1, 31) if letter in "CD" else None)
        rows.append(("AB"[letter in "BC"], unit, day if letter == "E" else None, day, "cost"))
        rows.append(("C", None, None, day, letter))
    return table(rows)


@given(versions, st.sampled_from([stated, figures]), st.randoms(use_true_random=False))
def test_files_are_chosen_as_by_holding_each_against_each_and_each_is_read_once(
    landed: Sequence[tuple[str, str, int, str]], read: Callable[[str], pa.Table], random: Any
) -> None:
    parts: dict[Slot, list[SlotFile]] = {}
    for nth, (period, part, at, file_id) in sorted(enumerate(landed), key=lambda one: (one[1][2], one[0])):
        file = SlotFile(dataset="work", period=period, part=part, file_id=file_id, landing_key=f"k/{nth:02}",
                        version_id=str(nth), landed_at=START + timedelta(seconds=at))  # fmt: skip
        parts.setdefault(file.slot, []).insert(0, file)
    shuffled = list(parts.items())
    random.shuffle(shuffled)
    reads: Counter[str] = Counter()

    def counted(file_id: str) -> pa.Table:
        reads[file_id] += 1
        return read(file_id)

    found = settle(dict(shuffled), counted)
    assert found == slow.settle(parts, read)
    slots = Counter(file_id for files in parts.values() for file_id in {file.file_id for file in files})
    assert reads <= slots
    assert all(len(files) == 1 for files in parts.values()) <= (reads.total() == len(parts))


def test_two_hundred_parts_are_read_once_each_and_one_that_repeats_them_all_is_left_out() -> None:
    names = [f"{nth:03}" for nth in range(200)]
    files = [
        SlotFile(dataset="work", period="2025", part=f"p{name}", file_id=name, landing_key=f"k/{name}", version_id="v",
                 landed_at=START)
        for name in [*names, "all"]
    ]  # fmt: skip
    reads: list[str] = []

    def read(file_id: str) -> pa.Table:
        reads.append(file_id)
        return table([(code, None, None, None, "cost") for code in (names if file_id == "all" else [file_id])])

    found = settle({file.slot: [file] for file in files}, read)
    assert [file.file_id for file in found.files] == names
    assert [(left.file.file_id, len(left.overlaps)) for left in found.left_out] == [("all", 200)]
    assert sorted(reads) == sorted([*names, "all"])


class Bucket:
    """Files of one figure each. Every read waits for seven others, and is counted."""

    def __init__(self) -> None:
        self.reads: list[str] = []
        self._together = Barrier(8, timeout=20)

    def read_table(self, key: str) -> pa.Table:
        self.reads.append(key)
        self._together.wait()
        return table([(key, None, None, None, "cost")])


def test_a_changed_part_among_many_costs_one_read_of_each_and_eight_are_read_at_a_time() -> None:
    parts = [f"{nth:03}" for nth in range(256)]
    bucket = Bucket()
    taken = look(*((part, f"file-{part}") for part in parts), ("100", "corrected"),
                 read=statements(cast(Any, bucket)))  # fmt: skip
    expected = {part: f"file-{part}" for part in parts} | {"100": "corrected"}
    assert used(taken) == expected
    assert sorted(bucket.reads) == sorted(f"curated/{file_id}.parquet" for file_id in expected.values())


def test_two_parts_may_have_different_units_of_one_organisation() -> None:
    """`Aa` states unit a of A; the parts share A, but no unit of it."""

    def units(file_id: str) -> pa.Table:
        return table([("A", unit, None, None, "cost") for unit in file_id])

    def used(*file_ids: str) -> list[str]:
        files = [
            SlotFile(dataset="work", period="2025-01", part=f"p{nth}", file_id=file_id, landing_key=f"k{nth}",
                     version_id="v", landed_at=START)
            for nth, file_id in enumerate(file_ids)
        ]  # fmt: skip
        return [file.file_id for file in settle({file.slot: [file] for file in files}, units).files]

    assert used("ab", "c") == ["ab", "c"]
    assert used("ab", "bc") == ["ab"]
