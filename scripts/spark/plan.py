#!/usr/bin/env python3
"""Estimates a job of chartmill_spark.py: tasks, shuffle, executors, hours and cost.

  scripts/spark/plan.py --rows-per-day 5e9 --users 5e8 --days 365 --memory 2GiB --slots 1000

Measurements give the amount of work. A simulation assigns the work to slots, the largest log first, as
the job does. In the simulation, logs differ in size, some tasks are slow, and some fail and run again.
A stage begins when the previous one has ended. The same seed gives the same schedule.

Needs only Python. Prints a Markdown table. Takes seconds, and minutes for very many tasks.
"""

import argparse
import heapq
import math
import random
import re
import statistics

# Seconds of processor time, measured with 70 M rows of 5 M users in 7 logs, 64 partitions, ISA-L,
# --memory 256MiB, and one thread per task on a core of an AMD EPYC. Rolling up all seven logs took
# 14.5 s. Extrapolated from three partitions, charting all 64 takes 7.0 s for users
# and 2.2 s for countries.
ROLLUP_SECONDS_PER_ROW = 14.5 / 70e6
USERS_SECONDS_PER_ROW = 7.0 / 70e6
COUNTRIES_SECONDS_PER_ROW = 2.2 / 70e6
# The seconds that a task spends on Spark's scheduling, on Python and on starting its program. A small
# job with 120 more tasks took 6.7 s longer.
TASK_SECONDS = 6.7 / 120
# The seconds that an application takes before its first task and after its last, on two cores.
APPLICATION_SECONDS = 8

# Bytes per row, measured with the same logs (Sources/ChartmillJobs/Plan/DiskEstimate.swift): in a
# gzipped log, and in the frames of both halves if a segment has seven million rows. Each time that a
# segment has half as many rows, a row in frames takes half a byte more.
GZIP_BYTES_PER_ROW = 9.6
FRAME_BYTES_PER_ROW = 5.9
FRAME_BYTES_PER_HALVING = 0.5
USUAL_SEGMENT_ROWS = 7e6
# The share of --memory that holds rows, and the bytes per row in it, including scratch memory.
ROWS_SHARE = 0.84
BYTES_PER_HELD_ROW = 16
# The bytes of a song in a chart, `123456789:12,`, and of the rest of a user's two lines.
OUTPUT_BYTES_PER_SONG = 12.5
OUTPUT_BYTES_PER_USER = 24

# The following values are assumed. The seconds that a JVM takes to stream a log or a part, if files are
# not local:
STREAM_SECONDS = 1.2
# The memory of an executor's JVM, and the memory for Python and streams per program:
HEAP_BYTES = 1 << 30
BESIDE_PROGRAM_BYTES = 512 << 20
# The sigma of the log-normal distributions of the sizes of logs and partitions:
LOG_SIGMA, PARTITION_SIGMA = 0.25, 0.03
RETRY_SHARE = 0.005

UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def size(text: str) -> int:
    match = re.fullmatch(r"([0-9.]+)([KMGT]?)(iB)?", text)
    if not match:
        raise argparse.ArgumentTypeError(f"{text!r} is not a size such as 256MiB")
    return int(float(match[1]) * UNITS[match[2]])


def shown(count: float) -> str:
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if count < 1024 or unit == "TiB":
            return f"{count:.3g} {unit}" if count < 1000 else f"{count:,.0f} {unit}"
        count /= 1024
    raise AssertionError


def shown_seconds(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


class Plan:
    """The amount of work."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.rows = arguments.rows_per_day * arguments.days
        self.logs = math.ceil(arguments.rows_per_day / arguments.rows_per_log) * arguments.days
        held = ROWS_SHARE * arguments.memory / BYTES_PER_HELD_ROW
        segment = min(held, arguments.rows_per_log)
        halvings = max(0.0, math.log2(USUAL_SEGMENT_ROWS / segment))
        self.frame_bytes = self.rows * (FRAME_BYTES_PER_ROW + FRAME_BYTES_PER_HALVING * halvings)
        # Each segment gives one frame to each destination for which it has rows.
        self.blocks = self.logs * 2 * arguments.partitions
        songs = min(arguments.top, self.rows / arguments.users)
        self.output_bytes = arguments.users * (
            OUTPUT_BYTES_PER_USER + songs * OUTPUT_BYTES_PER_SONG
        )
        self.moving_seconds = self.frame_bytes / arguments.slot_network
        stream = 0.0 if arguments.local else STREAM_SECONDS
        self.rollup_seconds = self.rows * ROLLUP_SECONDS_PER_ROW
        self.users_seconds = self.rows * USERS_SECONDS_PER_ROW + self.moving_seconds / 2
        self.countries_seconds = self.rows * COUNTRIES_SECONDS_PER_ROW + self.moving_seconds / 2
        self.rollup_task_seconds = TASK_SECONDS + stream
        self.users_task_seconds = TASK_SECONDS + stream
        self.join_seconds = (
            TASK_SECONDS + stream + self.output_bytes / arguments.join_bytes_per_second
        )

    def executor_bytes(self) -> float:
        slots = self.arguments.slots_per_executor
        return HEAP_BYTES + slots * (self.arguments.memory + BESIDE_PROGRAM_BYTES)


def spread(total: float, count: int, sigma: float, dice: random.Random) -> list[float]:
    """Splits a total into `count` shares of different sizes."""
    weights = [dice.lognormvariate(0, sigma) for _ in range(count)]
    return [total * weight / sum(weights) for weight in weights]


def schedule(tasks: list[float], slots: int, arguments, dice: random.Random) -> float:
    """Seconds until the last task has ended. Each task goes to the slot that is free first."""
    free = [0.0] * slots
    for seconds in tasks:
        if dice.random() < arguments.slow_share:
            seconds *= arguments.slow_factor
        while dice.random() < RETRY_SHARE:
            seconds += seconds * dice.random()
        heapq.heappush(free, heapq.heappop(free) + seconds)
    return max(free)


def simulated(plan: Plan, seed: int) -> list[float]:
    """The seconds of each stage."""
    arguments, dice = plan.arguments, random.Random(seed)
    logs = sorted(spread(plan.rollup_seconds, plan.logs, LOG_SIGMA, dice), reverse=True)
    count = arguments.partitions
    users = spread(plan.users_seconds, count, PARTITION_SIGMA, dice)
    countries = spread(plan.countries_seconds, count, PARTITION_SIGMA, dice)
    charts = [seconds + plan.users_task_seconds for seconds in users]
    charts += [seconds + TASK_SECONDS for seconds in countries]
    slots = arguments.slots
    return [
        schedule([s + plan.rollup_task_seconds for s in logs], slots, arguments, dice),
        schedule(charts, slots, arguments, dice),
        schedule([plan.join_seconds], slots, arguments, dice),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows-per-day", type=float, required=True)
    parser.add_argument("--users", type=float, required=True)
    parser.add_argument("--days", type=int, default=7)
    parser.add_argument("--rows-per-log", type=float, default=1e8, help="a day may have many logs")
    parser.add_argument("--top", type=int, default=50)
    parser.add_argument("--partitions", type=int, default=1024)
    parser.add_argument("--memory", type=size, default=size("2GiB"), help="of each program")
    parser.add_argument("--slots", type=int, default=400, help="tasks at the same time, one core each")
    parser.add_argument("--slots-per-executor", type=int, default=4)
    parser.add_argument("--slot-network", type=float, default=50e6, help="bytes per second")
    parser.add_argument("--join-bytes-per-second", type=float, default=150e6)
    parser.add_argument("--slow-share", type=float, default=0.02, help="the share of slow tasks")
    parser.add_argument("--slow-factor", type=float, default=3)
    parser.add_argument("--price", type=float, default=0.05, help="of one core for one hour")
    parser.add_argument("--local", action="store_true", help="files are local to all machines")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=20, help="number of simulations")
    arguments = parser.parse_args()

    plan = Plan(arguments)
    runs = [simulated(plan, arguments.seed + number) for number in range(arguments.runs)]
    totals = sorted(APPLICATION_SECONDS + sum(stages) for stages in runs)
    middle = [statistics.median(stages) for stages in zip(*runs)]
    work = plan.rollup_seconds + plan.users_seconds + plan.countries_seconds
    work += plan.logs * plan.rollup_task_seconds + plan.join_seconds
    work += arguments.partitions * (plan.users_task_seconds + TASK_SECONDS)
    executors = math.ceil(arguments.slots / arguments.slots_per_executor)
    hours = statistics.median(totals) / 3600
    table = {
        "rows": f"{plan.rows:,.0f}",
        "logs": f"{plan.logs:,}, {shown(plan.rows * GZIP_BYTES_PER_ROW)} gzipped",
        "tasks": f"{plan.logs:,} + {2 * arguments.partitions:,} + 1",
        "shuffle": f"{shown(plan.frame_bytes)} in {plan.blocks:,} blocks "
        f"of {shown(plan.frame_bytes / plan.blocks)}",
        "a partition": f"{shown(plan.frame_bytes / 2 / arguments.partitions)} of users, "
        "as much of countries",
        "outputs": f"{shown(plan.output_bytes)}, and once more as parts",
        "executors": f"{executors:,} of {arguments.slots_per_executor} cores and "
        f"{shown(plan.executor_bytes())}",
        "work": f"{work / 3600:,.1f} core-hours",
        "rollup, chart, join": ", ".join(map(shown_seconds, middle)),
        "on the clock": f"{shown_seconds(statistics.median(totals))}; "
        f"19 of 20 within {shown_seconds(totals[math.ceil(0.95 * len(totals)) - 1])}",
        "cost": f"{hours * arguments.slots * arguments.price:,.2f}, "
        f"a core-hour at {arguments.price:g}",
    }
    print("| | |\n|---|---|")
    for name, text in table.items():
        print(f"| {name} | {text} |")


if __name__ == "__main__":
    main()
