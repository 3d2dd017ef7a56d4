"""What every view uses: authentication, error responses, JSON, and the OpenAPI document."""
