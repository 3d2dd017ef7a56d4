-module(main).
-export([main/0]).
main() ->
    ok = io:setopts(standard_io, [binary]),
    N = binary_to_integer(string:trim(io:get_line(""))),
    io:format("~w~n", [sum(N, 0)]).
sum(0, S) -> S;
sum(N, S) -> sum(N - 1, S + binary_to_integer(string:trim(io:get_line("")))).
