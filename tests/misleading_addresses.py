"""Hosts and URLs that a careless reader takes for this machine, or for a shop, and a browser for somewhere else."""

LOOKALIKES = (
    "evillocalhost",
    "evil-localhost",
    "localhost.evil.example",
    "localhost-evil.example",
    "127.0.0.1.evil.example",
    "evil127.0.0.1.example",
    "127-0-0-1.evil.example",
    "0.0.0.0",
    "128.0.0.1",
    "10.127.0.0",
    "[fe80::1]",
    "[2001:db8::127.0.0.1]",
)
"""Hosts of URLs that are not this machine."""

USERINFO = (
    "localhost@evil.example/",
    "localhost:80@evil.example/",
    "127.0.0.1@evil.example:443/",
    "[::1]@evil.example/",
    "user:secret@localhost/",
    "user@localhost/",
    "@localhost/",
    ":@localhost/",
    "evil.example@localhost/",
    "shop.example.com@evil.example/",
    "shop.example.com:443@evil.example/",
    "shop.example.com%2f@evil.example/",
    "evil.example\\@shop.example.com/",
    "shop.example.com\\@evil.example/",
    "a@b@shop.example.com/",
    "user:secret@shop.example.com/",
)
"""What follows ``://`` in URLs that name somebody before their host."""
