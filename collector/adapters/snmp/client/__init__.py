"""The SNMP client on pysnmp's types and keys: one connected UDP socket per machine, no MIBs."""
