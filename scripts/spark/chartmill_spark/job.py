"""Makes the charts of a window of days on an Apache Spark cluster: the same bytes as `chartmill run`.

  spark-submit --master URL --files chartmill --py-files chartmill_spark.zip spark_charts.py \\
    --logs URI --out URI

Each log is a task: `chartmill rollup --frames` turns it into frames. Spark's shuffle brings the frames
together by their destination: the users or the countries of one partition. Each destination is a task:
`chartmill chart` turns its frames into a part of the outputs. A last task runs `chartmill assemble`.
Spark schedules the tasks and runs them again if they fail.

Logs and outputs are read and written by URI, through Hadoop's file systems: local folders (which all
machines must share), HDFS, object stores. The charts of a date are those that its manifest names. With
--state, the rollup of each day is kept, and the next job uses it instead of the logs.

Prints one line with the totals. Exit codes are those of `chartmill run`.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import itertools
import json
import re
import sys
import uuid
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from py4j.protocol import Py4JJavaError
from pyspark import RDD, SparkConf, SparkContext

from . import tasks
from .failures import NO_INPUT, SOFTWARE, USAGE, Failed, failed
from .files import Folder
from .internals import shuffled, shuffles_directly
from .programs import NAME
from .publication import Publication
from .rollups import RollupStore, references, table
from .storage import HadoopStorage, LocalStorage, Storage

# The memory of a task besides its program: a Python worker with a frame or two and, for file systems
# that are not local, up to three JVMs that stream.
PYTHON_BYTES = 128 << 20
STREAM_BYTES = 3 * (192 << 20)
MIN_OVERHEAD = 384 << 20
# The frames that the documented shuffle holds, as a multiple of --memory.
HELD_FRAMES = 2.5

# How long a claim may stay unchanged before its job counts as dead, in seconds.
LEASE = 60.0


def parsed_arguments() -> argparse.Namespace:
    """The flags. `chartmill plan` checks their values, except those of folders."""
    parser = argparse.ArgumentParser(
        prog="spark_charts.py", description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.add_argument("--logs", metavar="URI", help="folder of the logs")
    parser.add_argument("--out", metavar="URI", help="folder of the charts")
    parser.add_argument("--state", metavar="URI", help="keep a rollup of each day in this folder")
    parser.add_argument("--keep-days", metavar="N", help="keep rollups of the last N days only")
    parser.add_argument("--list", action="store_true", help="only list the rollups in --state")
    parser.add_argument("--date", metavar="YYYYMMDD", help="last day; default: the newest log's")
    parser.add_argument("--days", metavar="N", help="the length of the window; default: 7")
    parser.add_argument("--memory", default="256MiB", metavar="SIZE", help="the budget of each program")
    parser.add_argument("--partitions", metavar="N", help="a power of two, 1 to 1024; default: 64")
    parser.add_argument("--top", metavar="N", help="songs per chart; default: 50")
    parser.add_argument("--format", metavar="NAME", help="text, csv or jsonl")
    parser.add_argument("--compress", action="store_true", help="write the charts as gzip")
    parser.add_argument("--per-country", action="store_true", help="also write a file per country")
    parser.add_argument(
        "--join", action="store_true", help="join the parts of users into one file each"
    )
    parser.add_argument("--max-bad-rows", metavar="SHARE", help="maximum share of bad rows in a day")
    parser.add_argument("--repair", action="store_true", help="repair rows with known mistakes")
    parser.add_argument(
        "--allow-missing-last-day", action="store_true", help="chart a date without rows of its own"
    )
    parser.add_argument("--require-all-days", action="store_true", help="fail if a day is missing")
    parser.add_argument("--allow-country", action="append", metavar="CC")
    parser.add_argument("--countries", metavar="FILE", help="a list of codes on this machine")
    arguments = parser.parse_args()
    if arguments.list and not arguments.state:
        parser.error("--list needs --state")
    if not arguments.list and not (arguments.logs and arguments.out):
        parser.error("--logs and --out are required")
    return arguments


def flags(arguments: argparse.Namespace, *names: str) -> list[str]:
    """The flags in the spelling of the program."""
    words: list[str] = []
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


def reserved_bytes(memory: str) -> int:
    """The bytes to reserve for --memory. Spark must know them before a program can parse the flag; the
    plan confirms them."""
    match = re.fullmatch(r"([0-9]+)([KMGT]?)(i?B)?", memory, re.IGNORECASE)
    if not match:
        return 0
    base = 1000 if (match[3] or "").lower() == "b" and match[2] else 1024
    return int(match[1]) * int(base ** " KMGT".index(match[2].upper() or " "))


def configured(conf: SparkConf, arguments: argparse.Namespace) -> SparkConf:
    """The settings of Spark that this job needs, unless they are set already."""
    cores = int(conf.get("spark.executor.cores", "1") or 1)
    slots = max(1, cores // int(conf.get("spark.task.cpus", "1") or 1))
    memory = reserved_bytes(arguments.memory)
    held = 0 if shuffles_directly(conf) else int(HELD_FRAMES * memory)
    overhead = MIN_OVERHEAD + slots * (memory + held + PYTHON_BYTES + STREAM_BYTES)
    settings = {
        "spark.app.name": f"{NAME} {arguments.date or ''}".strip(),
        "spark.executor.memoryOverhead": f"{overhead >> 20}m",
        # The JVM only passes bytes on. Its second compiler would cost more than it saves.
        "spark.executor.extraJavaOptions": "-XX:TieredStopAtLevel=1",
        # Java's serializer keeps the last hundred values of each stream in memory.
        "spark.serializer": "org.apache.spark.serializer.KryoSerializer",
        # Frames are compressed already, and each goes directly to the file of its partition.
        "spark.shuffle.compress": "false",
        "spark.shuffle.sort.bypassMergeThreshold": "600",
    }
    for name, value in settings.items():
        conf.setIfMissing(name, value)
    return conf


@dataclasses.dataclass(frozen=True)
class Place:
    """A folder of the command line, and the file system to use it with."""

    storage: Storage
    # A path if it is local, otherwise a URI.
    place: str
    is_local: bool

    @staticmethod
    def of(context: SparkContext, uri: str) -> Place:
        hadoop = HadoopStorage(context)
        qualified = hadoop.qualified(uri)
        path = hadoop.local_path(qualified)
        if path is None:
            return Place(hadoop, qualified, False)
        return Place(LocalStorage(), path, True)


def answered(answers: list[str]) -> list[dict[str, Any]]:
    """The results of tasks. Raises the first failure."""
    values = [json.loads(answer) for answer in answers]
    for value in values:
        if failure := value.get("failure"):
            raise Failed(*failure)
    return [value["result"] for value in values]


def planned(
    context: SparkContext,
    arguments: argparse.Namespace,
    logs: Place,
    countries: str | None,
    records: dict[str, dict[str, Any]] | None,
) -> dict[str, Any]:
    """The window, the logs and the names of the outputs, as `chartmill plan` gives them."""
    try:
        listing = logs.storage.listing(logs.place)
    except FileNotFoundError:
        raise failed(NO_INPUT, f"{logs.place}: no such folder") from None
    # A line cannot hold a name with a line feed, and no log has one.
    lines = [
        f"{size},{time} {name}\n" if time > 0 else f"{size} {name}\n"
        for name, (size, time) in listing.items()
        if "\n" not in name
    ]
    kept = None
    if records is not None:
        # Only the job needs the names of their files.
        own = ("files", "generation", "accepted", "rejected")
        kept = "".join(
            json.dumps({key: value for key, value in record.items() if key not in own}) + "\n"
            for record in records.values()
        ).encode()
    words = flags(
        arguments, "date", "days", "require_all_days", "allow_missing_last_day", "memory",
        "partitions", "top", "format", "compress", "per_country", "max_bad_rows", "repair",
        "allow_country", "keep_days",
    )  # fmt: skip
    words += ["--logs", logs.place]

    def work(pieces: Iterable[bytes]) -> Iterator[str]:
        return tasks.answer(lambda: tasks.plan(words, countries, b"".join(pieces), kept))

    text = "".join(lines).encode(errors="surrogateescape")
    [result] = answered(context.parallelize([text], 1).mapPartitions(work).collect())
    if result["warnings"]:
        print(result["warnings"], file=sys.stderr)
    plan: dict[str, Any] = result["plan"]
    budget, reserved = plan["memory"]["memoryBudget"], reserved_bytes(arguments.memory)
    if budget > reserved:
        raise failed(SOFTWARE, f"--memory {arguments.memory} is {budget} bytes instead of {reserved}")
    return plan


def tasks_job(
    context: SparkContext,
    arguments: argparse.Namespace,
    plan: dict[str, Any],
    out: Place,
    publication: Publication,
    countries: str | None,
    state: Place | None,
    generation: str,
    number: int,
) -> tasks.Job:
    # The clock is read only once, by the plan.
    arguments.date = plan["date"]
    conf = context.getConf()
    threads = conf.get("spark.task.cpus", "1") or "1"
    rules = ("partitions", "allow_country")
    shape = ("top", "format", "compress")
    _, charts, user_countries = [output["name"] for output in plan["outputs"]]
    hadoop = {
        name.removeprefix("spark.hadoop."): value
        for name, value in conf.getAll()
        if name.startswith("spark.hadoop.")
    }
    return tasks.Job(
        partitions=plan["partitions"],
        rollup_flags=[*flags(arguments, "memory", "repair", *rules), "--threads", threads],
        chart_flags=flags(arguments, "memory", *rules, *shape),
        assemble_flags=flags(
            arguments, "date", "days", "max_bad_rows", "repair", "per_country", "require_all_days",
            "allow_missing_last_day", *rules, *shape,
        ),
        countries=countries,
        folder=Folder(publication.folder, out.is_local, hadoop),
        stored_in=publication.stored_in,
        users=(charts, user_countries),
        manifest=plan["manifest"],
        joins=arguments.join,
        state=Folder(state.place, state.is_local, hadoop) if state else None,
        generation=generation,
        planned=json.dumps({key: plan[key] for key in ("keptDays", "notices", "overlooked")}) + "\n",
        round=number,
    )  # fmt: skip


def run(context: SparkContext, arguments: argparse.Namespace) -> str:
    """Makes and publishes the charts. Returns a line with their totals."""
    lease = float(context.getConf().get("spark.chartmill.leaseSeconds") or LEASE)
    generation = f"{context.applicationId}-{uuid.uuid4().hex[:8]}"
    state = Place.of(context, arguments.state) if arguments.state else None
    store = RollupStore(state.storage, state.place, generation, lease) if state else None
    if store and arguments.list:
        return table(store.records())
    logs, out = Place.of(context, arguments.logs), Place.of(context, arguments.out)
    if state and state.place == out.place:
        problem = f"--state and --out are the same folder, {out.place}"
        raise failed(USAGE, f"{problem}\n  Keep the rollups in a separate folder.")
    countries = None
    if arguments.countries:
        context.addFile(arguments.countries)
        # On every machine, the last component of the path is the name of the file.
        countries = Path(arguments.countries).name
    with contextlib.ExitStack() as stack:
        if store:
            stack.callback(store.end)
            store.claim.take()
        records = store.records() if store else None
        plan = planned(context, arguments, logs, countries, records)
        publication = Publication(
            out.storage, out.place, plan["date"], plan["manifest"], generation, lease
        )
        # Whether charts are published decides what is removed at the end.
        is_published = False
        stack.callback(lambda: publication.end(is_published))
        publication.begin()
        for number in itertools.count():
            job = tasks_job(
                context, arguments, plan, out, publication, countries, state, generation, number
            )
            try:
                result = Round(context, job, logs, plan, publication, records).result()
                break
            except Failed as failure:
                if records is None or failure.damaged_day is None:
                    raise
                # The day is rolled up again if its logs still exist.
                records[failure.damaged_day]["isDamaged"] = True
                plan = planned(context, arguments, logs, countries, records)
        publication.publish(f"{job.folder.place}/{result['manifest']}", result["outputs"])
        is_published = True
        if store:
            try:
                store.keep(new_records(plan, result), plan["obsoleteDays"])
            except Failed as failure:
                text = failure.text.removeprefix("chartmill: ")
                print(f"chartmill: warning: the rollups were not kept: {text}", file=sys.stderr)
    if result["warnings"]:
        print(result["warnings"], file=sys.stderr)
    totals = result["totals"]
    line = (
        f"{plan['date']}: {totals['accepted']:,} rows, {totals['rejected']:,} bad, "
        f"{totals['users']:,} users, {totals['countries']:,} countries"
    )
    return line + (f", {len(plan['keptDays'])} days from kept rollups" if store else "")


def new_records(plan: dict[str, Any], result: dict[str, Any]) -> list[dict[str, Any]]:
    """The records of the rollups that this job has made."""
    logs: dict[str, list[dict[str, Any]]] = {}
    for log in plan["inputs"]:
        # Without a time, it could not be seen that a log has changed.
        logs.setdefault(log["day"], []).append(
            {"name": log["name"], "bytes": log["bytes"], "modified": log.get("modified", 0)}
        )
    return [
        {
            "format": plan["rollupFormat"],
            "day": day,
            "partitions": plan["partitions"],
            "rules": plan["rules"],
            "logs": logs[day],
            "accepted": result["rows"][day][0],
            "rejected": result["rows"][day][1],
            "files": files,
        }
        for day, files in result["rollups"].items()
    ]


@dataclasses.dataclass(frozen=True)
class Round:
    """The stages of a job from one plan. After a damaged rollup there is another round."""

    context: SparkContext
    job: tasks.Job
    logs: Place
    plan: dict[str, Any]
    publication: Publication
    # The records of the kept rollups; None if nothing is kept.
    records: dict[str, dict[str, Any]] | None

    def result(self) -> dict[str, Any]:
        """Runs the stages. Returns the result of the assembly."""
        try:
            return self._run_stages()
        except Py4JJavaError:
            # The task has recorded its failure, so that nothing must be read from a stack trace.
            for name in (self.job.failure, self.job.trouble):
                if record := self.publication.storage.read(f"{self.publication.folder}/{name}"):
                    raise Failed.from_record(record) from None
            raise

    def _run_stages(self) -> dict[str, Any]:
        # The functions below travel to the executors, so they must not refer to `self`.
        context, job = self.context, self.job
        # The largest logs come first, because they take the longest.
        inputs = [
            tasks.Log(f"{self.logs.place}/{one['name']}", self.logs.is_local, one["name"], one["day"])
            for one in sorted(self.plan["inputs"], key=lambda one: (-one["bytes"], one["name"]))
        ]

        def roll_up(part: Iterable[tasks.Log]) -> Iterator[tuple[int, bytes]]:
            for log in part:
                yield from tasks.rollup(job, log)

        def chart(index: int, pieces: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
            return tasks.chart(job, index, pieces)

        pieces = context.parallelize(inputs, max(1, len(inputs))).mapPartitions(roll_up)
        kept_days = self.plan["keptDays"]
        if kept := references(self.records or {}, kept_days):
            pieces = context.union([pieces, context.parallelize(kept, len(kept_days))])
        rollups = shuffled(pieces, job.assembly + 1)
        # This needs all logs rolled up. A bad day ends the job here, before anything is charted.
        answers(job, rollups, [job.assembly], lambda _, pieces: tasks.check_logs(job, pieces))
        self.publication.clear()
        parts = shuffled(rollups.mapPartitionsWithIndex(chart), 4)
        joined: list[str] = []
        if job.joins:
            both = answers(
                job, parts, [tasks.CHART_PARTS, tasks.COUNTRY_PARTS],
                lambda index, pieces: tasks.join(job, index - tasks.CHART_PARTS, pieces),
            )  # fmt: skip
            joined = [one["name"] for one in sorted(both, key=lambda one: one["index"])]
        [result] = answers(
            job, parts, [tasks.ASSEMBLY], lambda _, pieces: tasks.assemble(job, joined, pieces)
        )
        if job.state:
            [result["rollups"]] = answers(
                job, parts, [tasks.ROLLUPS], lambda _, pieces: tasks.rollup_files(pieces)
            )
        return result


def answers(
    job: tasks.Job,
    pieces: RDD[bytes],
    partitions: list[int],
    work: Callable[[int, Iterable[bytes]], dict[str, Any]],
) -> list[dict[str, Any]]:
    """Runs one task on each of some partitions, and returns their results."""

    def one(index: int, part: Iterable[bytes]) -> Iterator[str]:
        return tasks.answer(lambda: work(index, part), job)

    return answered(
        pieces.ctx.runJob(pieces.mapPartitionsWithIndex(one), lambda results: results, partitions)
    )


def main() -> int:
    arguments = parsed_arguments()
    context = SparkContext(conf=configured(SparkConf(), arguments))
    try:
        print(run(context, arguments))
    except Failed as failure:
        print(failure.text, file=sys.stderr)
        return failure.code
    finally:
        context.stop()
    return 0
