"""The command line, a module per group of commands; heavy libraries are imported where used."""
