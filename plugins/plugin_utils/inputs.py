# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""Rules of the roles' own inputs, each a pure function: a message a fault, none when all is well."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY

# The grammar of the distribution project (github.com/distribution/reference, regexp.go).
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*)(?::[0-9]+)?"
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?P<path>(?:{_HOST}/)?{_COMPONENT}(?:/{_COMPONENT})*)(?::(?P<tag>\w[\w.-]{{0,127}}))?(?:@(?P<digest>sha256:[0-9a-f]{{64}}))?",
    re.ASCII,
)
DOCKER_HUB = "docker.io"


class Image(NamedTuple):
    """A container image reference, as docker takes it apart."""

    registry: str
    repository: str
    tag: str
    digest: str


def parse_image(reference: str) -> Image:
    """``registry.gitlab.example/goals/backend:1.0`` in its parts. ValueError when it is no image reference."""
    found = _REFERENCE.fullmatch(reference)
    if not found:
        raise ValueError(f"{reference!r} is not an image reference")
    first, _, rest = found["path"].partition("/")
    # docker: the first component is a host if it has a dot, a port, an upper-case letter, or is localhost.
    is_host = bool(rest) and (bool(re.search(r"[.:A-Z]", first)) or first == "localhost")
    registry, repository = (first, rest) if is_host else (DOCKER_HUB, found["path"])
    return Image(registry, repository, found["tag"] or ("" if found["digest"] else "latest"), found["digest"] or "")


def image_faults(reference: str, variable: str) -> list[str]:
    try:
        image = parse_image(reference)
    except ValueError as error:
        return [
            f"{variable}: {error}. Write host/path:tag in lower case, as registry.gitlab.example/goals/backend:1.0."
        ]
    port = image.registry.partition(":")[2]
    if port and not 1 <= int(port) <= 65535:
        return [f"{variable}: {reference!r} has port {port} in its registry's host. Give 1 to 65535."]
    return []


def port_faults(port: int | str, variable: str) -> list[str]:
    """A number, or its digits: what -e gives, and what a template is before ansible-core 2.19."""
    good = str(port).isdecimal() and 1 <= int(port) <= 65535
    return [] if good else [f"{variable}: {port!r} is not a port. Give 1 to 65535."]


def url_faults(url: str, variable: str) -> list[str]:
    """An http or https URL that a browser can call, one of a load balancer that is still to be made, or none."""
    if not url or KNOWN_AFTER_APPLY in url:
        return []
    try:
        parts = urlsplit(url)
        good = parts.scheme in {"http", "https"} and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        good = False
    if good and not re.search(r"[\s\"'<>\\]", url):
        return []
    return [f"{variable}: {url!r} is not a URL. Write http://host[:port][/path] or https://."]


def environment_faults(environment: dict[str, object], variable: str) -> list[str]:
    """Names that a shell and every libc take (POSIX), and single values."""
    names = [
        f"{variable}: {name!r} is not the name of an environment variable. Use letters, digits and _, no digit first."
        for name in environment
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", str(name))
    ]
    values = [
        f"{variable}: {name} is {value!r}. Give a string, a number or a boolean."
        for name, value in environment.items()
        if not isinstance(value, (str, int, float))
    ]
    return names + values


def connection_faults(connection: dict[str, object], variable: str) -> list[str]:
    """A database connection: empty for none, else with all that a client needs. Values known after apply are fine."""
    missing = [key for key in ("host", "name", "user", "secret_arn") if connection and not connection.get(key)]
    return [f"{variable}: {key} is missing. Give host, name, user and secret_arn, or {{}} for none." for key in missing]


def secret_arn_faults(arn: str, variable: str) -> list[str]:
    if arn and not re.fullmatch(r"arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:.+", arn):
        return [f"{variable}: {arn!r} is not the ARN of a secret. Write arn:aws:secretsmanager:..."]
    return []


def given_faults(value: object, variable: str) -> list[str]:
    return [] if value else [f"{variable}: {value!r} is missing. Give it, or run the role that makes it before."]


RULES: dict[str, Callable[[Any, str], list[str]]] = {
    "image": image_faults,
    "port": port_faults,
    "url": url_faults,
    "environment": environment_faults,
    "connection": connection_faults,
    "secret_arn": secret_arn_faults,
    "given": given_faults,
}
