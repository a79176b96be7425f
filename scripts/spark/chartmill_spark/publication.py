"""How the charts of a date are published without a rename."""

from __future__ import annotations

import concurrent.futures
import contextlib
import json
from collections.abc import Iterable
from typing import Any

from .claim import CLAIM, Claim
from .failures import INPUT_OUTPUT, SOFTWARE, Failed, failed
from .storage import Storage

# How many files are examined at once.
EXAMINED = 16


class Publication:
    """The charts that one job makes of a date.

        OUT/manifest_DATE.json           names the files of the date: charts are published by writing it
        OUT/parts_DATE/claim.json        names the job that makes the charts of the date, see `Claim`
        OUT/parts_DATE/GENERATION/…      the files of one job, which never change

    A reader follows the manifest, so it sees the old charts or the new ones. What a job leaves behind
    when it fails or dies is in its own generation, which no manifest names, and which the next job of
    the date removes.
    """

    def __init__(
        self, storage: Storage, out: str, date: str, manifest: str, generation: str, lease: float
    ):
        self.storage = storage
        self.out = out
        self.date = date
        self.manifest = f"{out}/{manifest}"
        self._parts = f"parts_{date}"
        self._generation = generation
        self.claim = Claim(
            storage, f"{out}/{self._parts}/{CLAIM}", self._generation,
            f"the charts of {date} in {out} are being made", lease,
        )  # fmt: skip

    @property
    def stored_in(self) -> str:
        """The folder of this generation, relative to the manifest."""
        return f"{self._parts}/{self._generation}"

    @property
    def folder(self) -> str:
        return f"{self.out}/{self.stored_in}"

    def begin(self) -> None:
        """Raises `Failed` if another job makes the charts of the date."""
        self.claim.take()

    def clear(self) -> None:
        """Removes what dead jobs have left behind.

        Call it some time after the claim was taken: on some file systems, only then `check` finds that
        another job has taken it.
        """
        self.claim.check()
        named = self._named_files()
        self._remove_generations({self._generation, *generations(named)})
        self._remove_files(set(self.claim.inherited.get("former", [])) - named)

    def publish(self, source: str, outputs: Iterable[dict[str, Any]]) -> None:
        """Publishes a manifest of this generation, which names `outputs`. Removes the old charts."""
        self._check_sizes(outputs)
        files = {file for output in outputs for file in output["files"]}
        former = {name for name in self._named_files() if "/" not in name}
        former.add(f"report_{self.date}.html")
        self.claim.check()
        self.claim.note("former", sorted(former))
        self.storage.publish(source, self.manifest)
        self._remove_generations({self._generation})
        self._remove_unnamed(self.stored_in, files)
        self._remove_files(former - files)

    def end(self, is_published: bool) -> None:
        """Releases the date. Removes the files of this job unless they are published."""
        with contextlib.suppress(Failed):
            # If this fails, the next job does it.
            if not is_published:
                self.storage.remove(self.folder)
            self.claim.release()

    def _named_files(self) -> set[str]:
        """The files that the published manifest names."""
        try:
            manifest = json.loads(self.storage.read(self.manifest) or b"{}")
            outputs = manifest.get("outputs", [])
            return {name for one in outputs for name in one.get("files") or [one["name"]]}
        except (ValueError, KeyError, TypeError, AttributeError):
            return set()

    def _remove_generations(self, kept: set[str]) -> None:
        folder = f"{self.out}/{self._parts}"
        for name in self.storage.names(folder):
            if name not in kept and name != CLAIM and not name.startswith("."):
                self.storage.remove(f"{folder}/{name}")

    def _remove_unnamed(self, folder: str, named: set[str]) -> None:
        """Removes the files of attempts that did not finish, or finished second."""
        for name in self.storage.names(f"{self.out}/{folder}"):
            path = f"{folder}/{name}"
            if path not in named and not any(file.startswith(f"{path}/") for file in named):
                self.storage.remove(f"{self.out}/{path}")

    def _remove_files(self, names: set[str]) -> None:
        """Removes files beside the manifest. Any program may have written the manifest that named them,
        so only names of this date are removed."""
        for name in names:
            if "/" not in name and f"_{self.date}." in name and not name.startswith("manifest"):
                self.storage.remove(f"{self.out}/{name}")

    def _check_sizes(self, outputs: Iterable[dict[str, Any]]) -> None:
        """Raises `Failed` unless the files of each output have its bytes."""
        with concurrent.futures.ThreadPoolExecutor(EXAMINED) as pool:
            for output in outputs:
                places = [f"{self.out}/{file}" for file in output["files"]]
                sizes = list(pool.map(self.storage.size, places))
                for place, size in zip(places, sizes, strict=True):
                    if size is None:
                        raise failed(INPUT_OUTPUT, f"{place}: the file is gone")
                found = sum(size for size in sizes if size is not None)
                if found != output["bytes"]:
                    raise failed(
                        SOFTWARE, f"{output['name']}: {found} bytes instead of {output['bytes']}"
                    )


def generations(files: set[str]) -> set[str]:
    """The names of the generations that files are in."""
    return {file.split("/")[1] for file in files if file.count("/") > 1}
