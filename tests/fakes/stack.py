"""Tidegate's stack as the command finds it."""

from tidegate_cli.stack import Stack

MACHINE = "arn:aws:states:eu-west-1:123456789012:stateMachine:tidegate-release"
EXECUTION = "arn:aws:states:eu-west-1:123456789012:execution:tidegate-release"
STACK = Stack("tidegate", {"StateMachineArn": MACHINE, "LedgerTable": "ledger"}, {"DefaultAlias": "live"})
