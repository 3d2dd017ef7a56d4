"""The client library and the remote commands, on requests; never imports Flask."""
