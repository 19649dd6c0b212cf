"""Completion in bash, where @ and : end a word and would tear ``@FILE`` and ``env:NAME`` apart.

Click hands over the words as bash has split them. Here the line goes over instead, and what stands before the
last break is taken off the answers, because bash keeps it.
"""

from __future__ import annotations

import os
from typing import Final

from click.shell_completion import BashComplete, add_completion_class, split_arg_string

_LINE: Final = "JOTPASS_COMPLETION_LINE"

_SCRIPT: Final = """\
%(complete_func)s() {
    local IFS=$'\\n' response completion kind value
    local line="${COMP_LINE:0:COMP_POINT}"
    local word="${line##*[[:space:]]}"
    local breaks="${COMP_WORDBREAKS//[^@:=]/}" kept=""
    [[ -n $breaks ]] && kept="${word%%"${word##*[$breaks]}"}"
    response=$(env JOTPASS_COMPLETION_LINE="$line" %(complete_var)s=bash_complete "$1")
    COMPREPLY=()
    for completion in $response; do
        IFS=',' read -r kind value <<< "$completion"
        if [[ $kind == dir ]]; then
            compopt -o dirnames
        elif [[ $kind == file ]]; then
            compopt -o default
        elif [[ $kind == plain ]]; then
            COMPREPLY+=("${value#"$kept"}")
            case "$value" in @|*/|env:) compopt -o nospace ;; esac
        fi
    done
}
complete -o nosort -F %(complete_func)s %(prog_name)s
"""


class WholeWordBashComplete(BashComplete):
    """Bash's completion by the line as it was typed."""

    source_template = _SCRIPT

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words before the one that is being typed, and that one."""
        line = os.environ.get(_LINE, "")
        words = split_arg_string(line)[1:]
        if not line or line[-1].isspace():
            return words, ""
        return words[:-1], words[-1] if words else ""


def register() -> None:
    """Have click use it."""
    add_completion_class(WholeWordBashComplete, "bash")
