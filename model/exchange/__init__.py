"""Patients from other systems: Phenopackets and FHIR bundles become cases."""
