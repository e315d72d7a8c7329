"""Loading moto's EC2, which its CloudFormation imports: it reads AWS's model of EC2, of 7 MB, for each partition.

All that it looks for there is the prefix of endpoints, which is "ec2" anyway. Without that a cloud starts in a quarter
less CPU.
"""

from importlib import import_module
from unittest.mock import patch

from botocore.session import Session


def load() -> None:
    with patch.object(Session, "get_service_data", lambda _session, _service: {"metadata": {}}):
        import_module("moto.ec2.models.availability_zones_and_regions")


load()
