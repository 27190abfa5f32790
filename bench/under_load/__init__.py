"""The parts of ``bench/load.py``: a team's server, its agents, what is judged, and what is measured."""
