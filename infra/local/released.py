"""The API and its pages on the release of landed files, in this process."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from functions.api.handler import Application, application
from functions.api.http.context import RequestContext
from functions.api.release import Releases
from infra.landing import files_of
from infra.local.clock import MOMENT
from infra.local.stack import LocalStack
from shared.aws.store import Store


@contextmanager
def released(landing: Path) -> Iterator[Application]:
    """Land the files of a folder; the application answers while the context is open. Reading is open."""
    with LocalStack({"Build": "1"}) as stack:
        for file in files_of(landing):
            stack.land(file.key, file.body)
        stack.run_until_idle()
        data = Store(stack.outputs["DataBucketName"], stack.client("s3"))
        context = RequestContext(data, data, data, lambda: MOMENT)
        yield application(Releases(data, 2.0, lambda: 0.0), context, open_read=True)
