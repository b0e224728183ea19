"""What operators decide about the release that readers see: preview, promote, rollback, resume."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import islice

from infra.stacks import Deployed
from shared.aws.store import Store
from shared.formatting import amount
from shared.ids import ReleaseId
from shared.keys import CURRENT, PREVIEW
from shared.releases import channels, write
from shared.releases.channels import Pointer, read_pointer
from shared.releases.comparison import Comparison, Distribution, Spread
from shared.releases.previewed import NoPreview, read_preview
from shared.releases.promotion import DecidedBy, Operator, Outcome, Refused

_SENTENCES = 20
_LISTED = 20

type Print = Callable[[str], None]


# ---- looking --------------------------------------------------------------------------------------------------------


def preview(stack: Deployed, show: Print = print) -> None:
    """Print what would change if the preview became current. Refused if there is no preview."""
    try:
        current, previewed, comparison = read_preview(_data(stack))
    except NoPreview as error:
        raise Refused(str(error)) from None
    for channel, pointer in ((CURRENT, current), (PREVIEW, previewed)):
        show(f"{channel:8} {_described(pointer)}")
    if not comparison:
        raise Refused("the two releases are still being compared: try again in a minute.")
    for line in _compared(comparison):
        show(line)
    show(f'To make it current: make promote RELEASE={previewed.release_id} WHY="…"')


def list_releases(stack: Deployed, show: Print = print) -> None:
    """Print the releases that readers saw, newest first, with operators' decisions. Refused if there are none."""
    data = _data(stack)
    shown = [*islice(channels.shown(data, CURRENT), _LISTED)]
    stored = write.stored(data, (one.release_id for one in shown))
    for publication in shown:
        pointer = channels.pointer_of(data, CURRENT, publication)
        gone = "" if pointer.release_id in stored else ", no longer kept"
        show(f"{pointer.sequence:6}  {_described(pointer)}{gone}")
        if decision := pointer.decision:
            when = f"{decision.when:%Y-%m-%d %H:%M} UTC"
            show(f"        by decision {decision.number}: {decision.action} by {decision.who}, {when}: {decision.why}")
    if not shown:
        raise Refused("nothing has been published yet.")


def _described(pointer: Pointer) -> str:
    hold = ", held" if pointer.hold else ""
    return (
        f"release {pointer.release_id} of method {pointer.method_id}, build {pointer.build}, "
        f"since {pointer.published_at:%Y-%m-%d %H:%M:%S} UTC{hold}"
    )


def _compared(comparison: Comparison) -> Iterator[str]:
    yield ""
    yield from comparison.impact.summary
    yield ""
    yield "By opportunity: how many are compared, median value; how many have one, their median gain (upper value)."
    moving = [moved for moved in comparison.opportunities if moved.before != moved.after]
    for moved in moving:
        yield f"  {moved.opportunity_id}"
        for name, side in ((CURRENT, moved.before), (PREVIEW, moved.after)):
            yield f"    {name:8} {_distribution(side, comparison.currency)}"
    yield f"  No difference in these figures: {len(comparison.opportunities) - len(moving)}."
    for what, changes in (("opportunities", comparison.impact.opportunities), ("peers", comparison.impact.peers)):
        if changes:
            yield ""
            yield f"The biggest changes of {what}:"
            yield from (f"  {change.sentence}" for change in changes[:_SENTENCES])
    yield ""


def _distribution(one: Distribution | None, currency: str | None) -> str:
    if one is None:
        return "does not have it"
    cash = one.cash_upper.median
    gain = amount(cash, currency, places=0) if cash is not None else _median(one.units_upper, one.unit)
    return f"{one.compared:,} compared, {_median(one.value)}; {one.statuses.get('opportunity', 0):,} with one, {gain}"


def _median(spread: Spread, unit: str | None = None) -> str:
    if spread.median is None:
        return "none"
    figure = f"{spread.median:,.0f}" if abs(spread.median) >= 1000 else f"{spread.median:.4g}"
    return f"{figure} {unit or ''}".rstrip()


# ---- deciding -------------------------------------------------------------------------------------------------------


def promote(stack: Deployed, release: str | None, why: str | None, who: str | None = None, show: Print = print) -> None:
    """Make the preview release the current one. Refused unless the preview channel still shows it."""
    by = _by(stack, why, who)
    if not release:
        raise Refused("use --release (with make, RELEASE=) with the preview release, as make preview prints it.")
    _show(_operator(stack).promote(ReleaseId(release), by), show)


def roll_back(
    stack: Deployed,
    release: str | None,
    instead_of: str | None,
    why: str | None,
    who: str | None = None,
    show: Print = print,
) -> None:
    """Go back to an earlier release and hold it. Refused unless `instead_of` is still current."""
    by = _by(stack, why, who)
    if not release:
        raise Refused("use --release (with make, RELEASE=) with the earlier release, as make releases prints it.")
    if not instead_of:
        current, _ = read_pointer(_data(stack), CURRENT)
        now = f"{current.release_id}, the current release" if current else "the current release"
        raise Refused(
            f"use --from (with make, FROM=) with {now}, so that no release is replaced but the one that you saw."
        )
    _show(_operator(stack).roll_back(ReleaseId(release), ReleaseId(instead_of), by), show)
    show("It stays current, whatever is landed, until make resume or make promote.")


def resume(stack: Deployed, why: str | None, who: str | None = None, show: Print = print) -> None:
    """Lift the hold. Refused if there is none."""
    _show(_operator(stack).resume(_by(stack, why, who)), show)


def _show(done: Outcome, show: Print) -> None:
    show(f"Decision {done.decision.number} is recorded: {done.decision.action} by {done.decision.who}.")
    if done.pointer:
        show(f"current  {_described(done.pointer)}")
    else:
        show("Readers see its effect within a minute; make releases lists it.")


def _by(stack: Deployed, why: str | None, who: str | None) -> DecidedBy:
    if not why:
        raise Refused('use --why "…": the reason is recorded.')
    return DecidedBy(who or stack.client("sts").get_caller_identity()["Arn"], datetime.now(UTC), why)


def _operator(stack: Deployed) -> Operator:
    return Operator(Store(stack.outputs["LandingBucketName"], stack.client("s3")), _data(stack))


def _data(stack: Deployed) -> Store:
    return Store(stack.outputs["DataBucketName"], stack.client("s3"))
