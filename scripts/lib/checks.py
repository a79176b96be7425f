"""For the tests in Python: prints one line per check, and totals at the end."""

import sys

passed = 0
failed = 0


def check(name: str, holds: bool, shown: object = "") -> bool:
    """Prints the result of a check, and `shown` if it failed."""
    global passed, failed
    if holds:
        passed += 1
        print(f"ok      {name}", flush=True)
    else:
        failed += 1
        print(f"FAILED  {name}\n        {str(shown)[-3000:]}", flush=True)
    return holds


def end() -> None:
    """Prints the totals and ends the script, with 1 if a check has failed."""
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed else 0)
