"""Dry runs: the private release of a file is compared with the current release, in the file's receipt."""

import json

from functions.opportunities.estimate.assemble import assemble
from functions.opportunities.estimate.estimate import MissingShards
from functions.opportunities.kept.series import KeptSeries
from functions.opportunities.stored_facts import StoredFacts
from shared import keys
from shared.aws.store import Store
from shared.content import to_json
from shared.dry_run import CHARACTERISTICS, FINDINGS, PEERS, SNAPSHOT, DryRunStore
from shared.events import DryRunAssessed, DryRunPeersComputed
from shared.ids import ReleaseId
from shared.landing.read import read_method, read_prices
from shared.landing.snapshot import Snapshot
from shared.method.method import Method
from shared.method.prices import with_landed
from shared.releases import write
from shared.releases.assessment import Assessment
from shared.releases.contents import Contents
from shared.releases.impact import impact
from shared.releases.manifest import Manifest

_SAME = "The file changes nothing in the current release."
_NO_FIGURES = "The file would not make a release yet: no {} would have data for any metric."
_OTHER_METHOD = (
    "The current release was computed with another method than the one in force, so the changes by the method are "
    "listed here too."
)
_OTHER_BUILD = (
    "The current release was computed by build {}, this one by build {}: the changes by the build are listed here too."
)


class ReleaseDryRun:
    """The data bucket, and a private run whose peers have been computed."""

    def __init__(self, data: Store, build: int, computed: DryRunPeersComputed) -> None:
        self.data = DryRunStore(data.bucket, computed.file_id)
        self.build = build
        self.computed = computed

    def assess(self) -> DryRunAssessed:
        """Write what the file would change into its receipt, unless it is there already. Missing without a receipt."""
        place = keys.receipt(self.computed.landing_key, self.computed.version_id)
        stored = self.data.get(place)
        receipt = json.loads(stored.body)
        if (receipt["impact"] or {}).get("state") == "pending":
            receipt["impact"] = self._assessment().model_dump(mode="json")
            self.data.swap(place, to_json(receipt, indent=None), stored.etag)
        version = self.computed.model_dump(include={"landing_key", "version_id"})
        return DryRunAssessed(receipt=place, **version)

    def _assessment(self) -> Assessment:
        ids = {"compared_with": self.computed.compared_with, "would_be": self.computed.would_be}
        before = self._release(self.computed.compared_with)
        if before and self.computed.would_be == self.computed.compared_with:  # peers then stores nothing
            programme = read_method(self.data, self._manifest(self.computed.would_be).method_id).programme
            return Assessment(state="done", notes=(_SAME,), changes=impact(before, before, programme), **ids)
        snapshot = self.data.read_model(Snapshot, keys.dry_run(self.computed.would_be, SNAPSHOT))
        method = read_method(self.data, snapshot.method_id)
        programme = method.programme
        after = self._private(snapshot, method)
        if after is None:
            return Assessment(state="none", notes=(_NO_FIGURES.format(programme.organisation.one),), **ids)
        changes = impact(before, after, programme)
        return Assessment(state="done", notes=tuple(self._notes(snapshot)), changes=changes, **ids)

    def _release(self, release_id: ReleaseId | None) -> Contents | None:
        """What a release holds; None without a release."""
        return write.contents(self.data, release_id) if release_id else None

    def _manifest(self, release_id: ReleaseId) -> Manifest:
        return self.data.read_model(Manifest, keys.release(release_id, write.MANIFEST))

    def _private(self, snapshot: Snapshot, method: Method) -> Contents | None:
        """What the private run would hold; None if it would not make a release."""
        would_be = self.computed.would_be
        findings = self.data.read_table(keys.dry_run(would_be, FINDINGS))
        peers = self.data.read_table(keys.dry_run(would_be, PEERS))
        facts = StoredFacts(self.data, snapshot, method, findings, keep=False)
        method = with_landed(method, read_prices(self.data, snapshot, method))
        current = [self.computed.compared_with] if self.computed.compared_with else []
        shards = MissingShards(facts, peers, method, KeptSeries(self.data, current, keep=False))
        private = assemble(shards.scope, shards.compute())
        if not private.makes_a_release(method):
            return None
        characteristics = self.data.read_table(keys.dry_run(would_be, CHARACTERISTICS))
        tables = {"opportunities": private.opportunities.whole(), "peers": peers, "findings": findings}
        return Contents.of({**tables, "characteristics": characteristics})

    def _notes(self, snapshot: Snapshot) -> list[str]:
        """What differs between the two releases apart from the file."""
        if not self.computed.compared_with:
            return []
        current = self._manifest(self.computed.compared_with)
        notes = [_OTHER_METHOD] if current.method_id != snapshot.method_id else []
        return notes + ([_OTHER_BUILD.format(current.build, self.build)] if current.build != self.build else [])
