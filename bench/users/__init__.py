"""Releases to users: who meets the canary, how often a healthy one is rolled back, and what the library costs."""
