"""Where functions find the services of the local cloud."""

_url = "http://127.0.0.1:5000"


def use(url: str) -> None:
    """Tell execution environments that start from now on where the front is, e.g. http://127.0.0.1:4566."""
    global _url  # noqa: PLW0603 - one process holds one cloud
    _url = url


def url() -> str:
    return _url
