"""Medical codes: ICD-10 for people to search in, and SNOMED CT as hospitals' systems send it."""
