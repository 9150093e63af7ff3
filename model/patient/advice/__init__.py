"""What must not be missed, what the treatment scheme says, and the steps of the work-up."""
