"""Loading moto's EC2, which its CloudFormation imports: it reads AWS's model of EC2, of 7 MB, for each partition.

All that it looks for there is the prefix of endpoints, which is "ec2" anyway. It also reads which kinds of instances
each Region offers, and nobody starts one here. Without both, a cloud starts in two thirds of the CPU.
"""

from importlib import import_module
from typing import Any
from unittest.mock import patch

from botocore.session import Session
from moto.utilities import utils


def load() -> None:
    read = utils.load_resource

    def read_unless_of_instances(path: str) -> Any:
        return {} if "instance_type" in path else read(path)

    with (
        patch.object(Session, "get_service_data", lambda _session, _service: {"metadata": {}}),
        patch.object(utils, "load_resource", read_unless_of_instances),
    ):
        import_module("moto.ec2.models.availability_zones_and_regions")


load()
