#!/usr/bin/env bash
# Releases with only the AWS CLI: start-execution.sh NAME REQUEST [STACK]
#   start-execution.sh checkout-1234 '{"function": "checkout"}'
# NAME is the name of the release; a second call with the same name follows that release. Use a commit or the number of the CI run.
# Exits with 0 if it was released, 1 if it was not (the last line says why), 2 on wrong usage, and 5 if AWS did
# not answer, so the outcome is unknown: the release continues, and a second call follows it.
set -euo pipefail

end() { echo "$2" >&2; exit "$1"; }
[ $# -ge 2 ] || end 2 "usage: start-execution.sh NAME REQUEST [STACK]"
name=$1 request=$2 stack=${3:-tidegate}
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT

machine=$(aws cloudformation describe-stacks --stack-name "$stack" --output text \
    --query "Stacks[0].Outputs[?OutputKey=='StateMachineArn'].OutputValue") ||
    end 1 "$name was not started: the stack $stack could not be read"
[[ $machine == arn:* ]] || end 1 "$name was not started: the stack $stack has no output StateMachineArn"
execution=${machine/:stateMachine:/:execution:}:$name

# A failed call may still have started the release, and a release with this name may already exist: both are followed.
refused=
aws stepfunctions start-execution --state-machine-arn "$machine" --name "$name" --input "$request" \
    --output text --query executionArn 2>"$errors" || refused=$(tr -s '\n' ' ' <"$errors")

failures=0
while :; do
    if told=$(aws stepfunctions describe-execution --execution-arn "$execution" --output text \
        --query '[status, error, cause]' 2>"$errors"); then
        failures=0
        [[ $told == RUNNING* ]] || break
    else
        failures=$((failures + 1)) why=$(tr -s '\n' ' ' <"$errors")
        # A new execution is not visible at once, so a missing execution is checked twice.
        [[ -z $refused || ! $why =~ ExecutionDoesNotExist|InvalidArn || $failures -lt 2 ]] ||
            end 1 "$name was not started: $refused"
        # Retry for two minutes, like the command: throttling and network errors pass, and credentials may be renewed.
        [ "$failures" -lt 12 ] ||
            end 5 "the status of $name is unknown; the release continues. Run this script again to follow it. AWS said: $why"
    fi
    sleep "${POLL_SECONDS:-10}"
done
printf '%s\n' "$told"
[[ $told == SUCCEEDED* ]]
