"""The examples of a deployment: valid, closed to what they need, and without a key."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

from checkout_server.checkout.policy.document import Policy
from checkout_server.cli import start
from checkout_server.cli.commands import parsed
from checkout_server.privacy.logs.install import FLUSH_SECONDS
from checkout_server.settings.loading import NAMES
from checkout_server.settings.names import find_misspelt, find_unknown
from checkout_server.transports import health, http
from deployed import DEPLOY, commands, compose, kubernetes, pod, text_of, unit

pytestmark = pytest.mark.thorough

SECRET = ("DODO_PAYMENTS_API_KEY", "DODO_PAYMENTS_WEBHOOK_KEY", "CHECKOUT_SECRET_KEYS", "CHECKOUT_LEDGER")
KEY = re.compile(r"\b(sk|pk|whsec)_[A-Za-z0-9]|\b[0-9a-fA-F]{32,}\b|\b(?=[A-Za-z0-9_-]*[0-9])[A-Za-z0-9_-]{40,}\b")


@pytest.mark.requirement("deploy.examples")
@pytest.mark.parametrize("example", commands())
def test_the_command_of_an_example_is_one_that_the_server_takes(example: str) -> None:
    words = commands()[example]
    assert parsed(words).command == "serve"
    assert "--drain-seconds" in words, "a balancer would send calls to a server that has gone"


@pytest.mark.requirement("deploy.examples")
def test_an_example_gives_a_stopping_server_the_time_that_it_can_need() -> None:
    for example, seconds in {
        "compose.yaml": compose()["x-replica"]["stop_grace_period"].removesuffix("s"),
        "kubernetes.yaml": pod()["terminationGracePeriodSeconds"],
        "dodo-checkout-mcp.service": unit("TimeoutStopSec")[0],
    }.items():
        drained = parsed(commands()[example]).drain_seconds
        assert int(seconds) > drained + http.TEAM_CREATIONS_SECONDS + 2 * FLUSH_SECONDS, example


@pytest.mark.requirement("deploy.examples")
def test_the_unit_tries_again_unless_somebody_must_mend_something() -> None:
    assert (unit("Restart"), unit("RestartPreventExitStatus")) == (["on-failure"], [str(start.MEND)])
    assert unit("StartLimitIntervalSec") == ["0"], "a database can be away for longer than a few starts take"
    assert start.TRY_AGAIN != start.MEND


@pytest.mark.requirement("deploy.examples")
def test_the_settings_of_the_examples_are_settings() -> None:
    [container] = pod()["containers"]
    names = {*compose()["x-replica"]["environment"], *(each["name"] for each in container["env"])}
    assert list(find_misspelt(names, NAMES)) == []
    assert find_unknown(names, NAMES) == []


@pytest.mark.requirement("deploy.examples")
def test_secrets_are_references_and_no_file_holds_a_key() -> None:
    environment: dict[str, str] = (
        compose()["x-replica"]["environment"] | compose()["services"]["postgres"]["environment"]
    )
    for name in (*SECRET, "POSTGRES_PASSWORD"):
        assert "${" in environment.get(name, "${"), name
    [container] = pod()["containers"]
    for each in container["env"]:
        assert ("value" in each) == (each["name"] not in SECRET), each["name"]
    assert [each for each in unit("Environment") if each.startswith(SECRET)] == []
    for path in sorted(DEPLOY.iterdir()):
        assert KEY.search(path.read_text(encoding="utf-8")) is None, path.name


@pytest.mark.requirement("deploy.examples")
@pytest.mark.parametrize("text", [text_of("policy.toml"), kubernetes()["ConfigMap"]["data"]["policy.toml"]])
def test_the_policy_of_an_example_is_one_that_the_server_takes(text: str) -> None:
    policy = Policy.model_validate(tomllib.loads(text))
    assert policy.confirm.mode == "never"


@pytest.mark.requirement("deploy.examples")
def test_a_pod_can_do_nothing_but_its_work_and_sees_no_variables_of_services() -> None:
    [container] = pod()["containers"]
    assert pod()["enableServiceLinks"] is False
    assert pod()["automountServiceAccountToken"] is False
    assert pod()["securityContext"]["runAsNonRoot"] is True
    assert pod()["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip


@pytest.mark.requirement("deploy.examples")
def test_the_probes_of_the_examples_are_the_servers() -> None:
    [container] = pod()["containers"]
    assert container["livenessProbe"]["httpGet"]["path"] == container["startupProbe"]["httpGet"]["path"] == health.ALIVE
    assert container["readinessProbe"]["httpGet"]["path"] == health.READY
    assert container["readinessProbe"]["timeoutSeconds"] > health.LOOK_SECONDS
    assert f"health_uri {health.READY}\n" in text_of("Caddyfile")
    # Calls are served on for longer than it takes to notice that no more should come.
    drained = parsed(commands()["kubernetes.yaml"]).drain_seconds
    assert container["readinessProbe"]["periodSeconds"] * container["readinessProbe"]["failureThreshold"] < drained


@pytest.mark.requirement("deploy.examples")
def test_the_network_lets_in_calls_and_scrapes_and_lets_out_names_payments_and_the_ledger() -> None:
    policy = kubernetes()["NetworkPolicy"]["spec"]
    assert policy["policyTypes"] == ["Ingress", "Egress"]
    let_in = [port["port"] for rule in policy["ingress"] for port in rule["ports"]]
    let_out = sorted({port["port"] for rule in policy["egress"] for port in rule["ports"]})
    assert (let_in, let_out) == (["mcp", "metrics"], [53, 443, 5432])
    assert all("from" in rule for rule in policy["ingress"])
    assert all("to" in rule for rule in policy["egress"])


@pytest.mark.requirement("deploy.examples")
def test_the_parts_of_the_kubernetes_example_are_about_the_same_pods() -> None:
    labels = kubernetes()["Deployment"]["spec"]["template"]["metadata"]["labels"]
    assert kubernetes()["Deployment"]["spec"]["selector"]["matchLabels"] == labels
    assert kubernetes()["Service"]["spec"]["selector"] == labels
    assert kubernetes()["PodDisruptionBudget"]["spec"]["selector"]["matchLabels"] == labels
    assert kubernetes()["NetworkPolicy"]["spec"]["podSelector"]["matchLabels"] == labels
    assert kubernetes()["PodDisruptionBudget"]["spec"]["minAvailable"] < kubernetes()["Deployment"]["spec"]["replicas"]


@pytest.mark.requirement("deploy.examples")
def test_compose_runs_two_replicas_that_only_the_proxy_reaches() -> None:
    services: dict[str, dict[str, Any]] = compose()["services"]
    replicas = [name for name in services if name.startswith("checkout-")]
    assert len(replicas) == 2
    assert [name for name, service in services.items() if "ports" in service] == ["proxy"]
    assert services["postgres"]["networks"] == ["back"]
    for name in replicas:
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]
        assert f"{name}:8000" in text_of("Caddyfile")
    [front] = compose()["networks"]["front"]["ipam"]["config"]
    assert front["subnet"] == compose()["x-replica"]["environment"]["CHECKOUT_TRUSTED_PROXIES"]


@pytest.mark.requirement("deploy.examples")
def test_a_rollout_by_compose_builds_each_replica_that_it_starts() -> None:
    page = (DEPLOY.parent / "docs" / "deploy.md").read_text(encoding="utf-8")
    started = re.findall(r"^docker compose --file deploy/compose\.yaml up (.*)$", page, re.MULTILINE)
    replicas = [name for name in compose()["services"] if name.startswith("checkout-")]
    assert [words.split() for words in started] == [
        ["--detach", "--build"],
        *(["--detach", "--no-deps", "--build", name] for name in replicas),
    ]


@pytest.mark.requirement("deploy.examples")
def test_a_command_beside_the_servers_is_given_what_the_examples_give_them() -> None:
    page = (DEPLOY.parent / "docs" / "deploy.md").read_text(encoding="utf-8")
    [fence] = re.findall(r"^## Commands beside the servers$.*?^```sh$(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    by_compose, by_kubernetes, by_systemd = [shlex.split(line) for line in fence.strip().splitlines()]
    assert by_compose[by_compose.index("exec") + 1] in compose()["services"]
    assert by_kubernetes[2] == f"deploy/{kubernetes()['Deployment']['metadata']['name']}"
    [file], [program] = unit("EnvironmentFile"), unit("ExecStart")
    assert f"--property=EnvironmentFile={file}" in by_systemd
    assert {f"--setenv={each}" for each in unit("Environment")} <= {*by_systemd}
    # Of the same name as the unit, so that it is the same user, whose folder this is.
    assert {f"--property={key}={unit(key)[0]}" for key in ("DynamicUser", "StateDirectory", "UMask")} <= {*by_systemd}
    assert "--property=User=dodo-checkout-mcp" in by_systemd
    assert program.split()[0] in by_systemd
    for words in (by_compose, by_kubernetes, by_systemd):
        assert parsed(words[-3:]).action == "create"


SYSTEMD = shutil.which("systemd-analyze")
NO_SYSTEMD = "no systemd-analyze: this is no machine with systemd"


@pytest.mark.requirement("deploy.examples")
@pytest.mark.skipif(SYSTEMD is None, reason=NO_SYSTEMD)
def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    [exec_start] = unit("ExecStart")
    installed = text_of("dodo-checkout-mcp.service").replace(exec_start.split()[0], sys.executable)
    (tmp_path / "dodo-checkout-mcp.service").write_text(installed, encoding="utf-8")
    done = subprocess.run(
        [str(SYSTEMD), "verify", str(tmp_path / "dodo-checkout-mcp.service")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "dodo-checkout-mcp" not in done.stderr


@pytest.mark.requirement("deploy.examples")
@pytest.mark.skipif(SYSTEMD is None, reason=NO_SYSTEMD)
def test_systemd_calls_the_exposure_of_the_unit_low() -> None:
    done = subprocess.run(
        [str(SYSTEMD), "security", "--offline=true", "--threshold=15", str(DEPLOY / "dodo-checkout-mcp.service")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-200:]
