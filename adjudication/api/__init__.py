"""The app's part of the REST API: the same selectors and services as the pages."""
