"""How failures travel: as records of JSON, from a task to the driver and to later attempts."""

from __future__ import annotations

import json

# Exit codes of failures that a retry cannot fix: wrong flags, bad data, missing input.
PERMANENT = (64, 65, 66)
# Exit codes of failures outside the program.
USAGE, NO_INPUT, SOFTWARE, INPUT_OUTPUT, IN_USE = 64, 66, 70, 74, 75


class Failed(Exception):
    """The job ends with an exit code and a text for people.

    If `damaged_day` is set, the kept rollup of that day is damaged, and the day can be rolled up again.
    """

    def __init__(self, code: int, text: str, damaged_day: str | None = None):
        super().__init__(code, text, damaged_day)
        self.code = code
        self.text = text
        self.damaged_day = damaged_day

    def record(self) -> bytes:
        return json.dumps([self.code, self.text, self.damaged_day]).encode()

    @staticmethod
    def from_record(record: bytes) -> Failed:
        return Failed(*json.loads(record))


def failed(code: int, text: str) -> Failed:
    """A failure that is not the program's, in the form of its messages."""
    return Failed(code, f"chartmill: {text}")
