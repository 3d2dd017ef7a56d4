-module(main).
-export([main/0]).
main() ->
    {ok, [N]} = io:fread("", "~d"),
    io:format("~w~n", [f(N)]).
f(0) -> 1;
f(N) when N > 0 -> N * f(N - 1).
