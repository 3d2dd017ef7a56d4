"""Shared by all views: authentication, error responses, JSON, and the OpenAPI document."""
