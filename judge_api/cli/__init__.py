"""The subcommands of `gavel`, one module each with a click command named ``command``."""
