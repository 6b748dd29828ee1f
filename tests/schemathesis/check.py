"""Starts the local stack with its demonstration, makes somebody to be, and runs Schemathesis."""

import argparse
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
KEPT = ROOT / "target" / "schemathesis"
# As local/src/demo.rs has it.
WEBHOOK_SECRET = "the demonstration's webhook secret"
# What ends the session it is called with, or its site: each call gets a session of its own, and a
# site where that is erased (hooks.py). They come last, so that all the others are tried as somebody
# who stays signed in.
ENDING = ["eraseMe", "eraseMeByForm", "disconnect", "eraseInstance", "eraseInstanceByForm"]


def call(url, method="GET", body=None, headers=None):
    data = None if body is None else json.dumps(body).encode()
    headers = {"content-type": "application/json", **(headers or {})}
    request = urllib.request.Request(url, data=data, method=method, headers=headers)
    # No proxy: the stack is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(request, timeout=20) as answer:
        return json.load(answer)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def started(port):
    """The stack, once it says that it is ready."""
    log = (KEPT / "stack.log").open("w")
    # The bot takes activities without a token, so that what is behind the token is reached.
    stack = subprocess.Popen(
        [ROOT / "target" / "debug" / "tandem-local", "--port", str(port), "--anonymous-bot"],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
    )
    line = stack.stdout.readline()
    if not line.startswith("Tandem is ready"):
        stop(stack)
        sys.exit("the local stack did not start: see target/schemathesis/stack.log")
    return stack


def stop(stack):
    stack.terminate()
    try:
        stack.wait(timeout=10)
    except subprocess.TimeoutExpired:
        stack.kill()
        stack.wait()


class Connector(BaseHTTPRequestHandler):
    """Takes whatever the bot posts: the simulated Connector would want the token that a bot has which
    takes activities without one."""

    def answer(self):
        self.rfile.read(int(self.headers.get("content-length") or 0))
        body = b'{"id": "1"}'
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_DELETE = answer

    def log_message(self, *_):
        pass


def connector():
    """Its address, as the service URL of an activity."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Connector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://localhost:{server.server_port}/"


def scene(url):
    """Somebody who administers the demonstration's site, and what there is for them to see."""
    jira = call(f"{url}/sandbox/people/jira/state")
    teams = call(f"{url}/sandbox/people/teams/state")
    site = jira["sites"][0]
    tenant = teams["users"][0]["tenantId"]
    person = {"cloudId": site["cloudId"], "tenantId": tenant, "admin": True}
    user = call(f"{url}/local/users", "POST", person)
    other = call(f"{url}/local/users", "POST", person)
    session = user["session"]
    signed_in = {"cookie": session["cookie"], "x-csrf-token": session["csrfToken"]}
    erased = call(f"{url}/local/users", "POST", person)["session"]
    erased = {"cookie": erased["cookie"], "x-csrf-token": erased["csrfToken"]}
    receipt = call(f"{url}/me", "DELETE", headers=erased)
    issue = site["issues"][0]
    chats = f"{url}/issues/{issue['id']}/chats"
    chat = call(chats, "POST", {"members": [other["accountId"]]}, signed_in)
    return {
        "TANDEM_URL": url,
        "TANDEM_CONNECTOR": connector(),
        "TANDEM_COOKIE": session["cookie"].partition("=")[2],
        "TANDEM_CSRF": session["csrfToken"],
        "TANDEM_PERSON": json.dumps(person),
        "TANDEM_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "TANDEM_THERE": json.dumps(
            {
                "cloudId": site["cloudId"],
                "projectId": issue["projectId"],
                "issueId": issue["id"],
                "chatId": chat["chatId"],
                "receiptId": receipt["receiptId"],
                "accountId": other["accountId"],
                "tenantId": tenant,
                "objectId": user["objectId"],
            }
        ),
    }


def run(name, examples, environment, choice):
    """One run of Schemathesis; its exit code."""
    print(f"-- schemathesis: {name}", flush=True)
    reports = KEPT / name
    command = [
        KEPT / "venv" / "bin" / "schemathesis",
        "--config-file",
        HERE / "schemathesis.toml",
        "run",
        ROOT / "docs" / "openapi.yaml",
        "--url",
        environment["TANDEM_URL"],
        "--max-examples",
        str(examples),
        "--seed",
        "1",
        "--generation-database",
        "none",
        "--continue-on-failure",
        "--no-color",
        "--report",
        "junit,ndjson",
        "--report-dir",
        reports,
        *choice,
    ]
    inherited = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
    hooks = {
        "SCHEMATHESIS_HOOKS": "hooks",
        "PYTHONPATH": str(HERE),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    command = [str(it) for it in command]
    # Where it keeps things of its own.
    return subprocess.run(command, env={**inherited, **hooks, **environment}, cwd=KEPT).returncode


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--examples", type=int, default=30)
    arguments.add_argument("--only", help="an operation's id")
    arguments = arguments.parse_args()
    began = time.monotonic()
    port = free_port()
    stack = started(port)
    try:
        environment = scene(f"http://localhost:{port}")
        if arguments.only:
            passes = {"only": ["--include-operation-id", arguments.only]}
        else:
            ending = [it for name in ENDING for it in ("--operation-id", name)]
            passes = {
                "staying": [it.replace("--", "--exclude-") for it in ending],
                "ending": [it.replace("--", "--include-") for it in ending],
            }
        failed = [
            name for name, choice in passes.items() if run(name, arguments.examples, environment, choice)
        ]
        if stack.poll() is not None:
            sys.exit("the local stack ended: see target/schemathesis/stack.log")
    finally:
        stop(stack)
    print(f"-- schemathesis: {time.monotonic() - began:.0f} s", flush=True)
    if failed:
        sys.exit(f"schemathesis found something: {', '.join(failed)}")


main()
