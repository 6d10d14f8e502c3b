"""Fails when the region has had a call that changes anything."""

from __future__ import annotations

from observer import calls, writes

assert calls(), "the region has had no call at all"
assert not writes(), writes()
