"""Prune: what readers saw lately stays whole, byte for byte, whatever happens; what they saw long ago goes."""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import pytest

from infra.local.clock import Clock
from infra.local.stack import LocalStack
from infra.ops import decide
from infra.ops.cli import main
from infra.ops.replay import CannotOperate
from infra.ops.storage import prune as pruning
from infra.ops.storage.needed import kind_of
from infra.ops.storage.prune import prune
from shared import keys
from shared.aws.store import Missing, Store
from shared.ids import ReleaseId
from shared.releases import channels
from shared.releases.promotion import DecidedBy, Operator, Refused
from tests.support.api.published import MemoryStore, Service
from tests.support.pipeline.programme import current_release, deployed, objects, pointer, small_stack
from tests.support.pipeline.small import METHOD_TEXT, work

DAY = 24 * 60 * 60
OTHER_METHOD = METHOD_TEXT.replace("q: 0.25", "q: 0.2")
LISTS = (
    "/v1/trusts",
    "/v1/opportunities",
    "/v1/opportunities/cost",
    "/v1/methodology",
    "/v1/programme",
    "/v1/peer-groups",
)
OF_A_TRUST = ("opportunities", "metrics", "opportunities/cost", "opportunities/cost/trend", "peers")


class Aged(NamedTuple):
    """A stack, the releases that were current, oldest first, and the preview."""

    stack: LocalStack
    current: list[str]
    preview: str

    @property
    def bucket(self) -> str:
        return self.stack.outputs["DataBucketName"]

    def prune(self, keep_days: int = 30, show: Callable[[str], None] = lambda _: None, **options: Any) -> int:
        at_rest = {"wait": lambda _: self.stack.run_until_idle()} | options
        return prune(deployed(self.stack), keep_days, self.bucket, now=self.stack.clock, show=show, **at_rest)


def wait(stack: LocalStack, days: float) -> None:
    assert isinstance(stack.clock, Clock)
    stack.clock.advance(days * DAY)


def grown(stack: LocalStack) -> Aged:
    """Four releases and a preview of all but the first, published 110, 75, 40 and 5 days ago."""
    shown = [shown_in(stack)]
    for month in (2, 3, 4):
        wait(stack, 35)
        stack.land(f"work/2025-0{month}/a.csv", work(month))
        stack.run_until_idle()
        shown.append(shown_in(stack))
        if month == 2:
            stack.land("method/2/method.yaml", OTHER_METHOD.encode())
            stack.run_until_idle()
    wait(stack, 5)
    return Aged(stack, shown, shown_in(stack, "preview"))


@contextmanager
def aging() -> Iterator[Aged]:
    with small_stack("7", {"work/2025-01/a.csv": work(1)}) as stack:
        yield grown(stack)


@pytest.fixture
def aged() -> Iterator[Aged]:
    with aging() as made:
        yield made


class Pruned(NamedTuple):
    """The data bucket before and after, with what the API answered about each release that readers could see in the
    last 30 days, and about the first one; what operators are shown afterwards."""

    current: list[str]
    preview: str
    before: dict[str, bytes]
    after: dict[str, bytes]
    answered: dict[str, dict[str, bytes]]
    listed: list[str]
    now: datetime


@pytest.fixture(scope="module")
def pruned() -> Pruned:
    with aging() as made:
        stack, listed = made.stack, list[str]()
        landing = Store(stack.outputs["LandingBucketName"], stack.client("s3"))
        before, landed = objects(stack, ""), landing.history()
        answered = {one: answers(before, one) for one in (made.current[0], *made.current[2:], made.preview)}
        assert made.prune() > 0
        assert landing.history() == landed
        decide.list_releases(deployed(stack), listed.append)
        with pytest.raises(Refused, match="was current once, but is no longer stored"):
            operator(stack).roll_back(ReleaseId(made.current[0]), ReleaseId(made.current[-1]), by(stack))
        return Pruned(made.current, made.preview, before, objects(stack, ""), answered, listed, stack.clock())


def shown_in(stack: LocalStack, channel: str = "current") -> str:
    found = pointer(stack, channel)
    assert found
    release_id: str = found["release_id"]
    return release_id


def data(stack: LocalStack) -> Store:
    return Store(stack.outputs["DataBucketName"], stack.client("s3"))


def operator(stack: LocalStack) -> Operator:
    return Operator(Store(stack.outputs["LandingBucketName"], stack.client("s3")), data(stack))


def by(stack: LocalStack) -> DecidedBy:
    return DecidedBy("an operator", stack.clock(), "because")


def served(stored: Mapping[str, bytes]) -> Service:
    """The API on a copy of the data bucket."""
    store = MemoryStore()
    store.objects |= stored
    return Service(store)


def answers(stored: Mapping[str, bytes], release_id: str) -> dict[str, bytes]:
    """What the API answers about a release."""
    service = served(stored)
    trusts = [f"/v1/trusts/RA{number}/{part}" for number in range(8) for part in OF_A_TRUST]
    found = {path: service.get(path, {"as_at": release_id}) for path in (*LISTS, *trusts)}
    outputs = json.loads(stored[f"releases/{release_id}/manifest.json"])["outputs"]
    tables = [f"/v1/releases/{release_id}/tables/{output['name']}.csv" for output in outputs]
    found |= {path: service.get(path) for path in (f"/v1/releases/{release_id}", *tables)}
    assert {path: answer.status for path, answer in found.items() if answer.status != 200} == {}
    assert len(tables) == 10
    return {path: answer.body for path, answer in found.items()}


def whole(stored: Mapping[str, bytes], release_id: str) -> bool:
    """Whether a release has all its tables, by its manifest's checksums, in both orders. False without a manifest."""
    manifest = stored.get(f"releases/{release_id}/manifest.json")
    if manifest is None:
        return False
    for output in json.loads(manifest)["outputs"]:
        folder = f"tables/{output['name']}/release_id={release_id}"
        by_metric = output["name"] in {"metrics", "trend"}
        assert by_metric == bool(output["parts"])
        for name, file in output["parts"].items() if by_metric else [(output["name"], output)]:
            assert hashlib.sha256(stored[f"{folder}/{name}.parquet"]).hexdigest() == file["sha256"]
    rest = {"method.json", "shards.json", "latest_metrics.parquet", "by_opportunity.parquet"}
    assert {name.rsplit("/", 1)[-1] for name in stored if name.startswith(f"releases/{release_id}/")} >= rest
    return True


def readable(stored: Mapping[str, bytes]) -> set[str]:
    """The releases that have a manifest; each of them is whole."""
    ids = {name.split("/")[1] for name in stored if name.startswith("releases/")}
    return {one for one in ids if whole(stored, one)}


def series_of(stored: Mapping[str, bytes], release_id: str) -> set[str]:
    """The keys of the shards that a release names."""
    names = json.loads(stored[f"releases/{release_id}/shards.json"]).values()
    tables = {f"series/{one}/{table}.parquet" for one in names for table in ("metrics", "trend")}
    return {f"shards/{one}.zip" for one in names} | tables


# ---- what goes, what stays ------------------------------------------------------------------------------------------


def test_what_readers_could_see_within_the_days_is_answered_as_before(pruned: Pruned) -> None:
    for one in (*pruned.current[2:], pruned.preview):
        assert answers(pruned.after, one) == pruned.answered[one]


def test_the_rest_is_gone_with_all_that_only_it_needs_and_nothing_else_is(pruned: Pruned) -> None:
    """Counted by names: an object goes if it has the id of a release, or names it, that goes."""
    everything = readable(pruned.before)
    assert len(everything) == 4 + 3
    history = [name.split("/") for name in pruned.before if name.startswith("history/preview/")]
    earliest = max(history)[-1].removesuffix(".json")  # the highest number, counted down
    go = {*pruned.current[:2], earliest}
    assert readable(pruned.after) == everything - go
    stay = set[str]().union(*(series_of(pruned.before, one) for one in everything - go))
    series = set[str]().union(*(series_of(pruned.before, one) for one in go)) - stay
    pointers = [name for name in pruned.before if name.startswith(("history/", "channels/"))]
    shown = [json.loads(pruned.before[name]) for name in pointers]
    snapshots = {f"snapshots/{one['snapshot_id']}.json" for one in shown if one["release_id"] in go}
    named = {name for name in pruned.before for one in go if one in name and not name.startswith("history/")}
    assert series
    assert len(snapshots) == 3
    assert pruned.before.keys() - pruned.after.keys() == named | series | snapshots
    assert pruned.after.items() <= pruned.before.items()


def test_every_object_of_a_busy_stack_has_a_kind(pruned: Pruned) -> None:
    assert {name for name in pruned.before if kind_of(name) is None} == set()


def test_longer_time_keeps_more_and_a_release_that_becomes_right_again_is_made_again(aged: Aged) -> None:
    before = objects(aged.stack, "")
    assert aged.prune(365) == 0
    assert objects(aged.stack, "") == before
    aged.prune(50)  # the second release was published 75 days ago and replaced 40 days ago
    assert readable(objects(aged.stack, "")) == readable(before) - {aged.current[0]}
    for month in (2, 3, 4):
        aged.stack.delete(f"work/2025-0{month}/a.csv")
    aged.stack.run_until_idle()
    assert shown_in(aged.stack) == aged.current[0]
    assert aged.current[0] in readable(after := objects(aged.stack, ""))
    assert {name: body for name, body in after.items() if aged.current[0] in name and "tables/" in name} == {
        name: body for name, body in before.items() if aged.current[0] in name and "tables/" in name
    }


def test_everything_goes_on_as_if_nothing_had_been_deleted() -> None:
    """Another stack with the same past is the oracle."""

    futures = []
    for pruned in (True, False):
        with aging() as made:
            assert not pruned or made.prune() > 0
            futures.append(future(made))
    assert futures[0] == futures[1]


def future(of: Aged) -> list[Any]:
    """What readers and operators see when everything happens that may; without what depends on version ids."""
    stack, seen = of.stack, list[Any]()

    def see() -> None:
        stack.run_until_idle()
        assert stack.dead_letters() == {}
        assert {*of.current[2:]} <= readable(objects(stack, ""))
        shown = [pointer(stack, channel) or {} for channel in keys.CHANNELS]
        pointers = [{name: one.get(name) for name in ("release_id", "method_id", "hold", "sequence")} for one in shown]
        comparison = keys.comparison(*(ReleaseId(one["release_id"]) for one in shown))
        seen.append((pointers, current_release(stack), objects(stack, comparison)))

    stack.land("work/2025-06/a.csv", work(6))
    see()
    for earlier in of.current[2:]:
        operator(stack).roll_back(ReleaseId(earlier), ReleaseId(shown_in(stack)), by(stack))
        see()
    operator(stack).resume(by(stack))
    see()
    operator(stack).promote(ReleaseId(shown_in(stack, "preview")), by(stack))
    see()
    for month in (6, 4, 3):
        stack.delete(f"work/2025-0{month}/a.csv")
    see()
    return seen


def test_held_release_and_the_one_before_it_stay_however_long_the_hold_lasts(aged: Aged) -> None:
    held, before = aged.current[0], aged.current[-1]
    operator(aged.stack).roll_back(ReleaseId(held), ReleaseId(before), by(aged.stack))
    aged.stack.run_until_idle()
    wait(aged.stack, 400)
    aged.prune()
    assert readable(objects(aged.stack, "")) == {held, before, aged.preview}
    operator(aged.stack).roll_back(ReleaseId(before), ReleaseId(held), by(aged.stack))
    aged.stack.run_until_idle()
    assert shown_in(aged.stack) == before


def test_decision_that_was_landed_but_not_carried_out_keeps_its_release(
    aged: Aged, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as cut_short:
        cut_short.setattr(Operator, "_show", lambda *_: None)
        cut_short.setattr(pruning, "busy", lambda _: False)
        operator(aged.stack).roll_back(ReleaseId(aged.current[0]), ReleaseId(aged.current[-1]), by(aged.stack))
        aged.prune(wait=lambda _: None)  # so that it is not carried out meanwhile
        assert aged.current[0] in readable(objects(aged.stack, ""))
    aged.stack.run_until_idle()
    assert shown_in(aged.stack) == aged.current[0]


# ---- what is being written ------------------------------------------------------------------------------------------


def test_release_that_is_being_written_is_left_alone_and_one_that_was_never_finished_is_not(aged: Aged) -> None:
    body = objects(aged.stack, keys.release(ReleaseId(aged.current[-1]), "trusts.parquet")).popitem()[1]
    names = [
        keys.release(ReleaseId("ab" * 16), "trusts.parquet"),
        keys.part(ReleaseId("ab" * 16), "trend", "cost"),
        keys.series("cd" * 16),
        keys.series_table("cd" * 16, "trend"),
        keys.peers(ReleaseId("ef" * 16)),
    ]
    mine = [f"mine/{'ab' * 16}.txt", "tables/notes.txt", "releases/README"]
    for name in (*names, *mine):
        data(aged.stack).put(name, body)
    wait(aged.stack, 29)
    aged.prune()
    assert {*objects(aged.stack, "")} >= {*names}
    wait(aged.stack, 2)
    aged.prune()
    assert {*objects(aged.stack, "")}.isdisjoint(names)
    assert {*objects(aged.stack, "")} >= {*mine}  # what is not Headroom's is left alone


# ---- crashes --------------------------------------------------------------------------------------------------------


class Killed(Exception):
    """The command dies."""


def test_crash_between_any_two_deletions_leaves_no_half_release(aged: Aged, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command dies after each deletion in turn, and the next run goes on from there: to where one run would end."""
    monkeypatch.setattr(pruning, "A_DELETE", 1)
    stored, deletions, runs = objects(aged.stack, ""), 0, 0
    stay, genuine = {*aged.current[2:], aged.preview}, pruning.delete
    of = {one: {name for name in stored if is_of(name, one)} for one in readable(stored)}

    def and_look(*arguments: Any) -> Any:
        nonlocal deletions
        answer, deletions = genuine(*arguments), deletions + 1
        names = {*data(aged.stack).names("")}
        shown = {one for one in of if keys.release(ReleaseId(one), "manifest.json") in names}
        assert shown >= stay
        assert all(names >= of[one] for one in shown)  # none is half a release
        peers = {name.removeprefix("peers/") for name in names if name.startswith("peers/")}
        assert names >= {f"{folder}/{one}" for one in peers for folder in ("findings", "characteristics")}
        if deletions % 9 == 0:
            raise Killed
        return answer

    monkeypatch.setattr(pruning, "delete", and_look)
    while True:
        try:
            aged.prune()
            break
        except Killed:
            runs += 1
    assert runs > 3
    left = objects(aged.stack, "")
    assert len(left) == len(stored) - deletions
    assert readable(left) == stay | {one for one in of if is_left(left, one)}
    assert aged.prune() == 0


def is_of(name: str, release_id: str) -> bool:
    """Whether an object belongs to a release."""
    return f"release_id={release_id}/" in name or name.startswith(f"releases/{release_id}/")


def is_left(stored: Mapping[str, bytes], release_id: str) -> bool:
    """Whether anything of a release is there."""
    return any(is_of(name, release_id) for name in stored)


def test_what_s3_does_not_delete_ends_the_command_and_a_second_run_finishes(aged: Aged) -> None:
    s3 = aged.stack.client("s3")
    errors = [{"Key": "tables/a", "Code": "InternalError", "Message": "try again"}]
    s3.meta.events.register("after-call.s3.DeleteObjects", lambda parsed, **_: parsed.update(Errors=errors))
    with pytest.raises(CannotOperate, match=r"did not delete 1 objects, the first tables/a: try again\..*run it again"):
        aged.prune()
    errors.clear()
    assert {*aged.current[2:], aged.preview} <= readable(objects(aged.stack, ""))
    aged.prune()
    assert aged.prune() == 0


# ---- refusals -------------------------------------------------------------------------------------------------------


def test_refuses_while_a_message_waits_or_is_worked_on_or_the_state_machine_runs(aged: Aged) -> None:
    sqs, before = aged.stack.client("sqs"), objects(aged.stack, "")
    with pytest.raises(CannotOperate, match="30 or more"):
        aged.prune(29)
    with pytest.raises(CannotOperate, match=f"--confirm {aged.bucket}"):
        prune(deployed(aged.stack), 30, "yes", now=aged.stack.clock, show=lambda _: None)
    for queue in ("PeersQueue", "OpportunitiesQueue", "DryRunPeersQueue", "IngestQueue"):
        url = aged.stack.outputs[f"{queue}Url"]
        sqs.send_message(QueueUrl=url, MessageBody="{}")
        with pytest.raises(CannotOperate, match="a recompute may need"):
            aged.prune()
        (message,) = sqs.receive_message(QueueUrl=url, VisibilityTimeout=600)["Messages"]
        with pytest.raises(CannotOperate, match="a recompute may need"):
            aged.prune()
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    steps, machine = aged.stack.client("stepfunctions"), aged.stack.outputs["StateMachineArn"]
    running = steps.start_execution(stateMachineArn=machine, name="too-large", input="{}")["executionArn"]
    with pytest.raises(CannotOperate, match="a recompute may need"):
        aged.prune()
    steps.stop_execution(executionArn=running)
    assert objects(aged.stack, "") == before
    assert aged.prune() > 0


@pytest.mark.parametrize(
    ("seed", "stopped"), [(0, "10 objects deleted, then stopped"), (6, r"now shows another release\. Run it again")]
)
def test_stops_when_a_file_is_landed_meanwhile(
    aged: Aged, monkeypatch: pytest.MonkeyPatch, seed: int, stopped: str
) -> None:
    """Whether it is rejected or makes a release."""
    monkeypatch.setattr(pruning, "A_DELETE", 7)
    genuine, turn = pruning.delete, iter(range(100))

    def and_land(*arguments: Any) -> Any:
        if next(turn) == 1:  # three manifests have gone
            aged.stack.land("work/2025-06/a.csv", work(seed))
        return genuine(*arguments)

    monkeypatch.setattr(pruning, "delete", and_land)
    before = len(objects(aged.stack, "tables/"))
    with pytest.raises(CannotOperate, match=stopped):
        aged.prune()
    monkeypatch.undo()
    assert len(objects(aged.stack, "tables/")) >= before
    assert {*aged.current[2:], aged.preview, shown_in(aged.stack)} <= readable(objects(aged.stack, ""))
    aged.prune()
    assert aged.prune() == 0


@pytest.mark.parametrize("place", [0, 1, 3])
def test_release_that_becomes_current_while_it_is_deleted_is_put_back(
    aged: Aged, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    """Somebody who found it stored makes it current while manifests go, just after, or when a part of the rest goes."""
    monkeypatch.setattr(pruning, "A_DELETE", 20)
    monkeypatch.setattr(pruning, "busy", lambda _: False)
    genuine, turn, first = pruning.delete, iter(range(100)), aged.current[0]
    before = answers(objects(aged.stack, ""), first)
    earlier = next(one for one in channels.shown(data(aged.stack), "current") if one.release_id == first)
    pointed = channels.pointer_of(data(aged.stack), "current", earlier)

    def perhaps_go_back(*_: Any) -> None:
        if next(turn) == place:
            now, etag = channels.read_pointer(data(aged.stack), "current")
            assert now
            again = pointed.model_copy(update={"sequence": now.sequence + 1, "published_at": aged.stack.clock()})
            channels.publish(data(aged.stack), again, now, etag)

    def and_go_back(*arguments: Any) -> Any:
        perhaps_go_back()
        return genuine(*arguments)

    monkeypatch.setattr(pruning, "delete", and_go_back)
    with pytest.raises(CannotOperate, match=r"shows another release; \d+ objects? that it needs were put back"):
        aged.prune(wait=perhaps_go_back)
    after = answers(objects(aged.stack, ""), first)
    tables = [path for path in before if "/tables/" in path]
    assert {path: after[path] for path in tables} == {path: before[path] for path in tables}
    assert {*aged.current[2:], aged.preview, first} <= readable(objects(aged.stack, ""))


def test_dry_run_says_what_goes_then(
    aged: Aged, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The machine's day is that of the stack here, so that it is no other in some years."""
    monkeypatch.setattr(pruning, "datetime", FixedDay(aged.stack.clock))
    monkeypatch.setattr(pruning, "until_idle", lambda _: aged.stack.run_until_idle())
    command, before = ["prune", "--stack", "headroom", "--keep-days", "30"], objects(aged.stack, "")
    assert main([*command, "--dry-run"]) == 0
    dry = capsys.readouterr().out
    assert main(command) == 1
    assert f"headroom prune: to delete them, use --confirm {aged.bucket}." in capsys.readouterr().err
    assert objects(aged.stack, "") == before
    assert main([*command, "--confirm", aged.bucket]) == 0
    real = capsys.readouterr().out
    assert real.splitlines()[-1].startswith("Done.")
    gone = before.keys() - objects(aged.stack, "").keys()
    size = sum(len(before[name]) for name in gone)
    assert f"3 releases would be deleted, with what only they need: {len(gone)} objects, {size / 1000:.0f} kB." in dry
    for folder in {name.split("/")[0] for name in before}:
        count = sum(name.startswith(f"{folder}/") for name in gone)
        listed = re.findall(rf"(?m)^  {folder}/ +(\d+) ", dry)
        assert listed == ([str(count)] if count else []), folder
        assert re.findall(rf"(?m)^  {folder}/ .*", dry) == re.findall(rf"(?m)^  {folder}/ .*", real)


class FixedDay:
    """Stands for `datetime`, whose `now` is a clock's."""

    def __init__(self, clock: Callable[[], Any]) -> None:
        self._clock = clock

    def now(self, _zone: object) -> Any:
        return self._clock()


# ---- what readers and operators see ---------------------------------------------------------------------------------


def test_readers_hear_that_a_release_is_no_longer_kept(pruned: Pruned) -> None:
    first, last = pruned.current[0], pruned.current[-1]
    service = served(pruned.after)
    listed = service.get("/v1/releases").json()["releases"]
    shown = [(one["release_id"], one["kept"]) for one in listed]
    assert shown == list(zip(reversed(pruned.current), (True, True, False, False), strict=True))
    published, seen = (pruned.now - timedelta(days=days) for days in (110, 85))
    for path, query in (
        (f"/v1/releases/{first}", {}),
        ("/v1/trusts", {"as_at": first}),
        ("/v1/trusts", {"as_at": f"{seen:%Y-%m-%d}"}),
        (f"/v1/releases/{last}/changes", {"since": first}),
        (f"/v1/releases/{first}/tables/trend.csv", {}),
    ):
        answer = service.get(path, query)
        assert answer.status == 404, path
        detail = f"This release is no longer kept. It was published on {published:%d %B %Y}. "
        assert answer.json()["detail"] == detail + "/v1/releases says which releases are kept."
    assert service.get(f"/v1/releases/{'0' * 32}").json()["detail"] == "There is no release with that id."


def test_list_of_releases_has_another_tag_once_one_is_gone(pruned: Pruned) -> None:
    before, after = (served(stored).get("/v1/releases").headers["etag"] for stored in (pruned.before, pruned.after))
    assert before != after


def test_pages_name_it_without_links_and_compare_with_what_is_kept(pruned: Pruned) -> None:
    first, second, third, last = pruned.current
    service = served(pruned.after)
    page = service.get("/releases").body.decode()
    assert page.count("No longer kept") == 2
    assert re.findall(r'href="releases/([0-9a-f]{32})"', page) == [last, third]
    assert re.findall(r'href="releases/(\w+)/changes\?since=(\w+)"', page) == [(last, third)]
    for path in (f"/releases/{last}/changes", "/trusts/RA1/changes"):
        answer = service.get(path)
        assert answer.status == 200
        assert third[:8] in answer.body.decode()
        assert second[:8] not in answer.body.decode()
    assert service.get(f"/releases/{third}/changes").status == 200  # there is none before it
    for path, query in ((f"/releases/{first}", {}), (f"/releases/{last}/changes", {"since": first})):
        answer = service.get(path, query)
        assert answer.status == 404
        assert "This release is no longer kept." in answer.body.decode()


def test_reader_who_had_opened_it_is_never_answered_from_a_part_of_it(pruned: Pruned) -> None:
    """What was read stays in memory, so answers are as before or refused, and after the first refusal a release that
    is gone is said to be."""
    first = pruned.current[0]
    right = {path: body for path, body in pruned.answered[first].items() if not path.startswith("/v1/releases/")}
    service = served(pruned.before)
    assert service.get("/v1/trusts", {"as_at": first}).status == 200
    service.store.objects = dict(pruned.after)
    statuses = []
    for path, body in right.items():
        answer = service.get(path, {"as_at": first})
        statuses.append(answer.status)
        assert answer.status in (404, 503) or answer.body == body, path
    assert statuses.count(503) == 1
    assert {*statuses[statuses.index(503) + 1 :]} == {404}


@pytest.mark.parametrize(("table", "key"), [("units", ("RA1", "cost")), ("totals", ("cost",))])
def test_table_that_is_gone_is_not_taken_for_one_that_never_was(
    pruned: Pruned, table: str, key: tuple[str, ...]
) -> None:
    """A reader may have read the manifest before it was deleted. An earlier release does not list the table."""
    first = pruned.current[0]
    name, manifest = f"tables/{table}/release_id={first}/{table}.parquet", f"releases/{first}/manifest.json"
    stored = {other: body for other, body in pruned.before.items() if other != name}
    with pytest.raises(Missing):
        getattr(served(stored).releases.by_id(first), table)
    earlier = json.loads(stored[manifest])
    earlier["outputs"] = [one for one in earlier["outputs"] if one["name"] != table]
    without = served(stored | {manifest: json.dumps(earlier).encode()})
    assert getattr(without.releases.by_id(first), table)[key] == []


def test_file_of_a_metric_that_is_gone_is_not_taken_for_one_without_rows(pruned: Pruned) -> None:
    first = pruned.current[0]
    stored = {
        name: body
        for name, body in pruned.before.items()
        if not (name.startswith("tables/trend/") and name.endswith(f"{first}/cost.parquet"))
    }
    assert len(stored) == len(pruned.before) - 1
    with pytest.raises(Missing):
        served(stored).releases.by_id(first).trend("RA1", "cost")
    assert served(dict(pruned.before)).releases.by_id(first).trend("RA1", "cost")


def test_operators_see_which_releases_are_gone(pruned: Pruned) -> None:
    gone = {one: line.endswith(", no longer kept") for line in pruned.listed for one in pruned.current if one in line}
    assert [gone[one] for one in pruned.current] == [True, True, False, False]
