"""The logic of releases, without AWS and without a clock.

Shared modules are here. `judge`, `request` and `control` are the base of `analysis`, which is the base of `rollout`;
`planning`, `events` and `triggers` build on all of them.
"""
