"""What of Auto Scaling's requests has no option: its path -> why."""

from __future__ import annotations

ZONES = "without subnets of a VPC it means EC2's default subnets, which a stack has none of; subnet_ids have the zones"
LEFT_OUT = {
    "CreateAutoScalingGroup": {
        "LaunchConfigurationName": "launch configurations get no new features, and new accounts can't make any",
        "InstanceId": "makes a launch configuration of an instance",
        "LoadBalancerNames": "a Classic Load Balancer is one of traffic_sources",
        "AvailabilityZones": ZONES,
        "AvailabilityZoneIds": ZONES,
        "Context": "reserved by AWS",
        "Operator": "for services of AWS that manage a group; no other caller could change it any more",
        "Tags.ResourceId": "the group's own name, which the call itself takes from it",
        "Tags.ResourceType": "a group's tag is of a group",
    },
    "UpdateAutoScalingGroup": {
        "LaunchConfigurationName": "launch configurations get no new features, and new accounts can't make any",
        "AvailabilityZones": ZONES,
        "AvailabilityZoneIds": ZONES,
        "Context": "reserved by AWS",
    },
    "StartInstanceRefresh": {},
    "PutScalingPolicy": {"MinAdjustmentStep": "AWS has it for backward compatibility: min_adjustment_magnitude"},
    "PutLifecycleHook": {},
    "PutScheduledUpdateGroupAction": {"Time": "no longer used by AWS"},
    "PutNotificationConfiguration": {},
    "PutWarmPool": {},
}
