"""Copiers over SNMP: profiles as data, plans resolved once, one GET per poll."""
