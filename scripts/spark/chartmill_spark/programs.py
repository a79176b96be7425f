"""The programs that tasks run as child processes: `chartmill`, and a JVM for Hadoop's file systems."""

from __future__ import annotations

import contextlib
import ctypes
import os
import random
import signal
import struct
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from pyspark import SparkFiles

from .failures import INPUT_OUTPUT, Failed, failed

NAME = "chartmill"

# The format of frames, which is in Sources/ChartmillDistributed/FrameFormat.swift. A header is a gzip
# member of HEADER_BYTES. From WORDS_OFFSET on, it has the magic number, the destination, and the number
# of bytes of the payload.
HEADER_BYTES = 105
WORDS_OFFSET = 25
WORDS = "<QQQ"


def die_with_parent() -> None:
    """Lets the kernel kill the program if its executor is killed."""
    death_signal = 1
    ctypes.CDLL(None).prctl(death_signal, signal.SIGKILL)


@contextlib.contextmanager
def scratch_folder() -> Iterator[Path]:
    """A temporary folder on one of the disks that Spark uses."""
    folders = [name for name in os.environ.get("SPARK_LOCAL_DIRS", "").split(",") if name]
    with tempfile.TemporaryDirectory(
        prefix="chartmill-", dir=random.choice(folders) if folders else None
    ) as folder:
        yield Path(folder)


class Program:
    """A child process whose standard error is kept for the message of its failure."""

    def __init__(self, command: list[str], **streams: Any):
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._process: subprocess.Popen[bytes] = subprocess.Popen(
            command, stderr=self._errors, preexec_fn=die_with_parent, **streams
        )

    def __enter__(self) -> Program:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        self._process.wait()
        self._errors.close()

    @property
    def input(self) -> IO[bytes]:
        assert self._process.stdin is not None
        return self._process.stdin

    @property
    def output(self) -> IO[bytes]:
        assert self._process.stdout is not None
        return self._process.stdout

    def message(self) -> str:
        self._errors.seek(0)
        return self._errors.read().decode(errors="replace").strip()

    def succeeds(self) -> bool:
        """Waits for the end, and returns whether the exit code is 0."""
        return self._process.wait() == 0

    def check(self) -> None:
        """Waits for the end. Raises `Failed` if the exit code is not 0."""
        code = self._process.wait()
        if code != 0:
            raise Failed(code if code > 0 else 128 - code, self.message())

    def feed(self, pieces: Iterable[bytes | memoryview]) -> None:
        """Writes to standard input. If the program stops reading, its exit code says why. All pieces
        are taken in any case, because they are checked while they are read."""
        is_open = True
        for piece in pieces:
            if is_open:
                try:
                    self.input.write(piece)
                except BrokenPipeError:
                    is_open = False
        with contextlib.suppress(BrokenPipeError):
            self.input.close()


def chartmill(*arguments: str, **streams: Any) -> Program:
    return Program([SparkFiles.get(NAME), *arguments], **streams)


def frames(stream: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """The frames of a stream, with their destinations."""
    while header := stream.read(HEADER_BYTES):
        if len(header) < HEADER_BYTES:
            raise failed(INPUT_OUTPUT, "a stream of frames ends within a header")
        _, destination, length = struct.unpack_from(WORDS, header, WORDS_OFFSET)
        payload = stream.read(length)
        if len(payload) < length:
            raise failed(INPUT_OUTPUT, "a stream of frames ends within a frame")
        yield destination, header + payload
