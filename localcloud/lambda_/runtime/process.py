"""The process of an execution environment: started, watched, killed, never outliving this one."""

import contextlib
import os
import shutil
import signal
import subprocess
import uuid

import localcloud.iam
from localcloud.lambda_ import scratch
from localcloud.lambda_.runtime import endpoint, memory
from localcloud.lambda_.runtime.channel import Channel
from localcloud.lambda_.runtime.executable import Executable
from localcloud.lambda_.runtime.forking import Forking, ForkServerEndedError
from localcloud.lambda_.runtime.started import Spawned, Started


class RuntimeProcess:
    """Runs the launcher, in a session of its own, with credentials of the function's role."""

    def __init__(self, executable: Executable, log_stream: str, forking: Forking, *, provisioned: bool = False) -> None:
        self.channel = Channel(self._kill_if_too_large)
        self._limit = executable.memory * memory.MB
        self._too_large = False
        self._home = scratch.folder("home", uuid.uuid4().hex)
        credentials = localcloud.iam.credentials_for(executable.role)
        self.access_key_id: str = credentials.access_key_id
        environment = {
            "AWS_ENDPOINT_URL": endpoint.url(),
            **executable.environment(self._home, log_stream, provisioned=provisioned),
            "AWS_LAMBDA_RUNTIME_API": self.channel.address,
            "AWS_ACCESS_KEY_ID": credentials.access_key_id,
            "AWS_SECRET_ACCESS_KEY": credentials.secret_access_key,
            "AWS_SESSION_TOKEN": credentials.session_token,
        }
        self._process, self._life_line = self._start(executable, environment, forking)

    def _start(self, executable: Executable, environment: dict[str, str], forking: Forking) -> tuple[Started, int]:
        """Start the process. It dies when the life line, held open here, closes: also when this one is killed."""
        far_end, life_line = os.pipe()
        output, printed = os.pipe()
        try:
            process = _start(executable, environment, far_end, printed, forking)
        finally:
            os.close(far_end)
            os.close(printed)
        self.channel.attach(output, process.ended)
        return process, life_line

    @property
    def alive(self) -> bool:
        return not self.channel.ended()

    def kill(self) -> None:
        """End the process and its children, from any thread; who waits for it sees it end."""
        if not self._process.reaped:  # the number is perhaps another's otherwise
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    def wait(self) -> int:
        return self._process.wait()

    def close(self) -> None:
        self.kill()
        self.wait()
        os.close(self._life_line)
        self.channel.close()
        shutil.rmtree(self._home, ignore_errors=True)

    def peak_memory(self) -> int:
        """Return the most that it has used, in bytes: its limit at most, and 0 when it is gone otherwise."""
        return self._limit if self._too_large else min(self._limit, memory.peak(self._process.pid))

    def was_too_large(self) -> bool:
        """Tell whether it has used more memory than it may at any time, and kill it if so."""
        if not self._too_large and memory.has_exceeded(self._process.pid, self._limit):
            self._end_too_large()
        return self._too_large

    def _kill_if_too_large(self) -> None:
        if memory.exceeds(self._process.pid, self._limit):
            self._end_too_large()

    def _end_too_large(self) -> None:
        self._too_large = True
        self.kill()


def _start(
    executable: Executable, environment: dict[str, str], life_line: int, printed: int, forking: Forking
) -> Started:
    if forking.suits(executable):
        with contextlib.suppress(ForkServerEndedError):
            return forking.fork(executable, environment, life_line, printed)
    return Spawned(
        subprocess.Popen(  # noqa: S603 - running the user's functions is what this is for
            executable.command(life_line),
            env=environment,
            cwd=executable.definition.code.folder,
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=printed,
            pass_fds=[life_line],
            start_new_session=True,
        )
    )
