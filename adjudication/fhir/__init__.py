"""Reading FHIR R4 records and turning them into memberships, claims and evidence."""
