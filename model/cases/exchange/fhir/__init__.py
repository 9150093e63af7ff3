"""Reads a FHIR Bundle (R4, R4B, R5) of one patient as statements.

Source of the structure: hl7.org/fhir/R4 and R5, resources Bundle, Patient, Condition, Observation, Medication and
MedicationStatement, -Request, -Administration, -Dispense.
"""

from model.cases.exchange.fhir.reader import read_bundle

__all__ = ["read_bundle"]
