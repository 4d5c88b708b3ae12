# postfix.sh - Postfix with Dovecot SASL, as Debian has them
#
# Sourced after lib.sh, as "$TOP/t/postfix.sh", by root's tests.  Submission with
# STARTTLS is on port 2587, with TLS from the start on 2465; both want a login
# (USER_NAME, PASSWORD).  Other ports with other manners are opened by
# postfix_serve.  What Postfix takes it hands to a smarthost of ours named `next',
# which keeps the octets: $T/next/N.msg.
#
# SPDX-License-Identifier: ISC

[ "$(id -u)" = 0 ] && setpriv --reuid 65534 true 2>/dev/null ||
    fail_early "Postfix needs root, and more than one uid"

# From t/cache where they are not installed (t/prepare), laid over /usr.
servers_unpack()
{
	lower=
	for package in "$@"; do
		[ ! -d "$TOP/t/cache/$package/usr" ] ||
		    lower=$lower$TOP/t/cache/$package/usr:
	done
	[ -z "$lower" ] ||
	    mount -t overlay -o "lowerdir=$lower/usr" usr /usr ||
	    fail_early "cannot lay t/cache over /usr: no overlay file system?"
}

system_user()
{
	grep -q "^$1:" /etc/passwd ||
	    echo "$1:x:$2:$2::/nonexistent:/usr/sbin/nologin" >>/etc/passwd
	grep -q "^$1:" /etc/group || echo "$1:x:$2:" >>/etc/group
}

postfix_furnish()
{
	system_user postfix 901
	system_user postdrop 902
	system_user dovecot 903
	system_user dovenull 904
	mkdir -p "$T/postfix/etc" "$T/postfix/data" "$T/dovecot/run"
	: >"$T/postfix/log"
	for folder in incoming active deferred corrupt bounce defer trace \
	    flush hold saved private; do
		mkdir -p "$T/postfix/queue/$folder"
		chown postfix "$T/postfix/queue/$folder"
		chmod 700 "$T/postfix/queue/$folder"
	done
	mkdir -p "$T/postfix/queue/pid" "$T/postfix/queue/public" \
	    "$T/postfix/queue/maildrop"
	chown postfix:postdrop "$T/postfix/queue/public" \
	    "$T/postfix/queue/maildrop"
	chmod 710 "$T/postfix/queue/public"
	chmod 1730 "$T/postfix/queue/maildrop"
	chown postfix "$T/postfix/data"
}

# It leaves header and body as they are, Bcc included, and adds one Received.
postfix_main_cf()
{
	cat <<-END
		compatibility_level = 3.6
		queue_directory = $T/postfix/queue
		data_directory = $T/postfix/data
		maillog_file = $T/postfix/log
		maillog_file_prefixes = $T
		myhostname = mx.smarthost.test
		mydestination =
		mynetworks =
		local_recipient_maps =
		alias_maps =
		inet_interfaces = loopback-only
		inet_protocols = ipv4
		smtp_dns_support_level = disabled
		relayhost = [127.0.0.1]:2525
		smtp_line_length_limit = 0
		header_size_limit = 10240000
		disable_mime_output_conversion = yes
		local_header_rewrite_clients =
		message_drop_headers =
		message_size_limit = 6000000
		append_dot_mydomain = no
		append_at_myorigin = no
		smtpd_tls_cert_file = $T/server.pem
		smtpd_tls_key_file = $T/server.key
		smtpd_tls_auth_only = yes
		smtpd_tls_loglevel = 1
		smtpd_tls_security_level = encrypt
		smtpd_sasl_auth_enable = yes
		smtpd_sasl_type = dovecot
		smtpd_sasl_path = private/auth
		smtpd_relay_restrictions = permit_sasl_authenticated, reject
		smtpd_client_restrictions = permit_sasl_authenticated, reject
		smtpd_peername_lookup = no
		smtpd_delay_reject = yes
		minimal_backoff_time = 1s
	END
}

postfix_master_cf()
{
	cat <<-'END'
		cleanup unix n - n - 0 cleanup
		qmgr unix n - n 300 1 qmgr
		tlsmgr unix - - n 1000? 1 tlsmgr
		rewrite unix - - n - - trivial-rewrite
		bounce unix - - n - 0 bounce
		defer unix - - n - 0 bounce
		trace unix - - n - 0 bounce
		verify unix - - n - 1 verify
		flush unix n - n 1000? 0 flush
		proxymap unix - - n - - proxymap
		proxywrite unix - - n - 1 proxymap
		smtp unix - - n - - smtp
		relay unix - - n - - smtp
		error unix - - n - - error
		retry unix - - n - - error
		anvil unix - - n - 1 anvil
		scache unix - - n - 1 scache
		postlog unix-dgram n - n - 1 postlogd
	END
}

# dovecot_start [MECHANISM...]: what is common, and on standard input what is not.
# A wrong password has no penalty: neither the two seconds nor what they grow to.
dovecot_start()
{
	printf '%s:{PLAIN.b64}%s\n' "$USER_NAME" \
	    "$(printf %s "$PASSWORD" | base64 -w0)" >"$T/dovecot/users"
	chown dovecot "$T/dovecot/users"
	chmod 600 "$T/dovecot/users"
	cat - >"$T/dovecot/conf"
	cat >>"$T/dovecot/conf" <<-END
		base_dir = $T/dovecot/run
		log_path = $T/dovecot/log
		auth_mechanisms = ${*:-plain login scram-sha-1 scram-sha-256}
		auth_failure_delay = 0
		service anvil {
		  unix_listener anvil-auth-penalty {
		    mode = 0
		  }
		}
		passdb {
		  driver = passwd-file
		  args = $T/dovecot/users
		}
	END
	dovecot -c "$T/dovecot/conf"
}

# submission_start [MECHANISM...]: Dovecot's submission service, on 2587 and, under
# TLS at once, 2465; it relays to `next'.  On standard input what else it is told.
submission_start()
{
	[ -x /usr/sbin/dovecot ] && [ -x /usr/lib/dovecot/submission ] ||
	    servers_unpack dovecot-core dovecot-submissiond
	[ -x /usr/sbin/dovecot ] && [ -x /usr/lib/dovecot/submission ] ||
	    fail_early "no dovecot-submissiond: run sh t/prepare test"
	system_user dovecot 903
	system_user dovenull 904
	mkdir -p "$T/dovecot/run" "$T/dovecot/home"
	chown 65534 "$T/dovecot/home"
	smarthost_start -n next -a -p 2525 -t none
	cat - >"$T/dovecot/more"
	cat - "$T/dovecot/more" <<-END | dovecot_start "$@" ||
		protocols = submission
		listen = 127.0.0.1
		ssl = required
		ssl_cert = <$T/server.pem
		ssl_key = <$T/server.key
		login_log_format_elements = user=<%u> method=%m %k
		hostname = dovecot.smarthost.test
		submission_relay_host = 127.0.0.1
		submission_relay_port = 2525
		submission_relay_trusted = no
		mail_location = maildir:$T/dovecot/home/Maildir
		userdb {
		  driver = static
		  args = uid=65534 gid=65534 home=$T/dovecot/home
		}
		service submission-login {
		  inet_listener submission {
		    port = 2587
		  }
		  inet_listener submissions {
		    port = 2465
		    ssl = yes
		  }
		}
	END
	    fail_early "Dovecot did not start"
	wait_for is_listening 2465 || fail_early "Dovecot does not listen"
}

dovecot_for_postfix()
{
	cat <<-END
		protocols =
		ssl = no
		service auth {
		  unix_listener $T/postfix/queue/private/auth {
		    mode = 0660
		    user = postfix
		    group = postfix
		  }
		}
		userdb {
		  driver = static
		  args = uid=65534 gid=65534 home=/nonexistent
		}
	END
}

is_listening()
{
	ss -ltn 2>/dev/null | grep -q ":$1 "
}

# postfix_serve PORT [SETTING=VALUE...]: one more door, with settings of its own.
# Its lines in the maillog are called PORT/smtpd.
postfix_serve()
{
	port=$1
	shift
	mkdir -p "$T/postfix"
	{
		echo "$port inet n - n - - smtpd"
		echo " -o syslog_name=$port"
		for setting in "$@"; do
			echo " -o { $setting }"
		done
	} >>"$T/postfix/doors"
	echo "$port" >>"$T/postfix/ports"
}

postfix_is_up()
{
	while read -r port; do
		is_listening "$port" || return
	done <"$T/postfix/ports"
}

# Dovecot and the next hop stay up while Postfix goes down and up again.
postfix_start()
{
	if [ ! -d "$T/postfix/queue" ]; then
		[ -x /usr/lib/postfix/sbin/master ] && [ -x /usr/sbin/dovecot ] ||
		    servers_unpack postfix dovecot-core
		[ -x /usr/lib/postfix/sbin/master ] && [ -x /usr/sbin/dovecot ] ||
		    fail_early "no postfix or dovecot: run sh t/prepare test"
		postfix_furnish
		postfix_serve 2587
		postfix_serve 2465 smtpd_tls_wrappermode=yes
		postfix_main_cf >"$T/postfix/etc/main.cf"
		postfix_master_cf | cat - "$T/postfix/doors" \
		    >"$T/postfix/etc/master.cf"
		dovecot_for_postfix | dovecot_start &&
		    wait_for test -S "$T/postfix/queue/private/auth" || return
		smarthost_start -n next -a -p 2525 -t none || return
	fi
	/usr/lib/postfix/sbin/master -w -c "$T/postfix/etc" &&
	    wait_for postfix_is_up && maillog_clear
}

postfix_is_down()
{
	! is_listening 2587 && ! kill -0 "$1" && ! pgrep -s "$1"
}

# postfix_stop [SIGNAL]: all of it at once, whatever it is doing.
postfix_stop()
{
	master=$(tr -d ' ' <"$T/postfix/queue/pid/master.pid")
	kill "-${1:-TERM}" "-$master"
	wait_for postfix_is_down "$master"
}

# Nothing is on its way from Postfix to the next hop.  What it has not taken yet
# may not be executed (Postfix, mail_stream(3)), and stays so if it dies.
postfix_is_idle()
{
	[ -z "$(find "$T/postfix/queue/maildrop" "$T/postfix/queue/incoming" \
	    "$T/postfix/queue/active" "$T/postfix/queue/deferred" \
	    -type f -perm -100)" ]
}

# Whoever connected since the last maillog_clear has gone.
postfix_is_left()
{
	tail -n "+$((MARK + 1))" "$T/postfix/log" | awk '
	/\/smtpd\[[0-9]*\]: connect from/ { n++ }
	/\/smtpd\[[0-9]*\]: disconnect from/ { n-- }
	END { exit n != 0 }'
}

# How many messages have arrived at the next hop, once Postfix is done.
passed_on()
{
	wait_for postfix_is_idle
	arrived next
}

# Forget what has arrived, and what still waits.
fresh()
{
	wait_for postfix_is_idle
	wait_for postfix_is_left
	rm -rf "$HOME/.queue" "$T"/next/*
	maillog_clear
}

# The recipients of all that has arrived.
rcpts()
{
	wait_for postfix_is_idle
	cat "$T"/next/*.env 2>/dev/null |
	    sed -n 's/^RCPT TO:<\([^>]*\)>.*/\1/p' | sort
}

# next_text FILE...: as it arrived, without the Received of Postfix.
next_text()
{
	for message in "$@"; do
		line=$(sed -n '2,${/^[^\t ]/{=;q}}' "$message")
		tail -n "+$line" "$message"
	done
}

# maillog PORT PATTERN: what the smtpd there has said since the last
# maillog_clear, once that is in it.
maillog()
{
	wait_for maillog_has "$1" "$2"
	maillog_now "$1"
}

maillog_now()
{
	tail -n "+$((MARK + 1))" "$T/postfix/log" | grep " $1/smtpd"
}

maillog_has()
{
	maillog_now "$1" | grep -Eq -e "$2"
}

MARK=0
maillog_clear()
{
	MARK=$(wc -l <"$T/postfix/log")
}

# postfix_conf [LINE...]: conf_write, and nobody but the test tries again.
postfix_conf()
{
	conf_write "$@" '[queue]' 'runner = no'
}

# tap_start PORT TO: a wire from port to port that keeps what clients say, each
# connection behind the other, in $T/tap.
tap_start()
{
	: >"$T/tap"
	perl -e '
	use strict;
	use IO::Select;
	use IO::Socket::INET;
	my ($port, $to, $tap) = @ARGV;
	my $door = IO::Socket::INET->new(Listen => 5, ReuseAddr => 1,
	    LocalAddr => "127.0.0.1:$port") or die;
	while (my $client = $door->accept) {
		my $server = IO::Socket::INET->new("127.0.0.1:$to") or die;
		my $both = IO::Select->new($client, $server);
		while (my @ready = $both->can_read) {
			foreach my $from (@ready) {
				my $is_up = $from == $client;
				sysread($from, my $octets, 65536) or goto over;
				if ($is_up) {
					open(my $file, ">>:raw", $tap) or die;
					syswrite($file, $octets);
				}
				syswrite($is_up ? $server : $client, $octets);
			}
		}
over:		close($client);
		close($server);
	}' "$1" "$2" "$T/tap" &
	echo $! >"$T/tap.pid"
	wait_for is_listening "$1"
}

tap_stop()
{
	kill "$(cat "$T/tap.pid")"
	wait "$(cat "$T/tap.pid")" 2>/dev/null
}

# What clients said in clear, "|" for each line end.  All else must be whole
# records of TLS (RFC 8446, 5.1), to the last octet; if not, it says so.
tap_in_clear()
{
	perl -0777 -ne '
	while ($_ ne "") {
		print "$1|" and next if s/^([ -~]*)\r\n//;
		my ($type, $version, $size) = unpack "Cnn";
		last if length() < 5 || $type < 20 || $type > 23 ||
		    $version >> 8 != 3 || length() < 5 + $size;
		substr($_, 0, 5 + $size) = "";
	}
	print "and ", length, " octets that are not TLS" if $_ ne "";
	' "$T/tap"
}
