#!/usr/bin/python
# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

DOCUMENTATION = r"""
---
module: launch_template
short_description: Manage an EC2 launch template, with a new version only when something changes
version_added: 0.1.0
author: ha_stack.aws contributors (@ha-stack)
description:
  - Creates, changes and deletes a launch template.
  - A version can't be changed, so a change makes a new one. The options are compared with the newest version, with
    O(default_version=keep) with the default one first. No version is made when nothing differs.
  - A new version keeps everything of the compared one that is not given, also what this module has no option for.
  - An empty string, list or dictionary takes a setting away.
options:
  name:
    description: The template's name, 3 to 128 letters, digits and any of V((), V(\)), V(.), V(-), V(/) and V(_).
    type: str
    required: true
  image_id:
    description:
      - The AMI, as V(ami-...), or as V(resolve:ssm:/aws/service/...) with the name of a public or an own SSM parameter.
      - The module looks the parameter up and writes the AMI's id into the template, because the automatic rollback of
        an instance refresh is refused where the template names a parameter.
        A newer AMI behind the parameter is a change.
    type: str
  instance_type:
    description: The instance type, such as V(t3.micro).
    type: str
  user_data:
    description:
      - What instances run at their first boot, as plain text of at most 16384 bytes.
        It is encoded by the module and compared by content.
      - Results, differences and logs show a fingerprint only.
    type: str
  instance_profile:
    description: The instance profile that gives instances their IAM role, by name or ARN.
    type: str
  security_group_ids:
    description: The instances' security groups, exactly these.
    type: list
    elements: str
  key_name:
    description: The key pair for SSH.
    type: str
  ebs_optimized:
    description: Whether instances have bandwidth of their own to their volumes. Current instance types always have.
    type: bool
  monitoring:
    description: Whether CloudWatch gets metrics each minute (detailed monitoring) instead of every five.
    type: bool
  metadata_options:
    description:
      - How instances reach their metadata. This option's defaults hold when it is not given too, so that
        version 2 of the metadata service is required unless V(optional) is asked for.
    type: dict
    suboptions:
      http_tokens:
        description: Whether a session token, version 2 of the service, is required.
        type: str
        choices: [required, optional]
        default: required
      http_put_response_hop_limit:
        description: How many network hops the token may travel, 1 to 64. Containers with a network of their own need 2.
        type: int
        default: 1
      http_endpoint:
        description: Whether the metadata service is there at all.
        type: str
        choices: [enabled, disabled]
      instance_metadata_tags:
        description: Whether the instance's tags are among its metadata.
        type: str
        choices: [enabled, disabled]
  volumes:
    description:
      - The EBS volumes, exactly these.
      - What is not given for a volume is left to the AMI, or as it is in the newest version.
    type: list
    elements: dict
    suboptions:
      device_name:
        description: The device, such as V(/dev/xvda), which is the root volume of Amazon Linux.
        type: str
        required: true
      size:
        description: The size in GiB.
        type: int
      type:
        description: The volume's type.
        type: str
        choices: [gp3, gp2, io1, io2, st1, sc1, standard]
        default: gp3
      encrypted:
        description: Whether the volume is encrypted.
        type: bool
        default: true
      iops:
        description: Operations a second, for V(gp3), V(io1) and V(io2).
        type: int
      throughput:
        description: Throughput in MiB/s, for V(gp3).
        type: int
      kms_key_id:
        description: The KMS key that encrypts the volume, instead of the account's default key.
        type: str
      delete_on_termination:
        description: Whether the volume goes with its instance.
        type: bool
        default: true
  instance_tags:
    description: Tags of the instances that are launched, exactly these.
    type: dict
  volume_tags:
    description: Tags of their volumes, exactly these.
    type: dict
  version_description:
    description: What to write on a version that this run makes. It is not compared.
    type: str
  default_version:
    description:
      - What becomes of the template's default version. V(latest), the version with these settings becomes the default.
      - V(keep), the default stays what it is, as the version that has proved itself. A version with these settings is
        made beside it, unless the default or the newest one has them. RV(launch_template.version) tells which it is.
      - A number, given alone, makes that version the default.
    type: str
    default: latest
  keep_versions:
    description:
      - Delete versions but the newest that many. The default version stays, and so does every version that an
        instance runs from. All versions are kept when this is not given.
    type: int
extends_documentation_fragment:
  - ha_stack.aws.common
  - ha_stack.aws.common.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
"""

EXAMPLES = r"""
- name: A template of the newest Amazon Linux 2023
  ha_stack.aws.launch_template:
    name: goals
    image_id: resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64
    instance_type: t3.micro
    instance_profile: goals-backend
    security_group_ids: [sg-0123456789abcdef0]
    user_data: "{{ lookup('template', 'user_data.sh.j2') }}"
    volumes:
      - device_name: /dev/xvda
        size: 16
    instance_tags:
      Name: goals
    tags:
      stack: goals
  register: template

- name: The group that launches from exactly this version
  ha_stack.aws.autoscaling_group:
    name: goals
    launch_template:
      id: "{{ template.launch_template.id }}"
      version: "{{ template.launch_template.latest_version }}"
    subnet_ids: [subnet-0123456789abcdef0, subnet-0fedcba9876543210]
    min_size: 2
    max_size: 3

- name: No template
  ha_stack.aws.launch_template:
    name: goals
    state: absent
"""

RETURN = r"""
launch_template:
  description:
    - The template as it is after the run, with the settings of one version. Empty when absent.
    - In check mode RV(launch_template.latest_version) is the number that the next version gets, if one would be made.
  type: dict
  returned: always
  contains:
    id:
      description: Its id.
      type: str
      sample: lt-0123456789abcdef0
    version:
      description: The number of the version that has these settings.
      type: int
      sample: 3
    latest_version:
      description: The number of the newest version.
      type: int
      sample: 3
    default_version:
      description: The number of the default version.
      type: int
      sample: 3
    image_id:
      description: The AMI, also where O(image_id) names a parameter.
      type: str
      sample: ami-0123456789abcdef0
    user_data:
      description: The fingerprint of the user data.
      type: str
      sample: sha256:2c26b46b68ffc68f (1024 bytes)
plan:
  description: The changes, in the order they are made.
  type: list
  elements: str
  returned: always
  sample: [update launch template goals]
pending:
  description: What a run with O(wait=false) leaves for one that waits, in words. Null where nothing is left.
  type: str
  returned: always
  sample: null
"""

from ansible_collections.ha_stack.aws.plugins.module_utils._aws import launch_template as api
from ansible_collections.ha_stack.aws.plugins.module_utils._model import launch_template as model
from ansible_collections.ha_stack.aws.plugins.module_utils._plan.launch_template import plan, settled
from ansible_collections.ha_stack.aws.plugins.module_utils._reconcile import Resource, run_module

RESOURCE = Resource(
    name="launch_template",
    options=model.OPTIONS,
    faults=model.faults,
    desired=model.from_params,
    resolve=api.resolve,
    read=api.read,
    plan=plan,
    operations=api.OPERATIONS,
    made=api.made,
    pending=model.pending,
    settled=settled,
)


def main() -> None:
    run_module(RESOURCE)


if __name__ == "__main__":
    main()
