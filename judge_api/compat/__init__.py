"""The APIs of other judges, for clients written for them. The packages only translate: they do not judge."""
