"""The preview: the release of the newest method, before an operator promotes it."""

from functions.api.http.context import RequestContext
from functions.api.http.problems import NotFound
from functions.api.http.queries import NoParameters
from functions.api.schemas.preview import PreviewAnswer, load
from shared.releases.channels import Pointer
from shared.releases.previewed import NoPreview, Preview, read_preview


def preview(context: RequestContext, query: NoParameters) -> PreviewAnswer:
    """The preview release, why readers do not see it, and what they would see change if it became current."""
    try:
        read = read_preview(context.data)
    except NoPreview as error:
        reason = str(error)
        raise NotFound(f"{reason[0].upper()}{reason[1:]}") from None
    load()
    release_id, current_id = read.preview.release_id, read.current.release_id
    return PreviewAnswer(
        release_id=release_id,
        preview=read.preview,
        current=read.current,
        comparison=read.comparison,
        words=tuple(_words(read)),
        links={
            "release": f"/v1/releases/{release_id}",
            "figures": f"/v1/trusts?as_at={release_id}",
            "methodology": f"/v1/methodology?as_at={release_id}",
            "changes": f"/v1/releases/{release_id}/changes?since={current_id}",
            "promote": f"/v1/releases/{release_id}/promote",
        },
    )


def _words(read: Preview) -> list[str]:
    words = ["Its method is not the current one, so readers do not see this release until an operator promotes it."]
    if read.current.hold:
        words.append(f"The current release is on hold{_by(read.current)}. Promoting the preview ends the hold.")
    if read.comparison is None:
        words.append("The two releases are still being compared. Try again in a minute.")
    return words


def _by(pointer: Pointer) -> str:
    decision = pointer.decision
    return f" by a decision of {decision.who}: {decision.why.rstrip('.')}" if decision else ""
