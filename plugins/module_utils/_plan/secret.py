# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

"""What should change about a secret. The plan says that a value changes, and never what it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.ha_stack.aws.plugins.module_utils._model.change import Plan
from ansible_collections.ha_stack.aws.plugins.module_utils._model.secret import (
    ANOTHER,
    NOT_SHOWN,
    Secret,
    is_key,
    is_same,
)
from ansible_collections.ha_stack.aws.plugins.module_utils._model.values import KNOWN_AFTER_APPLY, UNSET
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.compare import compare, keep_tags, settle

KIND = "secret"


def plan(want: Secret | None, have: Secret | None, params: Mapping[str, Any]) -> Plan:
    if want is None:
        return compare(KIND, have.name, None, have) if have else ()
    return compare(KIND, want.name, keep_tags(completed(want, have), have, params["purge_tags"]), have)


def completed(want: Secret, have: Secret | None) -> Secret:
    """``want`` with what stands for its value, and in the words of what is there; not to be deleted any more."""
    if have is None:
        return replace(want, value=UNSET if want.secret is UNSET else NOT_SHOWN)
    key = have.kms_key_id if want.kms_key_id and is_key(want.kms_key_id, have.kms_key_id) else want.kms_key_id
    return replace(want, value=_value(want, have), kms_key_id=key, deletion_date=None)


def _value(want: Secret, have: Secret) -> Any:
    """A value that can't be read, as of a secret that is to be deleted, is written anew."""
    if want.secret is UNSET:
        return UNSET
    kept = have.value and (want.update_value == "on_create" or is_same(want.secret, have.secret))
    return have.value if kept else ANOTHER


def settled(want: Secret, have: Secret | None) -> Secret:
    """A new value is a new version, whose id is not known before."""
    whole = completed(want, have)
    after = settle(whole, have)
    if have is None:
        return replace(after, version_id=None if want.secret is UNSET else KNOWN_AFTER_APPLY)
    return replace(after, version_id=KNOWN_AFTER_APPLY) if whole.value == ANOTHER else after
