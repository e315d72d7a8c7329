"""Scripts of the pages, split into the commands that they run."""

import re
import shlex
from collections.abc import Iterator

Command = list[str]

ASIDE = re.compile(r"(?:^|(?<=\s))#\s.*$", re.MULTILINE)
HERE = re.compile(r"<<-?\s*'?(\w+)'?(.*?)\n.*?^\1$", re.MULTILINE | re.DOTALL)
ASSIGNED = re.compile(r"\w+=")
KEYWORDS = {"if", "then", "else", "do", "while", "until", "!", "export", "time"}
NOTHING_RUN = {"for", "done", "fi", "case", "esac"}
JOINED = re.compile(r"\d>&\d|(?<=\s)\d(?=>)")
WHERE_TO = {"<", ">", ">>"}


def commands(script: str) -> list[Command]:
    """Give each command with its arguments, those inside of `$(…)` too, which stand as VALUE in the outer one."""
    plain, inner = _without_substitutions(JOINED.sub("", HERE.sub(r"\2", ASIDE.sub("", script))))
    return [*_commands(plain), *(command for each in inner for command in commands(each))]


def _without_substitutions(script: str) -> tuple[str, list[str]]:
    inner: list[str] = []
    while (start := script.find("$(")) >= 0:
        end = _closing(script, start + 2)
        inner.append(script[start + 2 : end])
        script = f"{script[:start]}VALUE{script[end + 1 :]}"
    return script, inner


def _closing(script: str, start: int) -> int:
    depth = 1
    for place in range(start, len(script)):
        depth += {"(": 1, ")": -1}.get(script[place], 0)
        if not depth:
            return place
    raise ValueError(f"a parenthesis is never closed: {script[start:]}")


def _commands(script: str) -> Iterator[Command]:
    lexer = shlex.shlex(script.replace("\\\n", " "), posix=True, punctuation_chars="();<>|&\n")
    lexer.whitespace, lexer.whitespace_split, lexer.commenters = " \t", True, ""
    words: Command = []
    skipping = False
    for word in [*lexer, "\n"]:
        if skipping or word in WHERE_TO:
            skipping = not skipping
        elif not set(word) - set("();|&\n") and word:
            yield from _run(words)
            words = []
        else:
            words.append(word)


def _run(words: Command) -> Iterator[Command]:
    """Give what a line runs: without keywords, assignments and loops' heads."""
    while words and (words[0] in KEYWORDS or ASSIGNED.match(words[0])):
        words = words[1:]
    if words and words[0] not in NOTHING_RUN:
        yield words
