"""From an account to a first release, by the commands of docs/deploy.md themselves, with the real SAM CLI."""

from bench import newcomer
from tests.reading import ROOT


def test_a_newcomer_comes_to_a_first_release_by_the_commands_of_the_page() -> None:
    assert (ROOT / ".venv-sam/bin/sam").exists(), "the SAM CLI is not installed: make .venv-sam/ready"
    way = newcomer.from_an_account(clock=300)
    assert way.said.split()[:4] == ["released", "checkout", "live", "1"]
    assert way.commands <= 6


def test_a_newcomer_without_an_account_needs_two_commands() -> None:
    assert newcomer.CLONING + len(newcomer.commands("README.md", "local")) <= 2
