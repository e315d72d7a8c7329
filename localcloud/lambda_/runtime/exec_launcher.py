"""The first thing in an execution environment that is not Python's: it becomes the program that runs the function.

Started as a script; arguments are the life line's descriptor and the program with its arguments.
"""

import os
import sys

import launcher  # type: ignore[import-not-found]  # beside this script, where a script's import path begins

if __name__ == "__main__":
    life_line, *program = sys.argv[1:]
    launcher.die_with_parent(int(life_line))
    os.execv(program[0], program)  # noqa: S606 - running the user's functions is what this is for
