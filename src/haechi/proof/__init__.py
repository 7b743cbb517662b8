"""Evidence packs, and the verification of stores and packs by people who trust neither Haechi nor its owner."""
