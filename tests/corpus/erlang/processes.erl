-module(main).
-export([main/0]).
main() ->
    {ok, [A, B]} = io:fread("", "~d ~d"),
    Self = self(),
    [spawn(fun() -> Self ! {number, X} end) || X <- [A, B]],
    io:format("~w~n", [lists:sum([receive {number, X} -> X end || _ <- [1, 2]])]).
