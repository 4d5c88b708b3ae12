#!/bin/sh
# SPDX-License-Identifier: ISC
# make bench still works: a few small messages by what is here.
. "${0%/*}/lib.sh"

run sh "$TOP/t/bench/run" 1 'small, 0 *'
is "$rc $(cat "$T/err")" "0 " "the benchmark runs"
like "$(cat "$T/out")" '^small, 0 ms \(20\) +wall +[0-9.]+ +[0-9.]+( |$)' \
    "and tells how long a message and a bare one take"
like "$(cat "$T/out")" '^ +cpu +[0-9.]+ +[0-9.]+( |$)' \
    "and what of the processor"

done_testing
