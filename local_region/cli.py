"""``python -m local_region up|down|status|logs|push``."""

from __future__ import annotations

import argparse
import json
import logging
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from local_region import server, state
from local_region.settings import Settings
from local_region.timing import PROFILES

KILL_AFTER = 60.0  # seconds a region has to take its containers down


class Failure(Exception):
    """Ends the command with a message for a person."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the exit status."""
    arguments = _parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except Failure as failure:
        print(f"local_region: {failure}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local_region", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--state-dir", type=Path, default=Path(".region"), help="state and logs (%(default)s)")
    up = commands.add_parser("up", parents=[common], help="start the region; does nothing when it is up")
    _add_settings(up)
    up.set_defaults(run=_up)
    down = commands.add_parser("down", parents=[common], help="stop it and remove all it made")
    down.set_defaults(run=_down)
    status = commands.add_parser("status", parents=[common], help="say whether it is up (exit status 0) or not (3)")
    status.set_defaults(run=_status)
    logs = commands.add_parser("logs", parents=[common], help="print the end of region.log")
    logs.add_argument("--lines", type=int, default=50)
    logs.set_defaults(run=_logs)
    push = commands.add_parser("push", parents=[common], help="push an image of this machine to the private registry")
    push.add_argument("image", help="an image this machine's engine has")
    push.add_argument("repository", metavar="REPOSITORY:TAG", help="where, below the registry's host")
    push.set_defaults(run=_push)
    return parser


def _add_settings(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--name", default="local", help="prefix of all it makes on this machine (%(default)s)")
    parser.add_argument("--port", type=int, default=4566, help="the API's port (%(default)s)")
    parser.add_argument("--imds-port", type=int, help="the instance metadata service's port (PORT + 1)")
    parser.add_argument("--account", default="123456789012", help="AWS account id (%(default)s)")
    parser.add_argument("--region", default="us-east-1", help="AWS region (%(default)s)")
    parser.add_argument(
        "--delays", choices=sorted(PROFILES), default="short", help="modelled delays: %(default)s, or AWS's"
    )
    parser.add_argument("--time-scale", type=float, default=1.0, help="multiplies every modelled delay (%(default)s)")
    parser.add_argument("--throttled", type=float, default=0.0, help="share of API calls refused, 0 to 1 (%(default)s)")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds added to every API call (%(default)s)")
    parser.add_argument("--no-data-plane", action="store_true", help="control plane only: no container is made")
    parser.add_argument("--timeout", type=float, default=900, help="seconds to wait until it is ready (%(default)s)")
    parser.add_argument("--foreground", action="store_true", help="stay, instead of starting a process of its own")


def _settings(arguments: argparse.Namespace) -> Settings:
    return Settings(
        name=arguments.name,
        account=arguments.account,
        region=arguments.region,
        state_dir=arguments.state_dir.resolve(),
        api_port=arguments.port,
        imds_port=arguments.imds_port or arguments.port + 1,
        delays=arguments.delays,
        time_scale=arguments.time_scale,
        latency=arguments.latency,
        throttled=arguments.throttled,
        data_plane=not arguments.no_data_plane,
    )


def _up(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments)
    if state.is_running(settings.state_dir):
        return _already_up(settings, arguments.timeout)
    state.prepare(settings)
    if arguments.foreground:
        return _stay(settings)
    process = _spawn(settings)
    _await_ready(settings, process, arguments.timeout)
    print(f"region {settings.name} is up: {settings.endpoint}")
    return 0


def _already_up(settings: Settings, timeout: float) -> int:
    found = state.read(settings.state_dir)
    differing = {
        key: found[key]
        for key, value in server.description(settings).items()
        if key in {"name", "account", "region", "api_port", "data_plane"} and found.get(key, value) != value
    }
    if differing:
        said = ", ".join(f"{key}={value}" for key, value in differing.items())
        raise Failure(f"a region with other settings is up in {settings.state_dir}: {said}; take it down first")
    _await_ready(settings, None, timeout)
    print(f"region {settings.name} is already up: {settings.endpoint}")
    return 0


def _stay(settings: Settings) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        server.run(settings)
    except (state.AlreadyRunning, OSError) as error:
        raise Failure(f"cannot start: {error}") from error
    except Exception as error:  # the engine's, a build's: all are told in the log
        logging.getLogger("local_region").exception("the region failed")
        raise Failure(f"cannot start: {error}") from error
    return 0


def _spawn(settings: Settings) -> subprocess.Popen[bytes]:
    """Start the server in a session of its own, with region.log as its output."""
    command = [sys.executable, "-m", "local_region", "up", "--foreground", "--name", settings.name]
    command += ["--state-dir", str(settings.state_dir), "--port", str(settings.api_port)]
    command += ["--imds-port", str(settings.imds_port), "--account", settings.account, "--region", settings.region]
    command += ["--delays", settings.delays, "--time-scale", str(settings.time_scale)]
    command += ["--latency", str(settings.latency)]
    command += ["--throttled", str(settings.throttled)]
    command += [] if settings.data_plane else ["--no-data-plane"]
    # The package is found from any working directory.
    root = str(Path(__file__).resolve().parent.parent)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")]).rstrip(":")}
    with (settings.state_dir / "region.log").open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=environment,
            start_new_session=True,
        )


def _await_ready(settings: Settings, process: subprocess.Popen[bytes] | None, timeout: float) -> None:
    seen = "nothing yet"

    def settled() -> bool:
        nonlocal seen
        if process is not None and process.poll() is not None:
            return True
        seen = _phase(state.read(settings.state_dir)) or seen
        return seen == "ready"

    in_time = state.wait(settled, timeout)
    if process is not None and process.poll() is not None:
        raise Failure(f"the region's process ended ({process.returncode}):\n{_tail(settings.state_dir, 15)}")
    if not in_time:
        raise Failure(f"not ready after {timeout:g} s; last seen: {seen}. Log: {settings.state_dir / 'region.log'}")


def _phase(found: dict[str, Any]) -> str:
    """The phase that the region says it is in; empty while nobody, or another process, answers at its endpoint."""
    if not found:
        return ""
    try:
        with urllib.request.urlopen(found["endpoint"] + server.STATUS_PATH, timeout=5) as answer:  # noqa: S310
            said: dict[str, Any] = json.load(answer)
    except (OSError, ValueError):
        return ""
    return str(said.get("phase", "")) if said.get("pid") == found["pid"] else ""


def _down(arguments: argparse.Namespace) -> int:
    folder = arguments.state_dir.resolve()
    found = state.read(folder)
    if not state.is_running(folder):
        return _clean(folder, found)
    pid = int(found["pid"])
    os.kill(pid, signal.SIGTERM)
    if not state.wait(lambda: _gone(folder, pid), KILL_AFTER):
        os.kill(pid, signal.SIGKILL)
        state.wait(lambda: _gone(folder, pid), 5)
        print(f"the region did not stop in {KILL_AFTER:g} s and was killed", file=sys.stderr)
        return _clean(folder, found)
    print(f"region {found['name']} is down")
    return 0


def _gone(folder: Path, pid: int) -> bool:
    """Whether the server let go of its folder and its process ended (a zombie that nobody reaps has)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return not state.is_running(folder)
    return stat.rpartition(")")[2].split()[0] == "Z" and not state.is_running(folder)


def _clean(folder: Path, found: dict[str, Any]) -> int:
    """After a killed region: remove what it left behind."""
    if not found:
        print("no region is up")
        return 0
    if found.get("data_plane"):
        server.make_plane(_found_settings(folder, found)).stop()
    state.clear(folder)
    print(f"region {found['name']} was not running; removed what it left behind")
    return 0


def _found_settings(folder: Path, found: dict[str, Any]) -> Settings:
    names = ("name", "account", "region", "api_port", "imds_port", "time_scale", "data_plane")
    return Settings(state_dir=folder, **{name: found[name] for name in names})


def _status(arguments: argparse.Namespace) -> int:
    folder = arguments.state_dir.resolve()
    found = state.read(folder)
    if not state.is_running(folder):
        print("a killed region left its state: run down" if found else "no region is up")
        return 3
    print(f"region {found['name']}: {_phase(found) or 'starting'}")
    for key, value in sorted(found.items()):
        print(f"  {key}: {value}")
    return 0


def _logs(arguments: argparse.Namespace) -> int:
    print(_tail(arguments.state_dir.resolve(), arguments.lines))
    return 0


def _tail(folder: Path, lines: int) -> str:
    try:
        return "\n".join((folder / "region.log").read_text(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        raise Failure(f"no log in {folder}") from None


def _push(arguments: argparse.Namespace) -> int:
    folder = arguments.state_dir.resolve()
    found = state.read(folder)
    if not state.is_running(folder) or not found.get("data_plane"):
        raise Failure("the registry belongs to a region with a data plane, and none is up")
    from local_region.plane.docker import registry

    registry.push(_found_settings(folder, found), arguments.image, arguments.repository)
    return 0
