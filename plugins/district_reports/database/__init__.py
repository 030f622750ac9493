"""Connections, roles and COPY: the ground that ledger and warehouse stand on."""
