"""Makes releases: wheels and their lists (``dist``), version, tag and changelog (``release``)."""
