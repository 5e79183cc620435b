"""``python -m arctic_codegen``"""

from arctic_codegen.cli.main import main

if __name__ == "__main__":
    main()
