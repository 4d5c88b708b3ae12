#!/bin/sh
# SPDX-License-Identifier: ISC
# What a real Postfix passes on is what the caller gave, octet for octet.
. "${0%/*}/lib.sh"
. "$TOP/t/postfix.sh"

ca_make
postfix_serve 2601 'smtpd_discard_ehlo_keywords = pipelining, chunking, dsn'
postfix_start || fail_early "Postfix did not start: $(tail -n 3 "$T/postfix/log")"
postfix_conf
mkdir "$T/in" "$T/want" "$T/got"

# text NAME PERL: a text to send, and what should arrive of it unless that is the
# same in CRLF.  A reference is to one that is in CRLF already, header and all.
text()
{
	perl -e '
	my ($name, $in, $want) = (shift, eval shift);
	sub keep
	{
		my ($folder, $end, $text) = @_;
		open(my $out, ">:raw", "$folder/$name") or die;
		print $out join($end, "From: Joe <joe\@x.example>",
		    "To: x\@y.example", "Subject: octets",
		    "Date: Fri, 03 Jul 2026 10:00:00 +0000",
		    "Message-ID: <$name\@x.example>", "MIME-Version: 1.0",
		    "Content-Type: text/plain; charset=ISO-8859-1",
		    "Content-Transfer-Encoding: 8bit", "", $text);
	}
	die unless defined $in;
	$want = ref $in ? $$in : $in =~ s/\n/\r\n/gr unless defined $want;
	keep("in", ref $in ? ("\r\n", $$in) : ("\n", $in));
	keep("want", "\r\n", $want);
	' "$1" "$2" || diag "no text $1"
}

text plain '"one\ntwo\n"'
text blank-lines '"\n\n\none\n\n\n"'
text no-body '""'
text no-final-newline '("one\ntwo", "one\r\ntwo\r\n")'
text ends-in-a-dot '("one\n.", "one\r\n.\r\n")'
text crlf '\"one\r\n.two\r\n\r\n"'
text mixed '("a\nb\r\nc\n\r\nd\r\n\n", "a\r\nb\r\nc\r\n\r\nd\r\n\r\n")'
text stray-cr-and-nul '("a\rb\n\rc\0d\re\n\r\r\n\0\n",
    "a b\r\n c d e\r\n\r\n \r\n")'
text dots '".\n..\n...\n.x\n..x\nx.\n. \n.\n.\n"'
text many-dots '".\n" x 40000'
text growing 'join "", map { "x" x $_, "\n", "." x $_, "\n" } 0 .. 300'
text longest-lines 'join "", map { $_ x 998, "\n", "." . $_ x 997, "\n" }
    "a", ".", "\xe9"'
text all-octets 'join("", map { chr } 1 .. 9, 11, 12, 14 .. 255) . "\n"'
text 8bit '"gr\xc3\xbc\xc3\x9fe \xe2\x82\xac \xff\xfe\n" x 100'
text words '"RSET\nQUIT\n250 ok\nFrom x\n>From y\nBcc: z\@y.example\n"'
text large 'my $in = "";
srand 4;
$in .= "." x rand(3) . pack("C*", map { 32 + rand 224 } 1 .. rand 990) . "\n"
    while length $in < 4000000;
$in'

# compare WHAT: all that has arrived
compare()
{
	for message in "$T"/next/*.msg; do
		next_text "$message" >"$T/octets"
		mv "$T/octets" "$T/got/$(sed -n \
		    's/^Message-ID: <\(.*\)@x.example>\r$/\1/p' "$message")"
	done
	for want in "$T"/want/*; do
		same_file "$T/got/${want##*/}" "$want" "$1: ${want##*/}"
	done
	rm -f "$T"/got/*
}

count=$(ls "$T/in" | wc -l)
for port in 2587 2601 2465; do
	postfix_conf "port = $port"
	fresh
	for file in "$T"/in/*; do
		run "$SENDMAIL" -i -f joe@x.example x@y.example <"$file"
		is $rc 0 "port $port: ${file##*/}"
	done
	is "$(queued) $(passed_on)" "0 $count" "port $port: all arrive"
	compare "port $port"
done

for port in 2587 2601; do
	postfix_conf "port = $port"
	fresh
	for file in "$T"/in/*; do
		"$SENDMAIL" -odq -i -f joe@x.example x@y.example <"$file"
	done
	is "$(queued)" "$count" "a run to port $port: all wait"
	run "$SENDMAIL" -q
	is "$rc $(queued) $(passed_on)" "0 0 $count" \
	    "a run to port $port: all arrive"
	is "$(maillog $port disconnect | grep -c ' connect from')" 1 \
	    "a run to port $port: over one connection"
	compare "a run to port $port"
done

# What we add, and what we take

postfix_conf '[sender]' 'domain = x.example'
fresh
printf 'To: x@y.example\nBcc: blind@y.example\nReturn-Path: <a@b>\nSubject: x\n\n.\n..\n.x\n.\nlost\n' |
    tee "$T/input" | "$SENDMAIL" -F 'Joe Doe' -t -oi
is "$(passed_on) $(rcpts | tr '\n' ' ')" "1 blind@y.example x@y.example " \
    "a blind copy goes"
next_text "$T/next/1.msg" >"$T/octets"
strip_added "$T/octets" >"$T/rest"
grep -v '^Bcc:\|^Return-Path:' "$T/input" | wire >"$T/expected"
same_file "$T/rest" "$T/expected" "nothing else than Bcc and Return-Path is gone"
is "$(sed 's/:.*//; /^\r*$/q' "$T/octets" | sort | uniq -c | tr -s ' \n\r' ' ')" \
    " 1 1 Date 1 From 1 Message-ID 1 Subject 1 To " \
    "nothing else than Date, From and Message-ID is there"
like "$(cat "$T/octets")" '^From: "?Joe Doe"? <root' "From has the name of -F"
fresh
"$SENDMAIL" -t <"$T/input"
is "$(passed_on)" 1 "without -i it goes up to the dot"
next_text "$T/next/1.msg" | sed '1,/^\r$/d' >"$T/octets"
printf '' >"$T/expected"
same_file "$T/octets" "$T/expected" "without -i: a lone dot ends it at once"
printf 'To: x@y.example\n\n..\n.x\n...\n.\nlost\n' >"$T/input"
fresh
"$SENDMAIL" -t <"$T/input"
is "$(passed_on)" 1 "without -i, dots"
next_text "$T/next/1.msg" | sed '1,/^\r$/d' >"$T/octets"
printf '.\r\n.x\r\n...\r\n' >"$T/expected"
same_file "$T/octets" "$T/expected" "without -i two dots alone are one"

done_testing
