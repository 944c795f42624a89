"""Grafana: the dashboards, made from their definitions, and the rules and sources beside them."""
