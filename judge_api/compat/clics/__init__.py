"""The read side of the CLICS Contest API (2023-06) over events."""
