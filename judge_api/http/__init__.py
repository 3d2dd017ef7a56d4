"""Used by every view: authentication, error responses, JSON, and the OpenAPI document."""
