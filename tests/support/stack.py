"""The local stack, for checks written in Python: starting it, and calling it."""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

BINARY = Path(__file__).parent.parent.parent / "target" / "debug" / "tandem-local"
# As local/src/demo.rs has it.
WEBHOOK_SECRET = "the demonstration's webhook secret"


def call(url, method="GET", body=None, headers=None):
    """What is answered, as JSON."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json", **(headers or {})}
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    # No proxy: the stack is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=30) as answer:
        text = answer.read()
    return json.loads(text) if text else None


def start(log, *options):
    """A stack of its own with the demonstration, on a free port, and its address."""
    command = [BINARY, "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log.open("w"), text=True)
    ready = "Tandem is ready: "
    line = process.stdout.readline()
    if not line.startswith(ready):
        stop(process)
        sys.exit(f"the local stack did not start: see {log}")
    return process, line.removeprefix(ready).strip()


def stop(process):
    process.terminate()
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def signed_in(session):
    """The headers of whoever has this session."""
    return {"cookie": session["cookie"], "x-csrf-token": session["csrfToken"]}
