"""Decisions of operators: promote, roll back, and resume after a hold. Each is a page that says what will happen, and
carries what the operator saw."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from functions.api.pages.ask import Asking, Refused
from functions.api.pages.page import Page, PageRequest
from functions.api.pages.views.writes.forms import OPERATORS, Fault
from functions.api.pages.views.writes.operate import by_whom, current, previewed
from functions.api.schemas.figures import ReleaseAnswer, ReleaseList
from functions.api.schemas.writes import DecisionAnswer
from shared.decision import LONGEST
from shared.releases.channels import Pointer

_CONFLICT, _UNPROCESSABLE = 409, 422
_ID = re.compile(r"\b([0-9a-f]{8})[0-9a-f]{24}\b")


class ShownRelease(NamedTuple):
    """A release in a decision: which it is there, its id, and since when readers see it (None: never yet)."""

    label: str
    release_id: str
    since: datetime | None


class Draft(NamedTuple):
    """The form as it was sent: the reason, what is wrong with it, and why the API refused it, if it did.

    `seen`: the hidden fields with the releases that the operator saw.
    """

    why: str = ""
    faults: tuple[Fault, ...] = ()
    refused: str = ""
    seen: Mapping[str, str] = {}


class Decision(NamedTuple):
    """One kind of decision as a page: what will happen, the releases that it is about, what the form carries, and
    where the operator looks at what changes."""

    act: str
    title: str
    button: str
    sentences: tuple[str, ...]
    releases: tuple[ShownRelease, ...]
    carries: Mapping[str, str]
    changes: tuple[str, str] | None


# ---- promote --------------------------------------------------------------------------------------------------------


def promote(ask: Asking, _request: PageRequest) -> Page:
    """The page `/operate/promote`: the preview would become what readers see."""
    return _promotion(ask, Draft())


def promoted(ask: Asking, request: PageRequest) -> Page:
    """The decision to promote was sent."""
    draft = _draft(request, "release_id", "instead_of")
    if draft.faults:
        return _promotion(ask, draft)
    try:
        answer = _decide(ask, "/v1/releases/<release_id>/promote", draft, "instead_of")
    except Refused as error:
        return _promotion(ask, _again(draft, error))
    return _decided(answer, draft.seen["instead_of"], "promote")


def _promotion(ask: Asking, draft: Draft) -> Page:
    now = current(ask)
    preview, why_none = previewed(ask)
    if preview is None:
        return _nothing("There is no preview to promote", why_none, draft, now)
    ends_hold = f"The hold on release {now.release_id[:8]} ends with it." if now.hold else ""
    return _page(
        Decision(
            "promote",
            "Promote the preview",
            f"Promote release {preview.release_id[:8]}",
            (
                f"Readers will see release {preview.release_id[:8]} instead of {now.release_id[:8]}, within seconds.",
                "Its method becomes the current one: files that are landed from now on are read with it. " + ends_hold,
                f"Release {now.release_id[:8]} stays readable by its links, and you can go back to it.",
            ),
            (
                ShownRelease("Readers see now", now.release_id, now.published_at),
                ShownRelease("Readers will see", preview.release_id, None),
            ),
            {"release_id": preview.release_id, "instead_of": now.release_id},
            (preview.release_id, now.release_id),
        ),
        draft,
        now,
    )


# ---- roll back ------------------------------------------------------------------------------------------------------


def roll_back(ask: Asking, request: PageRequest) -> Page:
    """The page `/operate/rollback`: the earlier releases and, once one is chosen, what going back to it means."""
    chosen = request.query.get("release_id", "")
    return _rollback(ask, chosen, Draft()) if chosen else _earlier(ask, request)


def rolled_back(ask: Asking, request: PageRequest) -> Page:
    """The decision to roll back was sent."""
    draft = _draft(request, "release_id", "instead_of")
    if draft.faults:
        return _rollback(ask, draft.seen["release_id"], draft)
    try:
        answer = _decide(ask, "/v1/releases/<release_id>/rollback", draft, "instead_of")
    except Refused as error:
        return _rollback(ask, draft.seen["release_id"], _again(draft, error))
    return _decided(answer, draft.seen["instead_of"], "rollback")


def _earlier(ask: Asking, request: PageRequest) -> Page:
    """Earlier releases that are kept, each once, as it was last current."""
    now = current(ask)
    releases = ask.get(ReleaseList, "/v1/releases", request.query, pinned=False)
    until: datetime | None = None
    rows: dict[str, tuple[datetime, datetime | None]] = {}
    for one in releases.releases:
        if one.kept and one.release_id != now.release_id:
            rows.setdefault(one.release_id, (one.published_at, until))
        until = one.published_at
    content = {"now": now, "rows": rows, "next_cursor": releases.next_cursor}
    return Page("rollback.jinja", "Go back to an earlier release", content, crumbs=(OPERATORS,))


def _rollback(ask: Asking, release_id: str, draft: Draft) -> Page:
    now = current(ask)
    if release_id == now.release_id:
        return _nothing("Readers see this release already", "Choose an earlier one to go back to.", draft, now)
    earlier = ask.get(ReleaseAnswer, "/v1/releases/<release_id>", pinned=False, release_id=release_id)
    return _page(
        Decision(
            "rollback",
            "Go back to an earlier release",
            f"Go back to release {release_id[:8]}",
            (
                f"Readers will see release {release_id[:8]} instead of {now.release_id[:8]}, within seconds.",
                "It is put on hold: files that are landed later are checked as always, but change nothing that readers "
                "see until an operator lifts the hold or promotes a preview.",
                f"Nothing is deleted: release {now.release_id[:8]} stays readable by its links.",
            ),
            (
                ShownRelease("Readers see now", now.release_id, now.published_at),
                ShownRelease("Readers will see again", release_id, earlier.published_at),
            ),
            {"release_id": release_id, "instead_of": now.release_id},
            (now.release_id, release_id),
        ),
        draft,
        now,
    )


# ---- resume ---------------------------------------------------------------------------------------------------------


def resume(ask: Asking, _request: PageRequest) -> Page:
    """The page `/operate/resume`: the hold would be lifted."""
    return _resumption(ask, Draft())


def resumed(ask: Asking, request: PageRequest) -> Page:
    """The decision to lift the hold was sent."""
    draft = _draft(request, "held")
    if draft.faults:
        return _resumption(ask, draft)
    try:
        answer = _decide(ask, "/v1/releases/resume", draft, "held")
    except Refused as error:
        return _resumption(ask, _again(draft, error))
    return _decided(answer, draft.seen["held"], "resume")


def _resumption(ask: Asking, draft: Draft) -> Page:
    now = current(ask)
    if not now.hold:
        return _nothing("No release is on hold", "What readers see follows the files that are landed.", draft, now)
    return _page(
        Decision(
            "resume",
            "Lift the hold",
            "Lift the hold",
            (
                f"The hold on release {now.release_id[:8]} ends.",
                "Within a minute or so, readers see figures from the newest accepted files, by the method of that "
                "release.",
                f"Release {now.release_id[:8]} stays readable by its links, and you can go back to it.",
            ),
            (ShownRelease("On hold", now.release_id, now.published_at),),
            {"held": now.release_id},
            None,
        ),
        draft,
        now,
    )


# ---- shared ---------------------------------------------------------------------------------------------------------


def _draft(request: PageRequest, *seen: str) -> Draft:
    """The form that was sent, with what is wrong with it."""
    why = request.form.get("why", "").replace("\r\n", "\n").strip()
    faults = []
    if not why:
        faults.append(Fault("why", "Write why: the reason is recorded with the decision."))
    if len(why) > LONGEST:
        faults.append(Fault("why", f"Write at most {LONGEST:,} characters; these are {len(why):,}."))
    if request.form.get("looked") != "yes":
        faults.append(Fault("looked", "Look at what will happen, then tick the box."))
    return Draft(why, tuple(faults), seen={name: request.form.get(name, "") for name in seen})


def _decide(ask: Asking, path: str, draft: Draft, seen: str) -> DecisionAnswer:
    parts = {"release_id": draft.seen["release_id"]} if "<release_id>" in path else {}
    return ask.post(DecisionAnswer, path, {"why": draft.why, seen: draft.seen[seen]}, pinned=False, **parts)


def _again(draft: Draft, error: Refused) -> Draft:
    """The form once more, after a refusal of what no longer is so; other refusals pass."""
    if error.status != _CONFLICT:
        raise error
    return draft._replace(refused=short_ids(str(error.problem["detail"])))


def short_ids(text: str) -> str:
    """A sentence with the first eight digits of each id in it, as pages write them."""
    return _ID.sub(r"\1", text)


def _page(decision: Decision, draft: Draft, now: Pointer) -> Page:
    moved = bool(draft.refused) or any(decision.carries[name] != seen for name, seen in draft.seen.items())
    status = _CONFLICT if moved else _UNPROCESSABLE if draft.faults else 200
    return Page(
        "decide.jinja",
        decision.title,
        {
            "decision": decision,
            "draft": draft,
            "moved": moved,
            "seen_then": draft.seen.get("instead_of") or draft.seen.get("held"),
            "now": now,
            "by_whom": by_whom(now),
            "longest": LONGEST,
        },
        crumbs=(OPERATORS,),
        status=status,
    )


def _nothing(title: str, words: str, draft: Draft, now: Pointer) -> Page:
    """There is nothing to decide; if a form was sent, somebody else was first."""
    content = {"words": words, "draft": draft, "now": now, "by_whom": by_whom(now)}
    return Page("decide_nothing.jinja", title, content, crumbs=(OPERATORS,), status=_CONFLICT if draft.seen else 200)


def _decided(answer: DecisionAnswer, before: str, act: str) -> Page:
    """What readers see now, and how to undo it."""
    release_id = answer.pointer.release_id if answer.pointer else answer.decision.release_id
    title = {
        "promote": f"Readers now see release {(release_id or '')[:8]}",
        "rollback": f"Readers see release {(release_id or '')[:8]} again",
        "resume": "The hold is lifted",
    }[act]
    content = {"answer": answer, "before": before, "act": act, "release_id": release_id}
    return Page("decided.jinja", title, content, crumbs=(OPERATORS,))
