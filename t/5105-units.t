#!/bin/sh
# SPDX-License-Identifier: ISC
# What looks after waiting mail when no call does: units and a cron line, put
# where the system has such, that do what they say; sendmail -bC sees them.
. "${0%/*}/lib.sh"

has_systemd()
{
	[ -d /usr/lib/systemd/system ] || [ -d /lib/systemd/system ]
}

install_in()
{
	run "${MAKE:-make}" -C "$TOP" -s install PREFIX="$T/usr" "$@"
	[ "$rc" = 0 ] || diag "$(tail -n 5 "$T/err")"
}

retries()
{
	"$SENDMAIL" -bC | grep retries:
}

ca_make
smarthost_start -a
conf_write '-user' '-password'
mkdir -p /etc/cron.d
like "$(retries)" 'note: retries: no timer' "-bC says that nobody looks after it"
install_in
is "$rc" 0 "make install"
is "$(stat -c '%a' /etc/cron.d/onehop)" 644 "installs a cron line"
like "$(retries)" 'ok: retries: /etc/cron.d/onehop' "-bC sees it"
mkdir -p "$T/dest"
install_in DESTDIR="$T/dest"
is "$rc $(stat -c '%a' "$T/dest/etc/cron.d/onehop")" "0 644" "with DESTDIR, too"
rm -rf /etc/cron.d "$T/dest"
install_in DESTDIR="$T/dest"
not_ok "not where there is no cron" test -e "$T/dest/etc/cron.d"
mkdir /etc/cron.d
install_in

# The cron line

line=$(grep '^[^#M]' /etc/cron.d/onehop)
like "$(cat /etc/cron.d/onehop)" '^MAILTO=""$' "cron mails nothing of it"
is "$(grep -vcE '^(#|MAILTO=""$|[*]/5 [*] [*] [*] [*] root )' /etc/cron.d/onehop)" 0 \
    "cron reads all of it"
is "$(tail -c 1 /etc/cron.d/onehop | od -An -c | tr -d ' ')" '\n' "to its end"
command=$(printf '%s\n' "$line" | cut -d' ' -f7-)
printf 'Subject: hi\n\nhello\n' | "$SENDMAIL" -odq root@x.example
run env -i SHELL=/bin/sh PATH=/usr/bin:/bin HOME=/root LOGNAME=root sh -c "$command"
is "$rc $(cat "$T/out" "$T/err") $(queued) $(arrived)" "0  0 1" \
    "what it runs sends what waits"
mkdir -p /run/systemd/system
printf 'Subject: hi\n\nhello\n' | "$SENDMAIL" -odq root@x.example
run sh -c "$command"
is "$rc $(cat "$T/out" "$T/err") $(queued)" "0  1" \
    "where systemd runs it leaves that to the timer"

# The timer

like "$(retries)" 'note: retries: no timer' "which -bC then looks for"
timer=timers.target.wants/onehop-queue.timer
mkdir -p "/etc/systemd/system/${timer%/*}" "/etc/systemd/user/${timer%/*}" \
    "$HOME/.config/systemd/user/${timer%/*}"
for folder in /etc/systemd/system /etc/systemd/user "$HOME/.config/systemd/user"; do
	ln -s "$T/nowhere" "$folder/$timer"
	like "$(retries)" 'note: retries: no timer' "a link to nowhere is none"
	ln -sf "$TOP/conf/onehop-queue.timer" "$folder/$timer"
	like "$(retries)" "ok: retries: $folder/$timer" "it may be in $folder"
	rm "$folder/$timer"
done
if has_systemd; then
	units=$T/usr/lib/systemd
	is "$(cd "$units" && stat -c '%n %a' */* | tr '\n' ' ')" \
	    "system/onehop-queue.service 644 system/onehop-queue.timer 644 system/onehop.socket 644 system/onehop@.service 644 user/onehop-queue.service 644 user/onehop-queue.timer 644 " \
	    "make install installs units"
	is "$(grep -h ^ExecStart "$units"/*/*.service | tr '\n' ' ')" \
	    "ExecStart=$T/usr/sbin/sendmail -q --due --all-users ExecStart=$T/usr/sbin/sendmail -bs ExecStart=$T/usr/sbin/sendmail -q --due " \
	    "for all users, for the door, and for one"
	for command in $(sed -n 's/^ExecStart=//p' "$units/user/onehop-queue.service" |
	    tr ' ' '|'); do
		run env -i HOME="$HOME" sh -c "$(echo "$command" | tr '|' ' ')"
		is "$rc $(cat "$T/out" "$T/err") $(queued)" "0  0" \
		    "what a user's unit runs sends what waits"
	done
fi
if has_systemd && command -v systemd-analyze >/dev/null; then
	run systemd-analyze verify --man=no "$units"/system/onehop-queue.*
	is "$rc" 0 "systemd takes the units"
	silent "without a word"
	run env XDG_RUNTIME_DIR="$T" systemd-analyze --user verify --man=no \
	    "$units"/user/onehop-queue.*
	is "$rc $(cat "$T/out" "$T/err")" "0 " "and those of a user"
fi
for word in 'systemctl enable --now onehop-queue.timer' \
    'systemctl --user enable --now onehop-queue.timer' \
    "$(sed -n 's/^.* || \(.*\)/\1/p' "$TOP/conf/onehop.cron")"; do
	ok "INSTALL says: $word" grep -qF -e "$word" "$TOP/INSTALL"
done

done_testing
