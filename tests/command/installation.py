"""Installations of our own making: an environment that has what a wheel asks for, and nothing else, from this one."""

import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.reading import ROOT


def build_wheel(folder: Path) -> Path:
    """Build the wheel of this checkout with the packages that are here."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


def pins_of(wheel: Path) -> Path:
    """Write the pins of a wheel beside it, as a release has them."""
    pins = wheel.with_name("pins.txt")
    pins.write_text(subprocess.run([ROOT / ".ci/pins", wheel], check=True, capture_output=True, text=True).stdout)
    return pins


def install(wheel: Path, folder: Path, extras: Iterable[str] = ()) -> Path:
    """Make an environment with the wheel and all that it asks for; give the folder of its programs."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    (packages,) = folder.glob("lib/python*/site-packages")
    pip = [sys.executable, "-m", "pip", "--python", str(folder / "bin/python"), "install", "--quiet"]
    subprocess.run([*pip, "--no-index", "--no-deps", "--disable-pip-version-check", str(wheel)], check=True)
    lend(packages, needed(distributions_of(packages, "tidegate"), extras))
    return folder / "bin"


def distributions_of(packages: Path, name: str) -> Distribution:
    (found,) = Distribution.discover(name=name, path=[str(packages)])
    return found


def needed(root: Distribution, extras: Iterable[str]) -> dict[str, Distribution]:
    """Give what a distribution requires, and what that requires, by name; all of it must be here."""
    found: dict[str, Distribution] = {}
    waiting = list(_requirements(root, extras))
    while waiting:
        each = waiting.pop()
        name = canonicalize_name(each.name)
        asks = name not in found
        one = found.setdefault(name, distribution(each.name))
        assert each.specifier.contains(one.version, prereleases=True), f"{each} is asked for, {one.version} is here"
        if asks or each.extras:
            waiting += [more for more in _requirements(one, each.extras) if more.name not in found]
    return found


def _requirements(one: Distribution, extras: Iterable[str]) -> Iterator[Requirement]:
    for text in one.requires or []:
        each = Requirement(text)
        if each.marker is None or any(each.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
            yield each


def lend(packages: Path, lent: dict[str, Distribution]) -> None:
    """Link what these distributions installed into another environment."""
    for one in lent.values():
        for name in {path.parts[0] for path in one.files or []} - {"..", "__pycache__"}:
            target = packages / name
            if not target.exists():
                target.symlink_to(Path(str(one.locate_file(name))))
