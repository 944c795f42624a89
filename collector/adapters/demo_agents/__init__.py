"""Simulated copiers: real SNMPv1 and v2c agents on loopback UDP, for the demo and the tests.

They speak through their own few lines of BER, not through the library of the SNMP client, so a
mistake on one side is not repeated on the other.
"""

from collector.adapters.demo_agents.agent import Behaviour, SimulatedAgent
from collector.adapters.demo_agents.table import (
    Counter32,
    Counter64,
    Gauge32,
    Integer,
    IpAddress,
    MibTable,
    ObjectIdentifier,
    OctetString,
    Oid,
    TimeTicks,
    TypedValue,
)

__all__ = [
    "Behaviour",
    "Counter32",
    "Counter64",
    "Gauge32",
    "Integer",
    "IpAddress",
    "MibTable",
    "ObjectIdentifier",
    "OctetString",
    "Oid",
    "SimulatedAgent",
    "TimeTicks",
    "TypedValue",
]
