#!/bin/sh
# The collections that docs/comparison.md compares with, unpacked in .cache/compared: compared.sh VENV
#
# They come in the ansible package, of which only these files are wanted: that release needs a newer Python than the
# oldest that this project runs on.
set -eu
cd "$(dirname "$0")/.."
package=ansible==14.5.0
folder=.cache/compared

if [ "$(cat "$folder/package" 2>/dev/null)" != "$package" ]; then
  rm -rf "$folder"
  mkdir -p "$folder"
  "$1/bin/pip" download --quiet --disable-pip-version-check --no-deps --only-binary=:all: --python-version 3.13 \
    --dest "$folder" "$package"
  "$1/bin/python" - "$folder" <<'PYTHON'
import sys, zipfile
from pathlib import Path

folder = Path(sys.argv[1])
[wheel] = folder.glob("*.whl")
wanted = ("ansible_collections/amazon/aws/", "ansible_collections/community/aws/")
with zipfile.ZipFile(wheel) as files:
    files.extractall(folder, [name for name in files.namelist() if name.startswith(wanted)])
wheel.unlink()
PYTHON
  echo "$package" >"$folder/package"
fi
