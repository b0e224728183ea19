"""A look at the log of landed files: in full, or only at the keys that changed, with the rest as it was remembered.

What is remembered may be old, if an event was lost. It never goes back in time: it is read before anything is listed,
and written only if nothing else was written since. A full look depends on nothing that is remembered.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from functools import partial
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from pydantic import ValidationError

from shared import keys
from shared.aws.observability import logger
from shared.aws.store import AT_ONCE, Conflict, Store
from shared.content import model_json
from shared.errors import Transient
from shared.ids import FileId, MethodId
from shared.keys import key_hash
from shared.landing.parts import ReadStatements
from shared.landing.read import statements
from shared.landing.remembered import (
    FORM,
    Group,
    GroupResult,
    KeyLog,
    RememberedLog,
    changed_keys,
    group_of,
    is_file,
    log_of,
)
from shared.landing.snapshot import SnapshotResult, take
from shared.landing.verdicts import rules_for
from shared.method.method import Method

if TYPE_CHECKING:
    import pyarrow as pa

PAGE = 1000
"""Entries that one call lists."""

MOST_READ = 10_000
"""Files that are read before what follows is written, so that a function that is stopped need not begin again."""

_ATTEMPTS = 5

type Bounds = tuple[str, ...]
"""Keys that divide a listing, in S3's order: those up to the first one, those up to the second one, …"""


class Look(NamedTuple):
    """What a look saw, under each method, and how the log of some keys is got."""

    results: Mapping[MethodId, SnapshotResult]
    groups: Mapping[str, Group]
    read: ReadStatements

    def only(self, versions: Collection[tuple[str, str]], method_id: MethodId, method: Method) -> SnapshotResult:
        """The result as if nothing but these versions, by landing key and version id, had ever been landed."""
        names = {group_of(key) for key, _ in versions}
        logs = {
            key: one
            for name in sorted(names)
            if name in self.groups
            for key, one in self.groups[name].key_logs().items()
        }
        return take(log_of(logs).only(versions), method_id, method, self.read)


def look(
    landing: Store, data: Store, methods: Mapping[MethodId, Method], changed: Collection[str] | None = None
) -> Look:
    """Look at the keys in `changed`, at all that had no verdict before, and take the rest from what is remembered; in
    full if `changed` is None, if nothing is remembered under one of the methods, or if that takes fewer calls.

    Transient if others write what is remembered again and again, or if there are too many files to read at once.
    """
    read = statements(data)
    remembered, etag = _recall(data)
    groups: Mapping[str, Group] = remembered.groups if remembered else {}
    bounds: tuple[Bounds, Bounds] = (remembered.landing_bounds, remembered.verdict_bounds) if remembered else ((), ())
    stale = None
    if remembered and changed is not None and remembered.covers(methods):
        stale = {key for key in changed if is_file(key)} | remembered.unjudged()
    for _ in range(_ATTEMPTS):
        if stale is None or remembered is None or len(stale) * (1 + len(methods)) * PAGE > remembered.size():
            logger.info("looking in full", remembered=len(groups))
            groups, bounds = _list_all(landing, data, groups, bounds)
        else:
            groups = _list_keys(landing, data, groups, methods, stale)
        groups = _with_results(groups, methods, read)
        seen = RememberedLog(form=FORM, groups=groups, landing_bounds=bounds[0], verdict_bounds=bounds[1])
        try:
            if seen != remembered:
                data.swap(keys.REMEMBERED_LOG, model_json(seen, indent=None), etag)
            if seen.covers(methods):
                return Look({one: seen.result(one) for one in methods}, groups, read)
            remembered = seen
        except Conflict:
            pass
        newer, etag = _recall(data)  # what another look saw meanwhile is listed again
        stale = changed_keys(remembered, newer) if remembered and newer else None
        remembered = newer
    raise Transient("the log changed too often, or had too much that is new, to be looked at in one go")


def _recall(data: Store) -> tuple[RememberedLog | None, str | None]:
    """What is remembered, None if it is in another form, and the ETag of what is stored."""
    stored = data.find(keys.REMEMBERED_LOG)
    if stored is None:
        return None, None
    try:
        remembered = RememberedLog.model_validate_json(stored.body)
    except ValidationError:
        return None, stored.etag
    return (remembered if remembered.form == FORM else None), stored.etag


def _with_results(
    groups: Mapping[str, Group], methods: Mapping[MethodId, Method], read: ReadStatements
) -> dict[str, Group]:
    """The groups with what follows under each method; some are left as they are once many files were read."""
    files = 0

    def counted(file_id: FileId) -> "pa.Table":
        nonlocal files
        files += 1
        return read(file_id)

    return {
        name: group
        if files > MOST_READ or group.results.keys() == methods.keys()
        else _with_result(group, methods, counted)
        for name, group in groups.items()
    }


def _with_result(group: Group, methods: Mapping[MethodId, Method], read: ReadStatements) -> Group:
    results = {one: group.results[one] for one in methods if one in group.results}
    if len(results) < len(methods):
        log = log_of(group.key_logs())
        missing = [one for one in methods if one not in results]
        results |= {one: GroupResult.of(take(log, one, methods[one], read)) for one in missing}
    return group.model_copy(update={"results": results})


# ---- the keys that changed ------------------------------------------------------------------------------------------


def _list_keys(
    landing: Store,
    data: Store,
    groups: Mapping[str, Group],
    methods: Mapping[MethodId, Method],
    listed: Collection[str],
) -> dict[str, Group]:
    """The groups with some keys listed again. Verdicts are never deleted, so those listed are added to those known."""
    after = dict(groups)
    by_group: dict[str, list[str]] = {}
    for key in sorted(listed):
        by_group.setdefault(group_of(key), []).append(key)
    list_key = partial(_list_key, landing, data, methods)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for name, of_group in by_group.items():
            key_logs = groups[name].key_logs() if name in groups else {}
            known = [key_logs.get(key, KeyLog([], {})) for key in of_group]
            key_logs |= zip(of_group, pool.map(list_key, of_group, known), strict=True)
            landed = {key: key_log for key, key_log in key_logs.items() if key_log.history}
            after[name] = _same_or_new(groups.get(name), Group.of(landed))
    return {name: group for name, group in after.items() if group.size}


def _list_key(landing: Store, data: Store, methods: Mapping[MethodId, Method], key: str, known: KeyLog) -> KeyLog:
    """The versions are listed before the verdicts, so one without a verdict is one that ingest has not judged yet."""
    now = KeyLog(landing.history(key, upto=key), deepcopy(known.verdicts))
    rules = {(one.dataset, one.contract_id) for one in (rules_for(key, method) for method in methods.values())}
    for dataset, contract_id in sorted(rules):
        for name in data.names(keys.verdicts_of(dataset, contract_id, key)):
            now.add(keys.verdict_name(name))
    return now


def _same_or_new(before: Group | None, now: Group) -> Group:
    """The group as it was, with its results, if it has the same text."""
    return before if before and before.text == now.text else now


# ---- everything -----------------------------------------------------------------------------------------------------


def _list_all(
    landing: Store, data: Store, before: Mapping[str, Group], bounds: tuple[Bounds, Bounds]
) -> tuple[dict[str, Group], tuple[Bounds, Bounds]]:
    """Every key, several parts of the listings at a time, and the bounds of such parts for the next time."""
    landing_bounds, verdict_bounds = bounds
    landed = _in_parts(landing_bounds, lambda after, upto: landing.history("", after, upto))
    names = _in_parts(verdict_bounds, lambda after, upto: [*data.names(keys.VERDICTS, after, upto)])
    new_bounds = _bounds([entry.key for entry in landed]), _bounds(names)
    verdicts: dict[str, KeyLog] = {}
    for name in map(keys.verdict_name, names):
        verdicts.setdefault(name.key_hash, KeyLog([], {})).add(name)
    del names
    groups: dict[str, dict[str, KeyLog]] = {}
    for key, history in groupby((entry for entry in landed if is_file(entry.key)), key=lambda entry: entry.key):
        of_key = verdicts.get(key_hash(key), KeyLog([], {}))
        groups.setdefault(group_of(key), {})[key] = of_key._replace(history=[*history])
    after = {name: _same_or_new(before.get(name), Group.of(groups.pop(name))) for name in sorted(groups)}
    return after, new_bounds


def _in_parts[T](bounds: Bounds, listed: Callable[[str, str], list[T]]) -> list[T]:
    """What lies between the bounds, before the first and after the last, in order."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return [one for part in pool.map(listed, ("", *bounds), (*bounds, "")) for one in part]


def _bounds(listed: Sequence[str]) -> Bounds:
    """Keys that divide a listing into parts of about the same length, if it takes many calls."""
    if len(listed) <= 4 * AT_ONCE * PAGE:  # each part reads up to a page too much
        return ()
    return tuple(sorted({listed[place * len(listed) // AT_ONCE] for place in range(1, AT_ONCE)}))
