"""``python -m arctic_codegen`` runs the command line."""

from arctic_codegen.cli.main import main

if __name__ == "__main__":
    main()
