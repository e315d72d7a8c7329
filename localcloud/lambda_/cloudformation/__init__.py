"""Functions and what belongs to them as CloudFormation resources."""

from moto.cloudformation import parsing

from localcloud.lambda_.cloudformation import event_configs, functions, qualified, urls  # noqa: F401 - moto finds them by itself


def install() -> None:
    """Have moto look its resource classes up again, these among them."""
    parsing.get_model_list.cache_clear()
    parsing.get_model_map.cache_clear()
    parsing.get_name_type_map.cache_clear()
