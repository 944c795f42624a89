"""The SNMP client on pysnmp's types and keys: one connected UDP socket per machine, no MIBs."""

from collector.adapters.snmp.client.conversation import PysnmpSession

__all__ = ["PysnmpSession"]
