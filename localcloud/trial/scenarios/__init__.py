"""The five releases, in the order in which they are run."""

from localcloud.trial.scenarios.brown_out import BrownOut
from localcloud.trial.scenarios.code_and_configuration import CodeAndConfiguration
from localcloud.trial.scenarios.failing import Failing
from localcloud.trial.scenarios.healthy import Healthy
from localcloud.trial.scenarios.import_error import ImportFails
from localcloud.trial.scenarios.scenario import Scenario

SCENARIOS: tuple[type[Scenario], ...] = (Healthy, ImportFails, Failing, BrownOut, CodeAndConfiguration)

__all__ = ["SCENARIOS", "Scenario"]
