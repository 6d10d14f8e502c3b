"""The user data, really run: as root of a mount namespace of its own, with stand-ins for what it calls."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

TOKEN = "glpat-S3cret"
PASSWORD = r"p:a\ss'$x"
REGISTRY_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:goals/registry-AbCdEf"
DATABASE_ARN = "arn:aws:secretsmanager:us-east-1:123456789012:secret:rds!db-AbCdEf"
FULL: dict[str, Any] = {
    "backend_registry_secret_arn": REGISTRY_ARN,
    "backend_environment": {"GREETING": 'it\'s "here" $HOME', "ON": True},
    "backend_database": {
        "host": "db.example",
        "port": 5432,
        "name": "goals",
        "user": "app",
        "secret_arn": DATABASE_ARN,
    },
}
# What the script calls. Each notes how it was called; docker and aws do as the files in $SCENE say.
STUBS = {
    "docker": r"""
case $1 in
  login)
    cat >"$SCENE/login-input"
    [ -n "$DOCKER_CONFIG" ] && echo auth >"$DOCKER_CONFIG/config.json" && echo "$DOCKER_CONFIG" >"$SCENE/docker-config"
    if [ -e "$SCENE/refuse-login" ]; then echo "unauthorized: HTTP Basic: Access denied" >&2; exit 1; fi
    if [ -e "$SCENE/flaky-login" ]; then rm "$SCENE/flaky-login"; echo "TLS handshake timeout" >&2; exit 1; fi ;;
  pull) if [ -e "$SCENE/no-image" ]; then echo "manifest unknown" >&2; exit 1; fi ;;
  image) cat "$SCENE/user" ;;
  run) case "$*" in *"--entrypoint id"*) echo 4711 ;; esac ;;
esac
""",
    "aws": r"""
case "$*" in *registry*) cat "$SCENE/registry.json" ;; *) cat "$SCENE/database.json" ;; esac
""",
    "systemctl": "",
    "curl": "",
    "sleep": "",
}
RUN = r"""
for folder in /usr/local/lib /etc/systemd/system /var/lib; do mount -t tmpfs none "$folder"; done
[ -n "$BARE" ] && system= || system=:/usr/bin:/bin
PATH=$SCENE/bin$system /bin/bash "$SCENE/user-data.sh"
status=$?
mkdir "$SCENE/made"
cp -a /var/lib/backend /usr/local/lib/backend /etc/systemd/system "$SCENE/made/" 2>/dev/null
cp -a /var/lib/backend "$SCENE/made/state" 2>/dev/null
exit $status
"""
# What package managers do. Debian 13 has Docker's client in a package of its own, Ubuntu 24.04 the AWS CLI as a snap.
ADD = 'cp "$SCENE/packages/{0}" "$SCENE/bin/"\n'
DOCKER, AWS = ADD.format("docker"), ADD.format("aws")
PACKAGE_MANAGERS: dict[str, dict[str, str]] = {
    "Amazon Linux 2023": {
        "dnf": f'case "$*" in *" docker") {DOCKER} ;; *awscli-2) {AWS} ;; *) exit 1 ;; esac\n',
    },
    "Debian 12": {
        "apt-get": f'case "$*" in update) ;; *" docker.io"*) {DOCKER} ;; *awscli) {AWS} ;; esac\n',
        "apt-cache": "exit 100\n",
    },
    "Debian 13": {
        "apt-get": f'case "$*" in update) ;; *docker-cli*) {DOCKER} ;; *awscli) {AWS} ;; esac\n',
        "apt-cache": "[ $2 = docker-cli ] || exit 100\n",
    },
    "Ubuntu 24.04": {
        "apt-get": f'case "$*" in update) ;; *" docker.io"*) {DOCKER} ;; *awscli) exit 100 ;; esac\n',
        "apt-cache": "exit 100\n",
        "snap": AWS,
    },
}
TOOLS = ("bash", "cat", "chmod", "chown", "cp", "cut", "id", "install", "mktemp", "mv", "rm", "stat")
NAMESPACE = ["unshare", "--mount"]
can_mount = subprocess.run([*NAMESPACE, "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
pytestmark = pytest.mark.skipif(can_mount.returncode != 0, reason="needs root and mount namespaces")


def render(folder: Path, variables: dict[str, Any]) -> str:
    """The template as the role renders it."""
    task = {
        "include_role": {"name": "ha_stack.aws.backend", "tasks_from": "validate", "public": True},
        "vars": {"backend_image": "registry.example/goals/backend:1.0", **variables},
    }
    template = Path(__file__).parents[3] / "roles/backend/templates/user-data.sh.j2"
    target = folder / "user-data.sh"
    write = {
        "copy": {"content": f"{{{{ lookup('template', '{template}') }}}}", "dest": str(target)},
        "vars": task["vars"],
    }
    play = [{"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task, write]}]
    play[0]["vars"] = {
        "ansible_python_interpreter": sys.executable,
        "inventory_hostname": "goals",
        "stack_name": "goals",
    }
    (folder / "play.json").write_text(json.dumps(play))
    command = [Path(sys.executable).parent / "ansible-playbook", "-i", "localhost,", folder / "play.json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return target.read_text()


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> str:
    return render(tmp_path_factory.mktemp("full"), FULL)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A public image that needs no database."""
    return render(tmp_path_factory.mktemp("bare"), {})


@dataclass
class Scene:
    """A machine to boot on. ``happens`` names what goes wrong."""

    folder: Path

    def boot(
        self, script: str, *happens: str, user: str = "10001:10001", system: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """``system`` is one that has neither Docker nor the AWS CLI yet; without it, both are there."""
        binaries = self.folder / "bin"
        binaries.mkdir()
        later = self.folder / "packages" if system else binaries
        later.mkdir(exist_ok=True)
        for name, body in STUBS.items():
            self._stub(later if name in ("docker", "aws") else binaries, name, body)
        for name, body in PACKAGE_MANAGERS.get(system, {}).items():
            self._stub(binaries, name, body)
        for tool in TOOLS if system else ():
            (binaries / tool).symlink_to(shutil.which(tool))
        if system:
            (binaries / "python3").symlink_to(sys.executable)
        (self.folder / "user-data.sh").write_text(script)
        (self.folder / "user").write_text(user)
        (self.folder / "registry.json").write_text(json.dumps({"username": "deploy", "token": TOKEN}))
        (self.folder / "database.json").write_text(json.dumps({"username": "app", "password": PASSWORD}))
        for happening in happens:
            (self.folder / happening).touch()
        environment = {
            "SCENE": str(self.folder),
            "HOSTNAME": "ip-10-0-1-2.ec2.internal",
            "PATH": "/usr/sbin:/usr/bin:/bin",
            "BARE": system,
        }
        command = [*NAMESPACE, "bash", "-c", RUN]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=60)

    @staticmethod
    def _stub(folder: Path, name: str, body: str) -> None:
        (folder / name).write_text(f'#!/bin/bash\necho "{name} $*" >>"$SCENE/calls"\n{body}exit 0\n')
        (folder / name).chmod(0o755)

    @property
    def calls(self) -> str:
        return (self.folder / "calls").read_text()

    def made(self, path: str) -> Path:
        return self.folder / "made" / path


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(tmp_path)


def test_an_instance_boots(scene: Scene, full: str) -> None:
    done = scene.boot(full)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "docker login --username deploy --password-stdin registry.example" in scene.calls
    assert "docker pull --quiet registry.example/goals/backend:1.0" in scene.calls
    assert (scene.folder / "login-input").read_text().strip() == TOKEN
    (run,) = [line for line in scene.calls.splitlines() if line.startswith("docker run")]
    assert "--restart unless-stopped" in run
    assert "--publish 8000:8000" in run
    assert "--log-opt max-size=10m" in run
    assert '--env GREETING=it\'s "here" $HOME --env ON=True' in run
    assert "--env PGHOST=db.example --env PGPORT=5432 --env PGDATABASE=goals --env PGUSER=app" in run
    assert "--env PGSSLMODE=require --env PGPASSFILE=/run/pgpass/pgpass" in run
    assert run.endswith(" registry.example/goals/backend:1.0")


@pytest.mark.parametrize("system", PACKAGE_MANAGERS)
def test_docker_and_the_aws_cli_are_installed_where_they_are_missing(scene: Scene, full: str, system: str) -> None:
    done = scene.boot(full, system=system)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "trying again" not in done.stdout
    assert "docker run" in scene.calls


def test_secrets_are_read_in_the_region_their_arn_names(scene: Scene, full: str) -> None:
    scene.boot(full)
    assert f"--region eu-west-1 --secret-id {REGISTRY_ARN}" in scene.calls
    assert f"--region us-east-1 --secret-id {DATABASE_ARN}" in scene.calls


def test_no_secret_is_in_script_output_arguments_or_units(scene: Scene, full: str) -> None:
    done = scene.boot(full)
    units = "".join(path.read_text() for path in scene.made("system").iterdir())
    programs = "".join(path.read_text() for path in scene.made("backend").rglob("*") if path.is_file())
    for text in (full, done.stdout, done.stderr, scene.calls, units):
        assert TOKEN not in text
        assert PASSWORD not in text
    assert TOKEN not in programs


def test_the_registry_login_is_forgotten(scene: Scene, full: str) -> None:
    scene.boot(full)
    assert not Path((scene.folder / "docker-config").read_text().strip()).exists()


def test_the_passfile_is_for_the_containers_user_alone(scene: Scene, full: str) -> None:
    scene.boot(full)
    passfile = scene.made("state/pgpass/pgpass")
    assert passfile.stat().st_uid == 10001
    assert passfile.read_text() == r"db.example:5432:goals:app:p\:a\\ss'$x" + "\n"
    assert passfile.stat().st_mode & 0o777 == 0o600
    assert scene.made("state/pgpass").stat().st_mode & 0o777 == 0o500
    assert scene.made("state").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(("user", "uid"), [("10001:10001", 10001), ("", 0), ("goals", 4711), ("123", 123)])
def test_the_passfiles_folder_belongs_to_the_images_user(scene: Scene, full: str, user: str, uid: int) -> None:
    done = scene.boot(full, user=user)
    assert done.returncode == 0, done.stderr
    assert scene.made("state/pgpass").stat().st_uid == uid


def test_a_timer_keeps_the_passfile_current(scene: Scene, full: str) -> None:
    scene.boot(full)
    assert "systemctl enable --now backend-passfile.timer" in scene.calls
    assert "OnUnitInactiveSec=60" in scene.made("system/backend-passfile.timer").read_text()
    assert "ExecStart=/usr/local/lib/backend/passfile" in scene.made("system/backend-passfile.service").read_text()


def test_a_refused_login_fails_the_boot_at_once(scene: Scene, full: str) -> None:
    done = scene.boot(full, "refuse-login")
    assert done.returncode != 0
    assert f"backend: boot failed: registry.example refuses the user and token in {REGISTRY_ARN}" in done.stderr
    assert scene.calls.count("docker login") == 1
    assert "docker pull" not in scene.calls
    assert TOKEN not in done.stdout + done.stderr


def test_a_network_that_stumbles_is_tried_again(scene: Scene, full: str) -> None:
    done = scene.boot(full, "flaky-login")
    assert done.returncode == 0, done.stderr
    assert scene.calls.count("docker login") == 2


def test_an_image_that_is_not_there_fails_the_boot_at_once(scene: Scene, full: str) -> None:
    done = scene.boot(full, "no-image")
    assert done.returncode != 0
    assert "registry.example doesn't give registry.example/goals/backend:1.0: manifest unknown" in done.stderr
    assert "docker run" not in scene.calls


def test_a_public_image_without_a_database_needs_neither_secret_nor_login(scene: Scene, bare: str) -> None:
    done = scene.boot(bare)
    assert done.returncode == 0, done.stderr
    assert not re.search(r"^aws |docker login|PGHOST|backend-passfile", scene.calls, re.MULTILINE)
    assert "docker run" in scene.calls
