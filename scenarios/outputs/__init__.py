"""Writers: one comparison in, one text out."""
