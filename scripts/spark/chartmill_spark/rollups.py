"""The kept rollups of days, from the driver."""

from __future__ import annotations

import json
import re
from typing import Any

from .claim import CLAIM, Claim, parsed
from .storage import Storage

RECORD = re.compile(r"day-([0-9]{8})\.json")


class RollupStore:
    """The folder of --state. It belongs to one job at a time.

        STATE/day-DATE.json           the record of a rollup: what it was made from, and its files
        STATE/day-DATE/GENERATION/…   its files, one for each destination, which never change
        STATE/claim.json              names the job that uses the folder, see `Claim`

    A rollup is kept by writing its record. `chartmill plan` decides which records can be used.
    """

    def __init__(self, storage: Storage, place: str, generation: str, lease: float):
        self.storage = storage
        self.place = place
        self.generation = generation
        self.claim = Claim(
            storage, f"{place}/{CLAIM}", generation, f"the rollups in {place} are being used", lease
        )

    def records(self) -> dict[str, dict[str, Any]]:
        """The records by day. A record that cannot be read counts as one of another version."""
        records = {}
        for name in self.storage.names(self.place):
            if match := RECORD.fullmatch(name):
                content = self.storage.read(f"{self.place}/{name}")
                if content is not None:
                    records[match[1]] = parsed(content) or {"format": 0, "day": match[1]}
        return records

    def keep(self, records: list[dict[str, Any]], obsolete: list[str]) -> None:
        """Keeps the rollups of this job. Removes the ones that they replace, those of the days in
        `obsolete`, and files that no record names.

        Call it some time after the claim was taken: on some file systems, only then `check` finds that
        another job has taken it.
        """
        self.claim.check()
        for record in records:
            record["generation"] = self.generation
            self.storage.replace(self._record(record["day"]), json.dumps(record).encode())
        for day in obsolete:
            self.storage.remove(self._record(day))
        for name in self.storage.names(self.place):
            if re.fullmatch("day-[0-9]{8}", name):
                self._remove_generations(name.removeprefix("day-"))

    def end(self) -> None:
        self.claim.release()

    def _record(self, day: str) -> str:
        return f"{self.place}/day-{day}.json"

    def _remove_generations(self, day: str) -> None:
        """Removes what the record of a day does not name."""
        kept = parsed(self.storage.read(self._record(day))).get("generation")
        folder = f"{self.place}/day-{day}"
        if kept is None:
            self.storage.remove(folder)
            return
        for name in self.storage.names(folder):
            if name != kept and not name.startswith("."):
                self.storage.remove(f"{folder}/{name}")


def references(records: dict[str, dict[str, Any]], days: list[str]) -> list[tuple[int, bytes]]:
    """The files of some days as pieces for the shuffle: only their names travel, paired with their
    destinations."""
    pieces = []
    for day in days:
        folder = f"day-{day}/{records[day]['generation']}"
        for destination, (name, size, checksum) in records[day]["files"].items():
            file = {"day": day, "name": f"{folder}/{name}", "bytes": size, "crc32": checksum}
            pieces.append((int(destination), b"K" + json.dumps(file).encode()))
    return pieces


def table(records: dict[str, dict[str, Any]]) -> str:
    """A line for each rollup, for people."""
    lines = ["day       rows             bad rows      bytes            partitions  logs"]
    for day, record in sorted(records.items()):
        if "files" not in record:
            lines.append(f"{day}  not a rollup of this version")
            continue
        size = sum(file[1] for file in record["files"].values())
        lines.append(
            f"{day}  {record['accepted']:<15,}  {record['rejected']:<12,}  {size:<15,}  "
            f"{record['partitions']:<10}  {len(record['logs']):,}"
        )
    return "\n".join(lines)
