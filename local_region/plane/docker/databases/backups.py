"""Copies of databases' data, kept as files in the region's state folder."""

from __future__ import annotations

import logging
from pathlib import Path

from local_region.plane.docker.databases.cluster import Cluster
from local_region.plane.docker.databases.servers import Servers
from local_region.plane.docker.workqueue import NotReady

log = logging.getLogger(__name__)


class Backups:
    """A backup is the compressed archive that pg_basebackup makes of a primary: all of its data, the roles included."""

    def __init__(self, servers: Servers, folder: Path) -> None:
        self._servers = servers
        self._folder = folder

    def _path(self, id_: str) -> Path:
        return self._folder / f"{id_}.tar.gz"

    def there(self, id_: str) -> bool:
        return self._path(id_).exists()

    def take(self, id_: str, cluster: Cluster) -> None:
        """Copy the primary's data as they are now; there is a backup once all of it is there."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = self._path(id_).with_suffix(".part")
        self._servers.copy_data(cluster, cluster.primary, part)
        part.rename(self._path(id_))
        log.info("database %s: backup %s has %d bytes", cluster.database.id, id_, self._path(id_).stat().st_size)

    def data(self, id_: str) -> Path:
        """Where the backup is.

        Raises:
            NotReady: it is being taken.
        """
        if not self.there(id_):
            raise NotReady(f"backup {id_} isn't there yet")
        return self._path(id_)

    def forget(self, id_: str) -> None:
        self._path(id_).unlink(missing_ok=True)
