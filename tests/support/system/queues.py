"""The queues of a deployed stack."""

from infra.stacks import DEAD_LETTERS, Deployed


def dead_letters(stack: Deployed) -> dict[str, int]:
    """Dead-letter queue → messages, for those that hold any: what the alarms look at."""
    name = "ApproximateNumberOfMessages"
    queues = {output: url for output, url in stack.outputs.items() if output.endswith(DEAD_LETTERS)}
    sqs = stack.client("sqs")
    counts = {
        queue: int(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])["Attributes"][name])
        for queue, url in queues.items()
    }
    return {queue: count for queue, count in counts.items() if count}
