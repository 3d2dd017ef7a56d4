-module(main).
-export([main/0]).
-include("numbers.hrl").
main() ->
    {ok, [A, B]} = io:fread("", "~d ~d"),
    io:format("~w~n", [helper:add(#pair{a = A, b = B})]).
