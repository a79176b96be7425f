"""How failures travel: as records of JSON, from a task to the driver and to later attempts."""

from __future__ import annotations

import json

# Exit codes of failures that a retry cannot fix: wrong flags, bad data, missing input.
PERMANENT = (64, 65, 66)
# Exit codes of failures outside the program.
NO_INPUT, SOFTWARE, INPUT_OUTPUT, IN_USE = 66, 70, 74, 75


class Failed(Exception):
    """The job ends with an exit code and a text for people."""

    def __init__(self, code: int, text: str):
        super().__init__(code, text)
        self.code = code
        self.text = text

    def record(self) -> bytes:
        return json.dumps({"code": self.code, "text": self.text}).encode()

    @staticmethod
    def from_record(record: bytes) -> Failed:
        values = json.loads(record)
        return Failed(values["code"], values["text"])


def failed(code: int, text: str) -> Failed:
    """A failure that is not the program's, in the form of its messages."""
    return Failed(code, f"chartmill: {text}")
