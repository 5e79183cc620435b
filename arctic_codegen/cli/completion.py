"""``arctic-codegen completion``"""

from __future__ import annotations

import click

from arctic_codegen.cli.options import HelpWithExamples

EPILOG = """\
Examples:
  arctic-codegen completion bash >> ~/.bashrc
  arctic-codegen completion zsh >> ~/.zshrc
  arctic-codegen completion fish > ~/.config/fish/completions/arctic-codegen.fish
"""


@click.command("completion", cls=HelpWithExamples, epilog=EPILOG)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(shell: str) -> int:
    """Print a script that completes commands and options in SHELL."""
    from click.shell_completion import get_completion_class

    from arctic_codegen.cli.group import group

    completion = get_completion_class(shell)
    assert completion is not None
    # Not source(): that checks the version of a bash that need not be here.
    maker = completion(group, {}, "arctic-codegen", "_ARCTIC_CODEGEN_COMPLETE")
    click.echo(maker.source_template % maker.source_vars())
    return 0
