"""What changed between two releases: `changes(before, after, trust)` over two `ReleaseTables` releases."""

from functions.api.changes.release_tables import ReleaseTables
from functions.api.changes.result import Change, FigureChange, Parts
from functions.api.changes.split import changes

__all__ = ["Change", "FigureChange", "Parts", "ReleaseTables", "changes"]
