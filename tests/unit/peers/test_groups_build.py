"""Peer groups that were kept are used again, so code that computes them differently must be another build."""

from functions.peers.groups import GROUP_BUILD
from shared.content import digest
from shared.tables import PEERS
from tests.support.code_of import code_of
from tests.support.paths import CHECKOUT

COMPUTING = ("candidates", "distances", "draws", "groups", "nearest", "stability")
RECORDED = {1: "3f675dd565e84dde5a88e190c0405cbc"}


def test_other_peers_are_another_build():
    """If this fails and the same characteristics could now give other peers, raise GROUP_BUILD in
    `functions.peers.groups`; then record the digest. Comments, docstrings and layout do not count."""
    code = [code_of(CHECKOUT / f"functions/peers/{name}.py") for name in COMPUTING]
    assert digest(*code, str(PEERS)) == RECORDED[GROUP_BUILD]
