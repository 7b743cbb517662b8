"""Shared signals: telling other systems that a session or credential ended, and hearing it from them (SSF, CAEP)."""
