"""Fails when anything is left in the region."""

from __future__ import annotations

from observer import left

if __name__ == "__main__":
    assert not left(), left()
    print("nothing is left")
