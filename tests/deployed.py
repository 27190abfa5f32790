"""The files of ``deploy/``, read as those read them who use them."""

import json
import re
import shlex
from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
DEPLOY = ROOT / "deploy"


def text_of(name: str) -> str:
    return (DEPLOY / name).read_text(encoding="utf-8")


@cache
def instructions() -> list[tuple[str, str]]:
    """Of the Dockerfile: each keyword with its words, continued lines joined."""
    lines = [line for line in text_of("Dockerfile").splitlines() if line and not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in joined.splitlines()]


def image_list(keyword: str) -> list[str]:
    """The last ENTRYPOINT or CMD, which is a list; a health check's has the keyword within its words."""
    return json.loads(next(words for each, words in reversed(instructions()) if each == keyword))


@cache
def compose() -> dict[str, Any]:
    return yaml.safe_load(text_of("compose.yaml"))


@cache
def kubernetes() -> dict[str, dict[str, Any]]:
    """By kind, of which there is one each."""
    return {each["kind"]: each for each in yaml.safe_load_all(text_of("kubernetes.yaml"))}


def pod() -> dict[str, Any]:
    return kubernetes()["Deployment"]["spec"]["template"]["spec"]


def unit(name: str) -> list[str]:
    """The values of a directive of the systemd unit."""
    return re.findall(rf"^{name}=(.*)$", text_of("dodo-checkout-mcp.service"), re.MULTILINE)


def commands() -> dict[str, list[str]]:
    """How each example starts the server, without the program."""
    [exec_start] = unit("ExecStart")
    [container] = pod()["containers"]
    return {
        "Dockerfile": image_list("CMD"),
        "compose.yaml": compose()["x-replica"]["command"],
        "kubernetes.yaml": container["args"],
        "dodo-checkout-mcp.service": shlex.split(exec_start)[1:],
    }
