"""RunInstances refuses an image or a key pair that is not there, as AWS does; moto launches from anything."""

from __future__ import annotations

from typing import Any

from moto.ec2.exceptions import InvalidAMIIdError, InvalidKeyPairNameError
from moto.ec2.models.instances import InstanceBackend

from local_region.control.patching import around


@around(InstanceBackend, "run_instances")
def refuse_unknown(original: Any, self: Any, image_id: str, *args: Any, **options: Any) -> Any:
    if image_id.startswith("ami-") and image_id not in self.amis:
        raise InvalidAMIIdError(image_id)
    key = options.get("key_name")
    if key and key not in self.key_pairs:
        raise InvalidKeyPairNameError(key)
    return original(self, image_id, *args, **options)
