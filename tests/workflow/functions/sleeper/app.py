"""Sleeps in threads, as clients do that try again, and does other things beside; tells what each clock says of that."""

import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import Any

CLOCKS = (time.time, time.monotonic, time.perf_counter)


def handler(event: dict[str, Any], context: Any) -> list[float]:
    began = [clock() for clock in CLOCKS]
    if "background" in event:
        Thread(target=time.sleep, args=(event["background"],), daemon=True).start()
    with ThreadPoolExecutor() as pool:
        list(pool.map(time.sleep, event.get("threads", [])))
    if "child" in event:
        subprocess.run(["sleep", str(event["child"])], timeout=60, check=True)
    if "limit" in event:
        threading.Event().wait(event["limit"])
    rest = time.thread_time() + event.get("work", 0)
    while time.thread_time() < rest:
        pass
    return [clock() - before for clock, before in zip(CLOCKS, began, strict=True)]
