# For the tests in Bash that source this file: counts checks in `passed` and `failed`, and makes a
# temporary folder, `$scratch`, which is removed when the script ends.
# shellcheck shell=bash

scratch=$(mktemp -d "${TMPDIR:-/tmp}/chartmill-check.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0

# check NAME COMMAND...: passes if the command succeeds, and shows its output if it fails.
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

# same_charts EXPECTED ACTUAL: succeeds if the text files of both folders have the same lines in any
# order.
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
