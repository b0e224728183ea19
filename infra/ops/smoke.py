"""`headroom smoke`: lands four small files on a deployed stack and compares their receipts with this checkout's.

The files have new names and are landed under `dry-run/`, so nothing of them is published. They are deleted at the end.
Their versions stay in the landing bucket, which keeps everything, and so do their receipts.
"""

import csv
import io
import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any, Literal, NamedTuple

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from functions.ingest.judge import judge_file
from functions.ingest.receipts import Receipt, files
from infra.errors import CommandError
from infra.stacks import Deployed
from infra.template import ROOT
from shared import keys
from shared.aws.store import Store
from shared.content import to_json
from shared.errors import NotReady
from shared.excel import Workbook
from shared.keys import CURRENT
from shared.landed import Landed
from shared.landing.history import methods_in_force
from shared.landing.landing_keys import landing_key
from shared.landing.read import read_log_of_methods
from shared.landing.verdicts import method_rules_for, rules_for
from shared.method.load import documents_json, from_json, method_id, parse
from shared.method.method import Method
from shared.releases.channels import read_pointer

NOT_COMPARED = {"impact"}
"""Fields of a receipt that are not compared. Ingest leaves `impact` pending; two more functions fill it in from files
that the stack has and this checkout has not. It is checked separately."""

PATIENCE_SECONDS = 300.0
"""How long to wait for the receipts, and again for their impacts."""

SAMPLES = ROOT / "samples" / "landing"

_POLL_SECONDS = 2.0
_HTTP_SECONDS = 30.0
_CURRENT = "/v1/releases/current"
_LONGEST_SHOWN = 200
_LONG_TABLE = "trust_measures/2024-25/trust_measures_2024-25.csv"
_COUNTS = "outpatients_quarterly/2024-25-Q4/qar_2024-25_q4_provider.csv"
_MONTH = "sickness_absence/2025-03/nhs_sickness_absence_2025-03.csv"

type Print = Callable[[str], None]
type Fetch = Callable[[str], tuple[int, bytes]]
"""A path of the API → the status and body of its answer."""


class CannotTry(CommandError):
    """The stack is not ready to be tried; the message says what is missing."""


class Trial(NamedTuple):
    """A file to land, and the verdict that it has to get."""

    key: str
    body: bytes
    expected: Literal["accepted", "rejected"]


class CurrentMethod(NamedTuple):
    """The stack's current method."""

    id: str
    method: Method


def smoke(
    stack: Deployed,
    fetch: Fetch,
    seconds: float = PATIENCE_SECONDS,
    show: Print = print,
    sleep: Callable[[float], None] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> list[str]:
    """Try a stack and print a line for each thing tried. A sentence for each difference; none if all is right.

    CannotTry if the stack has no method yet, or none that this checkout can judge by.
    """
    landing = Store(stack.outputs["LandingBucketName"], stack.client("s3"))
    data = Store(stack.outputs["DataBucketName"], stack.client("s3"))
    in_force = method_in_force(stack, landing, data)
    before = _release(data)
    differences: list[str] = []

    def check(what: str, faults: list[str]) -> None:
        show(f"  {'differs' if faults else 'right':<8} {what}")
        differences.extend(faults)

    show(f"{stack.name}: build {stack.parameters.get('Build', 'unknown')}, method {in_force.id}")
    trials = _trials(f"smoke-{secrets.token_hex(4)}")
    put: list[str] = []
    try:
        for trial in trials:
            put.append(trial.key)
            landing.put(trial.key, trial.body)
        landed = {trial.key: landing.history(trial.key)[0] for trial in trials}
        waiting = _Waiting(data, clock() + seconds, sleep, clock)
        received = {trial.key: waiting.receipt(landed[trial.key], lambda _: True) for trial in trials}
        for trial in trials:
            faults = _compared(trial, landed[trial.key], received[trial.key], in_force, data)
            check(f"receipt and findings of {trial.key}", faults)
        waiting = _Waiting(data, clock() + seconds, sleep, clock)
        for trial in trials:
            if _status(received[trial.key]) == "accepted":
                assessed = waiting.receipt(landed[trial.key], _is_assessed)
                faults = _impact(trial, assessed, {before, _release(data)} - {None})
                check(f"what {trial.key} would change", faults)
        for path, faults in _read(fetch, stack.parameters.get("OpenRead") == "true", {before, _release(data)}):
            check(f"GET {path}", faults)
    finally:
        for key in put:
            stack.client("s3").delete_object(Bucket=landing.bucket, Key=key)
    for difference in differences:
        show(difference)
    show(_conclusion(stack, len(trials), len(differences), before))
    return differences


def _conclusion(stack: Deployed, trials: int, differences: int, release: str | None) -> str:
    if differences:
        number = f"{differences} difference{'' if differences == 1 else 's'}"
        return f"{stack.name} does not agree with this checkout: {number}, listed above."
    compared = f"compared with release {release}" if release else "no release to compare with yet"
    return (
        f"{stack.name} agrees with this checkout: {trials} files got the receipts that it makes of them, byte for byte "
        f"but for {', '.join(sorted(NOT_COMPARED))} ({compared}), and the API answers."
    )


# ---- what is landed -------------------------------------------------------------------------------------------------


def _trials(name: str) -> list[Trial]:
    """A CSV, an XLSX, a parquet and a CSV with two faults, made of the samples."""
    return [
        Trial(_key(_LONG_TABLE, f"{name}.csv"), _sample(_LONG_TABLE), "accepted"),
        Trial(_key(_COUNTS, f"{name}.xlsx"), _workbook(_table(_COUNTS)), "accepted"),
        Trial(_key(_MONTH, f"{name}.parquet"), _parquet(_table(_MONTH)), "accepted"),
        Trial(_key(_COUNTS, f"{name}-damaged.csv"), _damaged(_sample(_COUNTS)), "rejected"),
    ]


def _key(sample: str, name: str) -> str:
    return landing_key(keys.slot_of(sample), name, dry_run=True)


def _sample(key: str) -> bytes:
    return (SAMPLES / key).read_bytes()


def _table(key: str) -> pa.Table:
    return pyarrow.csv.read_csv(io.BytesIO(_sample(key)))


def _workbook(table: pa.Table) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(table.column_names)
    for row in table.to_pylist():
        sheet.append(list(row.values()))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _parquet(table: pa.Table) -> bytes:
    out = io.BytesIO()
    pq.write_table(table, out, compression="snappy")
    return out.getvalue()


def _damaged(body: bytes) -> bytes:
    """The same CSV with a cell that is not a number and a row twice."""
    head, first, second, *rest = csv.reader(io.StringIO(body.decode()))
    out = io.StringIO()
    csv.writer(out).writerows([head, [*first[:-1], "12x"], second, *rest, second])
    return out.getvalue().encode()


# ---- what is expected -----------------------------------------------------------------------------------------------


def method_in_force(stack: Deployed, landing: Store, data: Store) -> CurrentMethod:
    """The stack's current method. CannotTry if there is none, or if the stack reads it differently from here."""
    log = read_log_of_methods(landing, data)
    try:
        current = methods_in_force(log)[CURRENT]
    except NotReady as reason:
        if any(not entry.deleted for entry in log.history if entry.key.startswith(keys.METHOD_PREFIX)):
            raise CannotTry(
                f"{stack.name} has no usable method ({reason}). If it was landed less than a minute ago, run this "
                "again; if not, read its receipt, and make sure that this checkout is what was deployed."
            ) from None
        raise CannotTry(
            f"{stack.name} has no method yet, so it cannot judge files. Land one: make method OUT=method.yaml, "
            f"then aws s3 cp method.yaml s3://{landing.bucket}/method/1/method.yaml, and run this again in a minute. "
            "EventBridge takes some five minutes to notice a new bucket."
        ) from None
    rules = method_rules_for()
    entry = next(entry for entry in log.history if not entry.deleted and log.outcome(entry, rules) == current)
    text = landing.get(entry.key, entry.version_id).body.decode("utf-8-sig")
    documents = documents_json(parse(text))
    if method_id(text) != current or data.get(keys.method(current)).body != documents:
        raise CannotTry(f"{stack.name} read its method {entry.key} differently from this checkout.")
    return CurrentMethod(current, from_json(documents))


class _Waiting:
    """Waits for receipts until a moment of the clock."""

    def __init__(self, data: Store, until: float, sleep: Callable[[float], None], clock: Callable[[], float]) -> None:
        self._data = data
        self._until = until
        self._sleep = sleep
        self._clock = clock

    def receipt(self, entry: Landed, is_ready: Callable[[bytes], bool]) -> bytes | None:
        """A receipt once `is_ready` accepts it; when time is up, the receipt as it is, or None."""
        while True:
            stored = self._data.find(keys.receipt(entry.key, entry.version_id))
            if (stored and is_ready(stored.body)) or self._clock() >= self._until:
                return stored.body if stored else None
            self._sleep(_POLL_SECONDS)


def _status(receipt: bytes | None) -> str | None:
    status: str | None = json.loads(receipt)["status"] if receipt else None
    return status


def _is_assessed(receipt: bytes) -> bool:
    impact = json.loads(receipt).get("impact")
    return not impact or impact["state"] != "pending"


def _compared(trial: Trial, entry: Landed, body: bytes | None, in_force: CurrentMethod, data: Store) -> list[str]:
    """The differences between a receipt and its findings and those that this checkout makes."""
    if body is None:
        return [
            f"{trial.key}: there is no receipt. Look for dead letters (make redrive DRY_RUN=1) and at ingest's "
            "log. In its first five minutes EventBridge may not know of a bucket yet."
        ]
    rules = rules_for(entry.key.removeprefix(keys.DRY_RUN_PREFIX), in_force.method)
    here = judge_file(entry, trial.body, rules, in_force.id).receipt
    there = json.loads(body)
    if here.status != trial.expected:
        return [
            f"{trial.key}: by the method of the stack it is {here.status}, not {trial.expected} ({here.sentence}). "
            "That method has other contracts than this checkout: use the checkout whose method was landed."
        ]
    expected_findings, receipt = files(here)
    expected = json.loads(receipt.body) | {name: there.get(name) for name in NOT_COMPARED}
    faults = list(_fields(trial.key, expected, there))
    if not faults and body != to_json(expected, indent=None):
        faults.append(f"{trial.key}: the receipt has the same fields on the stack, but other bytes.")
    findings = data.find(expected_findings.key)
    if findings is None:
        faults.append(f"{trial.key}: there is no {expected_findings.key}.")
    elif findings.body != expected_findings.body:
        faults.append(f"{trial.key}: {expected_findings.key} holds other findings on the stack than here.")
    return faults


def _fields(key: str, here: dict[str, Any], there: dict[str, Any]) -> Iterator[str]:
    for name in sorted(here.keys() | there.keys()):
        if here.get(name) != there.get(name) or (name in here) != (name in there):
            yield f"{key}: `{name}` is {_short(there.get(name))} on the stack and {_short(here.get(name))} here."


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _impact(trial: Trial, body: bytes | None, releases: set[str | None]) -> list[str]:
    """What is wrong with `impact` in an accepted dry run's receipt: what the file would change."""
    impact = Receipt.model_validate_json(body or b"").impact
    if impact is None or impact.state == "pending":
        return [f"{trial.key}: its impact was not computed. Look for dead letters: make redrive DRY_RUN=1."]
    if releases and (impact.state != "done" or impact.compared_with not in releases):
        return [f"{trial.key}: its impact is {impact.state!r}, compared with release {impact.compared_with}."]
    return []


# ---- the API --------------------------------------------------------------------------------------------------------


def fetcher(api: str) -> Fetch:
    """Reads an API over HTTP, without a token. Status 0, and the reason, if nothing answers."""

    def fetch(path: str) -> tuple[int, bytes]:
        try:
            with urllib.request.urlopen(f"{api}{path}", timeout=_HTTP_SECONDS) as answer:  # noqa: S310 - of a stack
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read()
        except (urllib.error.URLError, OSError) as error:
            return 0, str(error).encode()

    return fetch


def _read(fetch: Fetch, is_open: bool, releases: set[str | None]) -> Iterator[tuple[str, list[str]]]:
    """Each path that is read, with what is wrong with its answer."""
    yield "/", _faults(fetch("/"), HTTPStatus.OK, lambda body: b"<html" in body)
    described = fetch("/openapi.json")
    yield "/openapi.json", _faults(described, HTTPStatus.OK, lambda body: _CURRENT in json.loads(body)["paths"])
    answer = fetch(_CURRENT)
    if not is_open:
        yield f"{_CURRENT} without a token", _faults(answer, HTTPStatus.UNAUTHORIZED)
    elif releases == {None}:
        yield f"{_CURRENT} before the first release", _faults(answer, HTTPStatus.SERVICE_UNAVAILABLE)
    else:
        yield (
            _CURRENT,
            _faults(answer, HTTPStatus.OK, lambda body: json.loads(body)["pointer"]["release_id"] in releases),
        )


def _faults(
    answer: tuple[int, bytes], status: HTTPStatus, is_right: Callable[[bytes], bool] = lambda _: True
) -> list[str]:
    code, body = answer
    start = body[:_LONGEST_SHOWN].decode(errors="replace")
    if code != status:
        return [f"the API answered {code or 'nothing'} instead of {status.value}: {start}"]
    try:
        right = is_right(body)
    except (ValueError, KeyError, TypeError):
        right = False
    return [] if right else [f"the API's answer has unexpected content: {start}"]


def _release(data: Store) -> str | None:
    pointer, _ = read_pointer(data, CURRENT)
    return pointer.release_id if pointer else None
