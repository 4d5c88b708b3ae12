# postfix.sh - Postfix with Dovecot SASL, as Debian has them
#
# Sourced after lib.sh, by root's tests.  Submission with STARTTLS is on port
# 2587, with TLS from the start on 2465; both want a login (USER_NAME, PASSWORD).
# What Postfix takes it hands to a smarthost of ours named `next', which keeps
# the octets: $T/next/N.msg.
#
# SPDX-License-Identifier: ISC

[ "$(id -u)" = 0 ] && setpriv --reuid 65534 true 2>/dev/null ||
    fail_early "Postfix needs root, and more than one uid"

# From t/cache where they are not installed (t/prepare), laid over /usr.
postfix_unpacked()
{
	for package in postfix dovecot-core; do
		[ -d "$TOP/t/cache/$package/usr" ] || continue
		mount -t overlay -o \
		    "lowerdir=$TOP/t/cache/$package/usr:/usr" usr /usr || return
	done
	[ -x /usr/lib/postfix/sbin/master ] && [ -x /usr/sbin/dovecot ]
}

postfix_user()
{
	grep -q "^$1:" /etc/passwd ||
	    echo "$1:x:$2:$2::/nonexistent:/usr/sbin/nologin" >>/etc/passwd
	grep -q "^$1:" /etc/group || echo "$1:x:$2:" >>/etc/group
}

postfix_furnish()
{
	[ -x /usr/lib/postfix/sbin/master ] && [ -x /usr/sbin/dovecot ] ||
	    postfix_unpacked ||
	    fail_early "no postfix or dovecot: run sh t/prepare test"
	postfix_user postfix 901
	postfix_user postdrop 902
	postfix_user dovecot 903
	postfix_user dovenull 904
	mkdir -p "$T/postfix/etc" "$T/postfix/data" "$T/dovecot/run"
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
		append_dot_mydomain = no
		append_at_myorigin = no
		smtpd_tls_cert_file = $T/server.pem
		smtpd_tls_key_file = $T/server.key
		smtpd_tls_auth_only = yes
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
		2587 inet n - n - - smtpd -o smtpd_tls_security_level=encrypt
		2465 inet n - n - - smtpd -o smtpd_tls_wrappermode=yes
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

dovecot_conf()
{
	cat <<-END
		base_dir = $T/dovecot/run
		log_path = $T/dovecot/log
		protocols =
		ssl = no
		auth_mechanisms = plain login scram-sha-1 scram-sha-256
		passdb {
		  driver = passwd-file
		  args = $T/dovecot/users
		}
		userdb {
		  driver = static
		  args = uid=65534 gid=65534 home=/nonexistent
		}
		service auth {
		  unix_listener $T/postfix/queue/private/auth {
		    mode = 0660
		    user = postfix
		    group = postfix
		  }
		}
	END
}

is_listening()
{
	ss -ltn 2>/dev/null | grep -q ":$1 "
}

not_listening()
{
	! is_listening "$1"
}

# Dovecot and the next hop stay up while Postfix goes down and up again.
postfix_start()
{
	if [ ! -d "$T/postfix" ]; then
		postfix_furnish
		postfix_main_cf >"$T/postfix/etc/main.cf"
		postfix_master_cf >"$T/postfix/etc/master.cf"
		dovecot_conf >"$T/dovecot/conf"
		printf '%s:{PLAIN.b64}%s\n' "$USER_NAME" \
		    "$(printf %s "$PASSWORD" | base64 -w0)" >"$T/dovecot/users"
		chown dovecot "$T/dovecot/users"
		chmod 600 "$T/dovecot/users"
		dovecot -c "$T/dovecot/conf" || return
		wait_for test -S "$T/postfix/queue/private/auth" || return
		smarthost_start -n next -a -p 2525 -t none || return
	fi
	/usr/lib/postfix/sbin/master -w -c "$T/postfix/etc" || return
	wait_for is_listening 2587 && wait_for is_listening 2465
}

postfix_stop()
{
	kill -TERM "$(tr -d ' ' <"$T/postfix/queue/pid/master.pid")"
	wait_for not_listening 2587
}
