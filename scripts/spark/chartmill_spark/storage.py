"""File systems, from the driver: local folders, and those of Hadoop."""

from __future__ import annotations

import contextlib
import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from py4j.protocol import Py4JJavaError
from pyspark import SparkContext

from .failures import INPUT_OUTPUT, Failed, failed
from .internals import hadoop

# File systems whose rename replaces a file in one step. In an object store a file appears at once when
# it is closed, so its new content needs no rename.
RENAMING = ("hdfs",)


class Storage(Protocol):
    """What a job needs of a file system. Places are paths or URIs. A place that does not exist is not
    an error, except for `listing`. Other errors are `Failed`."""

    def listing(self, folder: str) -> dict[str, tuple[int, int]]:
        """The files in a folder: name, size, and modification time in milliseconds since 1970. Raises
        `FileNotFoundError`."""

    def names(self, folder: str) -> list[str]:
        """The names of all files and folders in a folder."""

    def size(self, place: str) -> int | None: ...

    def read(self, place: str) -> bytes | None: ...

    def create(self, place: str, content: bytes) -> bool:
        """Writes a new file. Returns False if there is one, or if its folder was just removed, which
        `chartmill run` does with an empty one."""

    def replace(self, place: str, content: bytes) -> None:
        """Writes a small file, whether there is one or not."""

    def publish(self, source: str, place: str) -> None:
        """Gives a file the content of another one. Readers see the old content or the new one."""

    def remove(self, place: str) -> None:
        """Removes a file, or a folder with all that is in it."""


class LocalStorage:
    """The file system of this machine. All machines must see the same folders."""

    def listing(self, folder: str) -> dict[str, tuple[int, int]]:
        with _local_errors(), os.scandir(folder) as entries:
            statuses = {entry.name: entry.stat() for entry in entries if not entry.is_dir()}
        return {
            name: (status.st_size, status.st_mtime_ns // 1_000_000) for name, status in statuses.items()
        }

    def names(self, folder: str) -> list[str]:
        with _local_errors(), contextlib.suppress(FileNotFoundError):
            return sorted(os.listdir(folder))
        return []

    def size(self, place: str) -> int | None:
        with _local_errors(), contextlib.suppress(FileNotFoundError, NotADirectoryError):
            return os.stat(place).st_size
        return None

    def read(self, place: str) -> bytes | None:
        with _local_errors(), contextlib.suppress(FileNotFoundError, NotADirectoryError):
            return Path(place).read_bytes()
        return None

    def create(self, place: str, content: bytes) -> bool:
        with _local_errors():
            Path(place).parent.mkdir(parents=True, exist_ok=True)
            try:
                with open(place, "xb") as file:
                    file.write(content)
            except (FileExistsError, FileNotFoundError):
                return False
        return True

    def replace(self, place: str, content: bytes) -> None:
        with _local_errors():
            Path(place).parent.mkdir(parents=True, exist_ok=True)
            temporary = f"{place}.{os.getpid()}"
            Path(temporary).write_bytes(content)
            os.replace(temporary, place)

    def publish(self, source: str, place: str) -> None:
        with _local_errors():
            # If this process dies here, the copy is removed with the folder of its source.
            copy = f"{source}.copy"
            shutil.copyfile(source, copy)
            self._synchronize(copy)
            os.replace(copy, place)
            self._synchronize(str(Path(place).parent), os.O_DIRECTORY)

    def remove(self, place: str) -> None:
        with _local_errors(), contextlib.suppress(FileNotFoundError):
            if os.path.isdir(place) and not os.path.islink(place):
                shutil.rmtree(place)
            else:
                os.unlink(place)

    @staticmethod
    def _synchronize(place: str, flags: int = 0) -> None:
        descriptor = os.open(place, os.O_RDONLY | flags)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def _local_errors() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise
    except OSError as error:
        raise failed(INPUT_OUTPUT, f"{error.filename}: {error.strerror}") from error


class HadoopStorage:
    """Any file system of Hadoop. Its lists may lag behind: they are only used to find what to remove,
    and to find logs."""

    def __init__(self, context: SparkContext):
        self.jvm, self.configuration = hadoop(context)

    def qualified(self, place: str) -> str:
        """The URI of a place, without a slash at its end."""
        with self._errors(place):
            return str(self._system(place).makeQualified(self._path(place)).toString()).rstrip("/")

    def local_path(self, uri: str) -> str | None:
        """The path of a qualified URI; None if it is not a file: URI."""
        parsed = self._path(uri).toUri()
        return str(parsed.getPath()) if parsed.getScheme() == "file" else None

    def listing(self, folder: str) -> dict[str, tuple[int, int]]:
        return {
            str(status.getPath().getName()): (int(status.getLen()), int(status.getModificationTime()))
            for status in self._statuses(folder)
            if status.isFile()
        }

    def names(self, folder: str) -> list[str]:
        with contextlib.suppress(FileNotFoundError):
            return sorted(str(status.getPath().getName()) for status in self._statuses(folder))
        return []

    def size(self, place: str) -> int | None:
        with contextlib.suppress(FileNotFoundError), self._errors(place):
            return int(self._system(place).getFileStatus(self._path(place)).getLen())
        return None

    def read(self, place: str) -> bytes | None:
        with contextlib.suppress(FileNotFoundError), self._errors(place):
            stream = self._system(place).open(self._path(place))
            try:
                return bytes(self.jvm.org.apache.commons.io.IOUtils.toByteArray(stream))
            finally:
                stream.close()
        return None

    def create(self, place: str, content: bytes) -> bool:
        try:
            self._write(place, content, False)
        except Failed:
            if self.size(place) is None:
                raise
            return False
        return True

    def replace(self, place: str, content: bytes) -> None:
        self._write(place, content, True)

    def publish(self, source: str, place: str) -> None:
        system, target = self._system(place), self._path(place)
        with self._errors(place):
            is_renamed = system.resolvePath(target.getParent()).toUri().getScheme() in RENAMING
            written = self._path(f"{place}.{uuid.uuid4().hex}") if is_renamed else target
            self.jvm.org.apache.hadoop.fs.FileUtil.copy(
                self._system(source), self._path(source), system, written, False, True,
                self.configuration,
            )  # fmt: skip
            if is_renamed:
                rename = self.jvm.org.apache.hadoop.fs.Options.Rename
                options = self.jvm.java.lang.reflect.Array.newInstance(rename.OVERWRITE.getClass(), 1)
                options[0] = rename.OVERWRITE
                self.jvm.org.apache.hadoop.fs.FileContext.getFileContext(
                    target.toUri(), self.configuration
                ).rename(written, target, options)

    def remove(self, place: str) -> None:
        with contextlib.suppress(FileNotFoundError), self._errors(place):
            self._system(place).delete(self._path(place), True)

    def _path(self, place: str) -> Any:
        return self.jvm.org.apache.hadoop.fs.Path(place)

    def _system(self, place: str) -> Any:
        return self._path(place).getFileSystem(self.configuration)

    def _statuses(self, folder: str) -> Any:
        with self._errors(folder):
            return self._system(folder).listStatus(self._path(folder))

    def _write(self, place: str, content: bytes, replaces: bool) -> None:
        with self._errors(place):
            stream = self._system(place).create(self._path(place), replaces)
            try:
                stream.write(content)
            finally:
                stream.close()

    @contextlib.contextmanager
    def _errors(self, place: str) -> Iterator[None]:
        try:
            yield
        except Py4JJavaError as error:
            thrown = error.java_exception
            if thrown.getClass().getName() == "java.io.FileNotFoundException":
                raise FileNotFoundError(place) from error
            raise failed(INPUT_OUTPUT, f"{place}: {thrown.getMessage()}") from error
