"""Compares two versions by their counts per minute; keeps no state and needs the standard library alone.

References: Howard, Ramdas et al. 2021 (time-uniform mixtures); Lindon and Malek, NeurIPS 2022
(anytime-valid inference for counts); Lindon, Sanden and Shirikian, KDD 2022 (rapid regression detection).
"""

from tidegate.domain.judge.information import step_mde
from tidegate.domain.judge.minute import Minute
from tidegate.domain.judge.rule import Judgement, Verdict, judge

__all__ = ["Judgement", "Minute", "Verdict", "judge", "step_mde"]
