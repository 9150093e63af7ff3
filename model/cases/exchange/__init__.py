"""Patients from other systems: Phenopackets and FHIR bundles become cases."""

from model.cases.exchange.reading import read_patient, read_patient_file
from model.cases.exchange.records import Imported, LeftOut, Mapped

__all__ = ["Imported", "LeftOut", "Mapped", "read_patient", "read_patient_file"]
