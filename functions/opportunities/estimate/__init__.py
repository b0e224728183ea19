"""The estimate: facts, peers and a method in; the tables of a release out."""

from functions.opportunities.estimate.estimate import Estimate, estimate

__all__ = ["Estimate", "estimate"]
