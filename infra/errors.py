"""The base of the errors that end a command."""


class CommandError(Exception):
    """A command cannot do its work. The message says why and what to do; `exit_code` is the command's."""

    exit_code = 1
