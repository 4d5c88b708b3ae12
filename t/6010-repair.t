#!/bin/sh
# SPDX-License-Identifier: ISC
# A message is changed where this smarthost could not take it, and nowhere else;
# the table is in t/mail/repair.pl.  `less' offers neither 8BITMIME nor SMTPUTF8,
# `eight' the former, `utf8' both.
. "${0%/*}/lib.sh"

server() # NAME PORT KEYWORD...
{
	name=$1 port=$2
	shift 2
	mkdir -p "$T/$name"
	setsid "$SMARTHOST" -p "$port" -P "$T/$name.port" -d "$T/$name" \
	    -o "$T/$name.log" -t none -e PIPELINING -e SIZE "$@" &
	printf '%s\n' '[smarthost]' 'host = smarthost.test' "port = $port" \
	    'tls = off' '[queue]' 'runner = no' '[log]' "to = $T/log" \
	    >"$T/$name.conf"
	chmod 600 "$T/$name.conf"
	wait_for test -s "$T/$name.port" || fail_early "no smarthost $name"
}

server less 2601
server eight 2602 -e 8BITMIME
server utf8 2603 -e 8BITMIME -e SMTPUTF8
exec perl "$TOP/t/repair.pl" "$TOP" "$T"
