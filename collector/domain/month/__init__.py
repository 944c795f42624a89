"""A department's month: pages, range, forecast, and the year around it."""
