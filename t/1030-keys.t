#!/bin/sh
# SPDX-License-Identifier: ISC
# What can be set is said in three places: the table, the sample, the manual.
# None of them may know what the others do not.
cd "${0%/*}/.." || exit 1
n=0 bad=0

# Two lists, a line for each "section key", are the same.
same() { # name, list, list
	n=$((n + 1))
	found=$(printf '%s\n' "$2" "$3" | sort | uniq -u)
	if [ -n "$2" ] && [ -z "$found" ]; then
		echo "ok $n - $1"
	else
		echo "not ok $n - $1"
		echo "$found" | sed 's/^/# /'
		bad=1
	fi
}

# "section key effect"
table=$(sed -n \
	-e 's/^	HOST_KEY("\([a-z_]*\)".* \([A-Z]*\)),$/smarthost \1 \2/p' \
	-e 's/^	KEY("\([a-z]*\)", "\([a-z_]*\)".* \([A-Z]*\)),$/\1 \2 \3/p' \
	conf/setting.c)
keys=$(echo "$table" | sed 's/ [A-Z]*$//')
later=$(echo "$table" | sed -n 's/ LATER$//p')

# The same, commented out or not; a key shares the comment above the last.
sample=$(awk -F ' = ' '
	/^# / { effect = /not yet in effect/ ? "LATER" : "NOW"; next }
	{ sub(/^#/, "") }
	/^\[/ { gsub(/[][]| .*/, ""); section = $0; effect = "NOW"; next }
	NF > 1 && section != "aliases" { print section, $1, effect }
	' conf/onehop.conf | sort -u)

manual=$(awk '
	/^\.Sh / { section = /SMARTHOST/ ? "smarthost" : "" }
	/^\.Ss The [a-z]* section$/ { section = $3 }
	/^\.It Ic / && section != "" { print section, $3 }
	' conf/onehop.conf.5)
manual_later=$(awk '
	/^\.Sh / { section = /SMARTHOST/ ? "smarthost" : "" }
	/^\.Ss The [a-z]* section$/ { section = $3 }
	/^\.It Ic / { key = $3 }
	/^Not yet in effect\.$/ { print section, key }
	' conf/onehop.conf.5)

same "the sample has each key and no other" \
	"$keys" "$(echo "$sample" | sed 's/ [A-Z]*$//' | sort -u)"
same "the manual has each key and no other" "$keys" "$manual"
same "the sample says which keys are not yet in effect" \
	"$later" "$(echo "$sample" | sed -n 's/ LATER$//p')"
same "the manual says which keys are not yet in effect" \
	"$later" "$manual_later"
echo "1..$n"
exit $bad
