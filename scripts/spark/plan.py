#!/usr/bin/env python3
"""What a job on Spark would take: tasks, shuffle, executors, hours and cost, by arithmetic from what
was measured and by simulating its schedule.

  scripts/spark/plan.py --rows-per-day 5e9 --users 5e8 --days 365

Arithmetic says how much work there is. The simulation hands it to slots, the largest log first, as
Spark does: logs differ in size, some tasks are slow or fail and are tried again, and a stage begins
when the one before has ended. Same seed, same schedule.
"""

import argparse
import dataclasses
import heapq
import math
import random
import statistics

# Measured by `scripts/bench --spark` on W, 70 M rows of 5 M users in 7 logs, with ISA-L, 256 MiB and
# one thread a task, on one core of an AMD EPYC (bench/spark.md). Core-seconds are those of chartmill
# itself, as the manifest sums them; Python and Spark are what the whole took beside it.
DIGEST_SECONDS_PER_ROW = 0
CHART_SECONDS_PER_ROW = 0
ENGINE_SECONDS_PER_SHUFFLED_BYTE = 0
TASK_SECONDS = 0.15
GZIP_BYTES_PER_ROW = 9.6
# A row in the frames of both halves, where a segment has seven million rows; half a byte more each
# time it has half as many (Sources/Chartmill/Job/DiskEstimate.swift).
FRAME_BYTES_PER_ROW = 5.9
FRAME_BYTES_PER_HALVING = 0.5
USUAL_SEGMENT_ROWS = 7e6
# Of --memory, what holds rows, at 16 bytes each.
ROWS_SHARE = 0.84
BYTES_PER_HELD_ROW = 16
