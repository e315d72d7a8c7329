"""What Step Functions says about the execution of a release."""

from botocore.exceptions import ClientError

from tidegate.aws.clients import stepfunctions_client
from tidegate.aws.failures import code_of


def status(execution: str) -> str | None:
    """Give RUNNING, SUCCEEDED, FAILED, TIMED_OUT, ABORTED or PENDING_REDRIVE; None when it is unknown.

    DescribeExecution is eventually consistent: one just started may be unknown for a while.
    """
    try:
        return stepfunctions_client().describe_execution(executionArn=execution)["status"]
    except ClientError as error:
        if code_of(error) == "ExecutionDoesNotExist":
            return None
        raise


def stop(execution: str, error: str, cause: str) -> None:
    """Stop an execution, whose status is then ABORTED; one that is over stays as it ended.

    One just started may be unknown for a while. Its steps find their release undone, and change nothing.
    """
    try:
        stepfunctions_client().stop_execution(executionArn=execution, error=error, cause=cause)
    except ClientError as failure:
        if code_of(failure) != "ExecutionDoesNotExist":
            raise
