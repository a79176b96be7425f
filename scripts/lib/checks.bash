# Sourced by the tests in Bash: counts checks in `passed` and `failed`, and makes a temporary folder,
# `$scratch`, which is removed when the script ends.
# shellcheck shell=bash

scratch=$(mktemp -d "${TMPDIR:-/tmp}/chartmill-check.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0

# check NAME COMMAND...: passes when the command succeeds; shows its output when it fails.
check() {
  local name=$1
  shift
  if "$@" > "$scratch/output" 2>&1; then
    passed=$((passed + 1))
    echo "ok      $name"
  else
    failed=$((failed + 1))
    echo "FAILED  $name"
    sed 's/^/        /' "$scratch/output"
  fi
}

# same_charts EXPECTED ACTUAL: the text files of both, sorted, hold the same lines.
same_charts() {
  local expected file
  for expected in "$1"/*.txt; do
    file=$(basename "$expected")
    if ! cmp <(LC_ALL=C sort "$expected") <(LC_ALL=C sort "$2/$file"); then
      echo "$file differs from $expected"
      diff <(LC_ALL=C sort "$expected") <(LC_ALL=C sort "$2/$file") | cut -c 1-200 | head -n 6
      return 1
    fi
  done
}
