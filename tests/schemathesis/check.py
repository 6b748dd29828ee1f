"""Starts the local stack with its demonstration, makes somebody to be, and runs Schemathesis."""

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "support"))

from stack import WEBHOOK_SECRET, call, signed_in, start, stop  # noqa: E402

ROOT = HERE.parent.parent
KEPT = ROOT / "target" / "schemathesis"
# What ends the session it is called with, or its site: each call gets a session of its own, and a
# site where that is erased (hooks.py). They come last, so that all the others are tried as somebody
# who stays signed in.
ENDING = ["eraseMe", "eraseMeByForm", "disconnect", "eraseInstance", "eraseInstanceByForm"]


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
    erased = call(f"{url}/local/users", "POST", person)["session"]
    receipt = call(f"{url}/me", "DELETE", headers=signed_in(erased))
    issue = site["issues"][0]
    chats = f"{url}/issues/{issue['id']}/chats"
    chat = call(chats, "POST", {"members": [other["accountId"]]}, signed_in(session))
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
    # The bot takes activities without a token, so that what is behind the token is reached.
    stack, url = start(KEPT / "stack.log", "--anonymous-bot")
    try:
        environment = scene(url)
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
