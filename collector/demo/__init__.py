"""Simulated copiers: real SNMPv1 and v2c agents on loopback UDP, for the demo and the tests."""
