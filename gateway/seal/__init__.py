"""Signing what the hub says and verifying what partners say (XMLDSig, XAdES baseline B)."""
