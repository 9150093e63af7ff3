"""What must not be missed, and the steps of the work-up."""
