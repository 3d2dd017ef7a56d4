-module(a).
-compile(export_all).
-record(vec, {x = 0}).
-define(ADD(A, B), #vec{x = A#vec.x + B#vec.x}).
main() ->
    Unused = 3,
    {ok, [A, B]} = io:fread("", "~d ~d"),
    C = ?ADD(#vec{x = A}, #vec{x = B}),
    io:format("~w~n", [C#vec.x]).
