"""How a posting becomes what a core understands, where a core does not speak our port itself."""
