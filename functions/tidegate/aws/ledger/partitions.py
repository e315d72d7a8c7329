"""The partitions of one release, of what people said of it, and of one alias."""


def of_release(name: str) -> str:
    return f"release#{name}"


def of_decisions(name: str) -> str:
    return f"decisions#{name}"


def of_alias(target: str) -> str:
    return f"alias#{target}"
