"""PostgreSQL as the region runs it: its configuration, its words, and whether a server answers."""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import socket

from local_region.plane.docker.firewall import PROBE_MARK

PROBE_TIMEOUT = 1.5  # seconds; a busy host makes its members wait as well
# PostgreSQL's GSSENCRequest: answered by one byte, G or N, and not logged when the client then leaves.
GSS_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x30"


def scram_verifier(password: str, salt: bytes | None = None, iterations: int = 4096) -> str:
    """What PostgreSQL keeps of a password (RFC 5803), so that the password itself never reaches the server."""
    salt = os.urandom(16) if salt is None else salt
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
    stored = hashlib.sha256(hmac.digest(salted, b"Client Key", "sha256")).digest()
    server = hmac.digest(salted, b"Server Key", "sha256")
    words = [base64.b64encode(part).decode() for part in (salt, stored, server)]
    return f"SCRAM-SHA-256${iterations}:{words[0]}${words[1]}:{words[2]}"


def identifier(name: str) -> str:
    """A quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def configuration(port: int) -> str:
    """postgresql.conf of every member."""
    return f"""\
listen_addresses = '*'
port = {port}
hba_file = '/var/lib/postgresql/data/pg_hba.conf'
ident_file = ''
unix_socket_directories = '/run/postgresql'
ssl = on
ssl_cert_file = '/run/postgresql/tls/server.crt'
ssl_key_file = '/run/postgresql/tls/server.key'
ssl_ca_file = '/run/postgresql/tls/ca.crt'
password_encryption = 'scram-sha-256'
shared_buffers = 64MB
max_connections = 100
wal_level = replica
max_wal_senders = 5
wal_keep_size = 256MB
hot_standby = on
wal_retrieve_retry_interval = 200ms
wal_receiver_status_interval = 1s
wal_receiver_timeout = 10s
wal_sender_timeout = 10s
tcp_user_timeout = 5000
log_destination = 'stderr'
log_min_error_statement = panic
"""


def following(address: str, port: int) -> str:
    """Statements after which a read replica follows the server at ``address``. A standby's name is its role's, so
    that a primary awaits none but its standby."""
    tls = "/run/postgresql/tls"
    client = f"sslmode=verify-ca sslrootcert={tls}/ca.crt sslcert={tls}/server.crt sslkey={tls}/server.key"
    source = f"host={address} port={port} user=replicator {client} connect_timeout=2 application_name=replica"
    return f"ALTER SYSTEM SET primary_conninfo = '{source}';\nSELECT pg_reload_conf();\n"


def answers(address: str, port: int) -> bool:
    """Whether a PostgreSQL server answers there. The mark lets the probe past the rule that keeps the host out of
    VPCs."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as connection:
        connection.settimeout(PROBE_TIMEOUT)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_MARK, PROBE_MARK)
        try:
            connection.connect((address, port))
            connection.sendall(GSS_REQUEST)
            return connection.recv(1) in (b"G", b"N")
        except OSError:
            return False
