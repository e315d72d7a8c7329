#!/usr/bin/env bash
# Releases with the AWS CLI alone, and exits 0 only if it was released: start-execution.sh NAME REQUEST [STACK]
#   start-execution.sh checkout-1234 '{"function": "checkout"}'
# NAME is the release's; a second call with the same one finds that release. Take a commit, or the number of the CI run.
set -euo pipefail
name=$1 request=$2 stack=${3:-tidegate}

machine=$(aws cloudformation describe-stacks --stack-name "$stack" --output text \
    --query "Stacks[0].Outputs[?OutputKey=='StateMachineArn'].OutputValue")
execution=${machine/:stateMachine:/:execution:}:$name

aws stepfunctions start-execution --state-machine-arn "$machine" --name "$name" --input "$request" \
    --output text --query executionArn || echo "not started; looking for a release of this name" >&2

while
    status=$(aws stepfunctions describe-execution --execution-arn "$execution" --output text --query status)
    [ "$status" = RUNNING ]
do
    sleep "${POLL_SECONDS:-10}"
done
aws stepfunctions describe-execution --execution-arn "$execution" --output text --query '[status, error, cause]'
[ "$status" = SUCCEEDED ]
