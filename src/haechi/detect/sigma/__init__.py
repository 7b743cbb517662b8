"""Sigma rules on the collected tables: read by pySigma, written as SQL rules of the workspace.

Format: https://github.com/SigmaHQ/sigma-specification (rules and correlations, version 2).
"""
