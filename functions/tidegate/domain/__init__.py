"""The thinking: what a release is, how it moves and how its versions are compared, without AWS and without a clock.

What every part uses is here. Of the folders, `judge`, `request` and `people` come first, then `comparing`, then
`moves`; `planning`, `telling` and `starting` stand on those.
"""
