"""How cameras and phones find each other: the protocol, the gateway, and what carries between."""
