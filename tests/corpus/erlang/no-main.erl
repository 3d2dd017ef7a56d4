-module(main).
-export([solve/0]).
solve() -> io:format("Hello, World!~n").
