"""Sleeps in threads, as clients do that try again, and does other things beside; tells what each clock says of that."""

import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Thread
from typing import Any

CLOCKS = (time.time, time.monotonic, time.perf_counter)


def late(seconds: float) -> float:
    """Sleep, and work a moment; tell how much longer the sleep was."""
    began = time.monotonic()
    time.sleep(seconds)
    woken = time.monotonic()
    while time.thread_time() < 0.005:
        pass
    return woken - began - seconds


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    began = [clock() for clock in CLOCKS]
    if "background" in event:
        Thread(target=time.sleep, args=(event["background"],), daemon=True).start()
    with ThreadPoolExecutor(16) as pool:
        latest = max(pool.map(late, event.get("threads", [0])))
    time.sleep(event.get("main", 0))
    if "child" in event:
        subprocess.run(["sleep", str(event["child"])], timeout=60, check=True)
    if "limit" in event:
        threading.Event().wait(event["limit"])
    rest = time.thread_time() + event.get("work", 0)
    while time.thread_time() < rest:
        pass
    return {"late": latest, "passed": [clock() - before for clock, before in zip(CLOCKS, began, strict=True)]}
