"""The symbols of operators, by libcst's types."""

from __future__ import annotations

from typing import Literal

import libcst as cst

BINARY: dict[type[cst.BaseBinaryOp], str] = {
    cst.Add: "+",
    cst.Subtract: "-",
    cst.Multiply: "*",
    cst.Divide: "/",
    cst.FloorDivide: "//",
    cst.Modulo: "%",
    cst.Power: "**",
    cst.MatrixMultiply: "@",
    cst.BitOr: "|",
    cst.BitAnd: "&",
    cst.BitXor: "^",
    cst.LeftShift: "<<",
    cst.RightShift: ">>",
}

AUGMENTED: dict[type[cst.BaseAugOp], str] = {
    getattr(cst, f"{kind.__name__}Assign"): symbol for kind, symbol in BINARY.items()
}

UNARY: dict[type[cst.BaseUnaryOp], Literal["-", "+", "~", "not"]] = {
    cst.Minus: "-",
    cst.Plus: "+",
    cst.BitInvert: "~",
    cst.Not: "not",
}

NUMBERS: dict[type[cst.BaseNumber], Literal["int", "float", "complex"]] = {
    cst.Integer: "int",
    cst.Float: "float",
    cst.Imaginary: "complex",
}

COMPARE: dict[type[cst.BaseCompOp], str] = {
    cst.Equal: "==",
    cst.NotEqual: "!=",
    cst.LessThan: "<",
    cst.LessThanEqual: "<=",
    cst.GreaterThan: ">",
    cst.GreaterThanEqual: ">=",
    cst.In: "in",
    cst.NotIn: "not in",
    cst.Is: "is",
    cst.IsNot: "is not",
}
