"""The virtual environment of the Python scripts. It is `.venv` in the repository, made when needed."""

import fcntl
import importlib.util
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
FOLDER = ROOT / ".venv"


def enter(*packages: str) -> None:
    """Makes sure that the script can import `packages`, and restarts it in .venv if necessary."""
    FOLDER.mkdir(exist_ok=True)
    # Tests may start several scripts at once.
    with open(FOLDER / ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if Path(sys.prefix) == FOLDER:
            install([name for name in packages if importlib.util.find_spec(name) is None])
            return
        # pip is installed last. If it is missing, an earlier attempt did not finish.
        if not (FOLDER / "bin" / "pip").exists():
            try:
                venv.create(FOLDER, with_pip=True)
            except subprocess.CalledProcessError:
                sys.exit("cannot make .venv; on Debian, run: apt-get install python3-venv")
    python = FOLDER / "bin" / "python"
    os.execv(python, [str(python), *sys.argv])


def install(missing: list[str]) -> None:
    if not missing:
        return
    print(f"installing {', '.join(missing)} in .venv", file=sys.stderr)
    command = [sys.executable, "-m", "pip", "install", "--quiet", *missing]
    environment = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    # The output of pip must not mix with the output of the script.
    if subprocess.run(command, env=environment, stdout=sys.stderr, check=False).returncode != 0:
        sys.exit(f"cannot install {', '.join(missing)} from PyPI into {FOLDER}")
    importlib.invalidate_caches()
