"""A standalone Spark cluster of child processes on loopback, for the test and the benchmark."""

import ctypes
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyspark

HOME = Path(pyspark.__file__).parent
START_SECONDS = 60


def environment(scratch: Path) -> dict[str, str]:
    """Variables for a cluster on loopback, without settings of a Spark or Hadoop on this machine."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SPARK_", "PYSPARK_", "HADOOP_"))
    }
    local = scratch / "local"
    local.mkdir(parents=True, exist_ok=True)
    return kept | {
        "SPARK_HOME": str(HOME),
        "SPARK_LOCAL_IP": "127.0.0.1",
        "SPARK_LOCAL_DIRS": str(local),
        "SPARK_DAEMON_MEMORY": "128m",
        "SPARK_DAEMON_JAVA_OPTS": "-XX:+UseSerialGC",
        "PYSPARK_PYTHON": os.path.join(sys.prefix, "bin", "python"),
    }


def die_with_parent() -> None:
    """Lets the kernel kill a process of the cluster when this script ends."""
    death_signal = 1
    ctypes.CDLL(None).prctl(death_signal, signal.SIGKILL)


def chartmill_job(folder: Path) -> Path:
    """Packages the job of scripts/spark into a folder. Returns its script."""
    package = Path(__file__).resolve().parent.parent / "spark" / "package"
    subprocess.run([sys.executable, package, folder], check=True)
    return folder / "spark_charts.py"


def submit(master: str, script: Path, *arguments: object, conf=None, files: Path | None = None, jars=()):
    """The command that submits an application, with the package beside its script if there is one."""
    settings = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    command = [str(HOME / "bin" / "spark-submit"), "--master", master]
    for name, value in (settings | (conf or {})).items():
        command += ["--conf", f"{name}={value}"]
    if files is not None:
        command += ["--files", str(files)]
    if jars:
        command += ["--jars", ",".join(map(str, jars))]
    package = script.parent / "chartmill_spark.zip"
    if package.exists():
        command += ["--py-files", str(package)]
    return [*command, str(script), *map(str, arguments)]


class Cluster:
    """A master and workers. Each is a process, and all end with the `with` block."""

    def __init__(self, scratch: Path, workers: int = 2, cores: int = 1, memory: str = "1g"):
        self.scratch = scratch
        self.environment = environment(scratch)
        self.processes: list[subprocess.Popen] = []
        self.logs: list[Path] = []
        self.cores = cores
        self.memory = memory
        self.url = ""
        self.size = workers

    def __enter__(self) -> "Cluster":
        try:
            self._start("org.apache.spark.deploy.master.Master")
            self.url = self._wait_for(r"Starting Spark master at (spark://\S+)", 0)[0]
            for _ in range(self.size):
                self.add_worker()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_) -> None:
        for process in reversed(self.processes):
            process.terminate()
        for process in self.processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def add_worker(self) -> None:
        number = len(self.processes)
        self._start(
            "org.apache.spark.deploy.worker.Worker", "--cores", str(self.cores),
            "--memory", self.memory, "--work-dir", str(self.scratch / f"work-{number}"), self.url,
        )  # fmt: skip
        self._wait_for(r"Successfully registered with master", number)

    def _start(self, name: str, *arguments: str) -> None:
        log = self.scratch / f"{name.rpartition('.')[2]}-{len(self.processes)}.log"
        command = [str(HOME / "bin" / "spark-class"), name, "--host", "127.0.0.1"]
        command += ["--port", "0", "--webui-port", "0", *arguments]
        with open(log, "wb") as output:
            process = subprocess.Popen(
                command, env=self.environment, stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, preexec_fn=die_with_parent,
            )  # fmt: skip
        self.processes.append(process)
        self.logs.append(log)

    def _wait_for(self, pattern: str, number: int) -> list[str]:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.processes[number].poll() is None:
            text = self.logs[number].read_text(errors="replace")
            if re.search(pattern, text):
                return re.findall(pattern, text)
            time.sleep(0.1)
        raise RuntimeError(f"no {pattern!r} in:\n{self.logs[number].read_text(errors='replace')}")
