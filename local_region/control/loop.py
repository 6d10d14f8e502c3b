"""Moves the region on: gives the plane the world, and what it observed to the behaviours, again and again."""

from __future__ import annotations

import contextlib
import logging
import threading

from local_region.control import images
from local_region.control.backends import backends
from local_region.control.cloudfront_edge import names as distributions
from local_region.control.moment import Moment
from local_region.control.observe import STEPS
from local_region.control.s3_website import host_of, websites
from local_region.control.snapshot import snapshot
from local_region.settings import Settings
from local_region.timing import Clock
from local_region.world import DataPlane, World

log = logging.getLogger(__name__)
TICK = 0.2  # seconds between two looks when nothing wakes the loop


class Loop:
    """A thread. ``wake`` may be called from any other; moto is touched only with the API's lock held."""

    def __init__(self, settings: Settings, plane: DataPlane) -> None:
        self.backends = backends(settings)
        images.register(self.backends)
        self._clock = Clock(settings.time_scale, settings.delays)
        self._plane = plane
        self._given: World | None = None
        self._published: dict[str, tuple[str, ...]] = {}
        self._woken = threading.Event()
        self._stopping = False
        self._thread: threading.Thread | None = None

    def wake(self) -> None:
        """Something may have changed: look at once."""
        self._woken.set()

    def start(self, lock: contextlib.AbstractContextManager[object]) -> None:
        self._thread = threading.Thread(target=self._run, args=(lock,), daemon=True, name="loop")
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._woken.set()
        if self._thread:
            self._thread.join()

    def _run(self, lock: contextlib.AbstractContextManager[object]) -> None:
        failure = ""
        while not self._stopping:
            self._woken.clear()
            try:
                self.turn(lock)
                failure = ""
            except Exception as error:
                if failure != repr(error):  # said once, not at every turn
                    log.exception("a turn of the region's loop failed; the next one tries again")
                failure = repr(error)
            self._woken.wait(TICK)

    def turn(self, lock: contextlib.AbstractContextManager[object]) -> None:
        """One round: world to the plane, observation to the behaviours."""
        with lock:
            world = snapshot(self.backends)
            names: dict[str, tuple[str, ...]] = dict.fromkeys(
                [*(host_of(bucket, self.backends.ec2.region_name) for bucket in websites(self.backends)),
                 *distributions(self.backends)], ()
            )  # fmt: skip
        if names != self._published and (publish := getattr(self._plane, "publish_names", None)):
            publish(names)
            self._published = names
        if world != self._given:
            self._plane.apply(world)
            self._given = world
        observed = self._plane.observe()
        with lock:
            moment = Moment(self.backends, observed, self._clock)
            for step in STEPS:
                step(moment)
