"""Errors that a message handler turns into: acknowledge the message, or leave it on the queue."""


class HeadroomError(Exception):
    """Base of every error that this system raises on purpose."""


class Rejected(HeadroomError):
    """The file is wrong: write a receipt and acknowledge the message."""


class NotReady(HeadroomError):
    """Inputs are missing: acknowledge the message; the event that brings them starts the work again."""


class Superseded(HeadroomError):
    """Another release was published first: acknowledge the message."""


class Transient(HeadroomError):
    """A service failed for the moment: leave the message on the queue, so that it is delivered again."""
