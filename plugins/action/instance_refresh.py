# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from ansible_collections.ha_stack.aws.plugins.modules import instance_refresh
from ansible_collections.ha_stack.aws.plugins.plugin_utils.in_process import InProcess


class ActionModule(InProcess):
    module = instance_refresh
    services = ("autoscaling", "ec2", "elbv2")
    tells_progress = True
