-module(main).
-export([main/0]).
main() -> {ok, [N]} = io:fread("", "~d"), io:format("~w~n", [f(N)]).
f(0) -> 0;
f(N) -> N + f(N - 1).
