"""Promote, roll back and resume: how operators decide about the current channel, by a command or over the API.

Each lands a decision, which counts from then on. Promoting and rolling back then also move the pointer at once. If
that is interrupted, peers and opportunities move it, because the decision is landed.
"""

from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError

from shared import keys
from shared.aws.store import Conflict, Store
from shared.content import model_json
from shared.decision import PROMOTE, RESUME, ROLL_BACK, Decision
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


class Refused(HeadroomError):
    """The decision cannot be made in the present state; the message is a plain sentence with the remedy."""


class DecidedBy(NamedTuple):
    """Who decides, when, and why."""

    who: str
    when: datetime
    why: str


class Outcome(NamedTuple):
    """The decision that was landed, and the pointer that readers now follow (None: it moves within a minute)."""

    decision: Decision
    pointer: Pointer | None


class Operator:
    """Makes an operator's decisions in the two buckets."""

    def __init__(self, landing: Store, data: Store) -> None:
        self.landing = landing
        self.data = data

    def promote(self, release_id: ReleaseId, by: DecidedBy, instead_of: ReleaseId | None = None) -> Outcome:
        """Make the method of the preview release `release_id` the current one.

        Refused unless the preview channel still shows that release and readers still see `instead_of` (if named), or
        if somebody else decides at the same moment."""
        log, force = self._look()
        current, preview = (read_pointer(self.data, channel)[0] for channel in (CURRENT, PREVIEW))
        if current and current.release_id == release_id:
            raise Refused(f"release {release_id} is already the current one.")
        if instead_of is not None:
            _still(current, instead_of)
        if not preview or preview.release_id != release_id:
            shows = f"now shows {preview.release_id}" if preview else "shows no release yet"
            raise Refused(f"the preview channel {shows}, not {release_id}: review what it shows, then promote that.")
        if force.methods.get(PREVIEW) != preview.method_id:
            raise Refused(
                f"the method of release {release_id} is no longer the preview method: review the preview channel again "
                "in a minute."
            )
        decision = self._land(
            log,
            by,
            action=PROMOTE,
            release_id=release_id,
            method_id=preview.method_id,
            instead_of=current.release_id if current else None,
        )
        return Outcome(decision, self._show(decision, preview, by.when))

    def roll_back(self, release_id: ReleaseId, instead_of: ReleaseId, by: DecidedBy) -> Outcome:
        """Show `release_id`, which was current before, and hold it, whatever is landed.

        Refused unless readers still see `instead_of`, or if somebody else decides at the same moment."""
        log, _ = self._look()
        current, _ = read_pointer(self.data, CURRENT)
        _still(current, instead_of)
        if release_id == instead_of:
            raise Refused(f"release {release_id} is the current one; name an earlier one to go back to.")
        earlier = self._earlier(release_id)
        snapshot = self.data.read_model(Snapshot, keys.snapshot(earlier.snapshot_id))
        if snapshot.method_id not in accepted_methods(log):
            raise Refused(
                f"the method {snapshot.method_id} of release {release_id} was deleted from the landing bucket: restore "
                "it by copying the deleted version onto its key, then roll back."
            )
        files = [*snapshot.files, *(left.file for left in snapshot.left_out)]
        decision = self._land(
            log,
            by,
            action=ROLL_BACK,
            release_id=release_id,
            method_id=snapshot.method_id,
            instead_of=instead_of,
            versions=[(file.landing_key, file.version_id) for file in files],
        )
        return Outcome(decision, self._show(decision, earlier, by.when))

    def resume(self, by: DecidedBy, held: str | None = None) -> Outcome:
        """Lift the hold: the channel follows what is landed again, with the method of the release that was held.

        Refused if no release is held, or if a release other than `held` (if named) is."""
        log, force = self._look()
        hold = force.decisions.hold if force.decisions else None
        if hold is None:
            raise Refused("the current channel is not held: there is nothing to resume.")
        if held is not None and hold.release_id != held:
            raise Refused(f"release {hold.release_id} is held now, not {held}: check the current state, then decide.")
        return Outcome(self._land(log, by, action=RESUME), None)

    def _look(self) -> tuple[Log, InForce]:
        """The log, read before anything else: if a decision is landed after this, `_land` finds its number taken."""
        log = read_log_of_methods(self.landing, self.data)
        return log, in_force(log)

    def _earlier(self, release_id: ReleaseId) -> Pointer:
        """The newest pointer in the channel's history that showed a release to readers."""
        earlier = channels.last_shown(self.data, CURRENT, release_id)
        if earlier is None:
            raise Refused(f"release {release_id} was never current: the list of releases has those that were.")
        if not write.exists(self.data, release_id):
            raise Refused(f"release {release_id} was current once, but is no longer stored.")
        return channels.pointer_of(self.data, CURRENT, earlier)

    def _land(self, log: Log, by: DecidedBy, **details: object) -> Decision:
        number = log.last_decision() + 1
        try:
            decision = LandedDecision.model_validate({"number": number} | by._asdict() | details)
        except ValidationError as error:
            faults = "; ".join(f"{fault['loc'][-1]}: {fault['msg']}" for fault in error.errors())
            raise Refused(f"the decision is not valid: {faults}.") from None
        try:
            self.landing.swap(decisions.key(number), model_json(decision), None)
        except Conflict:
            raise Refused(
                f"somebody else decided at the same moment (decision {number}): check what readers see, then decide "
                "again."
            ) from None
        return decision.without_versions()

    def _show(self, decision: Decision, like: Pointer, now: datetime) -> Pointer | None:
        """Point the current channel at the release of a pointer; None if others kept publishing at the same time."""
        for _ in range(_ATTEMPTS):
            current, etag = read_pointer(self.data, CURRENT)
            if current and current.decision and current.decision.number >= decision.number:
                return current
            pointer = Pointer(
                channel=CURRENT,
                sequence=channels.next_sequence(self.data, CURRENT, current),
                release_id=like.release_id,
                snapshot_id=like.snapshot_id,
                method_id=like.method_id,
                build=like.build,
                published_at=now,
                hold=decision.held_by is not None,
                decision=decision,
            )
            try:
                channels.publish(self.data, pointer, current, etag)
            except Conflict:
                continue
            return pointer
        return None


def _still(current: Pointer | None, seen: str) -> None:
    if not current or current.release_id != seen:
        now = f"release {current.release_id} is" if current else "no release is"
        raise Refused(f"{now} current now, not {seen}: check what readers see, then decide again.")
