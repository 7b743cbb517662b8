"""Exact reconciliation of presented against issued credentials, at scale: docs/reconcile.md."""
