"""Unit tests that draw examples draw as many as the property tests."""

from tests.property.examples import load_profile

load_profile()
