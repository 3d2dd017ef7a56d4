"""`gavel up`: all processes of the house on one machine, started, tended and ended together."""
