#!/bin/sh
# SPDX-License-Identifier: ISC
# What waits is tended by one detached process that keeps nothing of its caller,
# no secret, no zombie, and goes when it is told to, or when nothing waits.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"

ca_make
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"

conf_write '[queue]' 'retry = 1s'

# It starts

mkdir "$T/mnt" && mount -t tmpfs tmpfs "$T/mnt"
cd "$T/mnt" || exit 1
exec 7>"$T/seven"
text=$("$SENDMAIL" -f joe@x.example a@y.example <"$T/in" 2>&1)
is "$? $text" "0 " "a caller that waits for EOF is not held by the runner"
exec 7>&-
cd "$T" || exit 1
ok "what waits gets a runner" wait_for has_runner
pid=$(runner)
is "$(readlink "/proc/$pid/cwd")" "/" "its directory is the root"
ok "its caller's file system can go" umount "$T/mnt"
is "$(cut -d' ' -f6 "/proc/$pid/stat")" "$pid" "its session is its own"
is "$(readlink "/proc/$pid/fd/0" "/proc/$pid/fd/1" "/proc/$pid/fd/2" |
    tr '\n' ' ')" "/dev/null /dev/null /dev/null " "nobody listens to it"
is "$(ls -l "/proc/$pid/fd" | sed -n 's/.*-> //p' | grep -v '^/dev/null$')" \
    "$HOME/.queue/.run" "of other descriptors it holds but .run"
send b@y.example
"$SENDMAIL" -odq -f joe@x.example c@y.example <"$T/in"
sleep 1.2
is "$(runner)" "$pid" "there is one for a queue"
is "$(zombies)" "" "it leaves no zombies"

# Secrets

# holds PID: whether that process has the password in its memory, plain or in
# the forms that logins have.
holds()
{
	perl -e '
	my ($pid, $user, $word) = @ARGV;
	require MIME::Base64;
	my @forms = ($word, map { MIME::Base64::encode_base64($_, "") }
	    $word, "\0$user\0$word");
	open(my $maps, "<", "/proc/$pid/maps") or exit 2;
	open(my $mem, "<:raw", "/proc/$pid/mem") or exit 2;
	my $seen = 0;
	while (<$maps>) {
		my ($from, $to, $name) = /^(\w+)-(\w+) r\S+ \S+ \S+ \d+ *(.*)/
		    or next;
		next if $name =~ /^\[v/;
		my $size = hex($to) - hex($from);
		next if $size > 1 << 30;
		sysseek($mem, hex($from), 0) && sysread($mem, my $text, $size)
		    or next;
		$seen += length($text);
		for (@forms) {
			print "$name\n" if index($text, $_) >= 0;
		}
	}
	exit($seen > 100000 ? 0 : 2);
	' "$1" "$USER_NAME" "$PASSWORD"
}
is "$(holds "$pid"; echo $?)" 0 "the password is not in the memory of the runner"
unlike "$(tr '\0' ' ' <"/proc/$pid/cmdline")" 's3cret' "nor in its arguments"
unlike "$(tr '\0' '\n' <"/proc/$pid/environ")" 's3cret' "nor in its environment"

# It sends, and leaves

smarthost_start
ok "what waits arrives, -odq's too" await 20 has_arrived 3
ok "nothing waits any more" await 10 has_queued 0
ok "and the runner leaves" await 10 all_gone
not_ok "its lock is free" is_tended

for mechanism in SCRAM-SHA-256 PLAIN LOGIN; do
	fresh 'RCPT * 451 later'
	conf_write "auth = $mechanism" '[queue]' 'retry = 1s'
	send a@y.example
	ok "a deferral gets a runner" wait_for has_runner
	is "$(holds "$(runner)"; echo $?)" 0 \
	    "without the password, though its caller logged in by $mechanism"
done
rules
ok "which sends it by schedule" await 20 has_arrived 1
ok "and leaves" await 10 all_gone

fresh 'RCPT a@* 451 later'
send -oee a@y.example b@y.example
ok "it tends what waits beside what was accepted" await 20 has_runner
rules
ok "until it is gone" await 20 has_queued 0
ok "and leaves" await 10 all_gone

# A message that is stored while it leaves is not forgotten: it has looked for
# the last time, and its lock is not free yet.

fresh 'RCPT a@* 451 later'
run strace -f -o "$T/trace" -e trace=close_range \
    -e inject=close_range:delay_enter=1500000:when=2 \
    -D "$SENDMAIL" -f joe@x.example a@y.example <"$T/in"
rules 'RCPT b@* 451 later'
await 20 has_arrived 1
await 10 has_queued 0
send b@y.example
rules
ok "what is stored while it leaves is seen" await 20 has_arrived 2
await 10 all_gone

# Two places for a queue

fresh 'RCPT * 451 later'
install -d -m 1777 /var/spool/onehop
install -d -m 700 /var/spool/onehop/0 /var/spool/onehop/0/active
send a@y.example
cp "$HOME"/.queue/active/* /var/spool/onehop/0/active
ok "one runner tends all queues of a user" wait_for has_runner
is "$(ls -l "/proc/$(runner)/fd" | sed -n 's/.*-> //p' | grep -c '/\.run$')" 2 \
    "it holds .run in each"
mv "$HOME/.queue" "$HOME/old"
ln -s old "$HOME/.queue"
sleep 2.5
ok "one that is put out of reach takes it from no other" has_runner
rm "$HOME/.queue"
mv "$HOME/old" "$HOME/.queue"
send c@y.example
rules
ok "it sends what waits in either" await 20 has_arrived 3
ok "and leaves" await 10 all_gone
rm -rf /var/spool/onehop

# A person takes the queue from under it, and mail comes

fresh 'RCPT * 451 later'
send a@y.example
wait_for has_runner
old=$(runner)
mv "$HOME/.queue" "$HOME/old"
send b@y.example
wait_for test -e "$HOME/.queue/.run"
kill -0 "$old" 2>/dev/null && kill -CONT "$old"
is_alone()
{
	[ "$(runner | wc -l)" = 1 ]
}
ok "a runner whose queue was put away leaves it to another" await 5 is_alone
ok "that tends what is there now" is_tended
rules
ok "and sends it" await 20 has_queued 0
await 10 all_gone
rm -rf "$HOME/old"

# runner = no is obeyed by one that sleeps

fresh 'RCPT * 451 later'
send a@y.example
wait_for has_runner
conf_write '[queue]' 'retry = 1s' 'runner = no'
rules
ok "a runner that is not wanted any more leaves" await 10 all_gone
is "$(queued) $(arrived)" "1 0" "and sends nothing before"
# Without --foreground it sends SIGCONT, too, which undoes the SIGSTOP by which
# LeakSanitizer halts who ends: it would wait for ever.
timeout --foreground 2 "$SENDMAIL" -bD -q1m
is "$(queued) $(arrived)" "0 1" "a person's own -bD does"
conf_write '[queue]' 'retry = 1s'

# What is due and cannot be had is not asked for all the time.

fresh 'RCPT b@* 451 later'
"$SENDMAIL" -odq -f joe@x.example a@y.example <"$T/in"
flock -n "$HOME"/.queue/active/* sleep 6 & pid=$!
sleep 0.3
send b@y.example
rules
await 20 has_arrived 1
before=$(sh -c 'echo $$')
sleep 2
forks=$(($(sh -c 'echo $$') - before))
ok "a message that another process holds is passed over ($forks forks)" \
    test $forks -lt 20
ok "by a runner that stays" has_runner
wait $pid

# What lies beside the folders is ours

fresh 'GREETING 554 no'
send a@y.example
await 10 has_runner
chmod 755 "$HOME/.queue"
send b@y.example
is "$rc $(queued) $(stat -c %a "$HOME/.queue")" "0 2 700" \
    "a queue with .run and .relay is closed to others like any other"

# What only a person can mend keeps nobody

fresh 'RCPT * 451 later'
send a@y.example
wait_for has_runner
printf garbage >"$HOME/.queue/active/0123456789ABCDEF"
mkfifo "$HOME/.queue/active/0123456789ABCDE0"
rules
ok "beside a broken file it sends" await 20 has_arrived 1
ok "and leaves, though that file stays" await 10 all_gone
is "$(ls "$HOME/.queue/active" | tr '\n' ' ')" \
    "0123456789ABCDE0 0123456789ABCDEF " "where it is"

# SIGTERM

fresh 'RCPT * 451 later'
conf_write '[queue]' 'retry = 1h'
send a@y.example
wait_for has_runner
pid=$(runner)
kill -TERM "$pid"
ok "SIGTERM ends it" await 5 all_gone
is "$(queued)" 1 "and what waits is safe"
trap '' TERM
send b@y.example
trap - TERM
wait_for has_runner
kill -TERM "$(runner)"
ok "also where its caller ignored it" await 5 all_gone

# at_stage RULE: the runner's child is there.
at_stage()
{
	fresh "$1"
	smarthost_stop
	send a@y.example
	smarthost_start
	await 20 grep -q -- '^-- until' "$T/smarthost.log"
}
conf_write '[queue]' 'retry = 1s'
at_stage 'RCPT until go'
kill -TERM "$(runner)"
ok "a child that is at it dies too" await 5 all_gone
is "$(queued)" 1 "and its message is safe"

at_stage 'DOT until go'
kill -TERM "$(runner)"
sleep 0.5
ok "between the dot and its reply it is held up" has_runner
: >"$T/go"
ok "then it ends" await 10 all_gone
is "$(queued) $(arrived)" "0 1" "and nobody gets the message twice"

fresh 'DOT until go'
"$SENDMAIL" -odq -f joe@x.example a@y.example <"$T/in"
"$SENDMAIL" -odq -f joe@x.example b@y.example <"$T/in"
"$SENDMAIL" -q & pid=$!
await 10 grep -q -- '^-- until' "$T/smarthost.log"
is "$(holds "$pid" | sort -u | wc -l | sed 's/[1-9].*/seen/')" seen \
    "who sends has the password (so we can see it)"
kill -TERM $pid
sleep 0.3
: >"$T/go"
wait $pid
is "$?" 143 "a run that gets a SIGTERM there dies of it"
is "$(queued) $(arrived)" "1 1" "once it knows what became of the message"

# By the clock

fresh
"$SENDMAIL" -odq -f joe@x.example a@y.example <"$T/in"
text=$("$SENDMAIL" -q1s 2>&1)
is "$? $text" "0 " "-q1s returns at once"
ok "it runs" await 10 has_arrived 1
"$SENDMAIL" -odq -f joe@x.example b@y.example <"$T/in"
ok "and again" await 10 has_arrived 2
not_ok "it does not take .run" is_tended
is "$(zombies)" "" "it leaves no zombies"
is "$(ls -l "/proc/$(ours | head -n 1)/fd" | sed -n 's/.*-> //p' | sort -u)" \
    /dev/null "it holds no descriptor"
kill -TERM $(ours)
ok "SIGTERM ends it" await 5 all_gone

fresh
"$SENDMAIL" -bD -q1s & pid=$!
"$SENDMAIL" -odq -f joe@x.example a@y.example <"$T/in"
ok "-bD runs too" await 10 has_arrived 1
ok "in the foreground" kill -0 $pid
is "$(holds "$pid"; echo $?)" 0 "the password is not in its memory"
kill -TERM $pid
wait $pid
is "$?" 0 "and ends with 0 on SIGTERM"

"$SENDMAIL" -odq -f joe@x.example b@y.example <"$T/in"
unshare -pf --mount-proc "$SENDMAIL" -bD -q1s &
ok "as PID 1 it sends" await 10 has_arrived 2
pid=$(ours | head -n 1)
nsenter -t "$pid" -p sh -c 'sh -c "sleep 0.1 & exit 0"'
sleep 0.5
is "$(grep -l "^PPid:[[:space:]]*$pid\$" /proc/[0-9]*/status 2>/dev/null)" "" \
    "as PID 1 it reaps whom others left"
kill -TERM "$pid"
ok "as PID 1 it ends on SIGTERM" await 5 all_gone

# None

fresh 'RCPT * 451 later'
conf_write '[queue]' 'runner = no'
send a@y.example
is "$rc $(queued) $(ours)" "0 1 " "runner = no: nothing of ours stays"
conf_write
"$SENDMAIL" -odq -f joe@x.example a@y.example <"$T/in"
is "$(ours)" "" "-odq starts none"
conf_write 'hsot = x'
send a@y.example
is "$rc $(ours)" "0 " "nor is there one without a usable configuration"
conf_write '[queue]' 'keep = no'
send a@y.example
is "$rc $(ours)" "75 " "nor with keep = no"

# Many at once

fresh 'MAIL[1-3] * 451 later'
conf_write '[queue]' 'retry = 1s'
at_once 30 send_one
is "$codes" 000000000000000000000000000000 "30 at once: each is owned"
is "$(runner | wc -l)" 1 "one runner tends them"
rules
ok "it sends them all" await 30 has_queued 0
await 10 all_gone
is "$(sed -n 's/^RCPT TO:<\(.*\)>.*/\1/p' "$T"/smarthost/*.env | sort -u |
    wc -l) $(arrived)" "30 30" "each arrives once"

done_testing
