"""A stack with its suppliers, operators and a reader, for tests of whatever may happen to it."""

import hashlib
import json
import random
from dataclasses import replace
from typing import Any, NamedTuple

from infra.local.stack import LocalStack
from shared import keys
from shared.aws.store import Store
from shared.errors import NotReady
from shared.events import landed_message
from shared.keys import CHANNELS, CURRENT
from shared.landing.history import methods_in_force
from shared.landing.read import read_log_of_methods
from shared.releases import channels
from shared.releases.channels import read_pointer
from shared.releases.manifest import IN_PARTS
from shared.releases.promotion import DecidedBy, Operator, Refused
from tests.support.pipeline.faults import Faults
from tests.support.pipeline.programme import upload
from tests.support.pipeline.small import METHOD_TEXT, work

METHODS = [
    METHOD_TEXT.replace("q: 0.25", "q: 0.2"),
    METHOD_TEXT.replace("minimum: 0}", "minimum: 0, maximum: 900}", 1),  # rejects the files of seed 3
]

TOO_MUCH = {"MostValues": "1"}
"""The parameter of a stack for which every release is too large for one call."""


class World:
    """A stack whose functions can be made to crash, its operators, and a reader who looks whenever a pointer moves or
    something is written into a release that is shown."""

    def __init__(self, stack: LocalStack) -> None:
        self.stack = stack
        self.faults = Faults(stack, self.written)
        self.shown: set[str] = set()
        self.torn: list[str] = []
        self.uploads = 0
        s3 = stack.client("s3")
        self.landing, self.data = (Store(stack.outputs[f"{name}BucketName"], s3) for name in ("Landing", "Data"))

    def written(self, key: str) -> None:
        """Look whenever readers could tell that an object was written."""
        if key.startswith("channels/") or any(release_id in key for release_id in self.shown):
            self.look()

    def look(self) -> None:
        """A reader reads all there is now; what is not a whole release is put down as torn. It is not raised here: the
        function in whose call this happens would be retried, and hide it."""
        for channel in CHANNELS:
            shown, _ = read_pointer(self.data, channel)
            if shown:
                self.shown.add(shown.release_id)
                manifest = self.data.find(keys.release(shown.release_id, "manifest.json"))
                outputs = json.loads(manifest.body)["outputs"] if manifest else [{"name": "manifest", "sha256": ""}]
                for output in outputs:
                    folder = keys.release(shown.release_id, f"{output['name']}.parquet").rpartition("/")[0]
                    files = {name: part["sha256"] for name, part in output.get("parts", {}).items()}
                    if output["name"] not in IN_PARTS:
                        files = {output["name"]: output["sha256"]}
                    for name, expected in files.items():
                        table = self.data.find(f"{folder}/{name}.parquet")
                        if not table or hashlib.sha256(table.body).hexdigest() != expected:
                            self.torn.append(f"{channel} {shown.sequence}: {output['name']} {name}")

    # ---- what happens -----------------------------------------------------------------------------------------------

    def perform(self, step: tuple[Any, ...]) -> None:
        match step:
            case ("land", key, seed):
                self.stack.land(key, work(seed))
            case ("upload", key, seed):
                self.uploads += 1
                upload(self.stack, f"upload-{self.uploads}", key, work(seed))
            case ("delete", key):
                self.delete(key)
            case ("method", number):
                self.stack.land(f"method/{number + 2}/method.yaml", METHODS[number].encode())
            case ("deliver", choice, count):
                waiting = list(self.stack.pending())
                if waiting:
                    self.stack.deliver(waiting[choice % len(waiting)], count)
            case ("settle", seed):
                chance = random.Random(seed)
                self.stack.run_until_idle(choose=lambda waiting: chance.choice(list(waiting)))
            case ("repeat", choice):  # a message that was delivered once comes a second time
                seen = self.delivered()
                if seen:
                    queue, body = seen[choice % len(seen)]
                    self.stack.client("sqs").send_message(QueueUrl=self.stack.outputs[f"{queue}Url"], MessageBody=body)
            case ("lose", choice):
                waiting = list(self.stack.pending())
                chosen = waiting[choice % len(waiting)] if waiting else ""
                if chosen in self.stack.machines:
                    self.stack.stop_execution(chosen)
                elif waiting:
                    url, sqs = self.stack.outputs[f"{chosen}Url"], self.stack.client("sqs")
                    for message in sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10)["Messages"]:
                        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
            case ("lie", kind, key):
                about = {"landing_key": key, "version_id": "no-such-version", "dataset": "work", "file_id": "0" * 32}
                envelope = {"source": "headroom", "detail-type": kind, "detail": about}
                url = self.stack.outputs["PeersQueueUrl"]
                self.stack.client("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(envelope))
            case ("outdated", choice):  # what a look saw earlier is all that is remembered
                seen = self.data.history(keys.REMEMBERED_LOG)
                if seen:
                    earlier = self.data.get(keys.REMEMBERED_LOG, seen[choice % len(seen)].version_id)
                    self.data.put(keys.REMEMBERED_LOG, earlier.body)
            case ("crash", function, calls, after):
                self.faults.of, self.faults.calls_left, self.faults.after = function, calls, after
            case ("tick",):
                self.stack.tick()
            case ("wait",):  # what is landed next has a later date in S3
                self.stack.clock.advance(1)
            case _:
                self.decide(step)

    def decide(self, step: tuple[Any, ...]) -> None:
        """What operators do; what they are refused changes nothing."""
        operator = Operator(self.landing, self.data)
        by = DecidedBy("an operator", self.stack.clock(), "because")
        current, preview = (read_pointer(self.data, channel)[0] for channel in CHANNELS)
        if step[-1] is True:  # cut short once the decision is landed
            operator._show = lambda *_: None  # type: ignore[method-assign]
        try:
            match step:
                case ("promote", _) if preview:
                    operator.promote(preview.release_id, by)
                case ("roll back", choice, _) if current:
                    earlier = [one.release_id for one in channels.shown(self.data, CURRENT)]
                    operator.roll_back(earlier[choice % len(earlier)], current.release_id, by)
                case ("resume",):
                    operator.resume(by)
                case ("withdraw",):
                    landed = list(self.landing.names(keys.DECISIONS_PREFIX))
                    if landed:
                        self.delete(landed[-1])
        except (Refused, NotReady):
            pass
        self.look()

    def delete(self, key: str) -> None:
        if key in self.landed():  # where there is nothing, moto leaves no marker
            self.stack.delete(key)

    def delivered(self) -> list[tuple[str, str]]:
        """Queue and body of every message that functions were given."""
        queues = {self.stack.outputs[f"{queue}Url"].rsplit("/", 1)[-1]: queue for queue in self.stack.feeds}
        return [
            (queues[record["eventSourceARN"].rsplit(":", 1)[-1]], record["body"])
            for call in self.stack.invocations
            for record in call.event.get("Records", ())
        ]

    def landed(self) -> list[str]:
        """Every key that the landing bucket ever held."""
        return sorted({entry.key for entry in self.landing.history()})

    def compute_in_one_call(self) -> None:
        """From now on no release is too large for one call."""
        for name, function in self.stack.functions.items():
            if "MOST_VALUES" in function.environment:
                environment = {**function.environment, "MOST_VALUES": "1000000"}
                self.stack.functions[name] = replace(function, environment=environment)

    # ---- how it ends ------------------------------------------------------------------------------------------------

    def settled(self) -> "dict[str, End]":
        """Let everything come to rest; what the channels in force then show."""
        self.stack.cold_start()
        self.stack.run_until_idle()
        self.stack.tick()
        self.stack.run_until_idle()
        self.look()
        return {
            channel: self.end(channel) for channel in methods_in_force(read_log_of_methods(self.landing, self.data))
        }

    def end(self, channel: str) -> "End":
        shown, _ = read_pointer(self.data, channel)
        assert shown
        manifest = self.data.get(keys.release(shown.release_id, "manifest.json")).body
        names = [name for name in self.data.names("tables/") if shown.release_id in name]
        tables = {name: self.data.get(name).body for name in names}
        assert {name.split("/")[1] for name in tables} == {one["name"] for one in json.loads(manifest)["outputs"]}
        return End(shown.release_id, shown.held_by, manifest, tables)

    def replayed(self, order: int) -> "dict[str, End]":
        """Empty the data bucket and read the landing bucket anew, its keys in some order."""
        everything = [{"Key": name} for name in self.data.names("")]
        self.stack.client("s3").delete_objects(Bucket=self.data.bucket, Delete={"Objects": everything})
        names = self.landed()
        random.Random(order).shuffle(names)
        for body in landed_message(self.landing.bucket, names):
            self.stack.client("sqs").send_message(QueueUrl=self.stack.outputs["IngestQueueUrl"], MessageBody=body)
        return self.settled()


class End(NamedTuple):
    """What a channel shows: the release, the decision that holds it there, and every byte of it."""

    release_id: str
    held_by: int | None
    manifest: bytes
    tables: dict[str, bytes]
