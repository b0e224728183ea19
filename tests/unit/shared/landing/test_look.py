"""A look at the log: the keys that changed and what is remembered make what listing everything makes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import pairwise
from types import SimpleNamespace
from typing import Any, cast

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.scale.memory_bucket import MemoryClient
from shared import keys
from shared.aws.store import Store
from shared.errors import Transient
from shared.ids import FileId, MethodId
from shared.landing import look as looks
from shared.landing import remembered
from shared.landing.history import Log
from shared.landing.look import look
from shared.landing.parts import STATEMENT
from shared.landing.read import statements
from shared.landing.remembered import RememberedLog
from shared.landing.snapshot import SnapshotResult, take
from shared.landing.verdicts import rules_for
from shared.method.method import Method
from shared.statuses import FileStatus

KEYS = [
    "ae/2024-08/a.csv", "ae/2024-08/b.csv", "ae/2024-08/p1/a.csv", "ae/2024-08/p1/b.csv", "ae/2024-09/a.csv",
    "ae-x/2024-08/a.csv", "eric/2015-16/a.csv", "eric/2015-16/p1/é \n.csv", "eric/2015-16", "loose.csv",
    "new/2024/a.csv",
]  # fmt: skip
NOT_FILES = ["method/1/method.yaml", "decisions/000001.json", "dry-run/ae/2024-08/a.csv"]


def method(*names: str, text: str = "{}") -> Method:
    contract = SimpleNamespace(model_dump_json=lambda: text, relation=False)
    return cast(Method, SimpleNamespace(datasets=dict.fromkeys(names, contract)))


METHODS = {MethodId("m1"): method("ae", "eric"), MethodId("m2"): method("ae", "eric", "new", text='{"other": 1}')}
CURRENT = {MethodId("m1"): METHODS[MethodId("m1")]}


class Buckets:
    """Two buckets in memory. A file is called by the codes that it states."""

    def __init__(self) -> None:
        self.client = MemoryClient()
        self.landing, self.data = Store("landing", cast(Any, self.client)), Store("data", cast(Any, self.client))

    def land(self, key: str) -> str:
        return str(self.client.put_object(Bucket="landing", Key=key, Body=b"x")["VersionId"])

    def judge(self, key: str, version: str, codes: str, method_id: str = "m1") -> None:
        rules = rules_for(key, METHODS[MethodId(method_id)])
        outcome = codes if codes and rules.contract else FileStatus.REJECTED
        if codes:
            columns = {name: pa.array([*codes] if name == "code" else [None] * len(codes)) for name in STATEMENT}
            self.data.write_table(keys.curated(FileId(codes)), pa.table(columns))
        self.data.put(keys.verdict(rules.dataset, rules.contract_id, key, version, outcome), b"")

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket="landing", Key=key)

    def look(self, *changed: str, methods: Any = CURRENT) -> dict[MethodId, SnapshotResult]:
        return dict(look(self.landing, self.data, methods, changed).results)

    def look_in_full(self, methods: Any = CURRENT) -> dict[MethodId, SnapshotResult]:
        return dict(look(self.landing, self.data, methods, None).results)

    def truth(self, methods: Any = CURRENT) -> dict[MethodId, SnapshotResult]:
        """What follows from listing everything, with nothing remembered."""
        names = [keys.verdict_name(name) for name in self.data.names(keys.VERDICTS)]
        log = Log(self.landing.history(), names)
        return {one: take(log, one, method, statements(self.data)) for one, method in methods.items()}

    def results(self) -> list[str]:
        """The groups of which it is remembered what follows."""
        groups = self.data.read_model(RememberedLog, keys.REMEMBERED_LOG).groups
        return [name for name, group in groups.items() if group.results]

    def stored(self) -> bytes:
        return self.data.get(keys.REMEMBERED_LOG).body


@pytest.fixture(autouse=True)
def always_in_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Few keys are cheaper to list in full, which is what happens at this size otherwise."""
    monkeypatch.setattr(looks, "PAGE", 0)


codes = st.sampled_from(["A", "AB", "BC", "C", ""])
steps = st.lists(
    st.one_of(
        st.tuples(st.just("land"), st.sampled_from(KEYS + NOT_FILES)),
        st.tuples(st.just("judge"), st.sampled_from(KEYS), codes, st.sampled_from(["m1", "m2"])),
        st.tuples(st.just("delete"), st.sampled_from(KEYS)),
        st.tuples(st.just("wait")),
        st.tuples(st.just("look"), st.booleans()),
        st.tuples(st.just("lost")),
        st.tuples(st.just("lie"), st.lists(st.sampled_from([*KEYS, *NOT_FILES, "never/landed/a.csv"]))),
        st.tuples(st.just("spoilt"), st.sampled_from([b"", b"{}", b'{"form":"0","groups":{}}'])),
    ),
    max_size=30,
)


@given(steps)
def test_looks_at_what_changed_see_what_a_look_at_everything_sees(taken: Sequence[tuple[Any, ...]]) -> None:
    """Unless an event was lost; then the next full look does. A look at a key asks for no verdict under a method that
    is not in force, so whether the file was judged under such a one is known only to a full look."""
    buckets, changed, lost = Buckets(), set[str](), False
    landed: dict[str, list[str]] = {key: [] for key in KEYS + NOT_FILES}
    for step in taken:
        match step:
            case ("land", key):
                landed[key].append(buckets.land(key))
                changed.add(key)
            case ("judge", key, outcome, method_id) if landed[key]:
                buckets.judge(key, landed[key][-1], outcome, method_id)
                changed.add(key)
            case ("delete", key):
                buckets.delete(key)
                changed.add(key)
            case ("wait",):
                buckets.client.clock += 1
            case ("lost",):
                lost, changed = lost or bool(changed), set()
            case ("lie", names):
                buckets.look(*names)
            case ("spoilt", body):
                buckets.data.put(keys.REMEMBERED_LOG, body)
            case ("look", both):
                methods = METHODS if both else CURRENT
                seen, truth = buckets.look(*changed, methods=methods), buckets.truth(methods)
                if not both:
                    seen, truth = ({m: one._replace(rereading=False) for m, one in of.items()} for of in (seen, truth))
                assert lost or seen == truth
                changed = set()
    assert buckets.look_in_full(METHODS) == buckets.truth(METHODS)
    assert buckets.look(methods=METHODS) == buckets.truth(METHODS)


@contextmanager
def meanwhile(monkeypatch: pytest.MonkeyPatch, happens: Sequence[Any]) -> Iterator[None]:
    """Things that happen one by one, each when a look is about to write what it saw."""
    genuine, waiting = Store.swap, list(happens)

    def swap(store: Store, *given: Any) -> None:
        if waiting:
            waiting.pop(0)()
        genuine(store, *given)

    with monkeypatch.context() as patched:
        patched.setattr(Store, "swap", swap)
        yield


@pytest.mark.parametrize("slow", [[KEYS[0]], None], ids=["of a key", "in full"])
@pytest.mark.parametrize("remembered_before", [True, False])
def test_slower_look_takes_over_what_others_saw_meanwhile(
    monkeypatch: pytest.MonkeyPatch, slow: list[str] | None, remembered_before: bool
) -> None:
    """The others look at a key that the slow look has listed before it changed, and at one of another period."""
    buckets = Buckets()
    buckets.judge(KEYS[0], buckets.land(KEYS[0]), "A")
    if remembered_before:
        buckets.look_in_full()

    def others() -> None:
        for key in (KEYS[0], KEYS[6]):
            buckets.client.clock += 1
            buckets.judge(key, buckets.land(key), "B")
            buckets.look(key)

    buckets.judge(KEYS[1], buckets.land(KEYS[1]), "C")
    with meanwhile(monkeypatch, [others, lambda: None, lambda: None, lambda: buckets.look(KEYS[0])]):
        look(buckets.landing, buckets.data, CURRENT, slow and [*slow, KEYS[1]])
    assert buckets.look() == buckets.truth()
    assert {str(file.slot) for file in buckets.truth()[MethodId("m1")].snapshot.files} == {"ae/2024-08", "eric/2015-16"}


def test_look_gives_up_if_others_write_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    buckets = Buckets()
    buckets.look_in_full()
    buckets.judge(KEYS[0], buckets.land(KEYS[0]), "A")
    noise = [lambda nth=nth: buckets.data.put(keys.REMEMBERED_LOG, b" " * nth) for nth in range(9)]
    with meanwhile(monkeypatch, noise), pytest.raises(Transient):
        buckets.look(KEYS[0])
    assert buckets.look(KEYS[0]) == buckets.truth()


def test_key_without_a_verdict_is_looked_at_until_it_has_one() -> None:
    """No event says that a file was rejected."""
    buckets = Buckets()
    version = buckets.land(KEYS[0])
    assert buckets.look_in_full()[MethodId("m1")].unjudged == [KEYS[0]]
    buckets.judge(KEYS[0], version, "")
    assert buckets.look()[MethodId("m1")].unjudged == []


def test_look_under_another_method_is_in_full() -> None:
    """Verdicts under it were never listed."""
    buckets = Buckets()
    buckets.look_in_full()
    for key in KEYS[:2]:
        version = buckets.land(key)
        for method_id, outcome in (("m1", "A"), ("m2", "B")):
            buckets.judge(key, version, outcome, method_id)
        buckets.look(key)
    assert buckets.look(methods=METHODS) == buckets.truth(METHODS)


def test_versions_of_a_held_release_are_found_below_a_delete_marker() -> None:
    buckets = Buckets()
    version = buckets.land(KEYS[0])
    buckets.judge(KEYS[0], version, "A")
    buckets.client.clock += 1
    buckets.delete(KEYS[0])
    buckets.judge(KEYS[6], buckets.land(KEYS[6]), "B")
    buckets.look_in_full()
    seen = look(buckets.landing, buckets.data, CURRENT, [])
    method_id, current = next(iter(CURRENT.items()))
    assert [str(file.slot) for file in seen.results[method_id].snapshot.files] == ["eric/2015-16"]
    held = seen.only({(KEYS[0], version), ("never/landed/a.csv", "v")}, method_id, current)
    assert held.snapshot.file_ids() == {"ae/2024-08": "A"}


# ---- calls ----------------------------------------------------------------------------------------------------------


def large(buckets: Buckets, periods: int, parts: int) -> list[str]:
    """A log with a judged version of every part of every period."""
    names = [f"ae/{2000 + period}/p{part:03}/a.csv" for period in range(periods) for part in range(parts)]
    for nth, key in enumerate(names):
        buckets.judge(key, buckets.land(key), f"{nth % parts:03}"[-1:])
    return names


def calls(buckets: Buckets, *changed: str, full: bool = False) -> dict[str, int]:
    buckets.client.calls.clear()
    look(buckets.landing, buckets.data, CURRENT, None if full else changed)
    return dict(buckets.client.calls)


def test_look_at_one_key_makes_the_same_four_calls_at_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """One reads what is remembered, two list versions and verdicts, one writes."""
    monkeypatch.setattr(looks, "PAGE", 1000)
    for periods in (1500, 6000):
        buckets = Buckets()
        names = large(buckets, periods, 1)
        assert calls(buckets, full=True) == {"get": 1, "list": 2 * -(-periods // 1000), "put": 1}
        buckets.judge(names[5], buckets.land(names[5]), "Z")
        assert calls(buckets, names[5]) == {"get": 1, "list": 2, "put": 1}
        assert calls(buckets, names[5]) == {"get": 1, "list": 2}
        assert calls(buckets) == {"get": 1}
        assert buckets.look() == buckets.truth()


def test_full_look_is_cheaper_if_many_keys_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(looks, "PAGE", 1000)
    buckets = Buckets()
    names = large(buckets, 2500, 1)
    calls(buckets, full=True)
    assert calls(buckets, *names[:2])["list"] == 4
    assert calls(buckets, *names[:3])["list"] == 6  # in full: three pages of each listing


def test_look_reads_only_the_parts_of_the_period_that_changed() -> None:
    buckets = Buckets()
    names = large(buckets, 3, 10)
    assert calls(buckets, full=True)["get"] == 1 + 10  # files of the same content have one name here
    calls(buckets, full=True)
    buckets.judge(names[0], buckets.land(names[0]), "Z")
    assert calls(buckets, names[0])["get"] == 1 + 10
    assert calls(buckets, full=True)["get"] == 1


def test_look_that_is_stopped_does_not_begin_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What follows is written whenever some files were read."""
    buckets = Buckets()
    large(buckets, 6, 3)
    monkeypatch.setattr(looks, "MOST_READ", 4)

    def stop() -> None:
        raise KeyboardInterrupt

    with meanwhile(monkeypatch, [lambda: None, stop]), pytest.raises(KeyboardInterrupt):
        buckets.look_in_full()
    assert len(buckets.results()) == 2
    assert buckets.look() == buckets.truth()
    assert len(buckets.results()) == 6
    assert calls(buckets, full=True)["get"] == 1


def test_long_listings_are_divided_and_have_the_same_result(monkeypatch: pytest.MonkeyPatch) -> None:
    buckets = Buckets()
    large(buckets, 40, 1)
    for key in KEYS:
        buckets.land(key)
        buckets.delete(key)
    monkeypatch.setattr(looks, "PAGE", 1)
    buckets.look_in_full()
    parts: list[tuple[str, str]] = []
    genuine = Store.history

    def history(store: Store, prefix: str = "", after: str = "", upto: str = "") -> list[Any]:
        parts.append((after, upto))
        return genuine(store, prefix, after, upto)

    monkeypatch.setattr(Store, "history", history)
    before = buckets.stored()
    assert buckets.look_in_full() == buckets.truth()
    assert buckets.stored() == before
    divided = sorted(parts[:-1])  # the last is `truth`
    assert len(divided) == 8
    assert all(one[1] == other[0] for one, other in pairwise(divided))


def test_raised_build_forgets(monkeypatch: pytest.MonkeyPatch) -> None:
    buckets = Buckets()
    buckets.look_in_full()
    buckets.judge(KEYS[0], buckets.land(KEYS[0]), "A")
    monkeypatch.setattr(looks, "FORM", f"{remembered.LOOK_BUILD + 1}")
    assert buckets.look() == buckets.truth()
