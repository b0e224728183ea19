"""What changed between two releases: `changes(before, after, trust)` over two `Held` releases."""

from functions.api.changes.held import Held
from functions.api.changes.result import Change, FigureChange, Parts
from functions.api.changes.split import changes

__all__ = ["Change", "FigureChange", "Held", "Parts", "changes"]
