#!/bin/sh
# SPDX-License-Identifier: ISC
# Hostile headers cost no more than their length: twice the octets, at most three
# times the instructions, counted by callgrind.
. "${0%/*}/../lib.sh"

# count OCTETS TEXT: instructions for a field To of so many octets, which is TEXT
# again and again; its # is a number, each time another one
count()
{
	perl -e '($n, $t) = @ARGV; $t =~ s/\\x(..)/chr hex $1/ge;
	    for ($i = 1; length $all < $n; $i++) { $all .= $t =~ s/#/$i/r }
	    print "To: ", substr($all, 0, $n), "\n\nx\n"' \
	    "$1" "$2" >"$T/big"
	valgrind --tool=callgrind --callgrind-out-file=/dev/null \
	    "$SENDMAIL" -odq -ti <"$T/big" 2>&1 |
	    sed -n 's/.*Collected : \([0-9]*\).*/\1/p'
	rm -rf "$HOME/.queue"
}

# What a call costs whatever it reads is taken off.
for text in , '(),' '(())' '((' 'a.' 'a ' 'a@x,' '#@x,' '#,' 'x:#@x;,' '<@a,@b:#@y>,' \
    '@x,' '<' '\x0a ' '\x22\x5c\x22' '\x22' '\x5c' '\x22a\x22#@x,' '\xc3\xa9' \
    'A B <#@x>,' '=?x?q?a?= '; do
	none=$(count 0 "$text")
	once=$(count 200000 "$text")
	twice=$(count 400000 "$text")
	ok "'$text': $((once - none)) instructions, then $((twice - none))" \
	    [ $((twice - none)) -le $(((once - none) * 3)) ]
done

done_testing
