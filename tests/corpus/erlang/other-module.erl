-module(solution_of_mine).
-export([start/0]).
-compile({inline, [add/2]}).

add(A, B) -> A + B.

start() ->
    [A, B] = [list_to_integer(T) || T <- string:tokens(io:get_line(""), " \n")],
    io:format("~w~n", [add(A, B)]).
