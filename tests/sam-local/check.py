"""Invokes each function's own binary with its event, through SAM, and checks what comes of it.

The events lie in tests/events; what is in double braces in them is filled in from the local stack:
people, an issue, its chat, and what proves a sender: the HMAC of a Jira webhook, the client state of a
subscription, the token of the Bot Connector, a session.
"""

import hashlib
import hmac
import json
import os
import platform
import re
import subprocess
import sys
import time
import uuid
from pathlib import Path

import yaml

sys.path.append(str(Path(__file__).parent.parent / "support"))

from stack import WEBHOOK_SECRET, call, signed_in, start, stop  # noqa: E402

ROOT = Path(__file__).parent.parent.parent
KEPT = ROOT / "target" / "sam-local"
BUILT = ROOT / ".aws-sam" / "build"
SAM = str(Path(__file__).parent / "sam")
# What a function has of an account's region and credentials.
AWS = ["AWS_REGION", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"]


def until(what, condition, seconds=30):
    for _ in range(seconds * 5):
        found = condition()
        if found:
            return found
        time.sleep(0.2)
    sys.exit(f"sam local: {what} did not come about")


class Stack:
    """The local stack, with its demonstration."""

    def __init__(self):
        self.process, self.url = start(KEPT / "stack.log")

    def stop(self):
        stop(self.process)

    def get(self, path, person=None):
        return call(self.url + path, headers=session_of(person))

    def send(self, method, path, body, person=None):
        return call(self.url + path, method, body, session_of(person))

    def environment(self):
        return self.get("/local/environment")

    def latest(self, route):
        return self.get("/local/events")[route]

    def said(self, chat):
        """What is said in a chat of Teams, as HTML."""
        chats = self.get("/sandbox/people/teams/state")["chats"]
        [found] = [it for it in chats if it["id"] == chat]
        return json.dumps(found["messages"])


def session_of(person):
    return signed_in(person["session"]) if person else {}


def build_for(environment):
    """What `sam build` made, with the addresses of the local stack's AWS: SAM gives a function only
    variables that its template names, and the template of a deployment names no address of AWS."""
    template = yaml.safe_load((BUILT / "template.yaml").read_text())
    variables = template["Globals"]["Function"]["Environment"]["Variables"]
    for name, value in environment.items():
        if name.startswith("AWS_ENDPOINT_URL_"):
            variables[name] = value
    # As tests/sam-local.sh built it.
    architecture = "x86_64" if platform.machine() == "x86_64" else "arm64"
    template["Parameters"]["Architecture"]["Default"] = architecture
    (BUILT / "local.yaml").write_text(yaml.safe_dump(template, sort_keys=False))
    (KEPT / "environment.json").write_text(json.dumps({"Parameters": environment}, indent=1))


class Sam:
    """The SAM command line, with the local stack's AWS around it; samconfig.toml has its options."""

    def __init__(self, environment):
        build_for(environment)
        self.environment = {**os.environ, **{name: environment[name] for name in AWS}}

    def invoke(self, function, event):
        """What the function's binary answers to the event."""
        path = KEPT / "event.json"
        path.write_text(json.dumps(event, indent=2))
        command = [SAM, "local", "invoke", function, "--event", str(path)]
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, cwd=ROOT)
        (KEPT / f"{function}.log").write_text(done.stderr)
        if done.returncode:
            sys.exit(f"sam local invoke {function}: exit {done.returncode}\n{done.stderr[-2000:]}")
        return json.loads(done.stdout.strip().splitlines()[-1])


def event(name, values):
    """The event of that name, filled in; a webhook signed as Jira signs it."""
    text = (ROOT / "tests" / "events" / f"{name}.json").read_text()
    signature = "{{hubSignature}}"
    values = {**values, "hubSignature": signature}
    filled = json.loads(re.sub(r"\{\{(\w+)\}\}", lambda found: values[found[1]], text))
    headers = filled.get("headers", {})
    if headers.get("x-hub-signature") == signature:
        made = hmac.new(WEBHOOK_SECRET.encode(), filled["body"].encode(), hashlib.sha256)
        headers["x-hub-signature"] = f"sha256={made.hexdigest()}"
    return filled


def scene(stack):
    """People who share an issue and its chat, and what a sender of either side proves itself with."""
    site = stack.get("/sandbox/people/jira/state")["sites"][0]
    wanted = {"cloudId": site["cloudId"], "admin": True, "linked": True}
    me, other = (stack.send("POST", "/local/users", wanted) for _ in range(2))
    issue, project = site["issues"][0], site["projects"][0]
    started = {"members": [other["accountId"]]}
    chat = stack.send("POST", f"/issues/{issue['id']}/chats", started, me)["chatId"]
    # Something said in the chat makes Graph notify, and something said to the bot the Connector call.
    said = {"as": me["objectId"], "tenantId": me["tenantId"], "chatId": chat, "action": "send"}
    message = stack.send("POST", "/sandbox/people/teams/act", {**said, "text": "Said in Teams"})
    route = "POST /teams/notifications"
    notified = lambda: "clientState" in stack.get("/local/events").get(route, {}).get("body", "")
    until("a notification", notified)
    [notification] = json.loads(stack.latest(route)["body"])["value"]
    asked = {"as": me["objectId"], "tenantId": me["tenantId"], "where": {"kind": "personal"}}
    for deed in ({"install": "add"}, {"message": "help"}):
        stack.send("POST", "/sandbox/people/teams/bot", {**asked, "do": deed})
    activity = stack.latest("POST /teams/messages")
    body = json.loads(activity["body"])
    return me, {
        "cloudId": site["cloudId"],
        "siteHost": site["host"],
        "issueId": issue["id"],
        "issueKey": issue["key"],
        "projectId": issue["projectId"],
        "projectKey": project["key"],
        "chatId": chat,
        "messageId": message["messageId"],
        "accountId": me["accountId"],
        "objectId": me["objectId"],
        "tenantId": me["tenantId"],
        "cookie": me["session"]["cookie"],
        "webhookIdentifier": str(uuid.uuid4()),
        "claim": os.urandom(32).hex(),
        "subscriptionId": notification["subscriptionId"],
        "clientState": notification["clientState"],
        "botAuthorization": activity["headers"]["authorization"],
        "serviceUrl": body["serviceUrl"],
        "userId": body["from"]["id"],
        "conversationId": body["conversation"]["id"],
        "botId": body["recipient"]["id"],
    }


def step(check):
    """Marks what `check` goes through, in the order in which it stands."""
    check.is_step = True
    return check


class Checks:
    """The functions, one by one."""

    def __init__(self, stack):
        self.stack = stack
        self.sam = Sam(stack.environment())
        self.me, self.values = scene(stack)

    def comment(self, text):
        """A comment that the stack itself does not carry over: its site lets nothing cross meanwhile."""
        act = {"as": self.me["accountId"], "cloudId": self.me["cloudId"], "action": "comment"}
        act |= {"issue": self.values["issueKey"], "text": text}
        self.stack.send("PUT", "/settings/instance", {"comment_sync": "off"}, self.me)
        made = self.stack.send("POST", "/sandbox/people/jira/act", act)
        time.sleep(2)
        self.stack.send("PUT", "/settings/instance", {"comment_sync": "both"}, self.me)
        assert text not in self.stack.said(self.values["chatId"])
        return {**self.values, "commentId": made["id"]}

    def arrives(self, text):
        until(repr(text), lambda: text in self.stack.said(self.values["chatId"]))

    def http(self, function, name, status, values=None):
        answer = self.sam.invoke(function, event(name, values or self.values))
        assert answer["statusCode"] == status, answer
        return answer

    @step
    def jira_events(self):
        text = "Carried over by way of the queue"
        self.http("JiraEventsFunction", "jira-comment-created", 200, self.comment(text))
        self.arrives(text)

    @step
    def refuses_what_nobody_signed(self):
        forged = event("jira-comment-created", {**self.values, "commentId": "1"})
        forged["headers"]["x-hub-signature"] = "sha256=" + "0" * 64
        answer = self.sam.invoke("JiraEventsFunction", forged)
        assert answer["statusCode"] == 401, answer

    @step
    def delivery(self):
        text = "Carried over by the function itself"
        filled = event("delivery-comment-created", self.comment(text))
        answer = self.sam.invoke("DeliveryFunction", filled)
        assert answer == {"batchItemFailures": []}, answer
        self.arrives(text)

    @step
    def teams_events(self):
        answer = self.http("TeamsEventsFunction", "teams-handshake", 200)
        assert answer["body"].startswith("Validation: "), answer
        self.http("TeamsEventsFunction", "teams-message-created", 202)
        forged = event("teams-message-created", {**self.values, "clientState": "x" * 43})
        refused = self.sam.invoke("TeamsEventsFunction", forged)
        log = (KEPT / "TeamsEventsFunction.log").read_text()
        assert '"Unverified":1' in log, (refused, log[-2000:])

    @step
    def teams_bot(self):
        posts = len(self.stack.get("/sandbox/people/teams/bot")["posts"])
        self.http("TeamsBotFunction", "teams-bot-help", 200)
        now = len(self.stack.get("/sandbox/people/teams/bot")["posts"])
        assert now == posts + 1, (posts, now)
        filled = event("teams-bot-help", {**self.values, "botAuthorization": "Bearer x.y.z"})
        assert self.sam.invoke("TeamsBotFunction", filled)["statusCode"] in (401, 403)

    @step
    def settings(self):
        answer = self.http("SettingsFunction", "settings-mine", 200)
        assert '"scope":"user"' in answer["body"], answer

    @step
    def accounts(self):
        answer = self.http("AccountsFunction", "accounts-session", 200)
        assert self.me["accountId"] in answer["body"], answer

    @step
    def admin(self):
        answer = self.http("AdminFunction", "admin-state", 200)
        assert self.me["cloudId"] in answer["body"], answer

    @step
    def issue_chats(self):
        answer = self.http("IssueChatsFunction", "issue-chats-list", 200)
        assert self.values["chatId"] in answer["body"], answer

    @step
    def upkeep(self):
        answer = self.sam.invoke("UpkeepFunction", event("upkeep-schedule", {}))
        assert answer["failures"] == 0, answer
        answer = self.sam.invoke("UpkeepFunction", event("upkeep-install", {}))
        assert "errorType" not in answer, answer


def start_api(stack):
    """The whole API from the binaries, until interrupted."""
    sam = Sam(stack.environment())
    print(f"The local stack with both vendors: {stack.url}", flush=True)
    subprocess.run([SAM, "local", "start-api"], env=sam.environment, cwd=ROOT)


def serve(stack):
    """The stack that `sam local invoke` speaks to, with the events filled in, until interrupted."""
    sam = Sam(stack.environment())
    _, values = scene(stack)
    values |= {"commentId": "10000"}
    (KEPT / "events").mkdir(exist_ok=True)
    for path in sorted((ROOT / "tests" / "events").glob("*.json")):
        filled = KEPT / "events" / path.name
        filled.write_text(json.dumps(event(path.stem, values), indent=2))
    keys = " ".join(f"{name}={sam.environment[name]}" for name in AWS)
    print(f"The local stack: {stack.url}\nIn another shell, such as\n")
    example = "JiraEventsFunction -e target/sam-local/events/jira-comment-created.json"
    print(f"  {keys} tests/sam-local/sam local invoke {example}\n", flush=True)
    stack.process.wait()


def check(stack):
    checks = Checks(stack)
    steps = [name for name, step in vars(Checks).items() if getattr(step, "is_step", False)]
    for name in steps:
        began = time.monotonic()
        getattr(checks, name)()
        print(f"sam local: {name}: {time.monotonic() - began:.1f} s", flush=True)


def main():
    KEPT.mkdir(parents=True, exist_ok=True)
    modes = {"check": check, "start-api": start_api, "serve": serve}
    mode = modes.get((sys.argv[1:] or ["check"])[0])
    if mode is None:
        sys.exit(f"usage: tests/sam-local.sh [{' | '.join(modes)}]")
    stack = Stack()
    try:
        mode(stack)
    except KeyboardInterrupt:
        pass
    finally:
        stack.stop()


main()
