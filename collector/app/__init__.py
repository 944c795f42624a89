"""Use cases over the ports: poll a place, deliver the log, publish months, answer questions."""
