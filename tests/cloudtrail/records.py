"""The records of tests/cloudtrail/events, as EventBridge gives them to rules.

A file holds a list. Each entry has `rings` (the rules that must match it; none for what is as it should
be) and what CloudTrail writes: `who` (of identities.json), `eventSource`, `eventName`, and whatever else
the service writes. With `for`, an entry stands for as many records as its lists have combinations, each
with `{name}` replaced; `FUNCTIONS` is the list of the functions' roles. `${...}` is filled in as in the
template. What every record has is added here:
https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
"""

import copy
import itertools
import json
from dataclasses import dataclass
from pathlib import Path

from deployment import RESOURCES, Deployment

HERE = Path(__file__).parent
API_CALL = "AWS API Call via CloudTrail"
FUNCTIONS = sorted(
    resource["Properties"]["Role"]["Fn::GetAtt"][0]
    for resource in RESOURCES.values()
    if resource["Type"] == "AWS::Serverless::Function"
)


@dataclass
class Record:
    """An event, and which rules must match it."""

    name: str
    event: dict
    rings: set[str]


def _written(value: object, names: dict[str, str], deployment: Deployment) -> object:
    if isinstance(value, str):
        for name, by in names.items():
            value = value.replace(f"{{{name}}}", by)
        return deployment.fill(value)
    if isinstance(value, list):
        return [_written(it, names, deployment) for it in value]
    if isinstance(value, dict):
        return {name: _written(it, names, deployment) for name, it in value.items()}
    return value


def _event(entry: dict, identities: dict, deployment: Deployment) -> dict:
    service = entry["eventSource"].removesuffix(".amazonaws.com")
    detail = {
        "eventVersion": "1.11",
        "eventTime": "2026-11-02T08:00:00Z",
        "awsRegion": deployment.get("AWS::Region"),
        "sourceIPAddress": "192.0.2.1",
        "userAgent": "aws-cli/2.31.0",
        "requestParameters": None,
        "responseElements": None,
        "requestID": "e8e4d7ae-0f3c-4a54-8d26-6f3c4a1b0c2d",
        "eventID": "a5c4d6c8-1a5b-4f1e-9a57-3f2b1c0d9e8f",
        "eventType": "AwsApiCall",
        "managementEvent": True,
        "recipientAccountId": deployment.get("AWS::AccountId"),
        "eventCategory": "Management",
    }
    detail |= {name: it for name, it in entry.items() if name not in ("who", "rings", "for", "what")}
    detail["userIdentity"] = identities[entry["who"]]
    return {
        "version": "0",
        "id": "b6b1d4a6-52a0-4d12-9f0a-2f5b8c7d6e5f",
        "detail-type": API_CALL,
        "source": f"aws.{service}",
        "account": deployment.get("AWS::AccountId"),
        "time": "2026-11-02T08:00:00Z",
        "region": deployment.get("AWS::Region"),
        "resources": [],
        "detail": detail,
    }


def _identities(deployment: Deployment) -> dict[str, dict]:
    """Who calls, by name: those of identities.json, and each function, itself and through a service."""
    known = json.loads((HERE / "identities.json").read_text())
    function = known.pop("function")
    for role in FUNCTIONS:
        known[role] = _written(function, {"role": role}, deployment)
        known[f"{role} through Secrets Manager"] = known[role] | {
            "invokedBy": "secretsmanager.amazonaws.com"
        }
    return {name: _written(it, {}, deployment) for name, it in known.items()}


def read(deployment: Deployment) -> list[Record]:
    """Every record."""
    identities = _identities(deployment)
    records = []
    for path in sorted((HERE / "events").glob("*.json")):
        for entry in json.loads(path.read_text()):
            lists = {
                name: FUNCTIONS if several == "FUNCTIONS" else several
                for name, several in entry.get("for", {}).items()
            }
            for chosen in itertools.product(*lists.values()):
                names = dict(zip(lists, chosen, strict=True))
                written = _written(entry, names, deployment)
                name = f"{path.stem}: {written['eventName']} by {written['who']}, {written['what']}"
                if names:
                    name += f" ({', '.join(chosen)})"
                event = _event(written, identities, deployment)
                records.append(Record(name, event, set(entry["rings"])))
    return records + [_of_another_kind(record) for record in records if record.rings]


def _of_another_kind(record: Record) -> Record:
    """The same, were it no call: no rule is for it."""
    event = copy.deepcopy(record.event)
    event["detail-type"] = "AWS Service Event via CloudTrail"
    return Record(f"{record.name}, but no call", event, set())
