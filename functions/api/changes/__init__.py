"""The differences between two releases, and their causes: `changes(before, after, trust)`, `changed(before, after,
trusts)`, `moves(before, after)`."""

from functions.api.changes.moves import moves
from functions.api.changes.result import Change, FigureChange, Parts, expression_of
from functions.api.changes.side import ComparedRelease
from functions.api.changes.split import changed, changes

__all__ = ["Change", "ComparedRelease", "FigureChange", "Parts", "changed", "changes", "expression_of", "moves"]
