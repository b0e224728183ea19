"""For suppliers: their datasets with the contracts, and how a file is uploaded by plain forms.

A browser sends the file straight to S3. So an upload takes two forms: the first says what the file is, and the second,
which the API makes for it, takes the file.
"""

import re
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import NamedTuple, cast
from urllib.parse import urlsplit

from functions.api.pages.ask import Asking, Refused
from functions.api.pages.page import Made, Page, PageRequest, Redirect
from functions.api.pages.views.writes.forms import RECEIPTS, SUPPLIERS, Fault
from functions.api.pages.views.writes.receipts import Step, summaries
from functions.api.schemas.datasets import DatasetAnswer, DatasetSummary, PeriodAnswer
from functions.api.schemas.writes import FileReceiptLine, FileReceiptList, UploadForm, UploadProgress
from shared.landing.landing_keys import LARGEST
from shared.method.periods import Kind, read_label

_NEWEST = 3
_RETURN = "/supply/uploads"
_FOLDER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,99}")
_REFUSALS = (HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.TOO_MANY_REQUESTS)

FORMS: Mapping[str, str] = {
    "month": "A month, written as {}",
    "quarter": "A quarter of a financial year, written as {}",
    "financial_year": "A financial year, written as {}",
    "year": "A year, written as {}",
    "edition": "The year, month or day of the edition, such as {}",
    "span": "The first and the last month, year or day, such as {}",
}
"""How a period is written, by its kind."""


class FileType(NamedTuple):
    """A format in which a file may come: its content type, the ending of its name, and what people call it."""

    content_type: str
    ending: str
    words: str


TYPES: Mapping[str, FileType] = {
    "csv": FileType("text/csv", "csv", "CSV"),
    "xlsx": FileType(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", "Excel workbook (.xlsx)"
    ),
    "gz": FileType("application/gzip", "csv.gz", "CSV, compressed with gzip"),
    "parquet": FileType("application/vnd.apache.parquet", "parquet", "Parquet"),
}


class Own(NamedTuple):
    """One of the reader's datasets: its summary, if the release has it, and the newest receipt, if there is one."""

    dataset: str
    summary: DatasetSummary | None
    newest: FileReceiptLine | None


# ---- datasets -------------------------------------------------------------------------------------------------------


def supply(ask: Asking, request: PageRequest) -> Page:
    """The page `/supply`."""
    known = summaries(ask)
    own = [Own(name, known.get(name), _newest(ask, name)) for name in sorted(request.reader.datasets())]
    operator = request.reader.may("operate")
    others = [one for name, one in sorted(known.items()) if name not in request.reader.datasets()]
    content = {"own": own, "shown": _NEWEST, "others": others if operator else []}
    return Page("supply.jinja", "Your datasets" if own else "Datasets", content)


def dataset(ask: Asking, request: PageRequest) -> Page:
    """The page `/supply/datasets/<dataset>`: what a file must have, and how it is checked."""
    contract = ask.get(DatasetAnswer, "/v1/datasets/<dataset>", pinned=False, dataset=request.path["dataset"])
    content = {
        "contract": contract,
        "period": period_hint(contract.period),
        "formats": [TYPES[name].words for name in TYPES if name in contract.layout.formats],
        "own": contract.dataset in request.reader.datasets(),
        "operator": request.reader.may("operate"),
    }
    return Page("supply_dataset.jinja", contract.title, content, crumbs=(SUPPLIERS,))


def period_hint(period: PeriodAnswer | None) -> str:
    """How to write a dataset's period; without its contract, in general."""
    if period is None:
        return "As the dataset's contract says, such as 2024-25 or 2024-09"
    return FORMS[period.kind].format(period.example) if period.kind in FORMS else "A name of any form"


def _newest(ask: Asking, name: str) -> FileReceiptLine | None:
    query = {"dataset": name, "limit": "1"}
    return next(iter(ask.get(FileReceiptList, "/v1/receipts", query, pinned=False).receipts), None)


# ---- the first form: what the file is -------------------------------------------------------------------------------


def upload(ask: Asking, request: PageRequest) -> Page:
    """The page `/supply/upload`: which dataset, period and part, and whether to try the file or to land it."""
    own = sorted(request.reader.datasets())
    chosen = request.query.get("dataset") or (own[0] if len(own) == 1 else "")
    if chosen not in own:
        known = summaries(ask)
        content = {"own": [(name, known[name].title if name in known else name) for name in own]}
        return Page("upload_which.jinja", "Which dataset is the file for?", content, crumbs=(SUPPLIERS,))
    return _form(ask, chosen, request.query)


def begin_upload(ask: Asking, request: PageRequest) -> Page:
    """What follows the first form: the second one, which takes the file; or the first again with what is wrong."""
    form = {name: value.strip() for name, value in request.form.items()}
    name = form.get("dataset", "")
    contract = _contract(ask, name)
    faults = _faults(form, contract)
    if faults:
        return _form(ask, name, form, faults)
    kind = TYPES[form["format"]]
    dry_run = form.get("mode") != "land"
    slot = [name, form["period"], *filter(None, [form.get("part")])]
    body = {
        "dataset": name,
        "period": form["period"],
        "part": form.get("part") or None,
        "file_name": f"{'-'.join(slot)}.{kind.ending}",
        "content_type": kind.content_type,
        "dry_run": dry_run,
        "return_to": _RETURN,
    }
    try:
        ready = ask.post(UploadForm, "/v1/uploads", body, pinned=False)
    except Refused as error:
        if error.status not in _REFUSALS:
            raise
        return _form(ask, name, form, [Fault("period", str(error.problem["detail"]))], error.status, error.retry_after)
    address = urlsplit(ready.url)
    content = {
        "ready": ready,
        "title": contract.title if contract else name,
        "form": form,
        "dry_run": dry_run,
        "name": body["file_name"],
        "kind": kind,
        "largest": LARGEST // 1024**2,
    }
    return Page(
        "upload_send.jinja",
        "Choose the file",
        content,
        crumbs=(SUPPLIERS,),
        posts_to=(f"{address.scheme}://{address.netloc}",),
    )


def _faults(form: Mapping[str, str], contract: DatasetAnswer | None) -> list[Fault]:
    faults = []
    if not form.get("period"):
        faults.append(Fault("period", "Write the period that the file is about."))
    elif wrong := _wrong_period(form["period"], contract):
        faults.append(Fault("period", wrong))
    if form.get("part") and not _FOLDER.fullmatch(form["part"]):
        faults.append(Fault("part", "Write the part in letters, digits, points, dashes and underscores only."))
    if form.get("format") not in _formats(contract):
        faults.append(Fault("format", "Choose the format of the file."))
    return faults


def _wrong_period(label: str, contract: DatasetAnswer | None) -> str:
    """What is wrong with a period, if the contract cannot read it."""
    try:
        if contract is not None:
            read_label(label, cast(Kind, contract.period.kind), contract.period.year_starts)
    except ValueError as error:
        words = str(error)
        return f"{words[0].upper()}{words[1:]}."
    if not _FOLDER.fullmatch(label):
        return "Write the period in letters, digits, points, dashes and underscores only."
    return ""


def _contract(ask: Asking, name: str) -> DatasetAnswer | None:
    """A dataset's contract; None before the first release, and for files that no contract of the release describes."""
    try:
        return ask.get(DatasetAnswer, "/v1/datasets/<dataset>", pinned=False, dataset=name)
    except Refused:
        return None


def _formats(contract: DatasetAnswer | None) -> dict[str, FileType]:
    """The formats that a dataset may come in. A compressed CSV is a CSV."""
    if contract is None:
        return dict(TYPES)
    allowed = {*contract.layout.formats} | ({"gz"} if "csv" in contract.layout.formats else set())
    return {name: one for name, one in TYPES.items() if name in allowed}


def _form(
    ask: Asking,
    name: str,
    values: Mapping[str, str],
    faults: Sequence[Fault] = (),
    status: int = HTTPStatus.OK,
    retry_after: int | None = None,
) -> Page:
    """The first form, filled in with `values`. `status`: of a refusal of the API."""
    contract = _contract(ask, name)
    formats = _formats(contract)
    chosen = values.get("format", "")
    content = {
        "dataset": name,
        "contract": contract,
        "title": contract.title if contract else name,
        "period_hint": period_hint(contract.period if contract else None),
        "parts": contract.periods[-1].parts if contract and contract.periods else (),
        "values": values,
        "formats": formats,
        "format": chosen if chosen in formats else next(iter(formats)),
        "land": values.get("mode") == "land",
        "faults": faults,
    }
    if faults and status == HTTPStatus.OK:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
    return Page(
        "upload.jinja", "Upload a file", content, crumbs=(SUPPLIERS,), status=int(status), retry_after=retry_after
    )


# ---- after the upload -----------------------------------------------------------------------------------------------


def uploaded(_ask: Asking, request: PageRequest) -> Redirect:
    """Where S3 leads a browser once it has the file: on to the page of that upload."""
    key = request.query.get("key", "")
    return Redirect(f"{_RETURN}/{key}" if _FOLDER.fullmatch(key) else "/supply/receipts")


def progress(ask: Asking, request: PageRequest) -> Made:
    """The page `/supply/uploads/<upload_id>`: how far an upload is; with a receipt, on to that."""
    found = ask.get(UploadProgress, "/v1/uploads/<upload_id>", pinned=False, upload_id=request.path["upload_id"])
    if found.receipt_id:
        return Redirect(f"/supply/receipts/{found.receipt_id}", {"tried": "yes"} if found.dry_run else {})
    received = found.stage != "waiting"
    steps = [
        Step("Received" if received else "Waiting for the file", "done" if received else "now", found.received_at),
        Step("Being read", "now" if received else "later"),
        Step("Accepted or rejected", "later"),
    ]
    title = "The file is being read" if received else "The file has not arrived yet"
    content = {"progress": found, "steps": steps, "slot": slot_of(found.landing_key)}
    return Page("upload_progress.jinja", title, content, crumbs=(SUPPLIERS, RECEIPTS))


def slot_of(landing_key: str) -> dict[str, str]:
    """Dataset, period and part of a landing key, as the fields of the first form."""
    dataset, period, *part = landing_key.removeprefix("dry-run/").split("/")[:-1]
    return {"dataset": dataset, "period": period} | ({"part": part[0]} if part else {})
