#!/bin/sh
# SPDX-License-Identifier: ISC
# Every call may fail while a message is sent, and the process may die at every
# one: what exit 0 said stays true, nobody gets a message twice, no file is
# broken.
. "${0%/*}/inject.sh"

all send "$SENDMAIL" -f joe@x.example a@y.example

done_testing
