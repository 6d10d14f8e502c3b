#!/bin/sh
# Makes this machine able to run the local region's data plane: a container engine that answers, and nftables, iproute2 and mmdebstrap.
# Does nothing where all of it is there. Run as root.
set -eu

say() { echo "engine: $*" >&2; }
fail() { say "$*"; exit 1; }
answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }

# Wait until the engine answers; $1 is how many seconds at most, $2 the process that must live meanwhile (or nothing).
await_engine() {
    deadline=$(($(date +%s) + $1))
    until answers; do
        [ "$(date +%s)" -lt "$deadline" ] || return 1
        [ -z "${2:-}" ] || kill -0 "$2" 2>/dev/null || return 1
        sleep 0.2
    done
}

missing_packages() {
    command -v docker >/dev/null || echo docker.io
    answers || command -v dockerd >/dev/null || echo docker.io
    command -v nft >/dev/null || echo nftables
    command -v ip >/dev/null || echo iproute2
    command -v iptables >/dev/null || echo iptables
    command -v mmdebstrap >/dev/null || echo mmdebstrap
}

install_packages() {
    packages=$(missing_packages | sort -u)
    [ -n "$packages" ] || return 0
    say "installing $(echo "$packages" | xargs)"
    # shellcheck disable=SC2086
    "$(dirname "$0")/apt.sh" $packages ca-certificates || fail "these are needed: $(echo "$packages" | xargs)" \
        "(docker.io is Docker Engine 20.10 or newer; mmdebstrap is for where debian:bookworm-slim can't be pulled)"
}

mount_cgroups() {
    # Without an init system nobody has mounted the control groups that a container needs.
    mountpoint -q /sys/fs/cgroup && return 0
    if grep -q cgroup2 /proc/filesystems && mount -t cgroup2 cgroup2 /sys/fs/cgroup 2>/dev/null; then return 0; fi
    mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
    for controller in $(awk '!/^#/ && $4 == 1 {print $1}' /proc/cgroups); do
        mkdir -p "/sys/fs/cgroup/$controller"
        mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller" || rmdir "/sys/fs/cgroup/$controller"
    done
}

start_engine() {
    if [ -d /run/systemd/system ]; then
        systemctl start docker || fail "systemd can't start Docker: journalctl -u docker says why"
        await_engine 60 || fail "Docker was started but doesn't answer: journalctl -u docker says why"
        return
    fi
    mount_cgroups
    log=/var/log/dockerd.log
    nohup dockerd >"$log" 2>&1 </dev/null &
    await_engine 60 $! || fail "dockerd doesn't start; $log ends with: $(tail -n 3 "$log")"
    say "dockerd runs (log: $log)"
}

[ "$(id -u)" = 0 ] || fail "run this as root: the data plane makes networks, routes and firewall rules"
[ "$(uname -s)" = Linux ] || fail "the data plane needs Linux: its networks, routes and firewall rules are the kernel's own"
install_packages
# A package may have started the engine by itself, which then needs a moment.
answers || { pidof dockerd >/dev/null && await_engine 20; } || start_engine
[ "$(docker info --format '{{.OSType}}')" = linux ] || fail "the container engine that answers doesn't run Linux containers"
