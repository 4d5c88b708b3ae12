#!/bin/sh
# SPDX-License-Identifier: ISC
# Whoever talks to a server is in a sandbox; who only waits, or starts others, is
# not, and what a message needs is had in spite of it.
. "${0%/*}/lib.sh"
. "$TOP/t/process.sh"

ca_make
printf 'From: joe@x.example\nSubject: hi\n\nhello\n' >"$T/in"
smarthost_start

# status PID: of its privileges and of its system calls
status()
{
	sed -n 's/^\(NoNewPrivs\|Seccomp\):.//p' "/proc/$1/status" | tr '\n' ' '
}

has_busy()
{
	[ -n "$(busy)" ]
}

# All but those that are in the sandbox, each state once.
states_of_others()
{
	for one in $(ours); do
		case " $(busy | tr '\n' ' ')" in
		*" $one "*) ;;
		*) status "$one" && echo ;;
		esac
	done | sort -u
}

# In a call

conf_write '[queue]' 'retry = 1s'
fresh 'GREETING until go'
"$SENDMAIL" -f joe@x.example a@y.example <"$T/in" & call=$!
ok "a call waits for its smarthost in the sandbox" await 10 has_busy
is "$(busy)" "$call" "it does so itself"
is "$(status "$call")" "1 2 " "no new privileges, and fewer system calls"
is "$(states_of_others)" "0 0 " "what may start a runner is outside"
: >"$T/go"
wait $call
is "$? $(arrived) $(queued)" "0 1 0" "the message arrives"
is "$(ours)" "" "nobody stays"
not_ok "nor does a queue that was not needed" test -e "$HOME/.queue"

# What does not wait for children of others finds none.
perl -e 'syscall(157, 36, 1, 0, 0, 0) == 0 or exit 3;
    system(@ARGV) == 0 or exit 4; exit(wait == -1 ? 0 : 5)' \
    "$SENDMAIL" -f joe@x.example a@y.example <"$T/in"
is "$? $(arrived)" "0 2" "no child is left to who called"

# In a run

fresh 'RCPT 451 later'
send a@y.example
is "$rc $(queued)" "0 1" "what is deferred waits"
ok "for a runner" await 10 has_runner
runner=$(runner)
is "$(status "$runner")" "0 0 " "who is outside"
rules 'GREETING until go'
ok "its child waits for the smarthost in the sandbox" await 10 has_busy
is "$(status "$(busy)") $(cut -d' ' -f4 "/proc/$(busy)/stat")" \
    "1 2  $runner" "while the runner stays as it is"
is "$(status "$runner")" "0 0 " "to start others"
: >"$T/go"
ok "the message arrives" await 10 has_arrived 1
ok "and nobody stays" await 10 all_gone

# In root's run

fresh 'GREETING until go'
conf_write
"$SENDMAIL" -odq -f joe@x.example a@y.example <"$T/in"
"$SENDMAIL" -q --all-users & call=$!
ok "root's run has a child in the sandbox" await 10 has_busy
is "$(status $call)" "0 0 " "and stays outside, to become others"
: >"$T/go"
wait $call
is "$? $(arrived)" "0 1" "which sends"

# Passwords

printf '#!/bin/sh\necho "$1" >>%s/called; echo "$2"\n' "$T" >"$T/command"
chmod 755 "$T/command"
accounts()
{
	conf_write "$@" -password "password_command = $T/command one '$PASSWORD'" \
	    '[smarthost two]' 'host = smarthost.test' 'port = 2587' \
	    "ca = $T/ca.pem" "user = $USER_NAME" "${senders:-timeout = 1m}" \
	    "password_command = $T/command two '$PASSWORD'" \
	    '[queue]' "${queue:-retry = 1s}"
	rm -f "$T/called"
}
accounts
fresh 'RCPT 451 later'
send a@y.example
rules
ok "a runner's child runs the command anew" await 10 has_arrived 1
await 10 all_gone
accounts 'port = 2599'
fresh
send a@y.example
is "$rc $(arrived) $(tr '\n' ' ' <"$T/called")" "0 1 one two " \
    "where one smarthost is down the other's password is there"
queue='keep = no' accounts 'port = 2599'
fresh
send a@y.example
is "$rc $(arrived)" "0 1" "so it is where nothing is kept"
not_ok "and no queue is made" test -e "$HOME/.queue"
senders='senders = eve@x.example' accounts
fresh
send a@y.example
is "$rc $(arrived) $(cat "$T/called")" "0 1 one" \
    "a command for other senders is left alone"
senders='senders = eve@x.example' accounts 'senders = joe@x.example'
fresh
"$SENDMAIL" -odq -f joe@x.example a@y.example <"$T/in"
"$SENDMAIL" -odq -f eve@x.example b@y.example <"$T/in"
run "$SENDMAIL" -q
is "$rc $(arrived) $(queued) $(sort "$T/called" | tr '\n' ' ')" "0 2 0 one two " \
    "one run needs both"

# Files

conf_write
smarthost_stop
smarthost_start -e 8BITMIME
{
	printf 'From: joe@x.example\nMIME-Version: 1.0\n'
	printf 'Content-Type: text/plain; charset=utf-8\n'
	printf 'Content-Transfer-Encoding: 8bit\n\n'
	yes 'ÄÖÜ ÄÖÜ ÄÖÜ ÄÖÜ ÄÖÜ ÄÖÜ ÄÖÜ' | head -n 5000
} >"$T/wide"
for where in "$HOME/.queue" /nowhere; do
	fresh
	[ $where != /nowhere ] || conf_write '[queue]' 'keep = no'
	run "$SENDMAIL" -f joe@x.example a@y.example <"$T/wide"
	is "$rc $(arrived)" "0 1" "what is made anew for the server has a place"
done
conf_write
fresh 'RCPT 451 later'
mkdir -m 1777 /var/spool/onehop
send a@y.example
is "$rc $(queued)" "0 1" "what the server defers is kept in a queue made for it"
ok "which root's run can find" test -d "/var/spool/onehop/$(id -u)"
rmdir "/var/spool/onehop/$(id -u)" /var/spool/onehop

# A queue that is not needed

# Of several at once who leaves last takes the place along, and who needs one has it.
conf_write
fresh 'GREETING until go' 'RCPT *later@y.example* 451 later'
calls=
for to in a b later c; do
	"$SENDMAIL" -f joe@x.example "$to@y.example" <"$T/in" &
	calls="$calls $!"
done
await 10 has_busy
ok "a place for a queue is kept while it may be needed" test -d "$HOME/.queue"
not_ok "which is none yet" test -e "$HOME/.queue/active"
: >"$T/go"
wait $calls
is "$(arrived) $(queued)" "3 1" "of four messages at once one has to wait"
fresh
rm -f "$T/go"
rules 'GREETING until go'
"$SENDMAIL" -f joe@x.example a@y.example <"$T/in" & one=$!
await 10 has_busy
rules 'GREETING until gone'
"$SENDMAIL" -f joe@x.example b@y.example <"$T/in" & two=$!
wait_for eval '[ "$(busy | wc -l)" = 2 ]'
: >"$T/go"
wait $one
is "$? $(arrived)" "0 1" "the first leaves"
ok "and its place stays, for another counts on it" test -d "$HOME/.queue"
smarthost_stop
wait $two
is "$? $(queued)" "0 1" "who has its message in it when the smarthost dies"
smarthost_start
fresh
mkdir -m 700 "$HOME/.queue"
send a@y.example
is "$rc $(arrived)" "0 1" "a place that a kill left behind is taken over"
not_ok "and removed" test -e "$HOME/.queue"
fresh 'GREETING until go'
"$SENDMAIL" -f joe@x.example a@y.example <"$T/in" & one=$!
await 10 has_busy
strace -qq -o "$T/trace" -e trace=mkdirat,mkdir \
    -e inject=mkdirat:delay_enter=2000000:when=2 \
    "$SENDMAIL" -odq -f joe@x.example b@y.example <"$T/in" & two=$!
wait_for grep -q EEXIST "$T/trace"
: >"$T/go"
wait $one
is "$? $(arrived)" "0 1" "while one begins to store, another has no more use for it"
not_ok "and removes the place" test -e "$HOME/.queue"
wait $two
is "$? $(queued)" "0 1" "who stores makes it again"

# Off

conf_write '[security]' 'sandbox = no' '[queue]' 'retry = 1s'
fresh 'GREETING until go'
"$SENDMAIL" -f joe@x.example a@y.example <"$T/in" & call=$!
wait_for grep -q -- '^-- until' "$T/smarthost.log"
is "$(ours) $(status $call)" "$call 0 0 " "sandbox = no: there is none"
: >"$T/go"
wait $call
not_ok "nor is a queue made ahead" test -e "$HOME/.queue"

# In -bs and in -bC

conf_write '[queue]' 'retry = 1s'
fresh 'RCPT *b@y.example* 451 later' 'RCPT *c@y.example* 451 later'
{
	printf 'EHLO x\r\n'
	for to in a b; do
		printf 'MAIL FROM:<joe@x.example>\r\nRCPT TO:<%s@y.example>\r\n' $to
		printf 'DATA\r\nSubject: hi\r\n\r\nhello\r\n.\r\n'
	done
	await 10 has_runner
	rules
	await 10 has_arrived 2
	await 10 has_queued 0
	await 10 flock -n "$HOME/.queue/.run" true
	printf 'MAIL FROM:<joe@x.example>\r\nRCPT TO:<c@y.example>\r\n'
	printf 'DATA\r\nSubject: hi\r\n\r\nhello\r\n.\r\n'
	await 10 has_runner && : >"$T/again"
	printf 'QUIT\r\n'
} | "$SENDMAIL" -bs >"$T/out" & call=$!
wait $call
ok "-bs: what waits gets a runner, and gets another later" test -e "$T/again"
ok "which send it" await 10 has_arrived 3
await 10 all_gone

fresh
run "$SENDMAIL" -bC
like "$rc $(cat "$T/out")" '^0 ' "-bC: all is well"
for part in files ports 'other processes' 'system calls'; do
	like "$(cat "$T/out")" "^ok: sandbox: .*$part" "-bC: $part are confined"
done
not_ok "-bC makes no queue" test -e "$HOME/.queue"
conf_write '[queue]' 'delivery = queue' 'runner = no'
run "$SENDMAIL" -bC root
is "$rc $(queued)" "0 1" "-bC: the test message is as any other"
conf_write '[security]' 'sandbox = no'
run "$SENDMAIL" -bC
like "$(cat "$T/out")" '^note: sandbox: off' "-bC says that it is off"

# Kernels that have less of it, or none: retval is the ABI of Landlock that it
# says it has.

# lacks WHAT STRACE...: a message is sent, one is kept; -bC says what is missing
lacks()
{
	what=$1
	shift
	conf_write
	fresh 'RCPT *b@y.example* 451 later'
	strace -f -qq -o "$T/trace" "$@" "$SENDMAIL" -f joe@x.example \
	    a@y.example b@y.example <"$T/in"
	is "$? $(arrived) $(queued)" "0 1 1" "mail goes: $*"
	rules
	strace -f -qq -o "$T/trace" "$@" "$SENDMAIL" -bC >"$T/out"
	is "$? $(sed -n 's/^note: sandbox: .* cannot confine //p' "$T/out" |
	    tr '\n' ',')" "0 $what" "-bC says so: $*"
}

lacks 'files,ports,other processes,' -e trace=landlock_create_ruleset \
    -e inject=landlock_create_ruleset:error=ENOSYS
lacks 'files,ports,other processes,' -e trace=landlock_create_ruleset \
    -e inject=landlock_create_ruleset:retval=1:when=1
lacks 'ports,other processes,' -e trace=landlock_create_ruleset \
    -e inject=landlock_create_ruleset:retval=2:when=1
lacks 'ports,other processes,' -e trace=landlock_create_ruleset \
    -e inject=landlock_create_ruleset:retval=3:when=1
lacks 'other processes,' -e trace=landlock_create_ruleset \
    -e inject=landlock_create_ruleset:retval=5:when=1
lacks 'files,ports,other processes,' -e trace=landlock_add_rule \
    -e inject=landlock_add_rule:error=ENOMEM
lacks 'files,ports,other processes,' -e trace=landlock_restrict_self \
    -e inject=landlock_restrict_self:error=EPERM
lacks 'system calls,' -e trace=prctl -e inject=prctl:error=EINVAL:when=3
lacks '' -e trace=prctl -e inject=prctl:retval=2:when=2

# Syslog

mkdir "$T/dev"
for node in null zero random urandom; do
	: >"$T/dev/$node"
	mount --bind "/dev/$node" "$T/dev/$node"
done
mount --rbind "$T/dev" /dev
perl -MSocket -e 'socket my $log, AF_UNIX, SOCK_DGRAM, 0;
    bind $log, sockaddr_un("/dev/log") or die;
    open my $out, ">", shift;
    $out->autoflush(1);
    print $out "$_\n" while defined recv $log, $_, 4096, 0' "$T/syslog" & log=$!
wait_for test -S /dev/log
conf_write '[log]' 'to = syslog'
fresh
send a@y.example
is "$rc $(arrived)" "0 1" "a message is sent"
ok "and the log, opened late, says so" \
    await 10 grep -q 'onehop.*status=sent' "$T/syslog"
kill $log

done_testing
