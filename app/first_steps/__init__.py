"""What a home that has never been used is offered, above the composer."""
