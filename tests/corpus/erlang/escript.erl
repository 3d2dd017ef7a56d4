#!/usr/bin/env escript
%% -*- erlang -*-
%%! -smp enable
main(_) ->
    {ok, [A, B]} = io:fread("", "~d ~d"),
    io:format("~b~n", [A + B]).
