"""``python -m svcsim``: the command ``svcsim``."""

from svcsim.cli.main import main

if __name__ == "__main__":
    main()
