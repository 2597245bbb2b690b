"""Runs untrusted code in a confined process and calls its functions from the trusted one."""
