"""Process start to answered tools/list: this server against a bare two-tool server on the same SDK.

Both over stdio, from compiled bytecode, interleaved in one run; prints the medians and their ratio. The bytecode lies
in a folder of this run's own, so that neither the installation nor PYTHONDONTWRITEBYTECODE decides what is measured.

    uv run python bench/startup.py [--runs 15]
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

BARE = """
from mcp.server.mcpserver import MCPServer

server = MCPServer("bare")


@server.tool()
def preview(product_id: str, quantity: int) -> dict[str, int]:
    return {"total": quantity}


@server.tool()
def create(preview_id: str) -> dict[str, str]:
    return {"session_id": preview_id}


server.run()
"""

HELLO: list[dict[str, Any]] = [
    {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "b", "version": "1"}},
    },
    {"jsonrpc": "2.0", "method": "notifications/initialized"},
    {"jsonrpc": "2.0", "id": 2, "method": "tools/list"},
]


def seconds(command: list[str], environment: dict[str, str]) -> float:
    """From the start of a process to its answer to tools/list."""
    messages = "".join(json.dumps(message) + "\n" for message in HELLO).encode()
    started = time.perf_counter()
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(messages)
        process.stdin.flush()
        for line in process.stdout:
            if json.loads(line).get("id") == 2:
                break
        else:
            raise SystemExit(f"{command} did not answer")
        taken = time.perf_counter() - started
        process.stdin.close()
    return taken


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=15)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        bare = Path(folder) / "bare.py"
        bare.write_text(BARE, encoding="utf-8")
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("DODO_PAYMENTS_", "CHECKOUT_"))}
        kept.pop("PYTHONDONTWRITEBYTECODE", None)
        bytecode = Path(folder) / "bytecode"
        environment = kept | {
            "CHECKOUT_LEDGER": str(Path(folder) / "ledger.db"),
            "PYTHONPYCACHEPREFIX": str(bytecode),
        }
        commands = {
            "bare two-tool server": [sys.executable, str(bare)],
            "dodo-checkout-mcp": [sys.executable, "-m", "checkout_server"],
        }
        times: dict[str, list[float]] = {name: [] for name in commands}
        for command in commands.values():
            seconds(command, environment)  # compiles what it imports, and warms the disk's cache
        for package in ("mcp", "checkout_server"):
            if not any(bytecode.rglob(f"{package}/__init__.*.pyc")):
                raise SystemExit(f"{package} was not compiled; the figures would mostly be the compiler's")
        for _ in range(runs):
            for name, command in commands.items():
                times[name].append(seconds(command, environment))
    medians = {name: statistics.median(values) for name, values in times.items()}
    for name, median in medians.items():
        print(f"{name:<22} {median * 1000:7.0f} ms (median of {runs})")
    print(f"ratio                  {medians['dodo-checkout-mcp'] / medians['bare two-tool server']:7.2f}")


if __name__ == "__main__":
    main()
