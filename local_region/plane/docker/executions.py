"""Commands in containers, as the engine's API runs them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any, NamedTuple


class Outcome(NamedTuple):
    """Of a command in a body."""

    code: int
    stdout: bytes
    stderr: bytes


def execute(
    api: Any,
    container: str,
    command: list[str],
    stdin: bytes,
    user: str,
    keep: int | None,
    file: IO[bytes] | None = None,
    patience: float | None = None,
) -> Outcome | None:
    """Run a command for as long as it takes; None when the container went off before its end.

    Raises:
        TimeoutError: it said nothing for ``patience`` seconds, and goes on.
    """
    exec_id = api.exec_create(container, command, stdin=bool(stdin), stdout=True, stderr=True, user=user)["Id"]
    out = _exchange(api.exec_start(exec_id, socket=True), stdin, keep, file, patience)
    code = api.exec_inspect(exec_id)["ExitCode"]
    return None if code is None else Outcome(code, out[1], out[2])


def _exchange(
    connection: Any, stdin: bytes, keep: int | None, file: IO[bytes] | None, patience: float | None
) -> dict[int, bytes]:
    """Hand over the input and collect both streams; the first goes into ``file`` should there be one."""
    connection._sock.settimeout(patience)
    if stdin:
        connection._sock.sendall(stdin)
        connection._sock.shutdown(1)
    out: dict[int, bytes] = {1: b"", 2: b""}
    # Not from the socket: what came together with the answer's head is in this reader already.
    for stream, chunk in _frames(connection._response.raw._fp.fp):
        if file and stream == 1:
            file.write(chunk)
        elif keep is None or len(out[stream]) < keep:
            out[stream] += chunk
    connection.close()
    return out


def _frames(reader: Any) -> Iterator[tuple[int, bytes]]:
    """The engine's multiplexed stream: a header of 8 bytes (stream, 3 x 0, length), then the chunk."""
    while len(header := reader.read(8)) == 8:
        yield header[0], reader.read(int.from_bytes(header[4:], "big"))
