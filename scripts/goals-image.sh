#!/bin/sh
# Build the goals backend's image: goals-image.sh NAME:TAG
#
# APP_VERSION (default: the tag) is the version the backend tells; BASE_IMAGE, PIP_INDEX_URL and the proxy variables
# are passed on. The build uses the host's network and CA bundle, so what works for the host works for the build.
# Nothing is built again while the sources are the same: the engine's own cache sees to that.
set -eu
cd "$(dirname "$0")/../examples/goals/backend"
image=$1
context=$(mktemp -d)
log=$(mktemp)
trap 'rm -rf "$context" "$log"' EXIT

tar -c --exclude=__pycache__ --mtime=@0 Dockerfile requirements.txt goals | tar -x -C "$context"
if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
  cp -L /etc/ssl/certs/ca-certificates.crt "$context/"
fi

set -- --build-arg "APP_VERSION=${APP_VERSION:-${image##*:}}"
for name in BASE_IMAGE PIP_INDEX_URL http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY; do
  if [ -n "$(printenv "$name" || true)" ]; then
    set -- "$@" --build-arg "$name" # its value is taken from the environment: nothing of it is in the process list
  fi
done
docker build --quiet --network host --tag "$image" "$@" "$context" >"$log" 2>&1 || {
  cat "$log" >&2
  exit 1
}
echo "$image: built"
