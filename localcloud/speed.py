"""What commands take as the factor of the clock."""

import math
from typing import Any

import click


class Speed(click.FloatRange):
    """A range that holds no nan, which compares with no bound."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is no number of times.", param, ctx)
        return number
