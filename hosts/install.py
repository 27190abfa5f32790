"""Installs every host into the cache, so that no test waits for a registry: ``uv run python hosts/install.py``."""

import asyncio
import sys
import time

from environments import ENVIRONMENTS, installed


async def main() -> None:
    for environment in ENVIRONMENTS:
        started = time.perf_counter()
        await installed(environment)
        sys.stdout.write(f"{environment.name}: {time.perf_counter() - started:.0f} s\n")


if __name__ == "__main__":
    asyncio.run(main())
