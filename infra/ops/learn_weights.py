"""`headroom learn-weights`: weights of a peer group, learnt from landed files, as a method file to be reviewed."""

import os
from pathlib import Path

from infra.errors import CommandError
from infra.landing import files_of
from infra.learn.examples import cost_of, examples_of, group_of, require_apart
from infra.learn.model import cross_validations
from infra.learn.peers_kept import peers_kept, with_equal_weights
from infra.learn.report import Learnt, method_file, page, summary, weighted
from infra.learn.weights import (
    NoWeights,
    correlated,
    gain_of,
    require_better_than_median,
    require_enough,
    weights_of,
)
from infra.local import clock
from infra.local.stack import LocalStack
from infra.ops.release import NothingReleased
from shared import keys
from shared.aws.store import Store
from shared.facts.apply_findings import apply_findings
from shared.facts.facts import Facts
from shared.facts.population import Population
from shared.landing.read import read_facts, read_method
from shared.landing.snapshot import Snapshot
from shared.method.method import Method
from shared.releases import write
from shared.releases.channels import read_pointer

PEER_GROUP, REPORT = "peer_group.yaml", "report.md"
_SEEDS = 10


class CannotWriteWeights(CommandError):
    """The folder for the results cannot be used; the message says why."""

    exit_code = 2


def learn(landing: Path, group_id: str, cost_name: str, out: Path, seed: int) -> None:
    """Make a release of a folder of files, learn weights from it, and write them with a report to `out`.

    CommandError if that fails; NoWeights, with a report and no weights, if the characteristics do not predict the cost.
    """
    with LocalStack({"Build": os.environ.get("BUILD", "1")}, clock=clock.system) as stack:
        for file in files_of(landing):
            stack.land(file.key, file.body)
        stack.run_until_idle()
        data = Store(stack.outputs["DataBucketName"])
        learnt = _learn(data, group_id, cost_name, range(seed, seed + _SEEDS))
    _write(out, learnt)
    if learnt.refused:
        raise NoWeights(f"{learnt.refused} The figures are in {out / REPORT}.")
    print(summary(learnt))
    print(f"\nwritten to {out}: {PEER_GROUP} and {REPORT}")


def _learn(data: Store, group_id: str, cost_name: str, seeds: range) -> Learnt:
    pointer, _ = read_pointer(data, keys.CURRENT)
    if pointer is None:
        raise NothingReleased("nothing was released; headroom release says why.")
    snapshot = data.read_model(Snapshot, keys.snapshot(pointer.snapshot_id))
    method = read_method(data, pointer.method_id)
    tables = write.read(data, pointer.release_id, ("metrics", "findings"))
    landed, _ = read_facts(data, snapshot, method)
    facts = apply_findings(landed, tables["findings"])
    population = Population(facts, method.programme)
    group = group_of(method, group_id)
    require_apart(group, method, cost_name)
    cost = cost_of(method, cost_name, facts, tables["metrics"].to_pandas(), population)
    examples = examples_of(group, cost, facts, population)
    require_enough(len(examples.codes), len(group.variables))
    trials = cross_validations(examples.values, examples.cost, seeds)
    learnt = Learnt(
        group_id, group, cost_name, cost, examples, trials, gain_of(examples.cost, trials), correlated(examples.values)
    )
    return _with_weights(learnt, facts, method, population)


def _with_weights(learnt: Learnt, facts: Facts, method: Method, population: Population) -> Learnt:
    """Weights and their peers, or why there are none."""
    try:
        require_better_than_median(learnt.gain, learnt.cost.unit)
        learnt = learnt._replace(weights=weights_of(learnt.trials))
    except NoWeights as error:
        return learnt._replace(refused=str(error))
    equal = with_equal_weights(learnt.group)
    return learnt._replace(kept=peers_kept(weighted(learnt), equal, facts, method, population))


def _write(out: Path, learnt: Learnt) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / PEER_GROUP).unlink(missing_ok=True)  # of an earlier run, which this one may refuse
        (out / REPORT).write_text(page(learnt), "utf-8")
        if learnt.weights is not None:
            (out / PEER_GROUP).write_text(method_file(learnt), "utf-8")
    except OSError as error:
        raise CannotWriteWeights(f"{out} cannot be written to: {error.strerror}; name another folder.") from None
