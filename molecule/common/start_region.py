"""Start a region without data plane, with short delays, on a free port: start_region.py STATE_DIR."""

from __future__ import annotations

import socket
import subprocess
import sys


def free_ports(count: int) -> list[str]:
    """Ports that nobody listens on; all are held until the last one is found, so that they differ."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [str(listener.getsockname()[1]) for listener in sockets]
    for listener in sockets:
        listener.close()
    return ports


def main(state: str) -> int:
    command = [sys.executable, "-m", "local_region"]
    if subprocess.run([*command, "status", "--state-dir", state], capture_output=True, check=False).returncode == 0:
        print("was up already")
        return 0
    port, imds_port = free_ports(2)
    options = ["--name", f"molecule{port}", "--port", port, "--imds-port", imds_port, "--time-scale", "0.1"]
    return subprocess.run([*command, "up", "--no-data-plane", "--state-dir", state, *options], check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
