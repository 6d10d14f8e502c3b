#!/bin/sh
# Install the Debian packages that are missing: apt.sh PACKAGE...
set -eu
missing=
for package in "$@"; do
  dpkg-query --show --showformat '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null || [ "$(id -u)" != 0 ]; then
  echo "Please install:$missing (this script installs only as root on Debian or Ubuntu)." >&2
  exit 1
fi
# Installing PostgreSQL would otherwise make and start a database of its own; the tests start theirs.
if [ "${missing#*postgresql}" != "$missing" ] && [ ! -e /etc/postgresql-common/createcluster.conf ]; then
  mkdir -p /etc/postgresql-common
  echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
fi
export DEBIAN_FRONTEND=noninteractive
# apt works for one at a time; two suites that run side by side may both want something.
apt() { flock --close /run/lock/ha_stack.apt apt-get --quiet=2 "$@"; }
# shellcheck disable=SC2086  # a list of package names
install() { apt install --yes --no-install-recommends $missing >/dev/null; }
install 2>/dev/null || { apt update && install; }
