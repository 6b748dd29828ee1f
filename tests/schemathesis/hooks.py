"""What Schemathesis cannot know: ids that exist, proofs over a body, and a session, or a site, for each
request that ends the one it came with."""

import copy
import hashlib
import hmac
import json
import os
import random
import re
import uuid

import requests
import schemathesis

URL = os.environ["TANDEM_URL"]
CONNECTOR = os.environ["TANDEM_CONNECTOR"]
PERSON = json.loads(os.environ["TANDEM_PERSON"])
SECRET = os.environ["TANDEM_WEBHOOK_SECRET"].encode()
THERE = json.loads(os.environ["TANDEM_THERE"])
SESSION = "__Host-tandem"
SIGNED_IN = {"cookie": f"{SESSION}={os.environ['TANDEM_COOKIE']}"}
CSRF = os.environ["TANDEM_CSRF"]
# The pages' forms, and where the version is read that they are to replace.
FORMS = {
    "saveMySettings": "/settings/users/me",
    "saveSiteSettings": "/settings/instance",
    "saveSettingsOfProject": f"/settings/projects/{THERE['projectId']}",
}
ENDING = {"eraseMe", "eraseMeByForm", "disconnect", "eraseInstance", "eraseInstanceByForm"}
# Of these, what erases the site, and the field in which its host confirms it.
CONFIRMING = {"eraseInstance": "siteHost", "eraseInstanceByForm": "site_host"}
IDS = {
    "cloudId": r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
    "projectId": r"[0-9]{1,20}",
    "issueId": r"[0-9]{1,20}",
    "receiptId": r"[0-9a-f]{32}",
    "chatId": r"19:[A-Za-z0-9_-]{8,200}@(thread\.v2|unq\.gbl\.spaces)",
}
EVENTS = [
    "comment_created",
    "comment_updated",
    "comment_deleted",
    "jira:issue_created",
    "jira:issue_updated",
    "jira:issue_deleted",
    "project_deleted",
    "user_deleted",
]
ACTIVITIES = ["message", "invoke", "conversationUpdate", "installationUpdate", "invoke"]
INVOKES = [
    "composeExtension/query",
    "composeExtension/queryLink",
    "composeExtension/anonymousQueryLink",
    "composeExtension/selectItem",
    "composeExtension/fetchTask",
    "composeExtension/submitAction",
    "application/search",
    "adaptiveCard/action",
    "signin/verifyState",
    "signin/tokenExchange",
    "signin/failure",
]
COMMANDS = ["help", "status", "DEMO-1", "link DEMO-1", "subscribe DEMO", "subscriptions", "settings"]
CONVERSATIONS = [
    "a:1-schemathesis",
    "19:91571ee8ad174aefaccd2e4605d87a24@thread.v2",
    "19:91571ee8ad174aefaccd2e4605d87a24@thread.tacv2",
]
# The same each time: requests come one after the other.
RANDOM = random.Random(1)


def often():
    """Three times in four."""
    return RANDOM.random() < 0.75


def one_of(values):
    return RANDOM.choice(values)


class Signed(requests.auth.AuthBase):
    """Signs the body as it is sent, as Jira does."""

    def __call__(self, request):
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        mac = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
        request.headers["X-Hub-Signature"] = f"sha256={mac}"
        return request


def operation_of(case):
    return case.operation.definition.raw.get("operationId")


@schemathesis.deserializer("text/html")
def page(ctx, response):
    """A page is judged as text."""
    return response.content.decode()


@schemathesis.hook
def before_call(ctx, case, kwargs):
    exist(case.path_parameters or {})
    headers, query = case.headers or {}, case.query or {}
    # Cases share what they are made of.
    case.body = copy.deepcopy(case.body)
    body = case.body if isinstance(case.body, dict) else {}
    operation = operation_of(case)
    if isinstance(headers.get("If-Match"), str) and often():
        headers["If-Match"] = "*"
    if "validationToken" in query and often():
        del query["validationToken"]
    if operation in FORMS:
        fill(body, FORMS[operation])
    if operation == "startIssueChat":
        invite(body)
    if operation == "takeActivity":
        act(body)
    if operation == "takeJiraWebhook":
        happen(body)
        # Where Schemathesis tries what happens without the proof, there is none.
        if "X-Hub-Signature" in headers:
            kwargs["auth"] = Signed()
    if operation in ENDING and SESSION in (case.cookies or {}):
        person = PERSON
        if operation in CONFIRMING:
            person = {**PERSON, "cloudId": site_anew(body, CONFIRMING[operation])}
        anew = made("/local/users", person)["session"]
        case.cookies[SESSION] = anew["cookie"].partition("=")[2]
        if "X-CSRF-Token" in headers:
            headers["X-CSRF-Token"] = anew["csrfToken"]
        if isinstance(body.get("csrf"), str) and often():
            body["csrf"] = anew["csrfToken"]


def made(path, what):
    """Somebody or something new on the local stack."""
    answer = requests.post(URL + path, json=what, timeout=20)
    answer.raise_for_status()
    return answer.json()


def site_anew(body, confirming):
    """A site that may be erased, which the field of the body names."""
    cloud = str(uuid.UUID(int=RANDOM.getrandbits(128), version=4))
    host = f"{cloud}.atlassian.net"
    secret = SECRET.decode()
    made("/local/installations", {"cloudId": cloud, "siteHost": host, "webhookSecret": secret})
    if isinstance(body.get(confirming), str) and often():
        body[confirming] = host
    return cloud


def exist(parameters):
    """Something that exists in place of what could; never in place of what cannot."""
    for name, pattern in IDS.items():
        given = parameters.get(name)
        if isinstance(given, str) and re.fullmatch(pattern, given) and often():
            parameters[name] = THERE[name]


def fill(body, settings):
    """A form as the page has it, where it has these fields at all."""
    if not isinstance(body.get("csrf"), str) or not isinstance(body.get("version"), str):
        return
    body["csrf"] = CSRF
    if often():
        answer = requests.get(URL + settings, headers=SIGNED_IN, timeout=20)
        body["version"] = str(answer.json()["version"])


def invite(body):
    """Somebody with whom a chat can be started."""
    members = body.get("members")
    if isinstance(members, list) and members and isinstance(members[0], str) and often():
        members[0] = THERE["accountId"]


def happen(body):
    """An event that Tandem follows, of the issue that there is."""
    if not isinstance(body.get("webhookEvent"), str) or not often():
        return
    body["webhookEvent"] = one_of(EVENTS)
    if isinstance(body.get("issue"), dict):
        body["issue"]["id"] = THERE["issueId"]
        body["issue"]["self"] = f"https://demo.atlassian.net/rest/api/2/{THERE['issueId']}"


def act(body):
    """Somebody who is known asks something that the bot answers."""
    if not isinstance(body.get("type"), str) or not isinstance(body.get("conversation"), dict):
        return
    if not often():
        return
    body["type"] = one_of(ACTIVITIES)
    body["serviceUrl"] = CONNECTOR
    body["name"] = one_of(INVOKES)
    body["text"] = one_of(COMMANDS)
    body["conversation"]["id"] = one_of(CONVERSATIONS)
    body["conversation"]["tenantId"] = THERE["tenantId"]
    body["from"] = {"id": "29:1-schemathesis", "aadObjectId": THERE["objectId"]}
