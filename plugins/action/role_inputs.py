# Copyright: ha_stack.aws contributors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.ha_stack.aws.plugins.plugin_utils.inputs import RULES
from ansible_collections.ha_stack.aws.plugins.plugin_utils.option_faults import MODULES, filled, option_faults

MODULE = {
    "module": {"type": "str", "required": True},
    "variables": {"type": "dict", "default": {}},
    "options": {"type": "dict", "default": {}},
    "names": {"type": "dict", "default": {}},
}
OPTIONS: dict[str, Any] = {
    "rules": {"type": "dict", "default": {}},
    "modules": {"type": "list", "elements": "dict", "default": [], "options": MODULE},
    "faults": {"type": "list", "elements": "str", "default": []},
}
# What the roles ask. Imported here, where Ansible has not forked yet, a module is compiled once and not once a task.
for _name in (
    "network", "security_groups", "db_instance", "target_group", "load_balancer", "listener_rule", "launch_template",
    "autoscaling_group", "instance_refresh", "metric_alarm", "s3_website",
):  # fmt: skip
    import_module(f"{MODULES}.{_name}")


class ActionModule(ActionBase):
    """Faults of variables, found without asking anyone: no module runs, and no template is made for them."""

    def run(self, tmp: Any = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        variables = task_vars or {}
        _, given = self.validate_argument_spec(OPTIONS)

        def value(name: str) -> Any:
            if name not in variables:
                raise AnsibleActionFail(f"role_inputs: there is no variable {name}.")
            return self._templar.template(variables[name])

        faults = [*given["faults"], *_rule_faults(given["rules"], value)]
        faults += [fault for asked in given["modules"] for fault in _module_faults(asked, value)]
        if faults:
            told = list(dict.fromkeys(faults))  # two modules may say the same of one variable
            result.update(failed=True, faults=told, msg="\n".join(told))
        return result


def _rule_faults(rules: dict[str, str], value: Callable[[str], Any]) -> list[str]:
    unknown = sorted(set(rules.values()) - RULES.keys())
    if unknown:
        raise AnsibleActionFail(f"role_inputs: no rule {', '.join(unknown)}; there are {', '.join(RULES)}.")
    return [fault for variable, rule in rules.items() for fault in RULES[rule](value(variable), variable)]


def _module_faults(asked: dict[str, Any], value: Callable[[str], Any]) -> list[str]:
    values = {option: value(variable) for option, variable in asked["variables"].items()}
    names = {**asked["variables"], **asked["names"]}
    try:
        return option_faults(filled(asked["options"], values), asked["module"], names)
    except (ImportError, AttributeError) as error:
        raise AnsibleActionFail(f"role_inputs: {asked['module']!r} is no module that manages a resource.") from error
    except (LookupError, TypeError) as error:
        raise AnsibleActionFail(f"role_inputs: options has no place for one of {', '.join(values)}.") from error
