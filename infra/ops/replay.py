"""Replay landed files, redrive dead letters, rebuild the data bucket of a deployed stack.

Each is safe to repeat: a message only makes a function look at the landing bucket, whatever the message says.
"""

import time
from collections import Counter
from collections.abc import Callable, Sequence
from itertools import batched
from typing import Any

from infra.errors import CommandError
from infra.stacks import DEAD_LETTERS, Deployed, work_queues
from shared import keys
from shared.aws.store import Store
from shared.events import landed_message
from shared.keys import CURRENT
from shared.releases.channels import Pointer, read_pointer, remember

_A_BATCH = 10  # what one SQS call takes
A_DELETE = 1000
"""Objects that one call of S3 deletes."""
_BUSY = (
    "ApproximateNumberOfMessages",
    "ApproximateNumberOfMessagesNotVisible",
    "ApproximateNumberOfMessagesDelayed",
)
_POLL_SECONDS = 5.0
_QUIET_POLLS = 6  # longer than the longest batch window
_PATIENCE_SECONDS = 1800

type Print = Callable[[str], None]


class CannotOperate(CommandError):
    """The command cannot be done; the message says why."""


# ---- replay ---------------------------------------------------------------------------------------------------------


def replay(
    stack: Deployed, dataset: str | None = None, period: str | None = None, dry_run: bool = False, show: Print = print
) -> int:
    """Queue every landing key of a dataset and period for ingest; how many. CannotOperate if there is none.

    Without a dataset: everything but dry runs, methods first, so that few files have to wait for their rules.
    """
    if period and not dataset:
        raise CannotOperate("a period belongs to a dataset: use --dataset <dataset> --period <period>.")
    prefix = "".join(f"{part.strip('/')}/" for part in (dataset, period) if part)
    bucket = stack.outputs["LandingBucketName"]
    history = Store(bucket, stack.client("s3")).history(prefix)
    named = dict.fromkeys(entry.key for entry in history if prefix or not entry.key.startswith(keys.DRY_RUN_PREFIX))
    landed = sorted(named, key=lambda key: not key.startswith(keys.METHOD_PREFIX))
    if not landed:
        raise CannotOperate(f"nothing was ever landed under s3://{bucket}/{prefix}.")
    show(f"{stack.name}: {len(landed):,} landing keys {'would be' if dry_run else 'are'} sent to the ingest queue.")
    if not dry_run:
        _send(stack, stack.outputs["IngestQueueUrl"], landed_message(bucket, landed))
        show("Done. A file with a verdict keeps it; one without is judged. Then peers reads the landing bucket again.")
    return len(landed)


def _send(stack: Deployed, url: str, bodies: Sequence[str]) -> None:
    for some in batched(bodies, _A_BATCH, strict=False):
        entries = [{"Id": str(place), "MessageBody": body} for place, body in enumerate(some)]
        answer = stack.client("sqs").send_message_batch(QueueUrl=url, Entries=entries)
        if refused := answer.get("Failed"):
            raise CannotOperate(f"{url} refused {len(refused)} messages: {refused[0].get('Message')}; run it again.")


# ---- redrive --------------------------------------------------------------------------------------------------------


def redrive(stack: Deployed, queue: str | None = None, dry_run: bool = False, show: Print = print) -> int:
    """Return the dead letters of one queue, or of all, to the queues that they came from; how many.

    A letter is deleted only after it is sent: one may arrive twice, which changes nothing, but none is lost. At most
    as many are moved as there were at the beginning, so a letter that fails at once is not moved again and again.
    """
    dead = {name.removesuffix(DEAD_LETTERS): url for name, url in stack.outputs.items() if name.endswith(DEAD_LETTERS)}
    if queue and queue not in dead:
        raise CannotOperate(
            f"{queue!r} is not a queue with dead letters: use --queue with one of {', '.join(sorted(dead))}."
        )
    total = 0
    for name in [queue] if queue else sorted(dead):
        count = _count(stack, dead[name], _BUSY[:1])
        if dry_run or not count:
            show(f"{name}: {_letters(count)}{' would be returned' if count else ''}.")
        else:
            moved = _return(stack, name, dead[name], count)
            total += sum(moved.values())
            counts = ", ".join(f"{number:,} to {source}" for source, number in sorted(moved.items())) or "none"
            show(f"{name}: {_letters(count)}; returned {counts}.")
    return total


def _letters(count: int) -> str:
    return f"{count:,} dead letter{'' if count == 1 else 's'}"


def _return(stack: Deployed, name: str, url: str, at_most: int) -> Counter[str]:
    """Queue → dead letters returned to it."""
    sqs = stack.client("sqs")
    moved: Counter[str] = Counter()
    seen = 0
    while seen < at_most:
        letters = sqs.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=min(_A_BATCH, at_most - seen),
            MessageAttributeNames=["All"],
            WaitTimeSeconds=1,
        ).get("Messages", [])
        if not letters:
            break
        seen += len(letters)
        for letter in letters:
            source = _source(stack, name, letter)
            _send(stack, stack.outputs[f"{source}Url"], [letter["Body"]])
            sqs.delete_message(QueueUrl=url, ReceiptHandle=letter["ReceiptHandle"])
            moved[source] += 1
    return moved


def _source(stack: Deployed, name: str, letter: dict[str, Any]) -> str:
    """The queue that a dead letter came from: its queue's own, or the target of a rule that EventBridge gave up on."""
    if f"{name}Url" in stack.outputs:
        return name
    target = letter.get("MessageAttributes", {}).get("TARGET_ARN", {}).get("StringValue", "").rsplit(":", 1)[-1]
    urls = {url.rsplit("/", 1)[-1]: output for output, url in stack.outputs.items() if output.endswith("QueueUrl")}
    if target not in urls:
        raise CannotOperate(f"a dead letter of {name} does not say which queue it was for: {letter['Body'][:200]}")
    return urls[target].removesuffix("Url")


# ---- rebuild --------------------------------------------------------------------------------------------------------


def rebuild(
    stack: Deployed,
    confirm: str | None = None,
    dry_run: bool = False,
    show: Print = print,
    wait: Callable[[Deployed], None] | None = None,
) -> None:
    """Empty the data bucket, replay everything, and compare the releases in the channels before and after.

    Deleted objects stay for 90 days as earlier versions. Readers find no release until everything is read again. The
    history of releases, requested uploads and feedback are kept, since they are in no landing bucket.
    CannotOperate unless confirmed, or if a channel shows another release at the end.
    """
    data = Store(stack.outputs["DataBucketName"], stack.client("s3"))
    names = [name for name in data.names("") if not name.startswith(keys.IN_NO_LANDING_BUCKET)]
    before = _shown(data)
    if names and not dry_run and confirm != data.bucket:
        raise CannotOperate(
            f"the data bucket {data.bucket} holds {len(names):,} objects. To delete them and compute them again, while "
            f"readers find no release, use --confirm {data.bucket}. To read all files again, use make replay."
        )
    show(f"{stack.name}: {len(names):,} objects of {data.bucket} {'would be' if dry_run else 'are'} deleted.")
    if not dry_run:
        for pointer in before.values():
            remember(data, pointer)
        for some in batched(names, A_DELETE, strict=False):
            _, fault = delete(stack, data.bucket, some)
            if fault:
                raise CannotOperate(f"{fault} Readers may find no release until a rebuild has finished: run it again.")
    replay(stack, dry_run=dry_run, show=show)
    if dry_run:
        return
    (wait or until_idle)(stack)
    after = _shown(data)
    for channel in keys.CHANNELS:
        show(f"{channel}: {_release(before.get(channel))} before, {_release(after.get(channel))} now.")
    # The preview of a withdrawn method stays in its channel until the bucket is rebuilt; then it is gone, rightly.
    stay = [c for c in before if c == keys.CURRENT or c in after]
    differ = [c for c in stay if _release(before[c]) != _release(after.get(c))]
    if differ:
        raise CannotOperate(
            f"{' and '.join(differ)} shows another release than before. Was a file landed meanwhile, or was the "
            "earlier release published by another build?"
        )


def delete(stack: Deployed, bucket: str, names: Sequence[str]) -> tuple[dict[str, str], str]:
    """Delete at most A_DELETE objects: the version id of each one's delete marker, and which S3 did not delete ('' if
    it deleted all). Their versions stay."""
    gone = {"Objects": [{"Key": name} for name in names]}
    answer = stack.client("s3").delete_objects(Bucket=bucket, Delete=gone)
    kept = answer.get("Errors", ())
    markers = {one["Key"]: one.get("DeleteMarkerVersionId", "") for one in answer.get("Deleted", ())}
    first = f", the first {kept[0].get('Key')}: {kept[0].get('Message')}." if kept else ""
    return markers, f"S3 did not delete {len(kept)} objects{first}" if kept else ""


def _shown(data: Store) -> dict[str, Pointer]:
    """Channel → its pointer, without a preview that has become the current release."""
    pointers = {channel: read_pointer(data, channel)[0] for channel in keys.CHANNELS}
    current = pointers[CURRENT]
    return {
        channel: pointer
        for channel, pointer in pointers.items()
        if pointer and (channel == CURRENT or not current or pointer.release_id != current.release_id)
    }


def _release(pointer: Pointer | None) -> str:
    return f"release {pointer.release_id} of build {pointer.build}" if pointer else "no release"


def until_idle(stack: Deployed) -> None:
    """Wait until the queues have been empty for a while; CannotOperate after half an hour."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    quiet = 0
    while quiet < _QUIET_POLLS:
        if time.monotonic() > deadline:
            raise CannotOperate(
                "queues or state machine are still busy after half an hour: look at the alarms and dead letters."
            )
        time.sleep(_POLL_SECONDS)
        quiet = 0 if busy(stack) else quiet + 1


def busy(stack: Deployed) -> bool:
    """Whether a message waits for a function, a function works on one, or the state machine computes what is too large
    for one call. Dead letters do not count."""
    return any(_count(stack, url, _BUSY) for url in work_queues(stack.outputs)) or _computing(stack)


def _computing(stack: Deployed) -> bool:
    machine = stack.outputs.get("StateMachineArn")  # none in a stack of an earlier build
    if machine is None:
        return False
    running = stack.client("stepfunctions").list_executions(stateMachineArn=machine, statusFilter="RUNNING")
    return bool(running["executions"])


def _count(stack: Deployed, url: str, names: Sequence[str]) -> int:
    counts = stack.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=list(names))["Attributes"]
    return sum(int(counts[name]) for name in names)
