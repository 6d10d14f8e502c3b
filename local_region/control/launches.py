"""RunInstances: what moto leaves out of the launch template, and the refusals that AWS makes where moto launches."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.ec2.exceptions import InvalidAMIIdError, InvalidKeyPairNameError
from moto.ec2.models.instances import InstanceBackend

from local_region.control.patching import around


@around(InstanceBackend, "run_instances")
def launch(original: Any, self: Any, image_id: str | None, *args: Any, **options: Any) -> Any:
    """The image, the metadata options and the instance profile are the template's where the call gives none."""
    template: Mapping[str, Any] = {}
    if options.get("launch_template"):
        template = self._get_template_from_args(options["launch_template"]).data
    image = image_id or template.get("ImageId") or ""
    if image.startswith("ami-") and image not in self.amis:
        raise InvalidAMIIdError(image)
    key = options.get("key_name")
    if key and key not in self.key_pairs:
        raise InvalidKeyPairNameError(key)
    options["metadata_options"] = options.get("metadata_options") or template.get("MetadataOptions") or {}
    reservation = original(self, image or image_id, *args, **options)
    if not (options.get("iam_instance_profile_name") or options.get("iam_instance_profile_arn")):
        for instance in reservation.instances:
            give_profile(self, instance, template.get("IamInstanceProfile"))
    return reservation


def give_profile(ec2: Any, instance: Any, profile: Mapping[str, str] | None) -> None:
    if profile:
        ec2.associate_iam_instance_profile(
            instance_id=instance.id,
            iam_instance_profile_name=profile.get("Name"),
            iam_instance_profile_arn=profile.get("Arn"),
        )
