"""Tags of the pages about claims."""
