#!/bin/sh
# Run molecule's scenarios one after the other (molecule.sh [SCENARIO...]), and end with one line that counts them.
set -eu
cd "$(dirname "$0")/.."
if [ $# = 0 ]; then
  # shellcheck disable=SC2046  # scenario names hold no blanks
  set -- $(cd molecule && for file in */molecule.yml; do dirname "$file"; done)
fi
passed=0 failed=
for scenario in "$@"; do
  echo "-- molecule: $scenario"
  if molecule test --scenario-name "$scenario"; then passed=$((passed + 1)); else failed="$failed $scenario"; fi
done
if [ -n "$failed" ]; then
  echo "molecule failed:$failed" >&2
  exit 1
fi
echo "molecule: $passed passed, 0 failed"
