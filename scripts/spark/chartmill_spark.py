#!/usr/bin/env python3
"""Makes the charts of a window of days on an Apache Spark cluster: the same bytes as `chartmill run`.

  spark-submit --master URL --files chartmill chartmill_spark.py --logs URI --out URI

Each log is a task: `chartmill rollup --frames` turns it into frames. Spark's shuffle brings the frames
together by their destination, which is half a partition. Each destination is a task: `chartmill chart`
turns its frames into a part of the outputs. A last task runs `chartmill assemble` and joins the parts.
Spark schedules the tasks and runs them again if they fail. Python only moves bytes between pipes and
Spark, one frame at a time.

Logs and outputs are read and written by URI, through Hadoop's file systems: local folders (which all
machines must share), HDFS, object stores. The outputs of a date are complete if and only if its
manifest exists.

Needs a Spark cluster with Python, and `chartmill` for its machines. Prints one line with the totals.
Exit codes are those of `chartmill run`.
"""

import argparse
import contextlib
import ctypes
import dataclasses
import datetime
import json
import os
import random
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import uuid
from pathlib import Path
from xml.sax.saxutils import escape

import pyspark
from pyspark import SparkConf, SparkContext, SparkFiles, TaskContext
from pyspark.rdd import RDD
from pyspark.serializers import NoOpSerializer, pack_long

PROGRAM = "chartmill"
LOG_NAME = re.compile(r"listen-([0-9]{8})(-.+)?\.log(\.gz)?")

# The format of frames, which is in Sources/ChartmillDistributed/FrameFormat.swift. A header is a gzip
# member of HEADER_BYTES. From WORDS_OFFSET on, it has the magic number, the destination, and the number
# of bytes of the payload.
HEADER_BYTES = 105
WORDS_OFFSET = 25
WORDS = "<QQQ"

# Exit codes of failures that a retry cannot fix: wrong flags, bad data, missing input.
PERMANENT = (64, 65, 66)
# Exit codes of failures in this script.
SOFTWARE, INPUT_OUTPUT = 70, 74

# The memory of a task besides its program: a Python worker with a frame or two and, for file systems
# that are not local, up to two JVMs that stream.
PYTHON_BYTES = 128 << 20
STREAM_HEAP = "96m"
STREAM_BYTES = 2 * (192 << 20)
MIN_OVERHEAD = 384 << 20


class Failed(Exception):
    """A program ended with a code. The text can be found in Spark's stack traces."""

    SHAPE = re.compile(r"\[chartmill ended with (\d+)\] (.*?) \[end\]", re.DOTALL)

    def __init__(self, code: int, text: str):
        super().__init__(f"[chartmill ended with {code}] {text} [end]")
        self.code = code
        self.text = text


@dataclasses.dataclass(frozen=True)
class Job:
    """The settings that every task needs."""

    partitions: int
    rollup_flags: list[str]
    chart_flags: list[str]
    assemble_flags: list[str]
    # A folder beside the outputs, used only by this job, and whether it is local.
    work: str
    is_local: bool
    # The settings of Hadoop, from spark.hadoop.*.
    hadoop: dict[str, str]


@dataclasses.dataclass(frozen=True)
class Log:
    uri: str
    # The path, if the URI is a file: URI.
    local_path: str | None
    name: str
    byte_count: int


# Programs, on the executors


def die_with_parent() -> None:
    """Lets the kernel kill the program if its executor is killed."""
    death_signal = 1
    ctypes.CDLL(None).prctl(death_signal, signal.SIGKILL)


@contextlib.contextmanager
def scratch_folder():
    """A temporary folder on one of the disks that Spark uses."""
    folders = [name for name in os.environ.get("SPARK_LOCAL_DIRS", "").split(",") if name]
    with tempfile.TemporaryDirectory(
        prefix="chartmill-", dir=random.choice(folders) if folders else None
    ) as folder:
        yield Path(folder)


class Program:
    """A child process whose standard error is kept for the message of its failure."""

    def __init__(self, command: list[str], **streams):
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command, stderr=self.errors, preexec_fn=die_with_parent, **streams
        )

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_) -> None:
        if self.process.poll() is None:
            self.process.kill()
        for stream in (self.process.stdin, self.process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        self.process.wait()
        self.errors.close()

    def message(self) -> str:
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace").strip()

    def check(self) -> None:
        """Waits for the end. Raises `Failed` if the exit code is not 0."""
        code = self.process.wait()
        if code != 0:
            raise Failed(code if code > 0 else 128 - code, self.message())

    def feed(self, pieces) -> None:
        """Writes to standard input. If the program stops reading, its exit code says why."""
        with contextlib.suppress(BrokenPipeError):
            for piece in pieces:
                self.process.stdin.write(piece)
            self.process.stdin.close()


def chartmill(*arguments: str, **streams) -> Program:
    return Program([SparkFiles.get(PROGRAM), *arguments], **streams)


def frames(stream):
    """The frames of a stream, with their destinations."""
    while header := stream.read(HEADER_BYTES):
        if len(header) < HEADER_BYTES:
            raise Failed(INPUT_OUTPUT, "a stream of frames ends within a header")
        _, destination, length = struct.unpack_from(WORDS, header, WORDS_OFFSET)
        payload = stream.read(length)
        if len(payload) < length:
            raise Failed(INPUT_OUTPUT, "a stream of frames ends within a frame")
        yield destination, header + payload


# Files of any Hadoop file system, on the executors. Python cannot use the JVM of its executor, but it
# can start a second, small JVM with the same jars, which streams the files.


def hadoop_shell(job: Job, folder: Path, *arguments: str, **streams) -> Program:
    site = folder / "site.xml"
    if not site.exists():
        properties = "".join(
            f"<property><name>{escape(name)}</name><value>{escape(value)}</value></property>"
            for name, value in job.hadoop.items()
        )
        # The settings may hold keys. Only this user can read the folder.
        site.write_text(f"<configuration>{properties}</configuration>", encoding="utf-8")
        # The shell requires this file. If the cluster has one, it is found first.
        (folder / "core-site.xml").write_text("<configuration/>", encoding="utf-8")
    home = os.environ.get("JAVA_HOME")
    settings = [os.environ.get("HADOOP_CONF_DIR", ""), "__spark_conf__/__hadoop_conf__", str(folder)]
    jars = [
        Path(os.environ.get("SPARK_HOME", "/nonexistent"), "jars"),
        Path(pyspark.__file__).parent / "jars",
        Path("__spark_libs__"),
        Path(SparkFiles.getRootDirectory()),
    ]
    classpath = filter(None, [*settings, *(f"{path}/*" for path in jars)])
    return Program(
        [
            f"{home}/bin/java" if home else "java",
            f"-Xmx{STREAM_HEAP}", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-cp", os.pathsep.join(classpath),
            "org.apache.hadoop.fs.FsShell", "-conf", str(site), *arguments,
        ],
        **streams,
    )  # fmt: skip


def literal(uri: str) -> str:
    """The URI, escaped so that Hadoop's shell finds no pattern in it."""
    return re.sub(r"([*?\[\]{}\\])", r"\\\1", uri)


class Sink:
    """A new file in the job's work folder, which is local or written through a JVM. A program can write
    its output directly to `descriptor`."""

    def __init__(self, job: Job, folder: Path, name: str):
        self.name = name
        self.shell = None
        if job.is_local:
            self.descriptor = os.open(
                f"{job.work}/{name}", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644
            )
        else:
            self.shell = hadoop_shell(
                job, folder, "-put", "-", f"{job.work}/{name}", stdin=subprocess.PIPE
            )
            self.descriptor = self.shell.process.stdin.fileno()

    def __enter__(self) -> "Sink":
        return self

    def __exit__(self, kind, *_) -> None:
        if self.shell is None:
            if kind is None:
                os.fsync(self.descriptor)
            os.close(self.descriptor)
            return
        with self.shell:
            self.shell.process.stdin.close()
            if kind is None:
                self.shell.check()


def remembered_failure(job: Job, name: str) -> str:
    return f"{job.work}/failed-{name}"


def fail_as_before(job: Job, name: str) -> None:
    """Fails at once if the first attempt of this task has left a note of a failure that a retry cannot
    fix. Spark tries every task four times."""
    if TaskContext.get().attemptNumber() == 0:
        return
    note = remembered_failure(job, name)
    text = b""
    if job.is_local:
        with contextlib.suppress(FileNotFoundError):
            text = Path(note).read_bytes()
    else:
        with (
            scratch_folder() as folder,
            hadoop_shell(job, folder, "-cat", literal(note), stdout=subprocess.PIPE) as shell,
        ):
            text = shell.process.stdout.read()
    if text:
        code, _, message = text.decode().partition(" ")
        raise Failed(int(code), message)


@contextlib.contextmanager
def remembering(job: Job, name: str):
    try:
        yield
    except Failed as failure:
        if failure.code in PERMANENT:
            with contextlib.suppress(OSError, Failed), scratch_folder() as folder:
                with Sink(job, folder, f"failed-{name}") as sink:
                    os.write(sink.descriptor, f"{failure.code} {failure.text}".encode())
        raise


# The three kinds of tasks


def rollup(job: Job, log: Log):
    """Yields the frames of a log, with their destinations."""
    fail_as_before(job, log.name)
    with contextlib.ExitStack() as stack:
        stack.enter_context(remembering(job, log.name))
        folder = stack.enter_context(scratch_folder())
        command = ["rollup", "--frames", "--spill-dir", str(folder), *job.rollup_flags]
        source = None
        if log.local_path is not None:
            command += ["--", log.local_path]
            streams = {"stdin": subprocess.DEVNULL}
        else:
            source = stack.enter_context(
                hadoop_shell(job, folder, "-cat", literal(log.uri), stdout=subprocess.PIPE)
            )
            command += ["--name", log.uri, "-"]
            streams = {"stdin": source.process.stdout}
        program = stack.enter_context(chartmill(*command, stdout=subprocess.PIPE, **streams))
        if source is not None:
            # The program reads this pipe. The pipe would stay open if this process kept its end.
            source.process.stdout.close()
        yield from frames(program.process.stdout)
        if source is not None and source.process.wait() != 0:
            # If reading the log fails, the program only sees a truncated log.
            raise Failed(INPUT_OUTPUT, f"{log.uri}: {source.message()}")
        program.check()


def chart(job: Job, destination: int, pieces):
    """Charts half a partition. Yields the frames for `assemble` and the names of the parts."""
    if destination == 2 * job.partitions:
        yield from (b"F" + piece for piece in pieces)
        return
    kind, partition = divmod(destination, job.partitions)
    attempt = TaskContext.get().taskAttemptId()
    command = ["chart", "--partition", str(partition), *job.chart_flags]
    with contextlib.ExitStack() as stack:
        folder = stack.enter_context(scratch_folder())
        command += ["--spill-dir", str(folder)]
        counts = folder / "counts"
        if kind == 1:
            with (
                open(counts, "wb") as output,
                chartmill(
                    *command, "--records", "countries", stdin=subprocess.PIPE, stdout=output
                ) as program,
            ):
                program.feed(pieces)
                program.check()
        else:
            names = [f"{what}-{partition:04}.{attempt}" for what in ("users", "user-countries")]
            with (
                Sink(job, folder, names[0]) as lines,
                Sink(job, folder, names[1]) as countries,
                chartmill(
                    *command, "--user-countries", f"/dev/fd/{countries.descriptor}",
                    "--counts", str(counts), stdin=subprocess.PIPE, stdout=lines.descriptor,
                    pass_fds=[countries.descriptor],
                ) as program,
            ):  # fmt: skip
                program.feed(pieces)
                program.check()
            yield b"N" + json.dumps([partition, *names]).encode()
        with open(counts, "rb") as stream:
            for _, frame in frames(stream):
                yield b"F" + frame


def assemble(job: Job, pieces):
    """Makes the manifest and the charts of countries, and joins the files of users. Yields the names
    of all of them in the work folder."""
    attempt = TaskContext.get().taskAttemptId()
    parts: dict[int, list[str]] = {}

    def counts():
        for piece in pieces:
            if piece[:1] == b"F":
                yield memoryview(piece)[1:]
            else:
                partition, *names = json.loads(piece[1:])
                parts[partition] = names

    fail_as_before(job, PROGRAM)
    with scratch_folder() as folder, remembering(job, PROGRAM):
        made = folder / "made"
        with chartmill(
            "assemble", "--out", str(made), *job.assemble_flags, stdin=subprocess.PIPE
        ) as program:
            program.feed(counts())
            program.check()
            warnings = program.message()
        files = {}
        for path in sorted(made.iterdir()):
            if path.name.startswith("."):
                continue
            files[path.name] = f"{path.name}.{attempt}"
            with Sink(job, folder, files[path.name]) as sink, open(path, "rb") as source:
                copy(source, sink.descriptor)
        [manifest] = [json.loads(path.read_bytes()) for path in made.glob("manifest_*.json")]
        order = sorted(parts)
        for output in manifest["outputs"]:
            name = output["name"]
            if name in files:
                continue
            column = 1 if name.startswith("user_country_") else 0
            files[name] = f"{name}.{attempt}"
            join(job, folder, [parts[partition][column] for partition in order], files[name])
        yield json.dumps({"files": files, "parts": parts, "warnings": warnings})


def copy(source, descriptor: int) -> None:
    while piece := source.read(1 << 20):
        view = memoryview(piece)
        while view:
            view = view[os.write(descriptor, view):]  # fmt: skip


def join(job: Job, folder: Path, names: list[str], joined: str) -> None:
    """Writes files of the work folder one after another into a new one."""
    with Sink(job, folder, joined) as sink:
        if job.is_local:
            for name in names:
                with open(f"{job.work}/{name}", "rb") as part:
                    copy(part, sink.descriptor)
        else:
            uris = [literal(f"{job.work}/{name}") for name in names]
            with hadoop_shell(job, folder, "-cat", *uris, stdout=sink.descriptor) as shell:
                shell.check()


# The driver


def shuffled(pieces: RDD, partitions: int) -> RDD:
    """Shuffles pairs of a destination and bytes. This is `RDD.partitionBy` without its batches.

    `RDD.partitionBy` collects a thousand values in Python before it writes any, however large they are.
    This function writes each value at once.
    """

    def packed(pairs):
        for destination, piece in pairs:
            yield pack_long(destination)
            yield piece

    context = pieces.ctx
    keyed = pieces.mapPartitions(packed, preservesPartitioning=True)
    keyed._bypass_serializer = True
    pairs = context._jvm.PairwiseRDD(keyed._jrdd.rdd()).asJavaPairRDD()
    partitioner = context._jvm.PythonPartitioner(partitions, 0)
    values = context._jvm.PythonRDD.valueOfPair(pairs.partitionBy(partitioner))
    return RDD(values, context, NoOpSerializer())


class Storage:
    """Hadoop's file systems, from the driver."""

    def __init__(self, context: SparkContext):
        self.jvm = context._jvm
        self.configuration = context._jsc.hadoopConfiguration()

    def path(self, uri: str):
        return self.jvm.org.apache.hadoop.fs.Path(uri)

    def system(self, uri: str):
        return self.path(uri).getFileSystem(self.configuration)

    def qualified(self, uri: str) -> str:
        return self.system(uri).makeQualified(self.path(uri)).toString()

    def local_path(self, uri: str) -> str | None:
        """The path of a qualified URI; None if it is not a file: URI."""
        uri = self.path(uri).toUri()
        return uri.getPath() if uri.getScheme() == "file" else None

    def listing(self, uri: str) -> dict[str, int]:
        """The names and sizes of the files in a folder."""
        return {
            status.getPath().getName(): status.getLen()
            for status in self.system(uri).listStatus(self.path(uri))
            if status.isFile()
        }

    def make_folder(self, uri: str) -> None:
        self.system(uri).mkdirs(self.path(uri))

    def remove(self, uri: str) -> None:
        self.system(uri).delete(self.path(uri), True)

    def exists(self, uri: str) -> bool:
        return self.system(uri).exists(self.path(uri))

    def rename(self, old: str, new: str) -> None:
        if not self.system(old).rename(self.path(old), self.path(new)):
            raise Failed(INPUT_OUTPUT, f"cannot rename {old} to {new}")

    def read(self, uri: str) -> bytes:
        stream = self.system(uri).open(self.path(uri))
        try:
            return bytes(self.jvm.org.apache.commons.io.IOUtils.toByteArray(stream))
        finally:
            stream.close()


def found_logs(storage: Storage, arguments) -> list[Log]:
    """The logs of the window, found by their names. The largest come first, because they take the
    longest."""
    folder = storage.qualified(arguments.logs)
    if not storage.exists(folder):
        raise Failed(66, f"{folder}: no such folder")
    by_day: dict[datetime.date, list[Log]] = {}
    for name, byte_count in storage.listing(folder).items():
        match = LOG_NAME.fullmatch(name)
        with contextlib.suppress(ValueError):
            if match:
                uri = f"{folder.rstrip('/')}/{name}"
                log = Log(uri, storage.local_path(uri), name, byte_count)
                by_day.setdefault(day(match[1]), []).append(log)
    if not by_day:
        raise Failed(66, f"no logs in {folder}")
    last = asked_day(arguments.date) if arguments.date else newest_day(by_day, folder)
    # 'assemble' gets this date, so that the clock is read only once.
    arguments.date = f"{last:%Y%m%d}"
    first = last - datetime.timedelta(days=arguments.days - 1)
    logs = [log for date in by_day if first <= date <= last for log in by_day[date]]
    if not logs:
        raise Failed(66, f"no logs of {first:%Y%m%d} to {last:%Y%m%d} in {folder}")
    if last not in by_day and not arguments.allow_missing_last_day:
        raise Failed(66, f"no log of {last:%Y%m%d}, the last day of the window, in {folder}")
    twins: dict[str, str] = {}
    for log in logs:
        twin = twins.setdefault(log.name.removesuffix(".gz"), log.name)
        if twin != log.name:
            raise Failed(65, f"{twin} and {log.name} in {folder} would count twice")
    return sorted(logs, key=lambda log: (-log.byte_count, log.name))


def newest_day(by_day: dict[datetime.date, list[Log]], folder: str) -> datetime.date:
    """The newest day that has a log and is not more than one day ahead of the clock, as in 'run'."""
    limit = datetime.date.today() + datetime.timedelta(days=1)
    future = sorted(log.name for date in by_day if date > limit for log in by_day[date])
    if future:
        shown = ", ".join(future[:3]) + (f" and {len(future) - 3} more" if len(future) > 3 else "")
        ahead = f"dated more than a day ahead of the clock and not read: {shown}"
        if len(future) == sum(map(len, by_day.values())):
            raise Failed(66, f"no logs in {folder} but those {ahead}")
        print(f"{PROGRAM}: warning: logs {ahead}", file=sys.stderr)
    return max(date for date in by_day if date <= limit)


def asked_day(text: str) -> datetime.date:
    """The day given by --date."""
    back = {"today": 0, "yesterday": 1}.get(text)
    return day(text) if back is None else datetime.date.today() - datetime.timedelta(days=back)


def day(text: str) -> datetime.date:
    return datetime.datetime.strptime(text, "%Y%m%d").date()


def publish(storage: Storage, out: str, work: str, result: dict) -> dict:
    """Renames all files to their names. While they are renamed, the date has no manifest."""
    files = result["files"]
    sizes = storage.listing(work)
    [name] = [name for name in files if name.startswith("manifest_")]
    manifest = json.loads(storage.read(f"{work}/{files[name]}"))
    for output in manifest["outputs"]:
        found = sizes.get(files[output["name"]])
        if found != output["bytes"]:
            raise Failed(
                INPUT_OUTPUT, f"{output['name']}: {found} bytes where {output['bytes']} were counted"
            )
    former: list[str] = []
    if storage.exists(f"{out}/{name}"):
        former = [entry["name"] for entry in json.loads(storage.read(f"{out}/{name}"))["outputs"]]
        storage.remove(f"{out}/{name}")
    date = manifest["date"]
    for old in former:
        # Any program may have written the manifest. Only names of charts of this date are removed.
        if re.fullmatch(rf"\w+_{date}\.\w+(\.gz)?", old):
            storage.remove(f"{out}/{old}")
    # A report of the old charts would no longer be right.
    storage.remove(f"{out}/report_{date}.html")
    parts = f"{out}/parts_{date}"
    storage.remove(parts)
    storage.make_folder(parts)
    outputs = [entry["name"] for entry in manifest["outputs"][1:3]]
    for partition, names in sorted(result["parts"].items(), key=lambda part: int(part[0])):
        for old, joined in zip(names, outputs):
            stem, dot, ending = joined.partition(".")
            storage.rename(f"{work}/{old}", f"{parts}/{stem}-{int(partition):04}{dot}{ending}")
    for final, old in files.items():
        if final != name:
            storage.remove(f"{out}/{final}")
            storage.rename(f"{work}/{old}", f"{out}/{final}")
    storage.rename(f"{work}/{files[name]}", f"{out}/{name}")
    return manifest


def byte_count(text: str) -> int:
    match = re.fullmatch(r"([0-9]+)([KMGT]?)(i?B)?", text, re.IGNORECASE)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 256MiB")
    base = 1000 if (match[3] or "").lower() == "b" and match[2] else 1024
    return int(match[1]) * base ** " KMGT".index(match[2].upper() or " ")


def configured(conf: SparkConf, arguments) -> SparkConf:
    """The settings of Spark that this job needs, unless they are set already."""
    cores = int(conf.get("spark.executor.cores", "1"))
    slots = max(1, cores // int(conf.get("spark.task.cpus", "1")))
    overhead = MIN_OVERHEAD + slots * (
        byte_count(arguments.memory) + PYTHON_BYTES + STREAM_BYTES
    )
    settings = {
        "spark.app.name": f"{PROGRAM} {arguments.date or ''}".strip(),
        "spark.executor.memoryOverhead": f"{overhead >> 20}m",
        # The JVM only passes bytes on. Its second compiler would cost more than it saves.
        "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        # Java's serializer keeps the last hundred values of each stream in memory.
        "spark.serializer": "org.apache.spark.serializer.KryoSerializer",
        # Frames are compressed already, and each goes directly to the file of its partition.
        "spark.shuffle.compress": "false",
        "spark.shuffle.sort.bypassMergeThreshold": str(min(2 * arguments.partitions + 1, 600)),
    }
    for name, value in settings.items():
        conf.setIfMissing(name, value)
    return conf


def flags(arguments, *names: str) -> list[str]:
    """The flags in the spelling of the program."""
    words = []
    for name in names:
        value = getattr(arguments, name)
        spelling = "--" + name.replace("_", "-")
        if value is True:
            words.append(spelling)
        elif isinstance(value, list):
            words += [word for one in value for word in (spelling, one)]
        elif value not in (None, False):
            words += [spelling, str(value)]
    return words


def run(context: SparkContext, arguments) -> dict:
    storage = Storage(context)
    logs = found_logs(storage, arguments)
    storage.make_folder(arguments.out)
    out = storage.qualified(arguments.out).rstrip("/")
    work = f"{out}/.chartmill-{context.applicationId}-{uuid.uuid4().hex[:8]}"
    if arguments.countries:
        # On every machine, the last component of the path is the name of the file.
        context.addFile(arguments.countries)
    local_work = storage.local_path(work)
    threads = ["--threads", context.getConf().get("spark.task.cpus", "1")]
    rules = ("partitions", "allow_country")
    shape = ("top", "format", "compress")
    job = Job(
        partitions=arguments.partitions,
        rollup_flags=flags(arguments, "memory", "repair", *rules) + threads,
        chart_flags=flags(arguments, "memory", *rules, *shape),
        assemble_flags=flags(
            arguments, "date", "days", "max_bad_rows", "repair", "per_country", "require_all_days",
            "allow_missing_last_day", *rules, *shape,
        ),
        work=local_work or work,
        is_local=local_work is not None,
        hadoop={
            name.removeprefix("spark.hadoop."): value
            for name, value in context.getConf().getAll()
            if name.startswith("spark.hadoop.")
        },
    )  # fmt: skip
    countries = Path(arguments.countries).name if arguments.countries else None
    destinations = 2 * job.partitions + 1

    def on_executor() -> Job:
        if countries is None:
            return job
        more = ["--countries", SparkFiles.get(countries)]
        return dataclasses.replace(
            job, rollup_flags=job.rollup_flags + more, chart_flags=job.chart_flags + more,
            assemble_flags=job.assemble_flags + more,
        )  # fmt: skip

    def roll_up_all(part):
        for log in part:
            yield from rollup(on_executor(), log)

    def chart_one(index, pieces):
        for piece in chart(on_executor(), index, pieces):
            yield 0, piece

    def assemble_all(pieces):
        yield from assemble(on_executor(), pieces)

    storage.make_folder(work)
    try:
        rollups = shuffled(
            context.parallelize(logs, len(logs)).mapPartitions(roll_up_all), destinations
        )
        parts = shuffled(rollups.mapPartitionsWithIndex(chart_one), 1)
        [result] = parts.mapPartitions(assemble_all).collect()
        result = json.loads(result)
        if result["warnings"]:
            print(result["warnings"], file=sys.stderr)
        return publish(storage, out, work, result)
    finally:
        storage.remove(work)


def parsed_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--logs", required=True, metavar="URI", help="folder of the logs")
    parser.add_argument("--out", required=True, metavar="URI", help="folder of the charts")
    parser.add_argument("--date", metavar="YYYYMMDD", help="last day; default: the newest log's")
    parser.add_argument("--days", type=int, default=7, help="the length of the window")
    parser.add_argument("--memory", default="256MiB", metavar="SIZE", help="the budget of each program")
    parser.add_argument("--partitions", type=int, default=64, help="a power of two, 1 to 1024")
    parser.add_argument("--top", type=int, help="songs per chart")
    parser.add_argument("--format", choices=["text", "csv", "jsonl"])
    parser.add_argument("--compress", action="store_true", help="write the charts as gzip")
    parser.add_argument("--per-country", action="store_true", help="also write a file per country")
    parser.add_argument("--max-bad-rows", metavar="SHARE", help="maximum share of bad rows in a day")
    parser.add_argument("--repair", action="store_true", help="repair rows with known mistakes")
    parser.add_argument(
        "--allow-missing-last-day", action="store_true", help="chart a date without a log of its own"
    )
    parser.add_argument("--require-all-days", action="store_true", help="fail if a day is missing")
    parser.add_argument("--allow-country", action="append", metavar="CC")
    parser.add_argument("--countries", metavar="FILE", help="a list of codes on this machine")
    return parser.parse_args()


def main() -> int:
    arguments = parsed_arguments()
    context = SparkContext(conf=configured(SparkConf(), arguments))
    try:
        manifest = run(context, arguments)
    except Exception as error:
        found = Failed.SHAPE.search(str(error))
        if not found:
            raise
        print(found[2], file=sys.stderr)
        return int(found[1])
    finally:
        context.stop()
    totals = manifest["totals"]
    print(
        f"{manifest['date']}: {totals['accepted']:,} rows, {totals['rejected']:,} bad, "
        f"{totals['users']:,} users, {totals['countries']:,} countries"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
