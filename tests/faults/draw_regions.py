"""Everything that is drawn for one release of two Regions."""

from dataclasses import dataclass, replace

from tests.faults.region_troubles import ENDINGS, RECOVER, Ended, ParentDisturbed, RecoverDisturbed, RegionTrouble
from tests.faults.regions import ACCOUNTS, ONE_IN, Regions, regions_outline
from tests.workflow.elsewhere import HOME


@dataclass(frozen=True)
class RegionsScenario:
    release: Regions
    troubles: tuple[RegionTrouble, ...]

    @property
    def reaches_recover(self) -> bool:
        return any(trouble.reaches_recover for trouble in self.troubles)


def draw_regions(seed: int, number: int) -> RegionsScenario:
    """Draw such a release: an execution of it ends otherwise than by itself, a call goes wrong, or both."""
    release, random = regions_outline(seed, number)
    turn = release.number // ONE_IN
    kinds: list[type[RegionTrouble]] = [ENDINGS[turn % len(ENDINGS)]]
    if turn % 3 == 1:
        kinds.append(ParentDisturbed)
    if turn % 6 == 2:  # without an execution that ends otherwise, Recover would have nothing to do
        kinds.append(RecoverDisturbed)
    troubles = [kind.draw(random, release) for kind in kinds]
    return RegionsScenario(release, tuple(_of_the_same_region(trouble, troubles[0]) for trouble in troubles))


def _of_the_same_region(trouble: RegionTrouble, first: RegionTrouble) -> RegionTrouble:
    """Disturb the Recover function that has something to do: where a child ended, or that of the parent."""
    if not isinstance(trouble, RecoverDisturbed) or not isinstance(first, Ended):
        return trouble
    account = next((account for region, account in ACCOUNTS.items() if region in first.ends), HOME)
    return replace(trouble, role=RECOVER.format(account))
