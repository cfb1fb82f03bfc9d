"""Signed links, one-time codes and assurance levels."""
