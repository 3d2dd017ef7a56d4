"""Answers the two most frequent requests without Flask: polling a status and posting a submission."""
