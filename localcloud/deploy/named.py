"""What CloudFormation resources share whose `Ref` is their name, and whose one attribute is their ARN."""


class NamedResource:
    """Not one of moto's models itself: moto makes only what is one directly."""

    def __init__(self, name: str, arn: str) -> None:
        self.name = name
        self.arn = arn

    @property
    def physical_resource_id(self) -> str:
        return self.name

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        return attr == "Arn"

    def get_cfn_attribute(self, attribute_name: str) -> str:
        assert attribute_name == "Arn"
        return self.arn
