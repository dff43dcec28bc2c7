"""The policy: shown to everybody, accepted by each account, and asked about before every use."""
