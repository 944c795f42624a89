"""What a monthly report says, as values and as sentences."""
