#!/bin/bash
# Run molecule's scenarios, two side by side (molecule.sh [SCENARIO...]), and end with one line that counts them.
# Each has a region of its own; what a scenario printed is shown once it has ended.
set -euo pipefail
cd "$(dirname "$0")/.."
# The longest first, so that no one is left waiting for it alone.
[ $# -gt 0 ] || set -- default $(cd molecule && for file in */molecule.yml; do dirname "$file"; done | grep -vx default)

export LOGS=.cache/molecule
mkdir -p "$LOGS"
rm -f "$LOGS"/*.log

scenario() {
  local status=0
  molecule test --scenario-name "$1" >"$LOGS/$1.log" 2>&1 </dev/null || status=$?
  echo "-- molecule: $1"
  cat "$LOGS/$1.log"
  [ $status = 0 ] || echo "-- molecule: $1 failed"
  return $status
}
export -f scenario

if ! printf '%s\n' "$@" | xargs -P 2 -I '{}' bash -c 'scenario "$1"' scenario '{}'; then
  echo "molecule: a scenario failed, see above" >&2
  exit 1
fi
echo "molecule: $# passed, 0 failed"
