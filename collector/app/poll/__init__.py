"""One poll of one place: read, judge, write down."""
