"""What launch_template leaves out of CreateLaunchTemplate: path -> reason. A path speaks for all that is below it."""

from __future__ import annotations

LEFT_OUT = {
    "DryRun": "Check mode tells what a run would do; whether the credentials may do it, EC2 tells when it is done.",
    "ClientToken": "botocore makes one for each request, and a name can be taken once only.",
    "Operator": "For AWS's own services that manage templates in an account.",
    "LaunchTemplateData.Operator": "For AWS's own services that manage instances in an account.",
    "LaunchTemplateData.ElasticGpuSpecifications": "AWS ended Elastic Graphics on 8 January 2024.",
    "LaunchTemplateData.ElasticInferenceAccelerators": "AWS no longer has Elastic Inference.",
    "LaunchTemplateData.SecurityGroups": "By name for default VPCs alone; security_group_ids name those of every VPC.",
    "LaunchTemplateData.Placement.SpreadDomain": "Reserved for future use, as the API reference says.",
    "LaunchTemplateData.InstanceMarketOptions.SpotOptions.BlockDurationMinutes": "AWS ended Spot blocks; deprecated.",
}
