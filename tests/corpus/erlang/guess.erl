-module(main).
-export([main/0]).
main() -> go(1, 1000).
go(Lo, Hi) ->
    M = (Lo + Hi) div 2,
    io:format("~w~n", [M]),
    case io:get_line("") of
        "higher\n" -> go(M + 1, Hi);
        "lower\n" -> go(Lo, M - 1);
        _ -> ok
    end.
