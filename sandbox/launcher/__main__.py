"""``python -m sandbox.launcher``: builds the launcher if necessary and prints its path."""

from sandbox.launcher.build import launcher_path

if __name__ == "__main__":
    print(launcher_path())
