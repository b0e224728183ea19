"""Dry runs on the small programme: landing them, and seeing what came of them."""

from typing import Any

from infra.local.stack import LocalStack
from tests.support.pipeline.programme import objects, receipt
from tests.support.pipeline.small import METHOD_TEXT, ROLL, work

KEY = "dry-run/work/2025-01/tried.csv"


def prepare(stack: LocalStack) -> None:
    stack.land("method/1/method.yaml", METHOD_TEXT.encode())
    stack.land("roll/2025/roll.csv", ROLL)
    stack.land("work/2025-01/a.csv", million(work(1)))
    stack.run_until_idle()


def million(month: bytes) -> bytes:
    """The same month with costs a million times as large, so that its opportunities are worth a fortune."""
    head, *rows = month.splitlines()
    cells = [row.split(b",") for row in rows]
    return b"\n".join(
        [head, *(b",".join([code, kind, b"%d" % (int(cost) * 10**6), area]) for code, kind, cost, area in cells)]
    )


def tried(stack: LocalStack, key: str, body: bytes) -> dict[str, Any]:
    """The receipt of a dry run, when all is done."""
    version = stack.land(key, body)
    stack.run_until_idle()
    assert stack.dead_letters() == {}
    return receipt(stack, key, version)


def deliver_all_but(stack: LocalStack, left: str) -> None:
    """Deliver until only one queue holds messages."""
    for _ in range(100):
        busy = [queue for queue in stack.pending() if queue != left]
        if not busy:
            return
        stack.deliver(busy[0])
    raise AssertionError(f"still busy: {stack.pending()}")


def public(stack: LocalStack) -> dict[str, bytes]:
    """Everything that readers see or that a snapshot could take up."""
    tried = ("receipts/dry-run/", "findings-csv/dry-run/", "receipt-index/dry-run/")
    return {name: body for name, body in objects(stack, "").items() if not name.startswith((*tried, "dry-runs/"))}
