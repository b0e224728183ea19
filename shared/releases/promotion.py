"""Promote, roll back, resume: what operators do about the current channel, whoever calls (a command, the API).

Each lands an act: that is the decision, and from then on the landing bucket says so. Promoting and rolling back then
also move the pointer at once; should that be cut short, peers and opportunities do it from the act.
"""

from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError

from shared import decision, keys
from shared.aws.store import Conflict, Store
from shared.content import model_json
from shared.decision import PROMOTE, RESUME, ROLL_BACK
from shared.errors import HeadroomError
from shared.ids import ReleaseId
from shared.keys import CURRENT, PREVIEW
from shared.landing import decisions
from shared.landing.decisions import LandedDecision
from shared.landing.history import InForce, Log, accepted_methods, in_force
from shared.landing.read import read_log_of_methods
from shared.landing.snapshot import Snapshot
from shared.releases import channels, write
from shared.releases.channels import Pointer, read_pointer

_ATTEMPTS = 5
_EARLIER = 10_000
"""How many earlier pointers of a channel are looked through for a release."""


class Refused(HeadroomError):
    """What was asked cannot be done as things stand; a plain sentence with the remedy."""


class DecidedBy(NamedTuple):
    """Who decides, when, and why."""

    who: str
    when: datetime
    why: str


class Outcome(NamedTuple):
    """The act that was landed, and the pointer by which readers see its effect (None: within half a minute)."""

    act: decision.Decision
    pointer: Pointer | None


class Operator:
    """The two buckets, and what an operator does with them."""

    def __init__(self, landing: Store, data: Store) -> None:
        self.landing = landing
        self.data = data

    def promote(self, release_id: ReleaseId, by: DecidedBy, instead_of: ReleaseId | None = None) -> Outcome:
        """Make the method of the preview release `release_id` the current one. Refused unless the preview channel
        still shows that release (and readers `instead_of`, if given), or if somebody else acts at the same moment."""
        log, force = self._look()
        current, preview = (read_pointer(self.data, channel)[0] for channel in (CURRENT, PREVIEW))
        if current and current.release_id == release_id:
            raise Refused(f"release {release_id} is the current one already.")
        if instead_of is not None:
            _still(current, instead_of)
        if not preview or preview.release_id != release_id:
            shows = f"shows {preview.release_id} now" if preview else "shows nothing yet"
            raise Refused(f"the preview channel {shows}, not {release_id}: look at it, then promote that.")
        if force.methods.get(PREVIEW) != preview.method_id:
            raise Refused(
                f"the method of release {release_id} is no longer the newest one that was accepted and is not current: "
                "look at the preview channel again in a minute."
            )
        act = self._land(
            log,
            by,
            act=PROMOTE,
            release_id=release_id,
            method_id=preview.method_id,
            instead_of=current.release_id if current else None,
        )
        return Outcome(act, self._show(act, preview, by.when))

    def roll_back(self, release_id: ReleaseId, instead_of: ReleaseId, by: DecidedBy) -> Outcome:
        """Show `release_id`, which was current before, and hold it, whatever is landed. Refused unless readers still
        see `instead_of`, or if somebody else acts at the same moment."""
        log, _ = self._look()
        current, _ = read_pointer(self.data, CURRENT)
        _still(current, instead_of)
        if release_id == instead_of:
            raise Refused(f"release {release_id} is the current one; name an earlier one to go back to.")
        earlier = self._earlier(release_id)
        snapshot = self.data.read_model(Snapshot, keys.snapshot(earlier.snapshot_id))
        if snapshot.method_id not in accepted_methods(log):
            raise Refused(
                f"the method {snapshot.method_id} of release {release_id} was withdrawn from the landing bucket: "
                "restore it by copying it onto its key, then roll back."
            )
        files = [*snapshot.files, *(left.file for left in snapshot.left_out)]
        act = self._land(
            log,
            by,
            act=ROLL_BACK,
            release_id=release_id,
            method_id=snapshot.method_id,
            instead_of=instead_of,
            versions=[(file.landing_key, file.version_id) for file in files],
        )
        return Outcome(act, self._show(act, earlier, by.when))

    def resume(self, by: DecidedBy, held: str | None = None) -> Outcome:
        """Lift the hold: the channel then follows what is landed again, by the method of the release that was held.
        Refused where nothing is held, or another release than `held`, if given."""
        log, force = self._look()
        if not force.decided or not force.decided.hold:
            raise Refused("the current channel is not held: there is nothing to resume.")
        if held is not None and force.decided.hold.release_id != held:
            raise Refused(f"release {force.decided.hold.release_id} is held now, not {held}: look again, then decide.")
        return Outcome(self._land(log, by, act=RESUME), None)

    def _look(self) -> tuple[Log, InForce]:
        """The log before anything else: what is landed later than this look makes the act's number a taken one."""
        log = read_log_of_methods(self.landing, self.data)
        return log, in_force(log)

    def _earlier(self, release_id: ReleaseId) -> Pointer:
        """The newest pointer, of those on record, by which readers saw a release."""
        for place, one in enumerate(channels.shown(self.data, CURRENT)):
            if place > _EARLIER:
                break
            if one.release_id == release_id:
                if write.exists(self.data, release_id):
                    return channels.pointer_of(self.data, CURRENT, one)
                raise Refused(f"release {release_id} was current once, but is no longer stored.")
        raise Refused(f"release {release_id} is not on record as one that was current: the list of releases has those.")

    def _land(self, log: Log, by: DecidedBy, **told: object) -> decision.Decision:
        number = log.last_act() + 1
        try:
            act = LandedDecision.model_validate({"number": number} | by._asdict() | told)
        except ValidationError as error:
            faults = "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors())
            raise Refused(f"the act cannot be recorded so: {faults}.") from None
        try:
            self.landing.swap(decisions.key(number), model_json(act), None)
        except Conflict:
            raise Refused(
                f"somebody else acted at the same moment (act {number}): look at what is shown now, and decide again."
            ) from None
        return act.told()

    def _show(self, act: decision.Decision, like: Pointer, now: datetime) -> Pointer | None:
        """Point the current channel at what a pointer shows; None where others keep publishing meanwhile."""
        for _ in range(_ATTEMPTS):
            current, etag = read_pointer(self.data, CURRENT)
            if current and current.act and current.act.number >= act.number:
                return current
            shown = Pointer(
                channel=CURRENT,
                sequence=channels.next_sequence(self.data, CURRENT, current),
                release_id=like.release_id,
                snapshot_id=like.snapshot_id,
                method_id=like.method_id,
                build=like.build,
                published_at=now,
                hold=act.held_by is not None,
                act=act,
            )
            try:
                channels.publish(self.data, shown, current, etag)
            except Conflict:
                continue
            return shown
        return None


def _still(current: Pointer | None, seen: str) -> None:
    if not current or current.release_id != seen:
        shows = f"release {current.release_id} is" if current else "no release is"
        raise Refused(f"{shows} current now, not {seen}: look again, then say which one is to go.")
