"""How large the deployment package is that `sam build` made."""

from pathlib import Path

from bench.figure import Figure

PACKAGE = Path(__file__).parents[1] / ".aws-sam/build/PlanFunction"
IN_THE_RUNTIME = {"boto3", "botocore", "s3transfer"}


def megabytes(package: Path) -> float:
    files = (path for path in package.rglob("*") if path.is_file())
    ours = (path for path in files if path.relative_to(package).parts[0] not in IN_THE_RUNTIME)
    return sum(path.stat().st_size for path in ours) / 1e6


def measure() -> Figure:
    built = PACKAGE.is_dir()
    return Figure(
        "deployment package unzipped, without boto3",
        round(megabytes(PACKAGE), 2) if built else None,
        "MB",
        20.0,
        "arm64, python3.13; one package for all functions" if built else "not built: there is no python3.13 here",
    )
