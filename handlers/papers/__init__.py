"""The papers of every procedure: shared parts, labels, figures, words, and HTML into PDF."""
