"""Links into the AWS console: each partition has one of its own."""

import botocore.session
import pytest

from tests.reading import template, texts
from tidegate.domain.partition import PARTITIONS, execution_link, log_link, machine_link, partition_of

HOMES = {
    ("aws", "eu-west-1"): "https://eu-west-1.console.aws.amazon.com",
    ("aws-cn", "cn-northwest-1"): "https://cn-northwest-1.console.amazonaws.cn",
    ("aws-us-gov", "us-gov-east-1"): "https://us-gov-east-1.console.amazonaws-us-gov.com",
    ("aws-eusc", "eusc-de-east-1"): "https://eusc-de-east-1.console.amazonaws-eusc.eu",
}


@pytest.mark.parametrize(("place", "home"), HOMES.items())
def test_a_link_leads_to_the_console_of_its_partition_and_region(place: tuple[str, str], home: str) -> None:
    partition, region = place
    machine = f"arn:{partition}:states:{region}:123456789012:stateMachine:tidegate-release"
    execution = f"arn:{partition}:states:{region}:123456789012:execution:tidegate-release:checkout-7"
    states = f"{home}/states/home?region={region}"
    assert execution_link(execution) == f"{states}#/v2/executions/details/{execution}"
    assert machine_link(machine) == f"{states}#/statemachines/view/{machine}"
    assert log_link(region, "/aws/lambda/checkout", "7").startswith(f"{home}/cloudwatch/home?region={region}#logsV2:")


def test_the_outputs_of_the_stack_lead_to_the_same_consoles() -> None:
    hosts = template()["Mappings"]["Consoles"]
    assert {partition: each["Host"] for partition, each in hosts.items()} == {
        partition.name: partition.console for partition in PARTITIONS
    }
    assert not [text for text in texts(template()["Outputs"]) if "console.aws" in text]


@pytest.mark.parametrize("name", [partition.name for partition in PARTITIONS])
def test_regions_and_domains_of_a_partition_are_those_that_botocore_knows(name: str) -> None:
    data = botocore.session.get_session().get_component("data_loader").load_data("endpoints")
    (known,) = (each for each in data["partitions"] if each["partition"] == name)
    for region in set(known["regions"]) - {"aws-global"}:
        assert (partition_of(region).name, partition_of(region).domain) == (name, known["dnsSuffix"])
