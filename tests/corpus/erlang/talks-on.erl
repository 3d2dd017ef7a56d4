-module(main).
-export([main/0]).
main() ->
    io:format("37~n"),
    [io:format("~w~n", [I]) || I <- lists:seq(1, 2000)].
