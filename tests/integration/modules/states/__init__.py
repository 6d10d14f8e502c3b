"""Valid desired states of modules, at random. Each is described once: Hypothesis looks a new description through."""

from tests.integration.modules.states.autoscaling_groups import autoscaling_groups
from tests.integration.modules.states.launch_templates import launch_templates
from tests.integration.modules.states.load_balancing import load_balancers, target_groups

__all__ = ["autoscaling_groups", "launch_templates", "load_balancers", "target_groups"]
