"""The charts of a date, and a folder of rollups, belong to one job at a time."""

from __future__ import annotations

import json
import threading
import time
from typing import Any

from .failures import IN_USE, Failed, failed
from .storage import Storage

# The name of the file.
CLAIM = "claim.json"

# How many times a job shows within a lease that it is alive.
BEATS = 12


class Claim:
    """A file that names the job that owns a folder: the charts of a date, or kept rollups.

    While the job lives, it writes the file again and again. A job that finds the file unchanged for a
    complete lease knows that its writer is dead, whatever their clocks say, and takes its place.

    If the file system creates a file for one of two writers only, one job gets the claim at once.
    Elsewhere the last writer gets it, and the other one finds that out when it looks again: `check`
    is called before anything is removed or published.
    """

    def __init__(self, storage: Storage, place: str, job: str, what: str, lease: float):
        self._storage = storage
        self._place = place
        self._what = what
        self._lease = lease
        self._record: dict[str, Any] = {"job": job, "beat": 0}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        # What the record of a dead job said.
        self.inherited: dict[str, Any] = {}

    def take(self) -> None:
        """Raises `Failed` if another job has the folder."""
        while True:
            found = self._storage.read(self._place)
            if found is None:
                if self._storage.create(self._place, self._content()):
                    break
                continue
            if self._outlives(found):
                self.inherited = parsed(found)
                with self._lock:
                    self._record["former"] = self.inherited.get("former", [])
                self._storage.replace(self._place, self._content())
                break
        self._thread = threading.Thread(target=self._beat, daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Raises `Failed` if another job has taken the folder."""
        holder = parsed(self._storage.read(self._place))
        if holder.get("job") != self._record["job"]:
            raise self._in_use(holder)

    def note(self, key: str, value: Any) -> None:
        """Writes something down for the job that follows if this one dies."""
        with self._lock:
            self._record[key] = value
            self._storage.replace(self._place, self._content())

    def release(self) -> None:
        self._ended.set()
        if self._thread is not None:
            self._thread.join()
        if parsed(self._storage.read(self._place)).get("job") == self._record["job"]:
            self._storage.remove(self._place)

    def _content(self) -> bytes:
        return json.dumps(self._record).encode()

    def _outlives(self, found: bytes) -> bool:
        """Waits for a lease. Returns False if the claim was released, and True if nobody wrote it.
        Raises `Failed` if its writer is alive."""
        end = time.monotonic() + self._lease
        while time.monotonic() < end:
            time.sleep(self._lease / BEATS)
            now = self._storage.read(self._place)
            if now is None:
                return False
            if now != found:
                raise self._in_use(parsed(now))
        return True

    def _beat(self) -> None:
        while not self._ended.wait(self._lease / BEATS):
            try:
                self.check()
                with self._lock:
                    self._record["beat"] += 1
                    self._storage.replace(self._place, self._content())
            except Failed as failure:
                if failure.code == IN_USE:
                    return

    def _in_use(self, holder: dict[str, Any]) -> Failed:
        return failed(
            IN_USE,
            f"{self._what} by job {holder.get('job', '')}\n"
            "  Wait until that job is done, or choose another folder.",
        )


def parsed(content: bytes | None) -> dict[str, Any]:
    """The record in a claim; empty if the file is missing or is just being written."""
    try:
        record = json.loads(content or b"{}")
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}
