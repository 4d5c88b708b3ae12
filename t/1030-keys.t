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

# "section key"
keys=$(sed -n \
	-e 's/^	HOST_KEY("\([a-z_]*\)".*/smarthost \1/p' \
	-e 's/^	KEY("\([a-z]*\)", "\([a-z_]*\)".*/\1 \2/p' \
	conf/setting.c)

# The same, commented out or not.
sample=$(awk -F ' = ' '
	/^# / { next }
	{ sub(/^#/, "") }
	/^\[/ { gsub(/[][]| .*/, ""); section = $0; next }
	NF > 1 && section != "aliases" { print section, $1 }
	' conf/onehop.conf | sort -u)

manual=$(awk '
	/^\.Sh / { section = /SMARTHOST/ ? "smarthost" : "" }
	/^\.Ss The [a-z]* section$/ { section = $3 }
	/^\.It Ic / && section != "" { print section, $3 }
	' conf/onehop.conf.5)

same "the sample has each key and no other" "$keys" "$sample"
same "the manual has each key and no other" "$keys" "$manual"
echo "1..$n"
exit $bad
