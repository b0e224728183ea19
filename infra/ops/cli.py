"""The command `headroom`: its subcommands, their options and their help. The work is done in the modules next to this.

Modules are imported by the subcommand that needs them: all of them together take seconds.
"""

import functools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
from botocore.exceptions import BotoCoreError, ClientError

from infra.errors import CommandError
from infra.stacks import Deployed, api_url, find
from infra.template import ROOT
from shared.errors import HeadroomError

SAMPLES = ROOT / "samples" / "landing"
METHOD = ROOT / "method"
BENCH_FILE = Path("bench.json")
SCALE_FILE = Path("scale.json")

type Command = Callable[..., int | None]

_PATH = click.Path(path_type=Path)
_USAGE = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand. The exit code: 0, or 1 or 2 with one line on standard error."""
    try:
        code: int | None = headroom.main(arguments, prog_name="headroom", standalone_mode=False)
    except click.exceptions.NoArgsIsHelpError as error:
        print(error.format_message(), file=sys.stderr)
        return _USAGE
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "headroom"
        print(f"{command}: {error.format_message()} See {command} --help.", file=sys.stderr)
        return _USAGE
    except click.Abort:
        return 1
    return code or 0


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (CommandError, HeadroomError, ClientError, BotoCoreError) as error:
            print(f"headroom {ctx.invoked_subcommand}: {error}", file=sys.stderr)
            return getattr(error, "exit_code", 1)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def headroom() -> None:
    """Find productivity opportunities of organisations: run, check, deploy and operate Headroom.

    Most subcommands are make targets too, with its options as variables: make promote STAGE=prod RELEASE=… WHY=….
    """


def _of_stack(command: Command) -> Command:
    """Add the options that name a deployed stack; the command gets the stack as its first argument."""

    @click.option("--stage", help="Stage of samconfig.toml: local, dev or prod.")
    @click.option("--stack", help="Name of the stack, instead of a stage.")
    @functools.wraps(command)
    def with_stack(stage: str | None, stack: str | None, **options: Any) -> int | None:
        return command(find(stage, stack), **options)

    return with_stack


_dry_run = click.option("--dry-run", is_flag=True, help="Only say what would be done.")
_keep_days = click.option(
    "--keep-days",
    type=int,
    default=365,
    show_default=True,
    help="What readers could see within so many days is kept; at least 30.",
)
_why = click.option("--why", help="The reason, which is recorded.")
_who = click.option("--who", help="Who decides. Default: the identity of the AWS credentials.")


# ---- on this machine ------------------------------------------------------------------------------------------------


@headroom.command
@click.option("--landing", type=_PATH, default=SAMPLES, help="Folder of files to land. Default: the samples.")
@click.option("--port", type=int, help="Loopback port to serve on. Default: any free port.")
def run(landing: Path, port: int | None) -> None:
    """Run the stack on a local AWS emulator.

    Builds, deploys, lands files, and serves the API until Ctrl-C.
    """
    from infra.ops import run

    run.run_until_interrupted(landing, port)


@headroom.command
@click.option("--api", required=True, help="Address of a deployed API whose reading is open.")
@click.option("--port", type=int, default=8000, show_default=True, help="Port of the loopback address.")
def pages(api: str, port: int) -> None:
    """Serve this checkout's pages from a deployed API.

    For work on templates and style: the pages are made here, the answers come from there.
    """
    from infra.ops import pages

    pages.serve(api, port)


@headroom.command
@click.option("--landing", type=_PATH, required=True, help="Folder of files, <dataset>/<period>/<file>.")
@click.option("--out", type=_PATH, required=True, help="Folder for the release's tables and the receipts.")
def release(landing: Path, out: Path) -> None:
    """Make a release of a folder of files, offline.

    The whole flow in one process. Writes the release's tables and the files' receipts.
    """
    from infra.ops import release

    release.make_release(landing, out)


@headroom.command
@click.option("--dataset", required=True, help="The dataset's folder.")
@click.option("--period", required=True, help="The period's folder.")
@click.option("--part", default="", help="The part's folder, if the dataset's periods come in parts.")
@click.option("--file", type=_PATH, required=True, help="The file.")
@click.option("--method", type=_PATH, default=METHOD, help="Folder of the method's documents.")
@click.option("--out", type=_PATH, help="Folder for the receipt and its findings.")
def check_file(dataset: str, period: str, part: str, file: Path, method: Path, out: Path | None) -> int:
    """Print the receipt that a file would get.

    Lands nothing. The exit code is 1 if the file would be rejected, 2 if it cannot be checked.
    """
    from infra.ops import check_file
    from shared.keys import Slot

    return check_file.check(file, Slot(dataset, period, part), method, out)


@headroom.command
@click.option("--out", type=_PATH, required=True, help="The file to write.")
@click.option("--method", type=_PATH, default=METHOD, help="Folder of the method's documents.")
def method(out: Path, method: Path) -> int:
    """Write the method's documents as one file to land.

    The exit code is 1, with a line for each fault, if the method has faults.
    """
    from infra.ops import method_file

    return method_file.write_method(method, out)


@headroom.command
@click.option("--landing", type=_PATH, required=True, help="Folder of files, <dataset>/<period>/<file>.")
@click.option("--group", required=True, help="The group of nearest peers whose variables get weights.")
@click.option("--cost", required=True, help="What to predict: a metric of the method, or <dataset>.<measure>.")
@click.option("--out", type=_PATH, required=True, help="Folder for the method file and the report.")
@click.option("--seed", type=click.IntRange(min=0), default=1, help="First of ten seeds. Default: 1.")
def learn_weights(landing: Path, group: str, cost: str, out: Path, seed: int) -> None:
    """Learn a peer group's weights from a cost, for review.

    Writes a method file and a report. The exit code is 1, and there is no method file, if the variables predict the
    cost no better than its median does, or if there are too few organisations.
    """
    from infra.ops import learn_weights

    learn_weights.learn(landing, group, cost, out, seed)


# ---- of a deployed stack --------------------------------------------------------------------------------------------


@headroom.command
@click.option("--stage", help="Stage of samconfig.toml: dev or prod.")
def preflight(stage: str | None) -> int:
    """Check what an account needs before a stage is deployed.

    Changes nothing. The exit code is 1 if something is to be done first.
    """
    from infra.ops import preflight

    return preflight.report(stage)


@headroom.command
@_of_stack
@click.option("--seconds", type=float, help="How long to wait for receipts. Default: five minutes.")
def smoke(stack: Deployed, seconds: float | None) -> int:
    """Compare a deployed stack's receipts with this checkout's.

    Lands four small files under dry-run/. The exit code is 1 if anything differs.
    """
    from infra.ops import smoke

    return 1 if smoke.smoke(stack, smoke.fetcher(api_url(stack)), seconds or smoke.PATIENCE_SECONDS) else 0


@headroom.command
@_of_stack
@click.option("--scopes", default="", help="Scopes separated by spaces: operate, or supply:<dataset>.")
def token(stack: Deployed, scopes: str) -> None:
    """Print an access token of the stack's Cognito user pool.

    Needs permission to read the secrets of the pool's clients.
    """
    from infra.ops import tokens

    print(tokens.token(stack, scopes.split()))


@headroom.command
@_of_stack
@click.option("--dataset", help="Create a client for the supplier of this dataset.")
@_dry_run
def suppliers(stack: Deployed, dataset: str | None, dry_run: bool) -> None:
    """Give the datasets of the landed method their scopes.

    Run it when a method with other datasets is in force, and again after each deployment.
    """
    from infra.ops import suppliers

    suppliers.suppliers(stack, dataset, dry_run)


@headroom.command
@_of_stack
@click.option("--dataset", help="Only this dataset (or method, or dry-run/<dataset>).")
@click.option("--period", help="Only this period of the dataset.")
@_dry_run
def replay(stack: Deployed, dataset: str | None, period: str | None, dry_run: bool) -> None:
    """Send landed files to ingest again.

    A file that has its verdict keeps it.
    """
    from infra.ops import replay

    replay.replay(stack, dataset, period, dry_run)


@headroom.command
@_of_stack
@click.option("--queue", help="Only dead letters of this queue, by its name in the template.")
@_dry_run
def redrive(stack: Deployed, queue: str | None, dry_run: bool) -> None:
    """Return dead letters to the queues that they came from."""
    from infra.ops import replay

    replay.redrive(stack, queue, dry_run)


@headroom.command
@_of_stack
@click.option("--confirm", help="Name of the data bucket: it is emptied first.")
@_dry_run
def rebuild(stack: Deployed, confirm: str | None, dry_run: bool) -> None:
    """Empty the data bucket and compute it again.

    Everything in it follows from the landing bucket. Readers find no release until the rebuild has finished.
    """
    from infra.ops import replay

    replay.rebuild(stack, confirm, dry_run)


@headroom.command
@_of_stack
@_keep_days
def inventory(stack: Deployed, keep_days: int) -> None:
    """Say what the buckets hold and what a month adds.

    With what of it prune would delete.
    """
    from infra.ops.storage import inventory

    inventory.inventory(stack, keep_days)


@headroom.command
@_of_stack
@_keep_days
@click.option("--confirm", help="Name of the data bucket, from which it deletes.")
@_dry_run
def prune(stack: Deployed, keep_days: int, confirm: str | None, dry_run: bool) -> None:
    """Delete releases that readers have not seen for long.

    With what only they need. Refused while a recompute runs.
    """
    from infra.ops.storage import prune

    prune.prune(stack, keep_days, confirm, dry_run)


@headroom.command
@_of_stack
def preview(stack: Deployed) -> None:
    """Compare the preview release with the current release."""
    from infra.ops import decide

    decide.preview(stack)


@headroom.command
@_of_stack
def releases(stack: Deployed) -> None:
    """List the releases that readers saw, newest first.

    With the decisions of operators.
    """
    from infra.ops import decide

    decide.list_releases(stack)


@headroom.command
@_of_stack
@click.option("--release", help="The preview release, as make preview prints it.")
@_why
@_who
def promote(stack: Deployed, release: str | None, why: str | None, who: str | None) -> None:
    """Make the preview release the current release."""
    from infra.ops import decide

    decide.promote(stack, release, why, who)


@headroom.command
@_of_stack
@click.option("--release", help="The earlier release, as make releases prints it.")
@click.option("--from", "instead_of", help="The release that is current now.")
@_why
@_who
def rollback(stack: Deployed, release: str | None, instead_of: str | None, why: str | None, who: str | None) -> None:
    """Go back to an earlier release and hold it.

    Newer releases are not published until make resume or make promote.
    """
    from infra.ops import decide

    decide.roll_back(stack, release, instead_of, why, who)


@headroom.command
@_of_stack
@_why
@_who
def resume(stack: Deployed, why: str | None, who: str | None) -> None:
    """Lift the hold that a rollback left."""
    from infra.ops import decide

    decide.resume(stack, why, who)


# ---- for development ------------------------------------------------------------------------------------------------


@headroom.command
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if a committed file differs.")
def generate(check: bool) -> int:
    """Write every generated file.

    With --check: name the files that differ from what the code says.
    """
    from infra.generate import generators

    if not check:
        generators.write(generators.GENERATORS)
        return 0
    faults = generators.differing(generators.GENERATORS)
    for fault in faults:
        print(f"{fault} Run make fix and commit the file.", file=sys.stderr)
    return 1 if faults else 0


@headroom.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.argument("day", required=False)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
def any_day(day: str | None, command: tuple[str, ...]) -> int:
    """Run the tests on other days and in another time zone.

    DAY: only on this one. COMMAND: this instead of the tests. Needs libfaketime.
    """
    from infra.local import any_day

    return any_day.run_on(day, command)


@headroom.command
@click.argument("cases", nargs=-1)
@click.option("--out", type=_PATH, default=BENCH_FILE, help="File for the figures. Default: bench.json.")
@click.option("--quick", is_flag=True, help="Only check that all results agree, on small inputs.")
def bench(cases: tuple[str, ...], out: Path, quick: bool) -> int:
    """Compare Headroom with DuckDB, pandas and NumPy.

    The exit code is 1 if any two results differ.
    """
    from benchmarks import report

    return report.run_cases(cases, out, quick)


@headroom.command
@click.argument("sizes", nargs=-1)
@click.option("--out", type=_PATH, default=SCALE_FILE, help="File for the figures. Default: scale.json.")
def scale(sizes: tuple[str, ...], out: Path) -> int:
    """Measure releases of generated histories.

    SIZES: organisations x months, such as 250x120. Default: up to 2,500 organisations.
    """
    from benchmarks.scale import report

    return report.run_sizes(sizes, out)
