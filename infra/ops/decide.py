"""Look at the preview, promote it, roll back, resume: what operators decide about a stack's current channel."""

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice

from botocore.exceptions import BotoCoreError, ClientError

from infra.stacks import Deployed, NoStack, find
from shared import keys
from shared.aws.store import Store
from shared.errors import HeadroomError
from shared.ids import ReleaseId
from shared.keys import CURRENT, PREVIEW
from shared.releases import channels
from shared.releases.channels import Pointer, read_pointer
from shared.releases.comparison import Comparison, Distribution, Spread
from shared.releases.promotion import DecidedBy, Operator, Outcome, Refused

_SENTENCES = 20
_LISTED = 20

type Tell = Callable[[str], None]


def main(arguments: Sequence[str] | None = None, tell: Tell = print) -> int:
    """Do what is asked; 1 with one line on standard error if that fails."""
    given = _arguments().parse_args(arguments)
    try:
        stack = find(given.stage, given.stack)
        if given.command == "preview":
            preview(stack, tell)
        elif given.command == "releases":
            listed(stack, tell)
        elif given.command == "promote":
            promote(stack, given.release, given.why, given.who, tell)
        elif given.command == "rollback":
            roll_back(stack, given.release, given.instead_of, given.why, given.who, tell)
        else:
            resume(stack, given.why, given.who, tell)
    except (HeadroomError, NoStack, ClientError, BotoCoreError) as error:
        print(f"make {given.command}: {error}", file=sys.stderr)
        return 1
    return 0


def _arguments() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--stage", help="stage of samconfig.toml: local, dev or prod")
    common.add_argument("--stack", help="name of the stack, instead of a stage")
    deciding = argparse.ArgumentParser(add_help=False, parents=[common])
    deciding.add_argument("--why", help="the reason, for the record")
    deciding.add_argument("--who", help="who decides; else whoever the credentials belong to")
    parser = argparse.ArgumentParser(prog="make", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("preview", parents=[common], help="compare the preview release with the current one")
    commands.add_parser("releases", parents=[common], help="which releases readers saw, and when")
    one = commands.add_parser("promote", parents=[deciding], help="make the preview release the current one")
    one.add_argument("--release", help="the preview release, as `make preview` shows it")
    two = commands.add_parser("rollback", parents=[deciding], help="go back to an earlier release, and hold it")
    two.add_argument("--release", help="the earlier release, as `make releases` shows it")
    two.add_argument("--instead-of", help="the release that is current now and is to go")
    commands.add_parser("resume", parents=[deciding], help="lift the hold")
    return parser


# ---- looking --------------------------------------------------------------------------------------------------------


def preview(stack: Deployed, tell: Tell = print) -> None:
    """Say what would change if the preview became current; Refused where there is none."""
    data = _data(stack)
    current, shown = (read_pointer(data, channel)[0] for channel in (CURRENT, PREVIEW))
    if not current or not shown or shown.method_id == current.method_id:
        raise Refused(
            "there is no preview: it is made when another method than the current one is landed and accepted."
        )
    for channel, pointer in ((CURRENT, current), (PREVIEW, shown)):
        tell(f"{channel:8} {_described(pointer)}")
    compared = data.find_model(Comparison, keys.comparison(current.release_id, shown.release_id))
    if not compared:
        raise Refused("the comparison of the two is still being made: ask again in a minute.")
    for line in _compared(compared):
        tell(line)
    tell(f'To make it current: make promote RELEASE={shown.release_id} WHY="…"')


def listed(stack: Deployed, tell: Tell = print) -> None:
    """List the releases that readers saw, newest first, with what operators decided."""
    data = _data(stack)
    number = 0
    for one in islice(channels.shown(data, CURRENT), _LISTED):
        number += 1
        pointer = channels.pointer_of(data, CURRENT, one)
        tell(f"{pointer.sequence:6}  {_described(pointer)}")
        if pointer.act:
            act = pointer.act
            tell(f"        by decision {act.number}: {act.act} by {act.who}, {act.when:%Y-%m-%d %H:%M} UTC: {act.why}")
    if not number:
        raise Refused("nothing has been published yet.")


def _described(pointer: Pointer) -> str:
    held = ", held" if pointer.hold else ""
    return (
        f"release {pointer.release_id} of method {pointer.method_id}, build {pointer.build}, "
        f"since {pointer.published_at:%Y-%m-%d %H:%M:%S} UTC{held}"
    )


def _compared(told: Comparison) -> Iterator[str]:
    yield ""
    yield from told.impact.summary
    yield ""
    yield "By opportunity: trusts compared, median value; trusts with an opportunity, their median gain (ambitious)."
    moving = [moved for moved in told.opportunities if moved.before != moved.after]
    for moved in moving:
        yield f"  {moved.opportunity_id}"
        for name, side in ((CURRENT, moved.before), (PREVIEW, moved.after)):
            yield f"    {name:8} {_distribution(side)}"
    yield f"  The same in both, as far as these figures show: {len(told.opportunities) - len(moving)}."
    for what, changes in (("opportunities", told.impact.opportunities), ("peers", told.impact.peers)):
        if changes:
            yield ""
            yield f"The biggest changes of {what}:"
            yield from (f"  {change.sentence}" for change in changes[:_SENTENCES])
    yield ""


def _distribution(one: Distribution | None) -> str:
    if one is None:
        return "does not have it"
    gain = f"£{one.cash_upper.median:,.0f}" if one.cash_upper.median is not None else _median(one.units_upper, one.unit)
    return f"{one.compared:,} compared, {_median(one.value)}; {one.statuses.get('opportunity', 0):,} with one, {gain}"


def _median(spread: Spread, unit: str | None = None) -> str:
    if spread.median is None:
        return "none"
    figure = f"{spread.median:,.0f}" if abs(spread.median) >= 1000 else f"{spread.median:.4g}"
    return f"{figure} {unit or ''}".rstrip()


# ---- deciding -------------------------------------------------------------------------------------------------------


def promote(stack: Deployed, release: str | None, why: str | None, who: str | None = None, tell: Tell = print) -> None:
    """Make the preview release the current one; Refused unless it is still what the preview channel shows."""
    by = _by(stack, why, who)
    if not release:
        raise Refused("say RELEASE= with the preview release, as `make preview` shows it.")
    _tell(_operator(stack).promote(ReleaseId(release), by), tell)


def roll_back(
    stack: Deployed,
    release: str | None,
    instead_of: str | None,
    why: str | None,
    who: str | None = None,
    tell: Tell = print,
) -> None:
    """Go back to an earlier release and hold it; Refused unless `instead_of` is still current."""
    by = _by(stack, why, who)
    if not release:
        raise Refused("say RELEASE= with the earlier release to go back to, as `make releases` shows it.")
    if not instead_of:
        current, _ = read_pointer(_data(stack), CURRENT)
        now = f"FROM={current.release_id}, the release that is current now" if current else "FROM=<the current release>"
        raise Refused(f"say {now}, so that nothing is rolled back but what you saw.")
    _tell(_operator(stack).roll_back(ReleaseId(release), ReleaseId(instead_of), by), tell)
    tell("It stays, whatever is landed, until `make resume` lifts the hold or a preview is promoted.")


def resume(stack: Deployed, why: str | None, who: str | None = None, tell: Tell = print) -> None:
    """Lift the hold; Refused where there is none."""
    _tell(_operator(stack).resume(_by(stack, why, who)), tell)


def _tell(done: Outcome, tell: Tell) -> None:
    tell(f"Decision {done.decision.number} is recorded: {done.decision.act} by {done.decision.who}.")
    if done.pointer:
        tell(f"current  {_described(done.pointer)}")
    else:
        tell("Readers see its effect within half a minute; `make releases` shows it.")


def _by(stack: Deployed, why: str | None, who: str | None) -> DecidedBy:
    if not why:
        raise Refused('say WHY="…": the reason stays on record.')
    return DecidedBy(who or stack.client("sts").get_caller_identity()["Arn"], datetime.now(UTC), why)


def _operator(stack: Deployed) -> Operator:
    return Operator(Store(stack.outputs["LandingBucketName"], stack.client("s3")), _data(stack))


def _data(stack: Deployed) -> Store:
    return Store(stack.outputs["DataBucketName"], stack.client("s3"))


if __name__ == "__main__":
    sys.exit(main())
