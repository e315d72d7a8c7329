"""Where the project file is: without reading it, since most calls have none."""

from pathlib import Path

NAME = "tidegate.yaml"


def find(folder: Path) -> Path | None:
    """Return the nearest project file, from a folder upwards to the root of its repository or the home directory."""
    home = Path.home()
    for each in (folder, *folder.parents):
        if (each / NAME).is_file():
            return each / NAME
        if (each / ".git").exists() or each == home:
            return None
    return None
