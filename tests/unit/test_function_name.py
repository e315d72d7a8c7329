"""Every form in which a function can be named is understood; others are refused with a sentence."""

import pytest

from tidegate.domain.function_name import FunctionName, parse

HOME = {"account": "123456789012", "region": "eu-west-1"}
ARN = "arn:aws:lambda:eu-west-1:123456789012:function:checkout"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("checkout", FunctionName("checkout")),
        ("checkout:live", FunctionName("checkout", "live")),
        ("checkout:42", FunctionName("checkout", "42")),
        ("checkout:$LATEST", FunctionName("checkout", "$LATEST")),
        ("123456789012:live", FunctionName("123456789012", "live")),
        ("function", FunctionName("function")),
        ("function:checkout", FunctionName("checkout")),
        ("function:checkout:live", FunctionName("checkout", "live")),
        ("123456789012:function:checkout", FunctionName("checkout", account="123456789012")),
        ("123456789012:function:checkout:live", FunctionName("checkout", "live", account="123456789012")),
        ("eu-west-1:123456789012:function:checkout", FunctionName("checkout", None, **HOME)),
        (ARN, FunctionName("checkout", partition="aws", **HOME)),
        (f"{ARN}:live", FunctionName("checkout", "live", partition="aws", **HOME)),
        (
            "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:checkout:7",
            FunctionName("checkout", "7", "123456789012", "us-gov-west-1", "aws-us-gov"),
        ),
        (
            "arn:aws-eusc:lambda:eusc-de-east-1:123456789012:function:function",
            FunctionName("function", None, "123456789012", "eusc-de-east-1", "aws-eusc"),
        ),
    ],
)
def test_a_name_is_understood_in_every_form_that_lambda_takes(text: str, expected: FunctionName) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is not a function name"),
        (" checkout", "is not a function name"),
        ("checkout\n", "has an invisible character"),
        ("\ufeffcheckout", "has an invisible character, such as a line break or a byte order mark"),
        ("checkout,basket", "has a comma: name each function separately"),
        ("ché", "is not a function name"),
        ("x" * 65, "is not a function name"),
        ("x" * 171, "is longer than the 170 characters"),
        ("checkout:", 'the qualifier ""'),
        ("checkout:a b", 'the qualifier "a b"'),
        ("checkout:\x1b]52;c\x07", "has an invisible character"),
        ("checkout:live:1", "is not a function name or ARN"),
        ("arn:aws:lambda", "is not a complete function ARN"),
        ("arn:aws:lambda:eu-west-1:123456789012:function", "is not a function name or ARN"),
        ("arn:aws:sns:eu-west-1:123456789012:checkout", 'is an ARN of "sns"'),
        ("arn:aws:lambda:eu-west-1:123456789012:layer:shared:7", 'is the ARN of "layer"'),
        ("arn:aws:lambda:eu-west-1:1234:function:checkout", '"1234" is not a valid account'),
        ("arn:aws:lambda:europe:123456789012:function:checkout", '"europe" is not a valid Region'),
        ("arn::lambda:eu-west-1:123456789012:function:checkout", '"" is not a valid partition'),
        ("nobody:function:checkout", '"nobody" is not a valid account'),
    ],
)
def test_what_names_no_function_is_refused_with_a_sentence(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r"^(is|has) ") as refused:
        parse(text)
    assert said in str(refused.value)
    assert str(refused.value).isprintable()


def test_the_number_of_a_version_is_no_alias() -> None:
    assert (parse("checkout:42").version, parse("checkout:42").alias) == ("42", None)
    assert (parse("checkout:live").version, parse("checkout:live").alias) == (None, "live")
    assert (parse("checkout:$LATEST").version, parse("checkout:$LATEST").alias) == (None, None)


def test_a_function_elsewhere_is_told_by_account_and_region() -> None:
    assert parse(ARN).elsewhere(**HOME) is None
    assert parse("checkout").elsewhere(**HOME) is None
    assert parse(ARN).elsewhere(account="999999999999", region="us-east-1") == (
        "is a function in account 123456789012, not 999999999999 and in Region eu-west-1, not us-east-1"
    )
