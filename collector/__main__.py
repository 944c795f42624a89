"""`python -m collector` and the command `copier-fleet`."""

from collector.cli.main import main

if __name__ == "__main__":
    main()
