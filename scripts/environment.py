"""The virtual environment of the Python scripts: `.venv` beside the sources, made when needed."""

import fcntl
import importlib.util
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / ".venv"


def enter(*packages: str) -> None:
    """Returns inside an interpreter that can import `packages`, restarting the script if need be."""
    python = FOLDER / "bin" / "python"
    if Path(sys.prefix) == FOLDER:
        missing = [name for name in packages if importlib.util.find_spec(name) is None]
        if missing:
            with open(FOLDER / ".lock", "w", encoding="ascii") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                print(f"installing {', '.join(missing)} in .venv", file=sys.stderr)
                command = [python, "-m", "pip", "install", "--quiet", *missing]
                environment = os.environ | {"PIP_DISABLE_PIP_VERSION_CHECK": "1"}
                if subprocess.run(command, env=environment, check=False).returncode != 0:
                    sys.exit(f"could not install {', '.join(missing)} from PyPI into {FOLDER}")
            importlib.invalidate_caches()
        return
    if not python.exists() or not (FOLDER / "pyvenv.cfg").exists():
        try:
            venv.create(FOLDER, with_pip=True)
        except subprocess.CalledProcessError:
            sys.exit("could not make .venv; on Debian: apt-get install python3-venv")
    os.execv(python, [str(python), *sys.argv])
