#!/bin/sh
# Make or bring up to date the virtual environment: venv.sh DIRECTORY site|dev|bench
#
# The collection is linked into the environment's site-packages, where the ansible package keeps every other
# collection: neither collections_path nor Galaxy is needed, and Python tests import it as Ansible does.
set -eu
cd "$(dirname "$0")/.."
venv=$1 set=$2

if [ ! -x "$venv/bin/pip" ]; then
  python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
    echo "Python 3.11 or newer is needed; python3 here is $(python3 --version 2>&1)." >&2
    exit 1
  }
  python3 -c 'import ensurepip, venv' 2>/dev/null || scripts/apt.sh python3-venv # Debian keeps these apart
  python3 -m venv "$venv"
fi
"$venv/bin/pip" install --quiet --disable-pip-version-check --no-compile \
  -r "requirements/$set.txt" -c requirements/constraints.txt

packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
for root in "$packages/ansible_collections" .cache/mypy-path/ansible_collections; do
  mkdir -p "$root/ha_stack"
  ln -sfn "$PWD" "$root/ha_stack/aws"
done
