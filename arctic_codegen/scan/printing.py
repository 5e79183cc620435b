"""Prints a tree as libcst would, at a fraction of the cost, and notes where each node stands.

libcst's own code generation builds three Python frames for each of the many nodes that stand for
white space, and a context manager for each expression. Here each type of node has a layout: its
tokens and fields in order. Types without one are left to libcst. The caller compares the result
with the text that the tree was made from, so a layout that is wrong costs time, not truth.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

import libcst as cst

from arctic_codegen.scan.operators import AUGMENTED, BINARY, COMPARE
from arctic_codegen.scan.recording import NOTED, Recording

_TOKEN, _FIELD, _INDENT, _START, _END, _ANNOTATION = range(6)
_Step = tuple[int, str]

# Quoted words are tokens, others are fields; `<` and `>` are the ends of the stretch that counts
# as the node's place; `|` is the indentation; `:x` is an annotation behind a colon, `->x` one
# behind an arrow.
_STATEMENTS = {
    "SimpleStatementLine": "leading_lines | < body > trailing_whitespace",
    "SimpleStatementSuite": "leading_whitespace < body > trailing_whitespace",
    "Expr": "< value > semicolon",
    "Assign": "< targets value > semicolon",
    "AssignTarget": "< target > whitespace_before_equal '=' whitespace_after_equal",
    "AnnAssign": "< target :annotation equal value > semicolon",
    "AugAssign": "< target operator value > semicolon",
    "Return": "< 'return' whitespace_after_return value > semicolon",
    "Pass": "< 'pass' > semicolon",
    "Break": "< 'break' > semicolon",
    "Continue": "< 'continue' > semicolon",
    "Assert": "< 'assert' whitespace_after_assert test comma msg > semicolon",
    "Import": "< 'import' whitespace_after_import names > semicolon",
    "ImportFrom": "< 'from' whitespace_after_from relative module whitespace_before_import 'import'"
    " whitespace_after_import lpar names rpar > semicolon",
    "ImportAlias": "< name asname > comma",
    "ImportStar": "'*'",
    "AsName": "whitespace_before_as 'as' whitespace_after_as name",
    "Else": "leading_lines | < 'else' whitespace_before_colon ':' body >",
    "For": "leading_lines | < asynchronous 'for' whitespace_after_for target whitespace_before_in"
    " 'in' whitespace_after_in iter whitespace_before_colon ':' body orelse >",
    "While": "leading_lines | < 'while' whitespace_after_while test whitespace_before_colon ':'"
    " body orelse >",
    "With": "leading_lines | < asynchronous 'with' whitespace_after_with lpar items rpar"
    " whitespace_before_colon ':' body >",
    "WithItem": "< item asname > comma",
    "Try": "leading_lines | < 'try' whitespace_before_colon ':' body handlers orelse finalbody >",
    "ExceptHandler": "leading_lines | < 'except' whitespace_after_except type name"
    " whitespace_before_colon ':' body >",
    "Finally": "leading_lines | < 'finally' whitespace_before_colon ':' body >",
    "FunctionDef": "leading_lines decorators lines_after_decorators | < asynchronous 'def'"
    " whitespace_after_def name whitespace_after_name type_parameters"
    " whitespace_after_type_parameters '(' whitespace_before_params params ')' ->returns"
    " whitespace_before_colon ':' body >",
    "ClassDef": "leading_lines decorators lines_after_decorators | < 'class'"
    " whitespace_after_class name whitespace_after_name type_parameters"
    " whitespace_after_type_parameters lpar bases keywords rpar whitespace_before_colon ':' body >",
    "Decorator": "leading_lines | < '@' whitespace_after_at decorator > trailing_whitespace",
    "Asynchronous": "< 'async' > whitespace_after",
    "Semicolon": "whitespace_before ';' whitespace_after",
}
_PARTS = {
    "Arg": "< star whitespace_after_star keyword equal value > comma whitespace_after_arg",
    "SubscriptElement": "< slice > comma",
    "Index": "star whitespace_after_star value",
    "Slice": "lower first_colon upper second_colon step",
    "Parameters": "posonly_params posonly_ind params star_arg kwonly_params star_kwarg",
    "Param": "< star whitespace_after_star name > :annotation equal default comma"
    " whitespace_after_param",
    "ParamSlash": "'/' whitespace_after comma",
    "ParamStar": "'*' comma",
    "Element": "< value > comma",
    "DictElement": "< key whitespace_before_colon ':' whitespace_after_colon value > comma",
    "StarredDictElement": "< '**' whitespace_before_value value > comma",
    "ComparisonTarget": "operator comparator",
    "FormattedStringText": "value",
    "CompFor": "whitespace_before asynchronous 'for' whitespace_after_for target"
    " whitespace_before_in 'in' whitespace_after_in iter ifs inner_for_in",
    "CompIf": "whitespace_before 'if' whitespace_before_test test",
    "LeftParen": "'(' whitespace_after",
    "RightParen": "whitespace_before ')'",
    "LeftSquareBracket": "'[' whitespace_after",
    "RightSquareBracket": "whitespace_before ']'",
    "LeftCurlyBrace": "'{' whitespace_after",
    "RightCurlyBrace": "whitespace_before '}'",
    "Comma": "whitespace_before ',' whitespace_after",
    "Dot": "whitespace_before '.' whitespace_after",
    "Colon": "whitespace_before ':' whitespace_after",
    "AssignEqual": "whitespace_before '=' whitespace_after",
    "And": "whitespace_before 'and' whitespace_after",
    "Or": "whitespace_before 'or' whitespace_after",
    "Minus": "'-' whitespace_after",
    "Plus": "'+' whitespace_after",
    "BitInvert": "'~' whitespace_after",
    "Not": "'not' whitespace_after",
    "NotEqual": "whitespace_before value whitespace_after",
    "NotIn": "whitespace_before 'not' whitespace_between 'in' whitespace_after",
    "IsNot": "whitespace_before 'is' whitespace_between 'not' whitespace_after",
}
# These stand between their parentheses.
_EXPRESSIONS = {
    "Name": "value",
    "Integer": "value",
    "Float": "value",
    "Imaginary": "value",
    "Ellipsis": "'...'",
    "SimpleString": "value",
    "ConcatenatedString": "left whitespace_between right",
    "FormattedString": "start parts end",
    "Attribute": "value dot attr",
    "Call": "func whitespace_after_func '(' whitespace_before_args args ')'",
    "Subscript": "value whitespace_after_value lbracket slice rbracket",
    "Tuple": "elements",
    "List": "lbracket elements rbracket",
    "Set": "lbrace elements rbrace",
    "Dict": "lbrace elements rbrace",
    "Comparison": "left comparisons",
    "BinaryOperation": "left operator right",
    "BooleanOperation": "left operator right",
    "UnaryOperation": "operator expression",
    "IfExp": "body whitespace_before_if 'if' whitespace_after_if test whitespace_before_else"
    " 'else' whitespace_after_else orelse",
    "Lambda": "'lambda' whitespace_after_lambda params colon body",
    "ListComp": "lbracket elt for_in rbracket",
    "SetComp": "lbrace elt for_in rbrace",
    "GeneratorExp": "elt for_in",
    "DictComp": "lbrace key whitespace_before_colon ':' whitespace_after_colon value for_in rbrace",
    "Await": "'await' whitespace_after_await expression",
    "NamedExpr": "target whitespace_before_walrus ':=' whitespace_after_walrus value",
}


def _compiled() -> dict[type[cst.CSTNode], tuple[_Step, ...]]:
    layouts = {**_STATEMENTS, **_PARTS}
    layouts.update((name, f"lpar < {layout} > rpar") for name, layout in _EXPRESSIONS.items())
    layouts["StarredElement"] = "lpar < '*' whitespace_before_value value > rpar comma"
    for kind, symbol in (*BINARY.items(), *COMPARE.items()):
        layouts.setdefault(kind.__name__, f"whitespace_before '{symbol}' whitespace_after")
    for augmented, symbol in AUGMENTED.items():
        layouts[augmented.__name__] = f"whitespace_before '{symbol}=' whitespace_after"
    return {
        getattr(cst, name): tuple(_step(word) for word in layout.split())
        for name, layout in layouts.items()
    }


def _step(word: str) -> _Step:
    plain = {"|": _INDENT, "<": _START, ">": _END}.get(word)
    if plain is not None:
        return plain, ""
    if word.startswith("'"):
        return _TOKEN, word[1:-1]
    for indicator in (":", "->"):
        if word.startswith(indicator):
            return _ANNOTATION, word
    return _FIELD, word


_LAYOUTS = _compiled()
_Emit = Callable[[cst.CSTNode], None]


def print_tree(tree: cst.CSTNode, recording: Recording) -> None:
    """Prints a tree that the parser made into a recording."""
    layouts, specials = _LAYOUTS, _SPECIALS
    tokens, starts, ends = recording.tokens, recording.starts, recording.ends
    add = tokens.append
    simple, absent, name_type = cst.SimpleWhitespace, cst.MaybeSentinel, cst.Name

    def emit(node: cst.CSTNode) -> None:
        kind = type(node)
        layout = layouts.get(kind)
        if layout is None:
            special = specials.get(kind)
            if special is None:
                cast(Any, node)._codegen(recording)
            else:
                special(node, recording, emit)
            return
        for step, word in layout:
            if step == _FIELD:
                value = getattr(node, word)
                type_ = type(value)
                if type_ is simple:
                    if value.value:
                        add(value.value)
                elif type_ is name_type and not value.lpar:
                    key = id(value)
                    starts[key] = at = len(tokens)
                    add(value.value)
                    ends[key] = at + 1
                elif type_ is tuple or type_ is list:
                    for each in value:
                        emit(each)
                elif type_ is str:
                    if value:
                        add(value)
                elif value is not None and type_ is not absent:
                    emit(value)
            elif step == _TOKEN:
                add(word)
            elif step == _START:
                starts[id(node)] = at = len(tokens)
                if kind in NOTED:
                    recording.noted_at.append(at)
                    recording.noted.append(node)
            elif step == _END:
                ends[id(node)] = len(tokens)
            elif step == _INDENT:
                tokens.extend(recording.indent_tokens)
            else:
                _annotation(node, word, recording, emit)

    emit(tree)
    # It refers to itself, and with that would keep the tree until somebody looks for cycles.
    emit = _nothing


def _nothing(node: cst.CSTNode) -> None:
    del node


def _annotation(node: cst.CSTNode, word: str, recording: Recording, emit: _Emit) -> None:
    indicator = ":" if word[0] == ":" else "->"
    annotation = getattr(node, word[len(indicator) :])
    if annotation is None:
        return
    before = annotation.whitespace_before_indicator
    if isinstance(before, cst.CSTNode):
        emit(before)
    recording.tokens.append(indicator)
    emit(annotation.whitespace_after_indicator)
    key = id(annotation)
    recording.starts[key] = len(recording.tokens)
    emit(annotation.annotation)
    recording.ends[key] = len(recording.tokens)


def _module(node: cst.Module, recording: Recording, emit: _Emit) -> None:
    for part in (*node.header, *node.body, *node.footer):
        emit(part)
    if not node.has_trailing_newline:
        recording.pop_trailing_newline()
    elif not recording.tokens:
        recording.tokens.append(recording.default_newline)


def _block(node: cst.IndentedBlock, recording: Recording, emit: _Emit) -> None:
    emit(node.header)
    indent = node.indent
    recording.indent_tokens.append(recording.default_indent if indent is None else indent)
    key = id(node)
    recording.starts[key] = len(recording.tokens)
    for statement in node.body:
        emit(statement)
    recording.ends[key] = len(recording.tokens)
    for line in node.footer:
        emit(line)
    recording.indent_tokens.pop()


def _if(node: cst.If, recording: Recording, emit: _Emit) -> None:
    # A long chain of `elif` nests to the right; a loop spares the stack.
    chain = [node]
    while isinstance(chain[-1].orelse, cst.If):
        chain.append(chain[-1].orelse)
    for link in chain:
        for line in link.leading_lines:
            emit(line)
        recording.tokens.extend(recording.indent_tokens)
        recording.starts[id(link)] = len(recording.tokens)
        recording.tokens.append("if" if link is node else "elif")
        emit(link.whitespace_before_test)
        emit(link.test)
        emit(link.whitespace_after_test)
        recording.tokens.append(":")
        emit(link.body)
    if chain[-1].orelse is not None:
        emit(chain[-1].orelse)
    for link in chain:
        recording.ends[id(link)] = len(recording.tokens)


def _white(node: cst.SimpleWhitespace, recording: Recording, emit: _Emit) -> None:
    if node.value:
        recording.tokens.append(node.value)


def _parenthesized(node: cst.ParenthesizedWhitespace, recording: Recording, emit: _Emit) -> None:
    emit(node.first_line)
    for line in node.empty_lines:
        emit(line)
    if node.indent:
        recording.tokens.extend(recording.indent_tokens)
    emit(node.last_line)


def _line(node: cst.EmptyLine | cst.TrailingWhitespace, recording: Recording, emit: _Emit) -> None:
    tokens = recording.tokens
    if isinstance(node, cst.EmptyLine) and node.indent:
        tokens.extend(recording.indent_tokens)
    if node.whitespace.value:
        tokens.append(node.whitespace.value)
    if node.comment is not None:
        recording.comments.append((len(tokens), node.comment.value))
        tokens.append(node.comment.value)
    newline = node.newline.value
    tokens.append(recording.default_newline if newline is None else newline)


_SPECIALS: dict[type[cst.CSTNode], Callable[[Any, Recording, _Emit], None]] = {
    cst.Module: _module,
    cst.IndentedBlock: _block,
    cst.If: _if,
    cst.SimpleWhitespace: _white,
    cst.ParenthesizedWhitespace: _parenthesized,
    cst.EmptyLine: _line,
    cst.TrailingWhitespace: _line,
}
