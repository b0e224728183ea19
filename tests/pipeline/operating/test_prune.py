"""Prune: what readers saw lately stays whole, byte for byte, whatever happens meanwhile; what they saw long ago goes."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from infra.local.clock import Clock
from infra.local.stack import LocalStack
from infra.ops import decide
from infra.ops.cli import main
from infra.ops.replay import CannotOperate
from infra.ops.storage import prune as pruning
from infra.ops.storage.prune import prune
from shared import keys
from shared.aws.store import Store
from shared.ids import ReleaseId
from shared.releases import channels
from shared.releases.promotion import DecidedBy, Operator
from tests.support.api.published import MemoryStore, Service
from tests.support.pipeline.programme import current_release, deployed, objects, pointer, small_stack
from tests.support.pipeline.small import METHOD_TEXT, work

DAY = 24 * 60 * 60
OTHER_METHOD = METHOD_TEXT.replace("q: 0.25", "q: 0.2")
LISTS = ("/v1/trusts", "/v1/opportunities", "/v1/methodology", "/v1/programme", "/v1/peer-groups")
OF_A_TRUST = (
    "opportunities",
    "metrics",
    "opportunities/cost",
    "opportunities/cost/trend",
    "peers/similar",
    "peers/kind",
)


class Aged(NamedTuple):
    """A stack, the releases that were current, oldest first, and the preview."""

    stack: LocalStack
    current: list[str]
    preview: str

    @property
    def bucket(self) -> str:
        return self.stack.outputs["DataBucketName"]

    def prune(self, keep_days: int = 30, show: Callable[[str], None] = lambda _: None, **options: Any) -> int:
        return prune(deployed(self.stack), keep_days, self.bucket, now=self.stack.clock, show=show, **options)


def wait(stack: LocalStack, days: float) -> None:
    assert isinstance(stack.clock, Clock)
    stack.clock.advance(days * DAY)


def grown(stack: LocalStack) -> Aged:
    """Five releases, 20 days after one another, and a preview. The last was published 5 days ago: 30 days ago readers
    saw the third."""
    shown = [shown_in(stack)]
    for month in (2, 3, 4, 5):
        wait(stack, 20)
        stack.land(f"work/2025-0{month}/a.csv", work(month))
        stack.run_until_idle()
        shown.append(shown_in(stack))
        if month == 2:
            stack.land("method/2/method.yaml", OTHER_METHOD.encode())
            stack.run_until_idle()
    wait(stack, 5)
    assert len({*shown}) == 5
    return Aged(stack, shown, shown_in(stack, "preview"))


@pytest.fixture
def aged() -> Iterator[Aged]:
    with small_stack("7", {"work/2025-01/a.csv": work(1)}) as stack:
        yield grown(stack)


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


def served(stack: LocalStack) -> Service:
    """The API on a copy of what readers may see."""
    store = MemoryStore()
    for prefix in ("channels/", "releases/", "tables/", "history/", "comparisons/"):
        store.objects |= objects(stack, prefix)
    return Service(store)


def answers(stack: LocalStack, release_id: str) -> dict[str, bytes]:
    """What the API answers about a release."""
    service = served(stack)
    trusts = [f"/v1/trusts/RA{number}/{part}" for number in range(8) for part in OF_A_TRUST]
    of_all = [*LISTS, *trusts, "/v1/opportunities/cost/trusts"]
    found = {path: service.get(path, {"as_at": release_id}) for path in of_all}
    outputs = json.loads(service.store.objects[f"releases/{release_id}/manifest.json"])["outputs"]
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
        body = stored[f"tables/{output['name']}/release_id={release_id}/{output['name']}.parquet"]
        assert hashlib.sha256(body).hexdigest() == output["sha256"]
    rest = {"method.json", "shards.json", "by_metric.parquet", "by_opportunity.parquet"}
    assert {name.rsplit("/", 1)[-1] for name in stored if name.startswith(f"releases/{release_id}/")} >= rest
    return True


def readable(stack: LocalStack) -> set[str]:
    """The releases that have a manifest; each of them is whole."""
    stored = objects(stack, "releases/") | objects(stack, "tables/")
    ids = {name.split("/")[1] for name in stored if name.startswith("releases/")}
    return {one for one in ids if whole(stored, one)}


# ---- what goes, what stays ------------------------------------------------------------------------------------------


def test_what_was_current_or_a_preview_within_the_days_is_answered_as_before_and_the_rest_is_gone(aged: Aged) -> None:
    stay = {*aged.current[2:], aged.preview}
    before = {one: answers(aged.stack, one) for one in stay}
    readers = readable(aged.stack)
    assert readers > {*aged.current, aged.preview}  # earlier previews too
    landing = Store(aged.stack.outputs["LandingBucketName"], aged.stack.client("s3"))
    landed, others = landing.history(), objects(aged.stack, "")
    assert aged.prune() > 0
    assert {one: answers(aged.stack, one) for one in stay} == before
    after = objects(aged.stack, "")
    gone = {*aged.current[:2], *(readers - {*aged.current, aged.preview})} - stay
    assert readable(aged.stack) >= stay
    assert readable(aged.stack).isdisjoint(aged.current[:2])
    assert [name for name in after for one in aged.current[:2] if one in name and not name.startswith("history/")] == []
    assert len(gone) >= 2
    # What no rule names stays to the byte, and so does all that is in no landing bucket.
    prefixes = (
        "history/",
        "receipts/",
        "findings-csv/",
        "verdicts/",
        "curated/",
        "methods/",
        "channels/",
        "log/",
        "gro",
    )
    for prefix in prefixes:
        kept = {name for name in others if name.startswith(prefix)}
        assert kept, prefix
        assert {name: after.get(name) for name in kept} == {name: others[name] for name in kept}
    assert landing.history() == landed


def test_shards_go_only_if_no_release_that_stays_names_them(aged: Aged) -> None:
    named = {
        one: {*json.loads(objects(aged.stack, f"releases/{one}/shards.json").popitem()[1]).values()}
        for one in readable(aged.stack)
    }
    before = {name.removeprefix("shards/").removesuffix(".zip") for name in objects(aged.stack, "shards/")}
    assert before == set.union(*named.values())
    aged.prune()
    after = {name.removeprefix("shards/").removesuffix(".zip") for name in objects(aged.stack, "shards/")}
    assert after == set.union(*(named[one] for one in readable(aged.stack)))
    assert after < before


def test_longer_time_keeps_more_and_what_is_kept_for_ever_is_everything(aged: Aged) -> None:
    before = objects(aged.stack, "")
    assert aged.prune(365) == 0
    assert objects(aged.stack, "") == before
    aged.prune(50)  # the second release was published 65 days ago and replaced 45 days ago
    assert {*aged.current[1:]} <= readable(aged.stack)
    assert aged.current[0] not in readable(aged.stack)


def test_everything_goes_on_as_if_nothing_had_been_deleted(aged: Aged) -> None:
    """Another stack with the same past is the oracle."""

    def future(stack: LocalStack, of: Aged) -> list[Any]:
        seen: list[Any] = []

        def see() -> None:
            stack.run_until_idle()
            assert stack.dead_letters() == {}
            shown = [pointer(stack, channel) for channel in keys.CHANNELS]
            comparisons = objects(stack, f"comparisons/{shown_in(stack)}/")
            seen.append((shown, current_release(stack), comparisons, {*of.current[2:]} <= readable(stack)))

        stack.land("work/2025-06/a.csv", work(6))
        see()
        for earlier in of.current[2:]:
            operator(stack).roll_back(ReleaseId(earlier), ReleaseId(shown_in(stack)), by(stack))
            see()
            operator(stack).resume(by(stack))
            see()
        operator(stack).promote(ReleaseId(shown_in(stack, "preview")), by(stack))
        see()
        for key in [f"work/2025-0{month}/a.csv" for month in (6, 5, 4, 3)]:
            stack.delete(key)  # the release of long ago is made again, under the method that is now current
        see()
        return seen

    aged.prune()
    with_it = future(aged.stack, aged)
    with small_stack("7", {"work/2025-01/a.csv": work(1)}) as stack:
        without = grown(stack)
        assert without.current == aged.current
        assert future(stack, without) == with_it


def test_release_of_long_ago_that_becomes_right_again_is_made_again(aged: Aged) -> None:
    first = answers(aged.stack, aged.current[0])
    aged.prune()
    for month in (2, 3, 4, 5):
        aged.stack.delete(f"work/2025-0{month}/a.csv")
    aged.stack.run_until_idle()
    assert shown_in(aged.stack) == aged.current[0]
    again = answers(aged.stack, aged.current[0])
    assert again.keys() == first.keys()
    tables = [path for path in first if "/tables/" in path]
    assert {path: again[path] for path in tables} == {path: first[path] for path in tables}


def test_held_release_and_the_one_before_it_stay_however_long_the_hold_lasts(aged: Aged) -> None:
    held, before = aged.current[0], aged.current[-1]
    operator(aged.stack).roll_back(ReleaseId(held), ReleaseId(before), by(aged.stack))
    aged.stack.run_until_idle()
    wait(aged.stack, 400)
    aged.prune()
    assert readable(aged.stack) == {held, before, aged.preview}
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
        aged.prune()
        assert aged.current[0] in readable(aged.stack)
    aged.stack.run_until_idle()
    assert shown_in(aged.stack) == aged.current[0]


# ---- what is being written ------------------------------------------------------------------------------------------


def test_release_that_is_being_written_is_left_alone_and_one_that_was_never_finished_is_not(aged: Aged) -> None:
    body = objects(aged.stack, keys.release(ReleaseId(aged.current[-1]), "trend.parquet")).popitem()[1]
    names = [
        keys.release(ReleaseId("ab" * 16), "trend.parquet"),
        keys.series("cd" * 16),
        keys.peers(ReleaseId("ef" * 16)),
    ]
    for name in names:
        data(aged.stack).put(name, body)
    wait(aged.stack, 29)
    aged.prune()
    assert {*objects(aged.stack, "")} >= {*names}
    wait(aged.stack, 2)
    aged.prune()
    assert {*objects(aged.stack, "")}.isdisjoint(names)


def test_objects_of_others_are_left_alone(aged: Aged) -> None:
    names = [f"mine/{'ab' * 16}.txt", "tables/notes.txt", "releases/README"]
    for name in names:
        data(aged.stack).put(name, b"mine")
    wait(aged.stack, 100)
    aged.prune()
    assert {*objects(aged.stack, "")} >= {*names}


# ---- crashes --------------------------------------------------------------------------------------------------------


class Killed(Exception):
    """The command dies."""


def test_crash_between_any_two_deletions_leaves_no_half_release(aged: Aged, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command dies after each deletion in turn, and the next run goes on from there."""
    monkeypatch.setattr(pruning, "A_DELETE", 1)
    genuine, stay, runs = pruning.delete, {*aged.current[2:], aged.preview}, 0

    def and_die(*arguments: Any) -> None:
        genuine(*arguments)
        raise Killed

    last = readable(aged.stack)
    peers = {*objects(aged.stack, "peers/")}
    while True:
        with monkeypatch.context() as dying:
            dying.setattr(pruning, "delete", and_die)
            try:
                assert aged.prune() == 0
                break
            except Killed:
                runs += 1
        now = readable(aged.stack)  # none is half a release
        assert stay <= now <= last
        last = now
        for name in {*objects(aged.stack, "peers/")} & peers:  # they say that the others exist
            assert objects(aged.stack, name.replace("peers/", "findings/"))
            assert objects(aged.stack, name.replace("peers/", "characteristics/"))
    assert runs > 30
    left = {*objects(aged.stack, "")}
    with small_stack("7", {"work/2025-01/a.csv": work(1)}) as stack:
        at_once = grown(stack)
        assert at_once.prune() == runs
        assert {*objects(stack, "")} == left


def test_what_s3_does_not_delete_ends_the_command_and_a_second_run_finishes(aged: Aged) -> None:
    s3 = aged.stack.client("s3")
    errors = [{"Key": "tables/a", "Code": "InternalError", "Message": "try again"}]
    s3.meta.events.register("after-call.s3.DeleteObjects", lambda parsed, **_: parsed.update(Errors=errors))
    with pytest.raises(CannotOperate, match=r"did not delete 1 objects, the first tables/a: try again\..*run it again"):
        aged.prune()
    errors.clear()
    assert {*aged.current[2:], aged.preview} <= readable(aged.stack)
    aged.prune()
    assert aged.prune() == 0


# ---- refusals -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_flight", [False, True])
@pytest.mark.parametrize("queue", ["PeersQueue", "OpportunitiesQueue", "DryRunPeersQueue", "IngestQueue"])
def test_refuses_while_a_message_waits_or_is_worked_on(aged: Aged, queue: str, in_flight: bool) -> None:
    sqs, url = aged.stack.client("sqs"), aged.stack.outputs[f"{queue}Url"]
    sqs.send_message(QueueUrl=url, MessageBody="{}")
    if in_flight:
        assert sqs.receive_message(QueueUrl=url, VisibilityTimeout=60)["Messages"]
    before = objects(aged.stack, "")
    with pytest.raises(CannotOperate, match="a recompute may need"):
        aged.prune()
    assert objects(aged.stack, "") == before


def test_stops_when_a_recompute_begins_meanwhile(aged: Aged, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "A_DELETE", 5)
    genuine = pruning.delete

    def and_land(*arguments: Any) -> Any:
        aged.stack.land("work/2025-06/a.csv", work(6))
        return genuine(*arguments)

    monkeypatch.setattr(pruning, "delete", and_land)
    with pytest.raises(CannotOperate, match="5 objects deleted, then stopped"):
        aged.prune()
    monkeypatch.undo()
    aged.stack.run_until_idle()
    assert {*aged.current[2:], aged.preview, shown_in(aged.stack)} <= readable(aged.stack)
    aged.prune()
    assert aged.prune() == 0


@pytest.mark.parametrize("place", range(3))
def test_release_that_becomes_current_while_it_is_deleted_is_put_back(
    aged: Aged, monkeypatch: pytest.MonkeyPatch, place: int
) -> None:
    """An operator goes back to it at the moment in which its manifest goes, or a part of the rest."""
    monkeypatch.setattr(pruning, "A_DELETE", 20)
    monkeypatch.setattr(pruning, "busy", lambda _: False)
    genuine, turn, first = pruning.delete, iter(range(100)), aged.current[0]
    before = answers(aged.stack, first)
    earlier = next(one for one in channels.shown(data(aged.stack), "current") if one.release_id == first)
    pointed = channels.pointer_of(data(aged.stack), "current", earlier)

    def and_go_back(*arguments: Any) -> Any:
        if next(turn) == place:
            now, etag = channels.read_pointer(data(aged.stack), "current")
            assert now
            again = pointed.model_copy(update={"sequence": now.sequence + 1, "published_at": aged.stack.clock()})
            channels.publish(data(aged.stack), again, now, etag)
        return genuine(*arguments)

    monkeypatch.setattr(pruning, "delete", and_go_back)
    with pytest.raises(
        CannotOperate, match=r"a channel now shows another release; \d+ objects? that it needs were put"
    ):
        aged.prune()
    after = answers(aged.stack, first)
    tables = [path for path in before if "/tables/" in path]
    assert {path: after[path] for path in tables} == {path: before[path] for path in tables}
    assert {*aged.current[2:], aged.preview, first} <= readable(aged.stack)


def test_asks_for_the_bucket_s_name_and_for_thirty_days_at_least(aged: Aged) -> None:
    before, stack = objects(aged.stack, ""), deployed(aged.stack)
    for confirm in (None, "yes"):
        with pytest.raises(CannotOperate, match=f"--confirm {aged.bucket}"):
            prune(stack, 30, confirm, now=aged.stack.clock, show=lambda _: None)
    with pytest.raises(CannotOperate, match="30 or more"):
        aged.prune(29)
    assert objects(aged.stack, "") == before


def test_dry_run_says_what_would_go_and_deletes_nothing(aged: Aged) -> None:
    before = objects(aged.stack, "")
    lines: list[str] = []
    assert aged.prune(dry_run=True, show=lines.append) == 0
    assert objects(aged.stack, "") == before
    gone: list[str] = []
    assert aged.prune(show=gone.append) > 0
    after = objects(aged.stack, "")
    for folder in {name.split("/")[0] for name in before}:
        missing = [name for name in before.keys() - after.keys() if name.startswith(f"{folder}/")]
        listed = [line.split() for line in lines if line.startswith(f"  {folder}/ ")]
        assert [one[1] for one in listed] == ([f"{len(missing):,}"] if missing else []), folder
    count = len(before) - len(after)
    assert any(f"would be deleted, with what only they need: {count} objects, " in line for line in lines)
    assert [line for line in gone if line.startswith("  ")] == [line for line in lines if line.startswith("  ")]


def test_the_command(aged: Aged, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine's day is that of the stack here, so that it is no other in some years."""
    monkeypatch.setattr("infra.ops.storage.prune.datetime", FixedDay(aged.stack.clock))
    assert main(["prune", "--stack", "headroom", "--keep-days", "30"]) == 1
    assert f"headroom prune: to delete them, use --confirm {aged.bucket}." in capsys.readouterr().err
    assert main(["prune", "--stack", "headroom", "--keep-days", "30", "--confirm", aged.bucket]) == 0
    assert "Done." in capsys.readouterr().out
    assert aged.current[0] not in readable(aged.stack)


class FixedDay:
    """Stands for `datetime`, whose `now` is a clock's."""

    def __init__(self, clock: Callable[[], Any]) -> None:
        self._clock = clock

    def now(self, _zone: object) -> Any:
        return self._clock()


# ---- what readers and operators see ---------------------------------------------------------------------------------


def test_readers_hear_that_a_release_is_no_longer_kept(aged: Aged) -> None:
    first, last = aged.current[0], aged.current[-1]
    aged.prune()
    service = served(aged.stack)
    listed = service.get("/v1/releases").json()["releases"]
    assert [(one["release_id"], one["kept"]) for one in listed] == [
        (one, place < 3) for place, one in enumerate(reversed(aged.current))
    ]
    day = aged.stack.clock() - timedelta(days=85)
    for path, query in (
        (f"/v1/releases/{first}", {}),
        ("/v1/trusts", {"as_at": first}),
        ("/v1/trusts", {"as_at": f"{day:%Y-%m-%d}"}),
        (f"/v1/releases/{last}/changes", {"since": first}),
        (f"/v1/releases/{first}/tables/trend.csv", {}),
    ):
        answer = service.get(path, query)
        assert answer.status == 404, path
        detail = f"This release is no longer kept. It was published on {day:%d %B %Y}. "
        assert answer.json()["detail"] == detail + "/v1/releases says which releases are kept."
    assert service.get(f"/v1/releases/{'0' * 32}").json()["detail"] == "There is no release with that id."


def test_pages_name_it_without_links_and_compare_with_what_is_kept(aged: Aged) -> None:
    first, second, third, fourth, last = aged.current
    aged.prune()
    service = served(aged.stack)
    page = service.get("/releases").body.decode()
    assert page.count("No longer kept") == 2
    assert [one for one in aged.current if f"/releases/{one}" in page] == [third, fourth, last]
    assert f"/releases/{third}/changes" not in page  # from a release that is gone
    assert f"/releases/{fourth}/changes?since={third}" in page
    for path in (f"/releases/{last}/changes", "/trusts/RA1/changes"):
        answer = service.get(path)
        assert answer.status == 200
        assert f'value="{third}"' in answer.body.decode()
        assert second not in answer.body.decode()
    assert service.get(f"/releases/{third}/changes").status == 200  # there is none before it
    for path, query in ((f"/releases/{first}", {}), (f"/releases/{last}/changes", {"since": first})):
        answer = service.get(path, query)
        assert answer.status == 404
        assert "This release is no longer kept." in answer.body.decode()


def test_reader_who_had_opened_it_is_never_answered_from_a_part_of_it(aged: Aged) -> None:
    """What was read stays in memory, so answers are as before or refused, and after the first refusal a release that
    is gone is said to be."""
    first = aged.current[0]
    right = answers(aged.stack, first)
    service = served(aged.stack)
    assert service.get("/v1/trusts", {"as_at": first}).status == 200
    aged.prune()
    service.store.objects = served(aged.stack).store.objects
    statuses = []
    for path in right:
        if not path.startswith("/v1/releases/"):
            answer = service.get(path, {"as_at": first})
            statuses.append(answer.status)
            assert answer.status in (404, 503) or answer.body == right[path], path
    assert statuses.count(503) == 1
    assert set(statuses[statuses.index(503) + 1 :]) == {404}


def test_operators_see_which_releases_are_gone_and_cannot_go_back_to_them(aged: Aged) -> None:
    aged.prune()
    lines: list[str] = []
    decide.list_releases(deployed(aged.stack), lines.append)
    listed = {one: line.endswith(", no longer kept") for line in lines for one in aged.current if one in line}
    assert [listed[one] for one in aged.current] == [True, True, False, False, False]
    with pytest.raises(Exception, match="was current once, but is no longer stored"):
        operator(aged.stack).roll_back(ReleaseId(aged.current[0]), ReleaseId(aged.current[-1]), by(aged.stack))
