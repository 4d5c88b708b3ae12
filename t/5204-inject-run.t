#!/bin/sh
# SPDX-License-Identifier: ISC
# Every call of a run may fail, and it may die at every one: one recipient is
# served, one deferred, one refused, and each gets his due, once.
. "${0%/*}/inject.sh"

all run "$SENDMAIL" -q

done_testing
