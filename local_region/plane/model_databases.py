"""Databases without bodies: they do what is asked of them after its delay."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from local_region.timing import Clock
from local_region.world import Cause, Database, DatabaseEvent, DatabaseState, Happening, World


@dataclass
class _Model:
    """``zones``: the primary's and those that a standby can be in."""

    zones: list[str]
    state: DatabaseState
    rebooting: bool = False
    recovering: bool = False  # the standby

    def tell(self, what: Happening, cause: Cause | None = None) -> None:
        self.state = replace(self.state, events=(*self.state.events, DatabaseEvent(datetime.now(UTC), what, cause)))


class ModelDatabases:
    """Every one of a world."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._models: dict[str, _Model] = {}

    def observe(self, world: World) -> dict[str, DatabaseState]:
        """Each database's state; one that is no longer in ``world`` is gone."""
        self._models = {d.id: self._models.get(d.id) or self._model(d, world) for d in world.databases}
        for database in world.databases:
            self._move_on(database, self._models[database.id])
        return {id_: model.state for id_, model in self._models.items()}

    def _model(self, database: Database, world: World) -> _Model:
        zone_of = {subnet.id: subnet.zone for subnet in world.subnets}
        zones = list(dict.fromkeys(zone_of[subnet] for subnet in database.subnet_ids if subnet in zone_of))
        for delay in ("creating", "rebooting", "standby"):
            self._clock.forget(f"database.{delay}", database.id)
        state = DatabaseState("creating", zones[0] if zones else None)
        return _Model(zones, replace(state, reboots=database.reboots, failovers=database.failovers))

    def _move_on(self, database: Database, model: _Model) -> None:
        if model.state.status == "creating":
            if self._clock.over("database.creating", database.id):
                model.state = replace(model.state, status="available", standby_zone=_standby_zone(database, model))
        elif (model.state.reboots, model.state.failovers) != (database.reboots, database.failovers):
            self._reboot(database, model)
        elif model.state.standby_zone != _standby_zone(database, model):
            self._change_standby(database, model)

    def _reboot(self, database: Database, model: _Model) -> None:
        """The standby takes over when there is one: then there is none for a while."""
        failover = model.state.failovers != database.failovers
        if not model.rebooting:
            model.rebooting = True
            model.tell("failover started" if failover else "shutdown")
        if not self._clock.over("database.rebooting", database.id):
            return
        self._clock.forget("database.rebooting", database.id)
        model.rebooting = False
        model.tell("restarted")
        if failover:
            model.zones[:2] = reversed(model.zones[:2])
            model.tell("failover completed", "requested")
            model.tell("standby recovery started")
            model.recovering = True
            model.state = replace(model.state, zone=model.zones[0], standby_zone=None)
        model.state = replace(model.state, reboots=database.reboots, failovers=database.failovers)

    def _change_standby(self, database: Database, model: _Model) -> None:
        if self._clock.over("database.standby", database.id):
            self._clock.forget("database.standby", database.id)
            model.state = replace(model.state, standby_zone=_standby_zone(database, model))
            if model.recovering:
                model.recovering = False
                model.tell("standby recovery completed")


def _standby_zone(database: Database, model: _Model) -> str | None:
    return model.zones[1] if database.multi_az and len(model.zones) > 1 else None
