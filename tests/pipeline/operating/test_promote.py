"""Preview, promote, roll back, resume: what operators decide takes effect at once, stays when everything is made anew
from the landing bucket, and is done by one of two who decide at the same moment."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from statistics import median, quantiles
from typing import Any

import pytest

from infra.local.clock import MOMENT
from infra.local.stack import LocalStack
from infra.ops import decide as commands
from infra.ops.cli import main
from infra.ops.replay import rebuild
from infra.stacks import Deployed, describe
from shared import keys
from shared.aws.store import Store
from shared.landing import decisions
from shared.releases import channels
from shared.releases.promotion import DecidedBy, Operator, Refused
from tests.support.pipeline.programme import current_release, event_types, objects, pointer, receipt, released_rows
from tests.support.pipeline.small import METHOD_TEXT, ROLL, work

A = METHOD_TEXT
B = METHOD_TEXT.replace("lower: {rule: median}", "lower: {rule: quantile, q: 0.4}")
C = METHOD_TEXT.replace("q: 0.25", "q: 0.2")


@pytest.fixture
def stack() -> Iterator[LocalStack]:
    with LocalStack({"Build": "7"}) as running:
        running.land("method/1/method.yaml", A.encode())
        running.land("roll/2025/roll.csv", ROLL)
        running.land("work/2025-01/a.csv", work(1))
        running.run_until_idle()
        yield running


@pytest.fixture
def previewed(stack: LocalStack) -> LocalStack:
    stack.land("method/2/method.yaml", B.encode())
    stack.run_until_idle()
    return stack


def by(why: str = "because", who: str = "an operator") -> DecidedBy:
    return DecidedBy(who, MOMENT, why)


def operator(stack: LocalStack) -> Operator:
    return Operator(landing(stack), data(stack))


def landing(stack: LocalStack) -> Store:
    return Store(stack.outputs["LandingBucketName"], stack.client("s3"))


def data(stack: LocalStack) -> Store:
    return Store(stack.outputs["DataBucketName"], stack.client("s3"))


def deployed(stack: LocalStack) -> Deployed:
    return describe("headroom", stack.client)


def shown(stack: LocalStack, channel: str = "current") -> dict[str, Any]:
    found = pointer(stack, channel)
    assert found is not None
    return found


def ids(stack: LocalStack) -> tuple[str, str]:
    """Current and preview release."""
    return shown(stack)["release_id"], shown(stack, "preview")["release_id"]


def rebuilt(stack: LocalStack) -> dict[str, Any]:
    """The current pointer after the data bucket was lost and made anew from the landing bucket alone."""
    for name in objects(stack, ""):
        stack.client("s3").delete_object(Bucket=stack.outputs["DataBucketName"], Key=name)
    stack.cold_start()
    rebuild(deployed(stack), wait=lambda _: stack.run_until_idle(), show=lambda _: None)
    return shown(stack)


def landed_decisions(stack: LocalStack) -> list[dict[str, Any]]:
    store = landing(stack)
    return [json.loads(store.get(name).body) for name in store.names(keys.DECISIONS_PREFIX)]


# ---- preview --------------------------------------------------------------------------------------------------------


def test_preview_release_comes_with_a_comparison_of_the_two(previewed: LocalStack) -> None:
    current, preview = ids(previewed)
    told = json.loads(objects(previewed, keys.comparison(current, preview)).popitem()[1])
    assert (told["current"]["release_id"], told["preview"]["release_id"]) == (current, preview)
    assert told["current"]["method_id"] != told["preview"]["method_id"]
    (cost,) = told["opportunities"]
    # Everyone has a value and a benchmark; the spread is that of cost / area by hand, whatever the benchmark.
    values = [(100 * (n + 1) + 37 * (n % 3)) / (10 + n) for n in range(8)]
    marks = [min(values), *quantiles(values, n=4, method="inclusive"), max(values)]
    names = ("minimum", "lower_quartile", "median", "upper_quartile", "maximum")
    for side in ("before", "after"):
        assert (cost[side]["compared"], cost[side]["value"]["n"]) == (8, 8)
        assert [cost[side]["value"][name] for name in names] == pytest.approx(marks)
        assert sum(cost[side]["statuses"].values()) == 8
    rows = released_rows(previewed, "opportunities")
    gains = [row["cash_upper"] for row in rows if row["status"] == "opportunity"]
    assert cost["before"]["cash_upper"]["n"] == len(gains)
    assert cost["before"]["cash_upper"]["median"] == pytest.approx(median(gains))


def test_comparison_follows_both_channels(previewed: LocalStack) -> None:
    previewed.land("work/2025-02/a.csv", work(2))
    previewed.run_until_idle()
    assert objects(previewed, keys.comparison(*ids(previewed)))


def test_comparison_that_a_crash_left_out_is_made_when_the_message_comes_again(
    stack: LocalStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    from functions.opportunities.publish import Publisher

    genuine, crashes = Publisher.compare, [True]

    def crash_once(self: Publisher) -> None:
        if crashes and channels.read_pointer(self.data, "preview")[0]:
            crashes.pop()
            raise OSError("killed")
        genuine(self)

    monkeypatch.setattr(Publisher, "compare", crash_once)
    stack.land("method/2/method.yaml", B.encode())
    stack.run_until_idle()
    assert not crashes
    assert objects(stack, keys.comparison(*ids(stack)))


def test_command_shows_the_comparison_in_plain_text(stack: LocalStack) -> None:
    stack.land("method/2/method.yaml", C.encode())
    stack.run_until_idle()
    told: list[str] = []
    commands.preview(deployed(stack), told.append)
    current, preview = ids(stack)
    text = "\n".join(told)
    assert f"current  release {current}" in text
    assert f"preview  release {preview}" in text
    middle = median((100 * (n + 1) + 37 * (n % 3)) / (10 + n) for n in range(8))
    assert f"    current  8 compared, {middle:.4g};" in text
    assert "No difference in these figures: 0." in text
    assert f"make promote RELEASE={preview}" in text


def test_command_only_counts_opportunities_whose_figures_are_the_same(previewed: LocalStack) -> None:
    told: list[str] = []
    commands.preview(deployed(previewed), told.append)
    assert "  No difference in these figures: 1." in told
    assert not any(line.startswith("    ") for line in told)


def test_command_says_so_where_there_is_no_preview(stack: LocalStack) -> None:
    with pytest.raises(Refused, match="there is no preview"):
        commands.preview(deployed(stack))


def test_preview_of_a_withdrawn_method_is_gone_after_a_rebuild_and_nothing_is_amiss(previewed: LocalStack) -> None:
    current, _ = ids(previewed)
    previewed.delete("method/2/method.yaml")
    previewed.run_until_idle()
    assert rebuilt(previewed)["release_id"] == current
    assert pointer(previewed, "preview") is None


# ---- promote --------------------------------------------------------------------------------------------------------


def test_promoted_release_is_current_at_once_and_recorded(previewed: LocalStack) -> None:
    before, preview = shown(previewed), shown(previewed, "preview")
    release = preview["release_id"]
    done = operator(previewed).promote(release, by("It was reviewed.", "ops"))
    assert done.pointer
    after = shown(previewed)  # before any message was delivered
    assert (after["release_id"], after["method_id"]) == (release, preview["method_id"])
    assert after["sequence"] == before["sequence"] + 1
    assert (after["decision"]["action"], after["decision"]["who"], after["decision"]["why"]) == (
        "promote",
        "ops",
        "It was reviewed.",
    )
    (decision,) = landed_decisions(previewed)
    assert (decision["release_id"], decision["method_id"], decision["instead_of"]) == (
        release,
        preview["method_id"],
        before["release_id"],
    )
    previewed.run_until_idle()
    assert shown(previewed) == after
    assert previewed.dead_letters() == {}


def test_promotion_outlives_the_data_bucket(previewed: LocalStack) -> None:
    operator(previewed).promote(ids(previewed)[1], by())
    previewed.land("work/2025-02/a.csv", work(2))
    previewed.run_until_idle()
    release = shown(previewed)["release_id"], current_release(previewed)
    assert (rebuilt(previewed)["release_id"], current_release(previewed)) == release
    assert pointer(previewed, "preview") is None


def test_what_lands_after_a_promotion_is_computed_by_the_promoted_method(previewed: LocalStack) -> None:
    promoted = operator(previewed).promote(ids(previewed)[1], by()).decision
    previewed.land("work/2025-02/a.csv", work(2))
    previewed.run_until_idle()
    assert shown(previewed)["method_id"] == promoted.method_id
    assert shown(previewed)["decision"]["number"] == promoted.number
    assert b"work/2025-02" in current_release(previewed)["manifest.json"]


def test_act_alone_is_enough_should_the_operator_be_cut_short(previewed: LocalStack) -> None:
    release = ids(previewed)[1]
    work_of = operator(previewed)
    work_of._show = lambda *_: None  # type: ignore[method-assign]
    assert work_of.promote(release, by()).pointer is None
    assert ids(previewed)[0] != release
    previewed.run_until_idle()
    assert shown(previewed)["release_id"] == release
    assert shown(previewed)["decision"]["number"] == 1


def test_promotion_whose_event_is_lost_is_found_by_the_schedule(previewed: LocalStack) -> None:
    release = ids(previewed)[1]
    work_of = operator(previewed)
    work_of._show = lambda *_: None  # type: ignore[method-assign]
    work_of.promote(release, by())
    previewed.client("sqs").purge_queue(QueueUrl=previewed.outputs["IngestQueueUrl"])
    previewed.tick()
    previewed.run_until_idle()
    assert shown(previewed)["release_id"] == release


def test_promotion_of_what_the_preview_channel_no_longer_shows_is_refused(previewed: LocalStack) -> None:
    seen = ids(previewed)[1]
    previewed.land("work/2025-02/a.csv", work(2))
    previewed.run_until_idle()
    with pytest.raises(Refused, match=f"the preview channel now shows {ids(previewed)[1]}, not {seen}"):
        operator(previewed).promote(seen, by())
    assert landed_decisions(previewed) == []


def test_promotion_is_refused_once_a_newer_method_was_accepted(previewed: LocalStack) -> None:
    seen = ids(previewed)[1]
    previewed.land("method/3/method.yaml", C.encode())
    while previewed.pending().keys() & {"IngestQueue"}:
        previewed.deliver("IngestQueue")
    with pytest.raises(Refused, match="no longer the preview method"):
        operator(previewed).promote(seen, by())


def test_promoting_the_current_release_again_is_refused(previewed: LocalStack) -> None:
    release = ids(previewed)[1]
    operator(previewed).promote(release, by())
    with pytest.raises(Refused, match="is already the current one"):
        operator(previewed).promote(release, by())


def test_withdrawn_promotion_is_undone(previewed: LocalStack) -> None:
    first, second = ids(previewed)
    operator(previewed).promote(second, by())
    previewed.run_until_idle()
    previewed.delete(decisions.key(1))
    previewed.run_until_idle()
    assert ids(previewed) == (first, second)


def test_promoted_method_that_is_withdrawn_gives_way_to_the_one_before(previewed: LocalStack) -> None:
    first, second = ids(previewed)
    operator(previewed).promote(second, by())
    previewed.run_until_idle()
    previewed.delete("method/2/method.yaml")
    previewed.run_until_idle()
    assert shown(previewed)["release_id"] == first


def test_what_is_no_act_is_answered_in_a_receipt_and_changes_nothing(previewed: LocalStack) -> None:
    operator(previewed).promote(ids(previewed)[1], by())
    previewed.run_until_idle()
    before = shown(previewed)
    for key, body, word in (
        (decisions.key(1), b"junk", "not a valid decision"),
        (
            decisions.key(2),
            b'{"action": "promote", "who": "x", "when": "2026-01-01T00:00:00Z", "why": "y"}',
            "release_id",
        ),
        (decisions.key(3), b"\x00" * 40_000_000, "too many for a decision"),
        ("decisions/promote.json", b"{}", "six digits"),
    ):
        version = previewed.land(key, body)
        previewed.run_until_idle()
        told = receipt(previewed, key, version)
        assert told["status"] == "rejected"
        assert word in told["findings"][0]["message"]
    assert shown(previewed) == before
    assert previewed.dead_letters() == {}


# ---- two at once ----------------------------------------------------------------------------------------------------


class Meanwhile(Store):
    """A bucket in which something happens just before an object is written under a condition."""

    def __init__(self, store: Store, happens: Callable[[], object]) -> None:
        super().__init__(store.bucket, store._s3)
        self.happens: list[Callable[[], object]] = [happens]

    def swap(self, key: str, body: bytes, expected: str | None, content_type: str = "application/json") -> None:
        if self.happens:
            self.happens.pop()()
        super().swap(key, body, expected, content_type)


def test_of_two_operators_who_decide_at_once_one_wins_and_the_other_is_told(previewed: LocalStack) -> None:
    release = ids(previewed)[1]
    first = operator(previewed)
    slow = Operator(Meanwhile(landing(previewed), lambda: first.promote(release, by(who="first"))), data(previewed))
    with pytest.raises(Refused, match=r"somebody else decided at the same moment \(decision 1\)"):
        slow.promote(release, by(who="second"))
    assert [one["who"] for one in landed_decisions(previewed)] == ["first"]
    previewed.run_until_idle()
    assert shown(previewed)["decision"]["who"] == "first"


def test_roll_back_and_promotion_at_once_are_one_of_the_two(previewed: LocalStack) -> None:
    first, second = ids(previewed)
    operator(previewed).promote(second, by())
    previewed.land("method/3/method.yaml", C.encode())
    previewed.run_until_idle()
    third = ids(previewed)[1]
    other = operator(previewed)
    slow = Operator(Meanwhile(landing(previewed), lambda: other.promote(third, by())), data(previewed))
    with pytest.raises(Refused, match="somebody else decided"):
        slow.roll_back(first, second, by())
    previewed.run_until_idle()
    assert shown(previewed)["release_id"] == third
    assert not shown(previewed)["hold"]


def test_release_published_in_between_does_not_undo_a_decision(previewed: LocalStack) -> None:
    release = ids(previewed)[1]

    def publish_another() -> None:
        previewed.land("work/2025-01/b.csv", work(2))
        # current alone: the preview stays what the operator saw
        previewed.deliver("IngestQueue")
        previewed.deliver("IngestQueue")
        previewed.deliver("PeersQueue")
        previewed.deliver("OpportunitiesQueue", 1)

    decided = Operator(landing(previewed), Meanwhile(data(previewed), publish_another))
    done = decided.promote(release, by())
    assert done.pointer
    assert done.pointer.method_id == done.decision.method_id
    previewed.run_until_idle()
    assert shown(previewed)["method_id"] == done.decision.method_id
    assert b"work/2025-01/b.csv" not in current_release(previewed)["manifest.json"]
    assert shown(previewed)["release_id"] == rebuilt(previewed)["release_id"]


# ---- roll back and resume -------------------------------------------------------------------------------------------


@pytest.fixture
def regretted(stack: LocalStack) -> tuple[LocalStack, str, str]:
    """A stack whose second release, an hour after the first, is regretted; and the two releases."""
    first = shown(stack)["release_id"]
    stack.clock.advance(3600)
    stack.land("work/2025-01/a.csv", work(3))
    stack.run_until_idle()
    return stack, first, shown(stack)["release_id"]


def test_rolled_back_release_is_shown_at_once_and_held(regretted: tuple[LocalStack, str, str]) -> None:
    stack, first, second = regretted
    sequence = shown(stack)["sequence"]
    done = operator(stack).roll_back(first, second, by("The file was wrong.", "ops"))
    assert (shown(stack)["release_id"], shown(stack)["hold"]) == (first, True)
    assert shown(stack)["sequence"] == sequence + 1
    stack.run_until_idle()
    stack.land("work/2025-02/a.csv", work(2))
    stack.run_until_idle()
    stack.tick()
    stack.run_until_idle()
    assert (shown(stack)["release_id"], shown(stack)["sequence"]) == (first, sequence + 1)
    assert (shown(stack)["decision"]["number"], shown(stack)["decision"]["why"]) == (
        done.decision.number,
        "The file was wrong.",
    )
    assert stack.request("GET", "/v1/releases/current").json()["pointer"]["hold"]


def test_file_that_lands_while_held_is_judged_and_counts_after_resuming(regretted: tuple[LocalStack, str, str]) -> None:
    stack, first, second = regretted
    operator(stack).roll_back(first, second, by())
    version = stack.land("work/2025-02/a.csv", work(2))
    stack.client("sqs").purge_queue(QueueUrl=stack.outputs["IngestQueueUrl"])  # its event is lost, too
    stack.tick()
    stack.run_until_idle()
    assert receipt(stack, "work/2025-02/a.csv", version)["status"] == "accepted"
    operator(stack).resume(by("The file was corrected."))
    stack.run_until_idle()
    assert not shown(stack)["hold"]
    assert shown(stack)["decision"]["action"] == "resume"
    assert b"work/2025-02" in current_release(stack)["manifest.json"]


def test_resuming_with_nothing_new_shows_what_was_regretted(regretted: tuple[LocalStack, str, str]) -> None:
    stack, first, second = regretted
    operator(stack).roll_back(first, second, by())
    stack.run_until_idle()
    operator(stack).resume(by())
    stack.run_until_idle()
    assert (shown(stack)["release_id"], shown(stack)["hold"]) == (second, False)


def test_held_release_is_made_again_from_the_landing_bucket_alone(regretted: tuple[LocalStack, str, str]) -> None:
    stack, first, second = regretted
    operator(stack).roll_back(first, second, by())
    stack.land("work/2025-02/a.csv", work(2))
    stack.delete("roll/2025/roll.csv")
    stack.run_until_idle()
    held = current_release(stack)
    found = rebuilt(stack)
    assert (found["release_id"], found["hold"], found["decision"]["number"]) == (first, True, 1)
    assert current_release(stack) == held


def test_hold_outlives_an_operator_who_is_cut_short_and_a_new_build(regretted: tuple[LocalStack, str, str]) -> None:
    stack, first, second = regretted
    work_of = operator(stack)
    work_of._show = lambda *_: None  # type: ignore[method-assign]
    work_of.roll_back(first, second, by())
    stack.functions = {
        name: function.__class__(**{**function.__dict__, "environment": {**function.environment, "BUILD": "8"}})
        for name, function in stack.functions.items()
    }
    stack.run_until_idle()
    assert (shown(stack)["release_id"], shown(stack)["hold"]) == (first, True)


def test_rolling_back_a_promotion_brings_its_method_back_to_the_preview(previewed: LocalStack) -> None:
    first, second = ids(previewed)
    operator(previewed).promote(second, by())
    previewed.run_until_idle()
    operator(previewed).roll_back(first, second, by())
    previewed.run_until_idle()
    assert ids(previewed) == (first, second)
    operator(previewed).resume(by())
    previewed.run_until_idle()
    assert (ids(previewed), shown(previewed)["hold"]) == ((first, second), False)


def test_promoting_ends_a_hold(previewed: LocalStack) -> None:
    first, second = ids(previewed)
    operator(previewed).promote(second, by())
    previewed.run_until_idle()
    operator(previewed).roll_back(first, second, by())
    previewed.land("method/3/method.yaml", C.encode())
    previewed.run_until_idle()
    third = ids(previewed)[1]
    operator(previewed).promote(third, by())
    previewed.run_until_idle()
    assert (shown(previewed)["release_id"], shown(previewed)["hold"]) == (third, False)


def test_roll_back_that_a_release_overtook_is_refused(regretted: tuple[LocalStack, str, str]) -> None:
    stack, first, second = regretted
    stack.land("work/2025-02/a.csv", work(2))
    stack.run_until_idle()
    now = shown(stack)["release_id"]
    with pytest.raises(Refused, match=f"release {now} is current now, not {second}"):
        operator(stack).roll_back(first, second, by())
    assert landed_decisions(stack) == []


def test_what_cannot_be_rolled_back_or_resumed_is_said(regretted: tuple[LocalStack, str, str]) -> None:
    stack, first, second = regretted
    ops = operator(stack)
    with pytest.raises(Refused, match="was never current"):
        ops.roll_back("0" * 32, second, by())
    with pytest.raises(Refused, match="name an earlier one"):
        ops.roll_back(second, second, by())
    with pytest.raises(Refused, match="nothing to resume"):
        ops.resume(by())
    with pytest.raises(Refused, match="why: String should have at most"):
        ops.roll_back(first, second, by("x" * 2001))
    for name in objects(stack, f"releases/{first}/"):
        stack.client("s3").delete_object(Bucket=stack.outputs["DataBucketName"], Key=name)
    with pytest.raises(Refused, match="no longer stored"):
        ops.roll_back(first, second, by())
    assert landed_decisions(stack) == []


def test_release_of_a_withdrawn_method_is_not_rolled_back_to(previewed: LocalStack) -> None:
    first, second = ids(previewed)
    operator(previewed).promote(second, by())
    previewed.delete("method/1/method.yaml")
    previewed.run_until_idle()
    with pytest.raises(Refused, match="was deleted"):
        operator(previewed).roll_back(first, second, by())


# ---- history --------------------------------------------------------------------------------------------------------


def test_history_tells_what_was_shown_when_newest_first(regretted: tuple[LocalStack, str, str]) -> None:
    stack, first, second = regretted
    hours = [MOMENT + timedelta(hours=hour) for hour in (2, 1, 0)]
    operator(stack).roll_back(first, second, DecidedBy("an operator", hours[0], "because"))
    bucket = data(stack)
    found = list(channels.shown(bucket, "current"))
    assert [(one.sequence, one.release_id) for one in found] == [(3, first), (2, second), (1, first)]
    assert list(channels.shown(bucket, "current", before=3)) == found[1:]
    assert list(channels.shown(bucket, "current", before=1)) == []
    assert [one.published_at for one in found] == hours
    assert [channels.shown_at(bucket, "current", hour) for hour in hours] == found
    assert [channels.shown_at(bucket, "current", hour - timedelta(seconds=1)) for hour in hours] == [*found[1:], None]
    pointers = [channels.pointer_of(bucket, "current", one) for one in found]
    assert [(one.release_id, one.hold) for one in pointers] == [(first, True), (second, False), (first, False)]


def test_sequence_goes_on_where_history_ended(regretted: tuple[LocalStack, str, str]) -> None:
    stack, _, second = regretted
    rebuild(deployed(stack), stack.outputs["DataBucketName"], wait=lambda _: stack.run_until_idle())
    assert (shown(stack)["release_id"], shown(stack)["sequence"]) == (second, 3)
    assert [one.sequence for one in channels.shown(data(stack), "current")] == [3, 2, 1]


# ---- the commands ---------------------------------------------------------------------------------------------------


def test_commands_do_it_and_tell(previewed: LocalStack) -> None:
    first, second = ids(previewed)
    told: list[str] = []
    commands.promote(deployed(previewed), second, "It was reviewed.", show=told.append)
    previewed.run_until_idle()
    assert told[0].startswith("Decision 1 is recorded: promote by arn:aws:")
    assert f"current  release {second}" in told[1]
    with pytest.raises(Refused, match=rf"use --from \(with make, FROM=\) with {second}"):
        commands.roll_back(deployed(previewed), first, None, "It was wrong.")
    commands.roll_back(deployed(previewed), first, second, "It was wrong.", "ops", told.append)
    assert "held" in told[3]
    commands.resume(deployed(previewed), "It was right.", "ops", told.append)
    assert told[-1].startswith("Readers see its effect within a minute")
    previewed.run_until_idle()
    told.clear()
    commands.list_releases(deployed(previewed), told.append)
    text = "\n".join(told)
    assert "decision 2: rollback by ops" in text
    assert text.index("decision 3: resume by ops") < text.index("decision 2") < text.index("decision 1: promote")
    assert event_types(previewed).count("ReleasePublished") >= 3


def test_command_line_leads_there_and_says_what_went_wrong(
    previewed: LocalStack, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = ids(previewed)
    of_stack = ["--stack", "headroom", "--why", "because", "--who", "ops"]
    assert main(["promote", "--release", first, *of_stack]) == 1
    assert capsys.readouterr().err == f"headroom promote: release {first} is already the current one.\n"
    assert main(["promote", "--release", second, *of_stack]) == 0
    assert shown(previewed)["release_id"] == second
    assert main(["rollback", "--release", first, "--from", second, *of_stack]) == 0
    assert main(["releases", "--stack", "headroom"]) == 0
    assert "rollback by ops" in capsys.readouterr().out
    assert main(["resume", *of_stack]) == 0
    assert main(["preview", "--stack", "nowhere"]) == 1


@pytest.mark.parametrize("command", [commands.promote, commands.resume, commands.roll_back])
def test_nothing_is_decided_without_a_reason(previewed: LocalStack, command: Callable[..., None]) -> None:
    given: dict[str, Any] = {} if command is commands.resume else {"release": ids(previewed)[1]}
    given |= {"instead_of": ids(previewed)[0]} if command is commands.roll_back else {}
    with pytest.raises(Refused, match='use --why "…"'):
        command(deployed(previewed), why=None, **given)
    assert landed_decisions(previewed) == []
