"""The subcommands of `gavel`. Each is a module with a click command named ``command``."""
