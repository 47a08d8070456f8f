"""Driving KataGo: protocol, process, supervisor, provisioning."""
