"""A deployment that is not there: what the intrinsic functions of template.yaml come to in it."""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent.parent
RESOURCES = yaml.safe_load((ROOT / "template.yaml").read_text())["Resources"]
NOTHING = object()


class Deployment:
    """Values for what the rules refer to. `longest` has the longest names that AWS allows."""

    def __init__(self, conditions: bool = True, longest: bool = False):
        self.conditions = conditions
        self.longest = longest
        self.values = {
            "AWS::Partition": "aws-us-gov" if longest else "aws",
            "AWS::Region": "us-gov-west-1" if longest else "eu-central-1",
            "AWS::AccountId": "111122223333",
            # A function's name has 64 characters at most, and ends with the longest of ours.
            "AWS::StackName": "s" * (64 - len("-teams-events")) if longest else "tandem-eu",
            # As the parameter's pattern has it.
            "SecretPrefix": "p" * 24 if longest else "acme",
        }

    def _arn(self, service: str, rest: str, region: bool = True) -> str:
        named = self.values["AWS::Region"] if region else ""
        return f"arn:{self.values['AWS::Partition']}:{service}:{named}:{self.values['AWS::AccountId']}:{rest}"

    def _name(self, resource: str) -> str:
        """What CloudFormation calls a resource for which the template has no name."""
        end = f"-{resource}-0A1B2C3D4E5F"
        start = self.values["AWS::StackName"]
        # Roles and rules have 64 characters, and the stack's name is cut to fit.
        return (start + "s" * 64 if self.longest else start)[: 64 - len(end)] + end

    def get(self, name: str) -> str:
        """What `Ref` (`X`) or `Fn::GetAtt` (`X.Arn`) of it is."""
        if name in self.values:
            return self.values[name]
        resource, _, attribute = name.partition(".")
        kind = RESOURCES[resource]["Type"]
        if kind == "AWS::IAM::Role":
            path = f"/tandem/{self.values['SecretPrefix']}/"
            role = self._name(resource)
            return self._arn("iam", f"role{path}{role}", region=False) if attribute else role
        if kind == "AWS::KMS::Key":
            number = sorted(it for it in RESOURCES if RESOURCES[it]["Type"] == kind).index(resource)
            key = f"1234abcd-12ab-34cd-56ef-{number:012x}"
            return self._arn("kms", f"key/{key}") if attribute else key
        if kind == "AWS::SNS::Topic":
            return self._arn("sns", self.resolve(RESOURCES[resource]["Properties"]["TopicName"]))
        if kind == "AWS::S3::Bucket":
            return self._name(resource).lower()
        raise KeyError(f"no value for {name}")

    def fill(self, text: str) -> str:
        """The text with `${...}` replaced."""
        return re.sub(r"\$\{([\w:.]+)\}", lambda found: self.get(found[1]), text)

    def resolve(self, value: object) -> object:
        """The value without intrinsic functions; `NOTHING` for `AWS::NoValue`."""
        if isinstance(value, list):
            return [it for it in map(self.resolve, value) if it is not NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((name, argument),) = value.items()
            if name == "Ref":
                return NOTHING if argument == "AWS::NoValue" else self.get(argument)
            if name == "Fn::Sub":
                return self.fill(argument)
            if name == "Fn::GetAtt":
                return self.get(".".join(argument))
            if name == "Fn::If":
                return self.resolve(argument[1 if self.conditions else 2])
        resolved = {name: self.resolve(it) for name, it in value.items()}
        return {name: it for name, it in resolved.items() if it is not NOTHING}

    def patterns(self) -> dict[str, dict]:
        """The pattern of each rule that there is in it."""
        return {
            name: self.resolve(rule["Properties"]["EventPattern"])
            for name, rule in RESOURCES.items()
            if rule["Type"] == "AWS::Events::Rule" and (self.conditions or "Condition" not in rule)
        }
