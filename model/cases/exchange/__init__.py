"""Patients from other systems: reads Phenopackets and FHIR bundles as cases."""

from model.cases.exchange.reading import read_patient, read_patient_file
from model.cases.exchange.records import Imported, LeftOut, Mapped

__all__ = ["Imported", "LeftOut", "Mapped", "read_patient", "read_patient_file"]
