"""The commands. Only this package prints and exits."""
