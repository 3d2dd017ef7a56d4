"""The APIs of other judges, for clients written for them. Each package only translates; none judges."""
