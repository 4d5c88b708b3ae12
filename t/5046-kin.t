#!/bin/sh
# SPDX-License-Identifier: ISC
# Names that overlap, aliases that are edited between attempts whose end chance
# decides, a kill in between: nobody is lost, nobody gets it twice, of each who is
# refused there is one report (t/kin.pl).
LIMIT=1800
. "${0%/*}/lib.sh"

stories=${TORTURE:+2000}
stories=${stories:-60}
smarthost_start -a -t none
conf_write 'host = localhost' 'tls = off' -user -password -ca 'timeout = 5s' \
    '[sender]' 'domain = h.example' '[queue]' 'runner = no'
cp "$HOME/.config/onehop.conf" "$T/conf"
export ONEHOP_CONF="$HOME/.config/onehop.conf" T SENDMAIL MAILQ

perl "$TOP/t/kin.pl" "${1:-1}" "${2:-$stories}" >"$T/found" 2>&1
is "$(cat "$T/found")" "" "$stories stories by chance"
done_testing
