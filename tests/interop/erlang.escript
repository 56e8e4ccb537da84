#!/usr/bin/env escript
%% erlang.escript - the Erlang/OTP peer; peer.h says what it does.
-mode(compile).

main([Role, Port, Identity, Key, Suite]) ->
    {ok, _} = application:ensure_all_started(ssl),
    logger:set_primary_config(level, none),
    timer:kill_after(150000),
    Options = [
        binary,
        {protocol, dtls},
        {versions, ['dtlsv1.2']},
        {ciphers, [suite(list_to_integer(Suite, 16))]},
        {active, false},
        {verify, verify_none},
        {psk_identity, Identity},
        {user_lookup_fun, {fun key/3, binary:decode_hex(list_to_binary(Key))}}
    ],
    case Role of
        "server" -> serve(Options);
        "client" -> call(list_to_integer(Port), Options)
    end;
main(_) ->
    io:format(standard_error, "usage: erlang.escript server|client PORT IDENTITY KEY SUITE~n", []),
    halt(2).

%% Suites are maps here; only an internal function knows their numbers.
suite(Number) ->
    All = ssl:cipher_suites(all, 'dtlsv1.2') ++ ssl:cipher_suites(anonymous, 'dtlsv1.2'),
    case [S || S <- All, ssl_cipher_format:suite_map_to_bin(S) =:= <<Number:16>>] of
        [Suite | _] ->
            Suite;
        [] ->
            io:format(standard_error, "PEER has not suite ~4.16.0b~n", [Number]),
            halt(3)
    end.

key(psk, _Identity, Key) -> {ok, Key}.

serve(Options) ->
    {ok, Listener} = ssl:listen(0, [{ip, {127, 0, 0, 1}} | Options]),
    {ok, {_, Port}} = ssl:sockname(Listener),
    io:format("port ~b~n", [Port]),
    {ok, Accepted} = ssl:transport_accept(Listener),
    {ok, Socket} = ssl:handshake(Accepted),
    {ok, Line} = ssl:recv(Socket, 0),
    ok = ssl:send(Socket, Line),
    {error, closed} = ssl:recv(Socket, 0).

call(Port, Options) ->
    {ok, Socket} = ssl:connect({127, 0, 0, 1}, Port, Options),
    ok = ssl:send(Socket, <<"from client\n">>),
    {ok, Line} = ssl:recv(Socket, 0),
    io:put_chars(Line),
    ok = ssl:close(Socket).
