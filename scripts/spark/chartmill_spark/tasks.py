"""The tasks of a job, which run on executors. Each runs `chartmill` and moves its bytes."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import subprocess
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from pyspark import SparkFiles, TaskContext

from .failures import INPUT_OUTPUT, PERMANENT, Failed, failed
from .files import Folder, copy, hadoop_shell, literal
from .programs import chartmill, frames, scratch_folder

# The destinations of what `chart` yields: frames for `assemble`, the names of the parts of user charts
# and of user countries, and the files of kept rollups.
ASSEMBLY, CHART_PARTS, COUNTRY_PARTS, ROLLUPS = range(4)


@dataclasses.dataclass(frozen=True)
class Job:
    """The settings that tasks need."""

    partitions: int
    rollup_flags: list[str]
    chart_flags: list[str]
    assemble_flags: list[str]
    # The file of --countries on the executors; None without it.
    countries: str | None
    # The folder that receives all files, and its path relative to the manifest.
    folder: Folder
    stored_in: str
    # The names of the two files of users, as `run` would name them, and of the manifest.
    users: tuple[str, str]
    manifest: str
    # Whether the parts of users are joined afterwards. Otherwise the manifest names them.
    joins: bool
    # The folder of kept rollups and the generation of this job in it; None if nothing is kept.
    state: Folder | None
    generation: str
    # The part of the plan that `assemble` reads.
    planned: str
    # How many times the job was planned. After a damaged rollup it is planned again.
    round: int

    @property
    def failure(self) -> str:
        """The file of a failure that no retry can fix."""
        return f"failure-{self.round}.json"

    @property
    def trouble(self) -> str:
        """The file of the last failure that a retry may fix."""
        return f"trouble-{self.round}.json"

    @property
    def assembly(self) -> int:
        """The destination of the frames that `assemble` reads."""
        return 2 * self.partitions

    def flags(self, flags: list[str]) -> list[str]:
        return flags + (["--countries", SparkFiles.get(self.countries)] if self.countries else [])


@dataclasses.dataclass(frozen=True)
class Log:
    # A path if it is local, otherwise a URI.
    place: str
    is_local: bool
    name: str
    day: str


def own_name(name: str, mark: str) -> str:
    """A name that no other task and no other attempt of this task uses."""
    stem, dot, ending = name.partition(".")
    return f"{stem}{mark}.{attempt()}{dot}{ending}"


def attempt() -> int:
    context = TaskContext.get()
    assert context is not None
    return context.taskAttemptId()


# Failures


def fail_as_before(job: Job, task: str) -> None:
    """Fails at once if an earlier attempt of this task has left a record of a failure that no retry can
    fix. Spark tries every task four times."""
    context = TaskContext.get()
    if context is None or context.attemptNumber() == 0:
        return
    if record := job.folder.read(failed_file(job, task)):
        raise Failed.from_record(record)


def failed_file(job: Job, task: str) -> str:
    return f"failed-{task}-{job.round}.json"


@contextlib.contextmanager
def recording(job: Job, task: str) -> Iterator[None]:
    """Leaves a record of a failure for the driver and for later attempts."""
    try:
        yield
    except Failed as failure:
        is_final = failure.code in PERMANENT
        names = [job.failure, failed_file(job, task)] if is_final else [job.trouble]
        for name in names:
            with (
                contextlib.suppress(OSError, Failed),
                job.folder.writing(name, replaces=True) as descriptor,
            ):
                os.write(descriptor, failure.record())
        raise


def answer(work: Callable[[], dict[str, Any]], job: Job | None = None) -> Iterator[str]:
    """The result of a task of a last stage, as JSON. A failure that no retry can fix is a result too,
    and without a job every failure is."""
    try:
        with contextlib.nullcontext() if job is None else recording(job, "answer"):
            result = work()
        yield json.dumps({"result": result})
    except Failed as failure:
        if job is not None and failure.code not in PERMANENT:
            raise
        yield json.dumps({"failure": json.loads(failure.record())})


# Planning


def plan(flags: list[str], countries: str | None, listing: bytes, kept: bytes | None) -> dict[str, Any]:
    """What `chartmill plan` says about a listing of logs and the records of kept rollups."""
    if countries:
        flags = [*flags, "--countries", SparkFiles.get(countries)]
    command = ["plan", "--json", "--listing", "-", *flags]
    with scratch_folder() as folder:
        if kept is not None:
            (folder / "kept").write_bytes(kept)
            command += ["--kept", str(folder / "kept")]
        path = folder / "plan"
        with (
            open(path, "wb") as output,
            chartmill(*command, stdin=subprocess.PIPE, stdout=output) as program,
        ):
            program.feed([listing])
            program.check()
            warnings = program.message()
        return {"plan": json.loads(path.read_bytes()), "warnings": warnings}


# Pieces
#
# A piece of the first shuffle is `F`, the day and a frame; or `K` and the record of a file of a kept
# rollup.


class Spools:
    """The frames of each day that a task has read, in local files, to be kept."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.sizes: dict[str, int] = {}
        self.checksums: dict[str, int] = {}
        self._files: dict[str, IO[bytes]] = {}

    def __enter__(self) -> Spools:
        return self

    def __exit__(self, *_: object) -> None:
        for file in self._files.values():
            file.close()

    def write(self, day: str, frame: memoryview) -> None:
        if day not in self._files:
            self._files[day] = open(self.folder / f"day-{day}", "wb")  # noqa: SIM115
        self._files[day].write(frame)
        self.sizes[day] = self.sizes.get(day, 0) + len(frame)
        self.checksums[day] = zlib.crc32(frame, self.checksums.get(day, 0))

    def keep(self, job: Job, destination: int) -> Iterator[tuple[int, bytes]]:
        """Copies the files to the folder of rollups, and yields their records."""
        assert job.state is not None
        for day, file in self._files.items():
            file.close()
            name = f"{destination:04}.{attempt()}"
            with job.state.writing(f"day-{day}/{job.generation}/{name}") as descriptor:
                copy(self.folder / f"day-{day}", descriptor)
            record = [day, destination, [name, self.sizes[day], self.checksums[day]]]
            yield ROLLUPS, json.dumps(record).encode()


def frames_of(job: Job, pieces: Iterable[bytes], spools: Spools | None = None) -> Iterator[memoryview]:
    """The frames in pieces, and in the kept rollups that pieces name. The files of rollups are read
    where they are."""
    files = []
    for piece in pieces:
        if piece[:1] == b"K":
            files.append(json.loads(piece[1:]))
            continue
        frame = memoryview(piece)[9:]
        if spools is not None:
            spools.write(piece[1:9].decode(), frame)
        yield frame
    if not files or job.state is None:
        return
    with job.state.reading([file["name"] for file in files]) as stream:
        for file in files:
            rest, checksum = file["bytes"], 0
            while rest > 0 and (block := stream.read(min(rest, 1 << 20))):
                rest -= len(block)
                checksum = zlib.crc32(block, checksum)
                yield memoryview(block)
            if rest > 0 or checksum != file["crc32"]:
                place = job.state.path(file["name"])
                raise Failed(65, f"chartmill: {place}: the kept rollup is damaged", file["day"])


# The stages


def rollup(job: Job, log: Log) -> Iterator[tuple[int, bytes]]:
    """Yields the frames of a log and its day, with their destinations."""
    fail_as_before(job, log.name)
    with contextlib.ExitStack() as stack:
        stack.enter_context(recording(job, log.name))
        folder = stack.enter_context(scratch_folder())
        command = ["rollup", "--frames", "--spill-dir", str(folder), *job.flags(job.rollup_flags)]
        source = None
        streams: dict[str, Any]
        if log.is_local:
            command += ["--", log.place]
            streams = {"stdin": subprocess.DEVNULL}
        else:
            source = stack.enter_context(
                hadoop_shell(
                    job.folder.hadoop, folder, "-cat", literal(log.place), stdout=subprocess.PIPE
                )
            )
            command += ["--name", log.place, "-"]
            streams = {"stdin": source.output}
        program = stack.enter_context(chartmill(*command, stdout=subprocess.PIPE, **streams))
        if source is not None:
            # The program reads this pipe. The pipe would stay open if this process kept its end.
            source.output.close()
        mark = b"F" + log.day.encode()
        yield from ((destination, mark + frame) for destination, frame in frames(program.output))
        if source is not None and not source.succeeds():
            # If reading the log fails, the program only sees a truncated log.
            raise failed(INPUT_OUTPUT, f"{log.place}: {source.message()}")
        program.check()


def check_logs(job: Job, pieces: Iterable[bytes]) -> dict[str, Any]:
    """Fails if the logs make no good window, before their charts are made."""
    command = ["assemble", "--logs-only", *job.flags(job.assemble_flags)]
    with chartmill(*command, stdin=subprocess.PIPE) as program:
        program.feed(frames_of(job, pieces))
        program.check()
    return {}


def chart(job: Job, destination: int, pieces: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """Charts the users or the countries of a partition. Yields the frames for `assemble`, the names of
    the parts if they are to be joined, and the files of rollups that are kept."""
    task = f"chart-{destination}"
    fail_as_before(job, task)
    with contextlib.ExitStack() as stack:
        stack.enter_context(recording(job, task))
        folder = stack.enter_context(scratch_folder())
        spools = stack.enter_context(Spools(folder)) if job.state else None
        content = frames_of(job, pieces, spools)
        if destination == job.assembly:
            yield from ((ASSEMBLY, bytes(frame)) for frame in content)
        else:
            yield from charted(job, destination, folder, content)
        if spools is not None:
            yield from spools.keep(job, destination)


def charted(
    job: Job, destination: int, folder: Path, content: Iterable[memoryview]
) -> Iterator[tuple[int, bytes]]:
    kind, partition = divmod(destination, job.partitions)
    counts = folder / "counts"
    command = ["chart", "--partition", str(partition), "--spill-dir", str(folder)]
    command += job.flags(job.chart_flags)
    if kind == 0:
        names = chart_users(job, command, partition, counts, content)
        if job.joins:
            for index, name in enumerate(names):
                yield CHART_PARTS + index, json.dumps([partition, name]).encode()
    else:
        with (
            open(counts, "wb") as output,
            chartmill(
                *command, "--records", "countries", stdin=subprocess.PIPE, stdout=output
            ) as program,
        ):
            program.feed(content)
            program.check()
    with open(counts, "rb") as stream:
        for _, frame in frames(stream):
            yield ASSEMBLY, frame


def chart_users(
    job: Job, command: list[str], partition: int, counts: Path, content: Iterable[memoryview]
) -> list[str]:
    """Charts the users of a partition. Returns the names of its parts of the two files."""
    names = [own_name(name, f"-{partition:04}") for name in job.users]
    if not job.joins:
        paths = [f"{job.stored_in}/{name}" for name in names]
        command = [*command, "--charts-name", paths[0], "--user-countries-name", paths[1]]
    with (
        job.folder.writing(names[0]) as lines,
        job.folder.writing(names[1]) as countries,
        chartmill(
            *command, "--user-countries", f"/dev/fd/{countries}", "--counts", str(counts),
            stdin=subprocess.PIPE, stdout=lines, pass_fds=[countries],
        ) as program,
    ):  # fmt: skip
        program.feed(content)
        program.check()
    return names


def rollup_files(records: Iterable[bytes]) -> dict[str, Any]:
    """The files of the rollups that are kept, by day and by destination."""
    days: dict[str, Any] = {}
    for record in records:
        day, destination, file = json.loads(record)
        days.setdefault(day, {})[str(destination)] = file
    return days


def join(job: Job, index: int, records: Iterable[bytes]) -> dict[str, Any]:
    """Joins the parts of one of the two files of users, in the order of their partitions."""
    parts = sorted(json.loads(record) for record in records)
    joined = own_name(job.users[index], "")
    with job.folder.writing(joined) as descriptor:
        job.folder.join([name for _, name in parts], descriptor)
    return {"index": index, "name": joined}


def assemble(job: Job, joined: list[str], pieces: Iterable[bytes]) -> dict[str, Any]:
    """Makes the manifest and the charts of countries, in a folder of this attempt."""
    own_folder = f"assembled.{attempt()}"
    command = ["assemble", "--stored-in", f"{job.stored_in}/{own_folder}"]
    command += job.flags(job.assemble_flags)
    if joined:
        names = [f"{job.stored_in}/{name}" for name in joined]
        command += ["--charts-name", names[0], "--user-countries-name", names[1]]
    with scratch_folder() as folder:
        (folder / "plan").write_text(job.planned, encoding="utf-8")
        command += ["--plan", str(folder / "plan")]
        made = folder / "made"
        with chartmill(*command, "--out", str(made), stdin=subprocess.PIPE) as program:
            program.feed(pieces)
            program.check()
            warnings = program.message()
        paths = [path for path in sorted(made.iterdir()) if not path.name.startswith(".")]
        job.folder.add(paths, own_folder)
        manifest = json.loads((made / job.manifest).read_bytes())
    totals = manifest["totals"]
    return {
        "manifest": f"{own_folder}/{job.manifest}",
        "outputs": [
            {"name": output["name"], "bytes": output["bytes"], "files": output["files"]}
            for output in manifest["outputs"]
        ],
        "totals": {key: totals[key] for key in ("accepted", "rejected", "users", "countries")},
        "rows": rows_by_day(manifest["inputs"]),
        "warnings": warnings,
    }


def rows_by_day(inputs: list[dict[str, Any]]) -> dict[str, list[int]]:
    """The accepted and the rejected rows of each day."""
    days: dict[str, list[int]] = {}
    for log in inputs:
        rows = days.setdefault(log["day"], [0, 0])
        rows[0] += log["accepted"]
        rows[1] += log["rejected"]
    return days
