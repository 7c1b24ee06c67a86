"""Errors that the engine raises."""

from typing import Optional


class PolicyError(ValueError):
    """A policy that kube-apiserver rejects. The message is the server's."""

    def __init__(self, message: str, code: Optional[str], line: int, column: int) -> None:
        super().__init__(message)
        #: Code of the finding that says why, such as ``AP001``; ``None`` if there is none.
        self.code = code
        #: Line of the finding, from 1.
        self.line = line
        #: Column of the finding in characters, from 1.
        self.column = column

    def __reduce__(self) -> "tuple[type[PolicyError], tuple[str, Optional[str], int, int]]":
        return type(self), (str(self), self.code, self.line, self.column)
