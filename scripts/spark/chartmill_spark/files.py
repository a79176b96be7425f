"""The files of tasks: local ones, and those of any Hadoop file system.

Python cannot use the JVM of its executor. A second, small JVM with the same jars reads or writes one
file as a stream.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any
from xml.sax.saxutils import escape

import pyspark
from pyspark import SparkFiles

from .failures import INPUT_OUTPUT, failed
from .programs import Program, scratch_folder

# The heap of a JVM that streams.
STREAM_HEAP = "96m"


def literal(uri: str) -> str:
    """The URI, escaped so that Hadoop's shell finds no pattern in it."""
    return re.sub(r"([*?\[\]{}\\])", r"\\\1", uri)


def hadoop_shell(settings: dict[str, str], folder: Path, *arguments: str, **streams: Any) -> Program:
    """A command of Hadoop's shell. `folder` is a temporary folder for its configuration."""
    site = folder / "site.xml"
    if not site.exists():
        properties = "".join(
            f"<property><name>{escape(name)}</name><value>{escape(value)}</value></property>"
            for name, value in settings.items()
        )
        # The settings may hold keys. Only this user can read the folder.
        site.write_text(f"<configuration>{properties}</configuration>", encoding="utf-8")
        # The shell requires this file. If the cluster has one, it is found first.
        (folder / "core-site.xml").write_text("<configuration/>", encoding="utf-8")
    home = os.environ.get("JAVA_HOME")
    configurations = [
        os.environ.get("HADOOP_CONF_DIR", ""), "__spark_conf__/__hadoop_conf__", str(folder),
    ]  # fmt: skip
    jars = [
        Path(os.environ.get("SPARK_HOME", "/nonexistent"), "jars"),
        Path(pyspark.__file__).parent / "jars",
        Path("__spark_libs__"),
        Path(SparkFiles.getRootDirectory()),
    ]
    classpath = filter(None, [*configurations, *(f"{path}/*" for path in jars)])
    return Program(
        [
            f"{home}/bin/java" if home else "java",
            f"-Xmx{STREAM_HEAP}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-cp", os.pathsep.join(classpath),
            "org.apache.hadoop.fs.FsShell", "-conf", str(site), *arguments,
        ],
        **streams,
    )  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Folder:
    """A folder that tasks write new files in."""

    # A path if it is local, otherwise a URI.
    place: str
    is_local: bool
    # The settings of Hadoop, from spark.hadoop.*.
    hadoop: dict[str, str]

    def path(self, name: str) -> str:
        return f"{self.place}/{name}"

    @contextlib.contextmanager
    def writing(self, name: str, replaces: bool = False) -> Iterator[int]:
        """A descriptor to which a program can write a file. Without `replaces`, the file must be new.
        Nothing is renamed, because a rename copies in an object store."""
        if self.is_local:
            Path(self.path(name)).parent.mkdir(parents=True, exist_ok=True)
            mode = os.O_WRONLY | os.O_CREAT | (os.O_TRUNC if replaces else os.O_EXCL)
            descriptor = os.open(self.path(name), mode, 0o644)
            try:
                yield descriptor
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            return
        flags = ["-d", *(["-f"] if replaces else [])]
        with (
            scratch_folder() as scratch,
            hadoop_shell(
                self.hadoop, scratch, "-put", *flags, "-", self.path(name), stdin=subprocess.PIPE
            ) as shell,
        ):
            yield shell.input.fileno()
            shell.input.close()
            if not shell.succeeds():
                raise failed(INPUT_OUTPUT, f"{self.path(name)}: {shell.message()}")

    def read(self, name: str) -> bytes | None:
        """The bytes of a small file; None if there is none."""
        if self.is_local:
            with contextlib.suppress(FileNotFoundError):
                return Path(self.path(name)).read_bytes()
            return None
        with (
            scratch_folder() as scratch,
            hadoop_shell(
                self.hadoop, scratch, "-cat", literal(self.path(name)), stdout=subprocess.PIPE
            ) as shell,
        ):
            return shell.output.read() or None

    def add(self, paths: list[Path], folder: str) -> None:
        """Copies local files into a new folder."""
        target = self.path(folder)
        if self.is_local:
            Path(target).mkdir()
            for path in paths:
                shutil.copyfile(path, f"{target}/{path.name}")
                with open(f"{target}/{path.name}", "rb") as copy:
                    os.fsync(copy.fileno())
            return
        for command in (["-mkdir", "-p"], ["-put", "-d", *map(str, paths)]):
            with (
                scratch_folder() as scratch,
                hadoop_shell(self.hadoop, scratch, *command, target) as shell,
            ):
                if not shell.succeeds():
                    raise failed(INPUT_OUTPUT, f"{target}: {shell.message()}")

    @contextlib.contextmanager
    def reading(self, names: list[str]) -> Iterator[IO[bytes]]:
        """A stream of files, one after another. It ends too early if a file is missing."""
        if self.is_local:
            command = ["cat", "--", *map(self.path, names)]
            with Program(command, stdout=subprocess.PIPE) as program:
                yield program.output
            return
        uris = [literal(self.path(name)) for name in names]
        with (
            scratch_folder() as scratch,
            hadoop_shell(self.hadoop, scratch, "-cat", *uris, stdout=subprocess.PIPE) as shell,
        ):
            yield shell.output

    def join(self, names: list[str], descriptor: int) -> None:
        """Writes files one after another to a descriptor."""
        if self.is_local:
            with open(descriptor, "wb", closefd=False) as output:
                for name in names:
                    with open(self.path(name), "rb") as part:
                        shutil.copyfileobj(part, output, 1 << 20)
            return
        uris = [literal(self.path(name)) for name in names]
        with (
            scratch_folder() as scratch,
            hadoop_shell(self.hadoop, scratch, "-cat", *uris, stdout=descriptor) as shell,
        ):
            if not shell.succeeds():
                raise failed(INPUT_OUTPUT, shell.message())


def copy(source: Path, descriptor: int) -> None:
    with open(source, "rb") as file, open(descriptor, "wb", closefd=False) as output:
        shutil.copyfileobj(file, output, 1 << 20)
