"""Claims, evidence, investigations, hearings and decisions. Computes no shares."""
