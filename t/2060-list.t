#!/bin/sh
# SPDX-License-Identifier: ISC
# mailq lists what waits, was held and failed, counts right for those who count
# by it, names what is no message, and changes nothing.
. "${0%/*}/lib.sh"
. "$TOP/t/queue.sh"

# Nothing

run "$MAILQ"
is "$rc $(cat "$T/out" "$T/err")" "0 Mail queue is empty" "no queue is empty"
is "$(counts)" "0 0 0 0" "who counts counts none"
not_ok "listing makes no queue" test -e "$Q"
run "$MAILQ" -j
is $rc 0 "no queue in JSON"
silent "is no output"
fresh
run "$MAILQ"
is "$rc $(cat "$T/out" "$T/err")" "0 Mail queue is empty" \
    "a queue with nothing in it is empty"
run "$MAILQ" -j
silent "in JSON, too"
run "$SENDMAIL" -bp
is "$rc $(cat "$T/out" "$T/err")" "0 Mail queue is empty" \
    "sendmail -bp says the same"
rm -rf "$Q"

# What sendmail stores

printf 'Subject: hi\n\nhello\n' >"$T/in"
run "$SENDMAIL" -i bob@y.example 'ann@y.example' <"$T/in"
is "$rc $(queued)" "0 1" "without a configuration a message is queued"
file=$(find "$Q/active" -type f)
octets=$(head -c 41 "$file" | tail -c 20 | sed 's/^0*//')
run "$MAILQ"
is "$rc $(wc -c <"$T/err")" "0 0" "it is listed"
is "$(sed -n 1p "$T/out")" \
    '----Queue ID----- --Size-- ---Arrival Time---- --Sender/Recipient------' \
    "under Postfix's heading"
is "$(sed -n 2p "$T/out")" "$(printf '%-17s %8d %s %s' "${file##*/}" "$octets" \
    "$(date -d "@$(head -c 71 "$file" | tail -c 20)" '+%a %b %e %T')" root)" \
    "with its ID, size, time and sender"
like "$(sed -n 3p "$T/out")" '^ *\(.*ONEHOP_SMARTHOST_HOST.*\)$' "the reason"
is "$(sed -n 4,5p "$T/out" | tr '\n' '|')" \
    "$(printf '%47s%s|%47s%s|' '' bob@y.example '' ann@y.example)" \
    "and the recipients, indented"
is "$(sed -n '6,$p' "$T/out" | tr '\n\t' '|_')" \
    '|__Total requests: 1|-- 0 Kbytes in 1 Request.|' "the total of one"
is "$(counts)" "1 1 1 1" "who counts counts one"
cp "$T/out" "$T/want"
run "$SENDMAIL" -bp
same_file "$T/out" "$T/want" "sendmail -bp prints the same"
run "$MAILQ" -j
is "$(json '@a . " $a[0]{queue_name} $a[0]{queue_id} $a[0]{message_size}"')" \
    "1 deferred ${file##*/} $octets" "JSON says so, too"
is "$(json '$a[0]{next_attempt}')" "$(stat -c %Y "$file")" \
    "the next attempt is the time of the file"

# Every kind of message

fresh
put active/0197ABCDEF022222 1795334441 1795337777 1024 joe@x.example \
    'ann@y.example bob@y.example cy@y.example dan@y.example' \
    '1795334442 deferred 1,2 451+204.7.1+20later' \
    '1795334443 attempt - <>' '1795334444 attempt - <>' \
    '1795334444 refused 3 550+205.1.1+20who'
put active/0197ABCDEF011111 1794000000 1795339999 1023 '<>' \
    'ann@y.example bob@y.example cy@y.example' \
    '1794000001 delivered 1 250+20Ok' \
    '1794000001 unknown 2 connection+20lost' '1794000002 unknown 3 <>'
put hold/0197ABCDEF033333 1795334441 1795334441 20480 joe@x.example \
    'root team' '1795334442 expanded 1 admin@y.example' \
    '1795334442 expanded 1 ops' '1795334442 expanded 4 eve@y.example' \
    '1795334442 expanded 4 fay@y.example' \
    '1795334442 delivered 3,6 250+20Ok' '1795334443 held - <>'
put failed/0197ABCDEF044444 1795334441 1795334441 2 joe@x.example \
    'ann@y.example' '1795334442 refused 1 550+20no+20such+20user'
state >"$T/before"

cat >"$T/want" <<'END'
----Queue ID----- --Size-- ---Arrival Time---- --Sender/Recipient------
0197ABCDEF011111      1023 Fri Nov  6 21:20:00 MAILER-DAEMON
                                            (outcome unknown: connection lost)
                                               bob@y.example
                                                             (outcome unknown)
                                               cy@y.example

0197ABCDEF022222      1024 Sun Nov 22 08:00:41 joe@x.example
                                                             (451 4.7.1 later)
                                               ann@y.example
                                               bob@y.example
                                                               (550 5.1.1 who)
                                               cy@y.example
                                                          (reason unavailable)
                                               dan@y.example

0197ABCDEF033333!    20480 Sun Nov 22 08:00:41 joe@x.example
                                               team
                                               eve@y.example

0197ABCDEF044444#        2 Sun Nov 22 08:00:41 joe@x.example
                                                            (550 no such user)
                                               ann@y.example

		Total requests: 4
-- 22 Kbytes in 4 Requests.
END
run "$MAILQ"
is "$rc $(wc -c <"$T/err")" "0 0" "messages of all kinds are listed"
same_file "$T/out" "$T/want" \
    "by folder and ID, with marks, reasons and those who wait or were refused"
is "$(counts)" "4 4 4 4" "who counts counts held and failed ones, too"

cat >"$T/want" <<'END'
{"queue_name": "deferred", "queue_id": "0197ABCDEF011111", "arrival_time": 1794000000, "message_size": 1023, "forced_expire": false, "sender": "MAILER-DAEMON", "recipients": [{"address": "bob@y.example", "delay_reason": "outcome unknown: connection lost"}, {"address": "cy@y.example", "delay_reason": "outcome unknown"}], "next_attempt": 1795339999, "attempts": 0}
{"queue_name": "deferred", "queue_id": "0197ABCDEF022222", "arrival_time": 1795334441, "message_size": 1024, "forced_expire": false, "sender": "joe@x.example", "recipients": [{"address": "ann@y.example", "delay_reason": "451 4.7.1 later"}, {"address": "bob@y.example", "delay_reason": "451 4.7.1 later"}, {"address": "cy@y.example", "delay_reason": "550 5.1.1 who"}, {"address": "dan@y.example"}], "next_attempt": 1795337777, "attempts": 2}
{"queue_name": "hold", "queue_id": "0197ABCDEF033333", "arrival_time": 1795334441, "message_size": 20480, "forced_expire": false, "sender": "joe@x.example", "recipients": [{"address": "team"}, {"orig_address": "root", "address": "eve@y.example"}], "attempts": 0}
{"queue_name": "failed", "queue_id": "0197ABCDEF044444", "arrival_time": 1795334441, "message_size": 2, "forced_expire": false, "sender": "joe@x.example", "recipients": [{"address": "ann@y.example", "delay_reason": "550 no such user"}], "attempts": 0}
END
run "$MAILQ" -j
is "$rc $(wc -c <"$T/err")" "0 0" "in JSON, too"
same_file "$T/out" "$T/want" "with the names, order and blanks of postqueue -j"
is "$(json '0 + @a')" 4 "each line is sound JSON"

run env TZ=UTC-5:30 "$MAILQ"
like "$(cat "$T/out")" '^0197ABCDEF022222 +1024 Sun Nov 22 13:30:41 joe' \
    "times are local"

rm "$Q/failed"/* "$Q/hold"/*
run "$MAILQ"
is "$(counts) $(tail -n 1 "$T/out")" "2 2 2 2 -- 1 Kbytes in 2 Requests." \
    "the total of two"

# Two places

install -d -m 1777 /var/spool/onehop
mkdir -m 700 /var/spool/onehop/0 /var/spool/onehop/0/active
mv "$Q/active/0197ABCDEF011111" /var/spool/onehop/0/active
run "$MAILQ"
is "$rc $(grep '^0' "$T/out" | cut -c1-16 | tr '\n' ' ')" \
    "0 0197ABCDEF022222 0197ABCDEF011111 " \
    "home and spool make one list, and a missing folder is none"
is "$(counts) $(grep -c Queue "$T/out") $(tail -n 1 "$T/out")" \
    "2 2 2 2 1 -- 1 Kbytes in 2 Requests." "with one heading and one total"
rm -rf /var/spool/onehop

# What strangers wrote

fresh
esc=$(printf '\033')
put active/0197ABCDEF011111 1795334441 1795334441 10 joe@x.example \
    'b+C3+B6b@y.example "a+20b"@y.example' \
    '1795334442 deferred 1 +1B[2J+0D+0A+07+C2+9B+E2+80+AE+FFx"\+C3+A9' \
    '1795334442 deferred 2 451+20see+09mqueue+20(9+20requests)'
run "$MAILQ"
is $rc 0 "control characters in a reason"
unlike "$(cat "$T/out")" "$esc|$(printf '[\r\a]')" "never reach the terminal"
is "$(sed -n 3,4p "$T/out" | sed 's/^ *//' | tr '\n' '|')" \
    '(\x1B[2J\x0D\x0A\x07\xC2\x9B\xE2\x80\xAE\xFFx"\é)|böb@y.example|' \
    "they are named, and what is printable in UTF-8 passes"
is "$(sed -n 6p "$T/out" | sed 's/^ *//')" '"a b"@y.example' \
    "a blank in quotes stays"
is "$(counts)" "1 1 1 1" "a reason that looks like a total is none"
run "$MAILQ" -j
is "$(tr -d '\n' <"$T/out" | tr -cd '\000-\037\177' | wc -c)" 0 "nor in JSON"
is "$(json 'map { sprintf "%vx", $_ } substr $a[0]{recipients}[0]{delay_reason}, 0, 8')" \
    '1b.5b.32.4a.d.a.7.9b' "where they are escaped"
is "$(json '$a[0]{recipients}[0]{address}')" 'böb@y.example' "UTF-8 is UTF-8"

put active/0197ABCDEF022222 1795334441 1795334441 10 joe@x.example \
    'evil+1B[2J@y.example'
run "$MAILQ"
unlike "$(cat "$T/out")" "$esc" "a control character in an address: neither"
like "$(cat "$T/out")" '0197ABCDEF022222 \(left alone: ' \
    "no sound envelope has one"

# What is no message

fresh
put active/0197ABCDEF011111 1795334441 1795334441 10 joe@x.example a@y.example
cp -p "$Q/active/0197ABCDEF011111" "$T/good"
put active/0197ABCDEF0AAAAA 1795334441 1795334441 9000 joe@x.example a@y.example
cp -p "$Q/active/0197ABCDEF0AAAAA" "$T/large"
rm "$Q/active"/*
stranger()
{
	cp -p "$T/good" "$Q/$1"
}
ln -s "$T/good" "$Q/active/0197ABCDEF0000A1"
mkfifo -m 600 "$Q/active/0197ABCDEF0000A2"
mkdir "$Q/active/0197ABCDEF0000A3"
echo garbage >"$Q/active/0197ABCDEF0000A4"
stranger active/0197ABCDEF0000A5
ln "$Q/active/0197ABCDEF0000A5" "$T/other"
sed '1s/^ONEHOP1/ONEHOP2/' "$T/good" >"$Q/active/0197ABCDEF0000A6"
head -c -1 "$T/good" >"$Q/active/0197ABCDEF0000A7"
head -c 95 "$T/good" >"$Q/active/0197ABCDEF0000A8"
: >"$Q/active/0197ABCDEF0000A9"
sed '2s/joe/jot/' "$T/good" >"$Q/hold/0197ABCDEF0000B1"
sed '1s/7bit/8bit/' "$T/good" >"$Q/hold/0197ABCDEF0000B2"
sed '$s/xx/xy/' "$T/large" >"$Q/hold/0197ABCDEF0000B3"
chmod 600 "$Q"/*/*[A-B][0-9]
chmod 755 "$Q/active/0197ABCDEF0000A3"
stranger hold/0197ABCDEF0000B4
chmod 640 "$Q/hold/0197ABCDEF0000B4"
stranger hold/0197ABCDEF0000B5
chown 65534 "$Q/hold/0197ABCDEF0000B5"
stranger failed/README
stranger "failed/$(printf 'a\033[2Jb\nFFFF')"
stranger failed/0197abcdef011111
ln -s /dev/zero "$Q/failed/ZERO"
state >"$T/before"

run timeout 10 "$MAILQ"
is "$rc $(wc -c <"$T/err")" "0 0" "strange files are no failure"
is "$(sed -n 1p "$T/out" | cut -c1-17)" "----Queue ID-----" \
    "where nothing else is there is a list"
unlike "$(cat "$T/out")" "empty" "it is not said that the queue is empty"
is "$(tail -n 2 "$T/out" | tr '\n\t' '|_')" \
    '__Total requests: 0|-- 0 Kbytes in 0 Requests.|' "none of them counts"
is "$(counts)" "0 0 0 0" "whoever counts"
for id in A1 A2 A3 A4 A5 A6 A7 A8 A9; do
	like "$(cat "$T/out")" \
	    "^$Q/active/0197ABCDEF0000$id \(left alone: .+\)$" "$id is named"
done
for id in B1 B2 B3 B4 B5; do
	like "$(cat "$T/out")" \
	    "^$Q/hold/0197ABCDEF0000$id \(left alone: .+\)$" "$id is named"
done
for name in README 'a\\x1B\[2Jb\\x0AFFFF' 0197abcdef011111 ZERO; do
	like "$(cat "$T/out")" "^$Q/failed/$name \(left alone: .+\)$" \
	    "$name is named"
done
like "$(grep A6 "$T/out")" 'version' "another version is called that"
unlike "$(cat "$T/out")" "$esc" "no name gets at the terminal"
is "$(grep -c . "$T/out")" 21 "a line each, no more"

run timeout 10 "$MAILQ" -j
is "$rc $(wc -c <"$T/err")" "0 0" "in JSON, too"
is "$(json '0 + @a')" 18 "there is an object each"
is "$(json 'scalar grep { $_->{error} ne "" && !@{$_->{recipients}} } @a')" 18 \
    "with an error and no recipients"
is "$(json '$a[0]{queue_name} . " $a[0]{queue_id}"')" \
    'deferred 0197ABCDEF0000A1' "and where it lies"
is "$(json 'scalar grep { $_->{queue_id} eq "a\e[2Jb\nFFFF" } @a')" 1 \
    "its name is whole"
state >"$T/after"
same_file "$T/after" "$T/before" "nothing was changed or removed"

stranger active/0197ABCDEF0F0F0F
run "$MAILQ"
is "$(counts) $(tail -n 1 "$T/out")" "1 1 1 1 -- 0 Kbytes in 1 Request." \
    "beside them a message counts"

# Large

fresh
put active/0197ABCDEF011111 1795334441 1795334441 70000 joe@x.example a@y.example
sed '$s/xx/xy/' "$Q/active/0197ABCDEF011111" >"$T/flipped"
cat "$T/flipped" >"$Q/active/0197ABCDEF011111"
run "$MAILQ"
is "$(counts)" "1 1 1 1" "a large message is not read for the list"

# What cannot be read

# with_error CALL ERROR PATH COMMAND...
with_error()
{
	how=$1:error=$2 path=$3
	shift 3
	run env ASAN_OPTIONS=detect_leaks=0 strace -qq -o /dev/null -P "$path" \
	    -e "trace=${how%%:*}" -e "inject=$how" "$@"
}
with_error openat ENOENT 0197ABCDEF011111 "$MAILQ"
is "$rc $(cat "$T/out")" "0 Mail queue is empty" \
    "what is gone before we look is passed over"
silent_err()
{
	[ ! -s "$T/err" ]
}
ok "silently" silent_err
put hold/0197ABCDEF022222 1795334441 1795334441 10 joe@x.example b@y.example
with_error openat EIO 0197ABCDEF011111 "$MAILQ"
is "$rc $(wc -l <"$T/err")" "74 1" "a message that cannot be read is 74"
like "$(cat "$T/err")" "^mailq: .*0197ABCDEF011111.*Input/output error" \
    "and a line that names it"
like "$(cat "$T/out")" '^0197ABCDEF022222!' "the others are listed"
unlike "$(cat "$T/out")" 'empty|Total|Kbytes' "without a total"
with_error getdents64 EIO "$Q/active" "$MAILQ"
is "$rc $(wc -l <"$T/err")" "74 1" "so is a folder"
like "$(cat "$T/err")" "^mailq: .*active.*Input/output error" "it is named"
like "$(cat "$T/out")" '^0197ABCDEF022222!' "the others are listed"
unlike "$(cat "$T/out")" 'empty|Total|Kbytes' "without a total"
with_error getdents64 EIO "$Q/active" "$MAILQ" -j
is "$rc $(wc -l <"$T/err") $(json '$a[0]{queue_id}')" "74 1 0197ABCDEF022222" \
    "in JSON, too"

sh -c '"$1" >/dev/full 2>"$2"' sh "$MAILQ" "$T/err"
is "$? $(wc -l <"$T/err")" "74 1" "output that cannot be written is 74"

# As somebody else

install -d -m 1777 /var/spool/onehop
sed -i "s,^\(nobody:.*\):[^:]*:\([^:]*\)$,\1:/nonexistent:\2," /etc/passwd
Q=/var/spool/onehop/65534
as 65534 mkdir -m 700 "$Q" "$Q/active" "$Q/hold"
put active/0197ABCDEF011111 1795334441 1795334441 10 joe@x.example a@y.example
chown -R 65534:65534 "$Q"
run as 65534 "$MAILQ"
is "$rc $(counts)" "0 1 1 1 1" "nobody has a list"
unreadable()
{
	chmod "$1" "$2"
	run as 65534 "$MAILQ"
	is "$rc $(wc -l <"$T/err")" "74 1" "$3 is 74 and a line"
	like "$(cat "$T/err")" "^mailq: .*${2##*/}.*Permission denied" \
	    "$3 is named"
	unlike "$(cat "$T/out")" 'empty' "$3 is not called empty"
	run as 65534 "$MAILQ" -j
	is "$rc $(wc -l <"$T/err")" "74 1" "$3 in JSON, too"
	chmod 700 "$2"
}
unreadable 000 "$Q/active" "a folder that cannot be read"
unreadable 300 "$Q/active" "a folder that can only be entered"
unreadable 000 "$Q" "a queue that cannot be read"
run as 65534 "$MAILQ"
is "$rc $(counts)" "0 1 1 1 1" "then all is as it was"
run env HOME=/nonexistent setpriv --reuid 65533 --regid 65533 --clear-groups \
    "$MAILQ"
is "$rc $(cat "$T/out")" "0 Mail queue is empty" "another user has another queue"
rm -rf /var/spool/onehop

Q=$HOME/.queue
for what in 'ln -s /tmp' touch; do
	rm -rf "$Q"
	$what "$Q"
	run "$MAILQ"
	is "$rc $(wc -l <"$T/err")" "74 1" "$what .queue is 74 and a line"
	unlike "$(cat "$T/out")" 'empty' "$what .queue is not called empty"
done
rm -f "$Q"

install -m 4755 "$MAILQ" "$T/set-id"
run as 65534 "$T/set-id"
is "$rc $(wc -l <"$T/err") $(wc -c <"$T/out")" "77 1 0" "set-id is refused"

# A broken configuration is no matter of ours

fresh
put active/0197ABCDEF011111 1795334441 1795334441 10 joe@x.example a@y.example
run env ONEHOP_CONF=/nonexistent ONEHOP_SMARTHOST_HOTS=x "$MAILQ"
is "$rc $(wc -c <"$T/err") $(counts)" "0 0 1 1 1 1" \
    "no configuration keeps it from listing"
unlike "$(ldd "$MAILQ")" 'ssl|crypto|gsasl|ini' "it needs no library of theirs"

# Options

"$MAILQ" >"$T/want"
for words in '-v' '-Ac' '-Am' '-A c' '-C /tmp/x' '-C/tmp/x' '-v -Ac -C /tmp/x' \
    '-vv' '--'; do
	# shellcheck disable=SC2086
	run "$MAILQ" $words
	same_file "$T/out" "$T/want" "$words is taken, and changes nothing"
	is "$rc $(wc -c <"$T/err")" "0 0" "$words is silent"
done
"$MAILQ" -j >"$T/want"
for words in '-jv' '-vj' '-C /tmp/x -j' '-j -j'; do
	# shellcheck disable=SC2086
	run "$MAILQ" $words
	same_file "$T/out" "$T/want" "$words is -j"
done
usage()
{
	run "$MAILQ" "$@"
	is "$rc $(wc -l <"$T/err") $(wc -c <"$T/out")" "64 1 0" \
	    "$(printf '%s' "$*" | tr -cd ' -~'): 64, one line"
}
for words in -c -d -h -H -r -p -q -bp -Z -vZ -jd -C -A - --json '-a -Z' \
    '0197ABCDEF011111' '-j ALL' '-- -j' '-j --version'; do
	# shellcheck disable=SC2086
	usage $words
done
usage ''
usage "-$esc"
unlike "$(cat "$T/err")" "$esc" "an unknown option does not get at the terminal"
usage "$(printf 'a\nb\033[2J')"
unlike "$(cat "$T/err")" "$esc" "nor does an operand"
state >"$T/before"
usage 0197ABCDEF011111
state >"$T/after"
same_file "$T/after" "$T/before" "what is refused does nothing"
run "$MAILQ" --version
is "$rc $(cat "$T/out" "$T/err")" "0 onehop 0.1" "--version"
run "$MAILQ" --help
like "$rc $(cat "$T/out")" '^0 usage: mailq ' "--help"
is "$(wc -c <"$T/err")" 0 "is no error"

# Closed descriptors

"$MAILQ" >"$T/want"
sh -c '"$1" >"$2" <&- 2>&-' sh "$MAILQ" "$T/out"
is $? 0 "without stdin and stderr"
same_file "$T/out" "$T/want" "it lists the same"
sh -c '"$1" <&- >&- 2>&-' sh "$MAILQ"
is $? 0 "without any of the three it is well"
sh -c '"$1" -Z <&- >&- 2>&-' sh "$MAILQ"
is $? 64 "or not, as it would be"
sh -c '"$1" <&- >&- 2>"$2"' sh "$MAILQ" "$T/err"
is "$? $(wc -c <"$T/err")" "0 0" "with stderr alone"
state >"$T/after"
same_file "$T/after" "$T/before" "and nothing got into the queue"

done_testing
