#!/usr/bin/env python3
"""What a job on Spark would take: tasks, shuffle, executors, hours and cost, by arithmetic from what
was measured and by simulating its schedule.

  scripts/spark/plan.py --rows-per-day 5e9 --users 5e8 --days 365 --memory 2GiB --slots 1000

Arithmetic says how much work there is. The simulation hands it to slots, the largest log first, as
the script does: logs differ in size, some tasks are slow or fail and are tried again, and a stage
begins when the one before has ended. Same seed, same schedule.
"""

import argparse
import heapq
import math
import random
import re
import statistics

# Seconds of processor time, measured on W: 70 M rows of 5 M users in 7 logs, 64 partitions, ISA-L,
# --memory 256MiB, one thread a task, a core of an AMD EPYC. The programs: all seven logs took
# 14.5 s; three partitions of users, and the same of countries, 7.0 s and 2.2 s for all 64.
ROLLUP_SECONDS_PER_ROW = 14.5 / 70e6
USERS_SECONDS_PER_ROW = 7.0 / 70e6
COUNTRIES_SECONDS_PER_ROW = 2.2 / 70e6
# Of a task beside its program, Spark's scheduling and Python: a small job with 120 tasks more took
# 6.7 s more, the starts of their programs among them.
TASK_SECONDS = 6.7 / 120
# Of an application before its first and after its last task, on two cores.
APPLICATION_SECONDS = 8

# Bytes, measured on W too (Sources/ChartmillJobs/Plan/DiskEstimate.swift): a gzipped row, and a row in
# the frames of both halves, where a segment has seven million rows; half a byte more for each time
# that it has half as many.
GZIP_BYTES_PER_ROW = 9.6
FRAME_BYTES_PER_ROW = 5.9
FRAME_BYTES_PER_HALVING = 0.5
USUAL_SEGMENT_ROWS = 7e6
# Of --memory, what holds rows, and of it each row with its scratch.
ROWS_SHARE = 0.84
BYTES_PER_HELD_ROW = 16
# A song of a chart, `123456789:12,`, and the rest of a user's two lines.
OUTPUT_BYTES_PER_SONG = 12.5
OUTPUT_BYTES_PER_USER = 24

# Assumed, beside what the flags say. A JVM that streams a log or a part, where files are not local:
STREAM_SECONDS = 1.2
# Of the memory of an executor: its JVM, and beside each program Python and streams.
HEAP_BYTES = 1 << 30
BESIDE_PROGRAM_BYTES = 512 << 20
# Logs and partitions differ by so much (the sigma of a log-normal).
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
    """The work, by arithmetic alone."""

    def __init__(self, arguments):
        self.arguments = arguments
        self.rows = arguments.rows_per_day * arguments.days
        self.logs = math.ceil(arguments.rows_per_day / arguments.rows_per_log) * arguments.days
        held = ROWS_SHARE * arguments.memory / BYTES_PER_HELD_ROW
        segment = min(held, arguments.rows_per_log)
        halvings = max(0.0, math.log2(USUAL_SEGMENT_ROWS / segment))
        self.frame_bytes = self.rows * (FRAME_BYTES_PER_ROW + FRAME_BYTES_PER_HALVING * halvings)
        # Without rows, no frame; a segment gives one to each destination.
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
    """`count` shares of a total, of unlike size."""
    weights = [dice.lognormvariate(0, sigma) for _ in range(count)]
    return [total * weight / sum(weights) for weight in weights]


def schedule(tasks: list[float], slots: int, arguments, dice: random.Random) -> float:
    """Seconds until the last of the tasks has ended; each goes to the slot that is free first."""
    free = [0.0] * slots
    for seconds in tasks:
        if dice.random() < arguments.slow_share:
            seconds *= arguments.slow_factor
        while dice.random() < RETRY_SHARE:
            seconds += seconds * dice.random()
        heapq.heappush(free, heapq.heappop(free) + seconds)
    return max(free)


def simulated(plan: Plan, seed: int) -> list[float]:
    """Seconds of each stage."""
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
    parser.add_argument("--rows-per-log", type=float, default=1e8, help="a day is many logs")
    parser.add_argument("--top", type=int, default=50)
    parser.add_argument("--partitions", type=int, default=1024)
    parser.add_argument("--memory", type=size, default=size("2GiB"), help="of each program")
    parser.add_argument("--slots", type=int, default=400, help="tasks at once, a core each")
    parser.add_argument("--slots-per-executor", type=int, default=4)
    parser.add_argument("--slot-network", type=float, default=50e6, help="bytes a second")
    parser.add_argument("--join-bytes-per-second", type=float, default=150e6)
    parser.add_argument("--slow-share", type=float, default=0.02, help="of tasks")
    parser.add_argument("--slow-factor", type=float, default=3)
    parser.add_argument("--price", type=float, default=0.05, help="of a core for an hour")
    parser.add_argument("--local", action="store_true", help="files are local to all machines")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=20, help="of the simulation")
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
