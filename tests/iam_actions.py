"""Actions of IAM, by the resources that they take."""

WITHOUT_RESOURCES = {
    "cloudwatch:DescribeAlarmHistory",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:GetMetricData",
    "cloudwatch:ListAlarmMuteRules",
    "cloudwatch:ListMetrics",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "events:ListEventBuses",
    "events:ListRuleNamesByTarget",
    "events:ListRules",
    "lambda:GetAccountSettings",
    "lambda:ListEventSourceMappings",
    "lambda:ListFunctions",
    "logs:CreateLogDelivery",
    "logs:DeleteLogDelivery",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:GetLogDelivery",
    "logs:ListLogDeliveries",
    "logs:PutResourcePolicy",
    "logs:UpdateLogDelivery",
    "scheduler:ListSchedules",
    "sns:ListSubscriptions",
    "states:ListStateMachines",
    "states:SendTaskSuccess",
    "tag:GetResources",
}
"""Actions for which IAM knows no resource (Service Authorization Reference).

Alarms have ARNs, but composite ones are told only to whoever may see all (CloudWatch API reference, DescribeAlarms).
Mute rules have ARNs, too, which AWS's pages write in two ways (alarm-mute:, alarm-mute-rule:).
"""

QUALIFIED = {
    "lambda:InvokeFunction",
    "lambda:DeleteFunction",
    "lambda:GetFunctionConfiguration",
    *(f"lambda:{action}ProvisionedConcurrencyConfig" for action in ("Delete", "Get", "Put")),
}
"""Called with a version or an alias. All others but EITHER name the plain function."""

EITHER = {"lambda:GetFunction", "lambda:GetPolicy", "lambda:GetRuntimeManagementConfig"}
