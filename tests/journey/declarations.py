"""What a header declares, told by a few rules on its text: enough for headers in our style."""

from __future__ import annotations

import re
from typing import NamedTuple

SCOPE = re.compile(r"(?:template\s*<.*>\s*)?(?:inline\s+)?(namespace|class|struct|union|enum)\b",
                   re.DOTALL)
LABEL = re.compile(r"\b(public|protected|private)\s*:(?!:)")
TOKEN = re.compile(r"///[^\n]*|[{};]|(?:(?!///)[^{};])+")
NO_CODE = re.compile(r"(?<![:/])//(?!/)[^\n]*|^[ \t]*#[^\n]*", re.MULTILINE)
LITERAL = re.compile(r'(///[^\n]*)|"(?:\\.|[^"\\\n])*"|(?<!\w)\'(?:\\.|[^\'\\\n])\'')


class Declared(NamedTuple):
    """Declarations without their bodies, and contract lines, in their order."""

    public: list[str]
    private: list[str]


class Scope:
    def __init__(self, access: str) -> None:
        self.access = access


def declared_in(header: str) -> Declared:
    text = LITERAL.sub(lambda match: match[1] or '""', NO_CODE.sub("", header))
    result = Declared([], [])
    scopes = [Scope("public")]
    depth = 0  # of braces within a body
    piece = ""
    was_body = False  # the last token closed one

    def emit(line: str) -> None:
        hidden = any(scope.access != "public" for scope in scopes)
        (result.private if hidden else result.public).append(line)

    for token in TOKEN.findall(text):
        if depth > 0:
            depth += {"{": 1, "}": -1}.get(token, 0)
            was_body = depth == 0
        elif token.startswith("///"):
            emit(token.rstrip())
        elif token == "{" and (was_body or not SCOPE.match(piece.strip())):
            # Behind a body: the next one of a constructor's initialisers, or its own.
            if not was_body and piece.strip():
                emit(declaration(piece))
            piece, depth = "", 1
        elif token == "{":
            emit(declaration(piece))
            inner = "private" if re.search(r"\bclass\b", piece) and "enum" not in piece else "public"
            scopes.append(Scope(inner))
            piece = ""
        elif token in ";}":
            if piece.strip():
                emit(declaration(piece))
            piece, was_body = "", False
            if token == "}" and len(scopes) > 1:
                scopes.pop()
        elif not (was_body and (not token.strip() or token.lstrip().startswith(","))):
            was_body = False
            labels = list(LABEL.finditer(token))
            for label in labels:
                scopes[-1].access = label[1]
            piece = token[labels[-1].end():] if labels else piece + token
    return result


def declaration(piece: str) -> str:
    """On one line, without a constructor's initialisers."""
    line = " ".join(piece.split())
    return re.sub(r"(\)[^():]*?) : .*", r"\1", line)
