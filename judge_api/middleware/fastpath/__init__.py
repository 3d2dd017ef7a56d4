"""Answers the two commonest requests without Flask: polling a status and posting a submission."""
