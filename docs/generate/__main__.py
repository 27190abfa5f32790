"""Writes what is generated into the documents; ``--check`` writes nothing and fails if one differs."""

import argparse
import logging
import sys

from docs.generate.documents import COMMAND, ROOT, documents, with_blocks


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m docs.generate", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; fail if a document differs")
    # Of the servers in this process; else the SDK shows every event.
    logging.basicConfig(handlers=[logging.NullHandler()])
    is_check = parser.parse_args().check
    differing = 0
    for path in documents():
        text = path.read_text(encoding="utf-8")
        if (generated := with_blocks(text)) == text:
            continue
        differing += 1
        if is_check:
            print(f"{path.relative_to(ROOT)} differs; run: {COMMAND}", file=sys.stderr)
        else:
            path.write_text(generated, encoding="utf-8", newline="\n")
            print(path.relative_to(ROOT))
    return 1 if is_check and differing else 0


if __name__ == "__main__":
    sys.exit(main())
