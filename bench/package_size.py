"""How large the deployment package is that `sam build` made."""

from pathlib import Path

from bench.figure import Figure

PACKAGE = Path(__file__).parents[1] / ".aws-sam/build/PlanFunction"


def megabytes(package: Path) -> float:
    return sum(path.stat().st_size for path in package.rglob("*") if path.is_file()) / 1e6


def measure() -> Figure:
    built = PACKAGE.is_dir()
    return Figure(
        "deployment package unzipped, with boto3",
        round(megabytes(PACKAGE), 2) if built else None,
        "MB",
        35.0,
        "arm64, python3.13; one package for all functions" if built else "not built: there is no python3.13 here",
    )
