"""Runs Redis' Lua scripts, in one Lua 5.1 that all simulated servers of the process share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from lupa import lua51  # type: ignore[import-untyped]

from tests.simulation.redis_values import Refusal, Simple

Script = Any
Execute = Callable[[Sequence[bytes]], Any]

_ANSWER_MARK = "answer: "
_ERROR_OF_AN_ANSWER = f"""
    local raise = error
    function error(value, level)
        if type(value) == 'table' and value.err then raise('{_ANSWER_MARK}' .. value.err, 0) end
        raise(value, (level or 1) + 1)
    end
""".encode()
"""Redis answers a script's ``error(answer)`` with the text of that answer. lupa would drop a table."""


class ScriptEngine:
    """A Lua interpreter. It compiles each script once, and passes keys and arguments as parameters."""

    def __init__(self) -> None:
        self._lua = lua51.LuaRuntime(encoding=None, unpack_returned_tuples=False)
        self._compiled: dict[bytes, Script] = {}
        self._execute: Execute = _no_server
        table = {b"call": self._call, b"pcall": self._protected_call}
        self._lua.globals()[b"redis"] = self._lua.table_from(table)
        self._lua.execute(_ERROR_OF_AN_ANSWER)

    @staticmethod
    @cache
    def shared() -> ScriptEngine:
        return ScriptEngine()

    def compiled(self, text: bytes) -> Script:
        """The script as a function of KEYS and ARGV."""
        if text not in self._compiled:
            self._compiled[text] = self._lua.eval(b"function(KEYS, ARGV) " + text + b"\nend")
        return self._compiled[text]

    def run(self, script: Script, execute: Execute, keys: Sequence[bytes], arguments: Sequence[bytes]) -> Any:
        """Run a script. Returns its answer as Redis would send it. Raises ``Refusal`` for an error."""
        self._execute = execute
        try:
            return _answer(script(self._lua.table_from(keys), self._lua.table_from(arguments)))
        except lua51.LuaError as error:
            _, is_answer, answer = str(error).rpartition(_ANSWER_MARK)
            text = str(error).replace('[string "<python>"]', "user_script")
            raise Refusal(answer if is_answer else f"ERR {text}") from error
        finally:
            self._execute = _no_server

    def _call(self, *arguments: Any) -> Any:
        return self._to_lua(self._execute([_argument(each) for each in arguments]))

    def _protected_call(self, *arguments: Any) -> Any:
        try:
            return self._call(*arguments)
        except Refusal as refusal:
            return self._lua.table_from({b"err": str(refusal).encode()})

    def _to_lua(self, value: Any) -> Any:
        if value is None:
            return False
        if type(value) is Simple:
            return self._lua.table_from({b"ok": bytes(value)})
        if type(value) is list:
            return self._lua.table_from([self._to_lua(each) for each in value])
        return value


def _no_server(_command: Sequence[bytes]) -> Any:
    raise Refusal("ERR no script runs")


def _argument(value: Any) -> bytes:
    if type(value) is bytes:
        return value
    if type(value) is int:
        return b"%d" % value
    if type(value) is float:
        return b"%.17g" % value
    raise Refusal("ERR Lua redis lib command arguments must be strings or integers")


def _answer(value: Any) -> Any:
    if type(value) is bytes or value is None:
        return value
    if type(value) is bool:
        return 1 if value else None
    if type(value) in (int, float):
        return int(value)
    if value[b"err"] is not None:
        raise Refusal(value[b"err"].decode(errors="replace"))
    if value[b"ok"] is not None:
        return Simple(value[b"ok"])
    answer = []
    for at in range(1, len(value) + 1):
        if value[at] is None:
            break
        answer.append(_answer(value[at]))
    return answer
