"""Every test of a run, those too that ``--thorough`` leaves out."""

import pytest

COLLECTED = pytest.StashKey[list[pytest.Item]]()
