/* SPDX-License-Identifier: ISC */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mailq/crc.h"
#include "mailq/word.h"

#define BYTES(text) text, sizeof(text) - 1
#define ROOM 4096

/* What goes in, and what comes out. */
struct example {
	const char *text;
	const char *want;
};

/* RFC 3720, B.4: the last is a SCSI Read (10) command. */
static const struct {
	const char *data;
	size_t size;
	uint32_t sum;
} sums[] = {
	{ BYTES(""), 0 },
	{ BYTES("123456789"), 0xe3069283 },
	{ BYTES("a"), 0xc1d04330 },
	{ BYTES("\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
		"\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	    0x8a9136aa },
	{ BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
		"\xff\xff"),
	    0x62a8ab43 },
	{ BYTES("\0\1\2\3\4\5\6\7\10\11\12\13\14\15\16\17\20\21\22\23\24\25\26"
		"\27\30\31\32\33\34\35\36\37"),
	    0x46dd794e },
	{ BYTES("\37\36\35\34\33\32\31\30\27\26\25\24\23\22\21\20\17\16\15\14"
		"\13\12\11\10\7\6\5\4\3\2\1\0"),
	    0x113fdb5c },
	{ BYTES("\x01\xc0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x14\0\0\0\0\0\4\0\0\0\0"
		"\x14\0\0\0\x18\x28\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0"),
	    0xd9963a56 },
};

static const struct example words[] = {
	{ "", "<>" },
	{ "<>", "+3C+3E" },
	{ "<", "<" },
	{ "<>x", "<>x" },
	{ "<><>", "<><>" },
	{ "a", "a" },
	{ "alice@example.org", "alice@example.org" },
	{ "!~", "!~" },
	{ " ", "+20" },
	{ "a b", "a+20b" },
	{ "a\tb\r\n", "a+09b+0D+0A" },
	{ "+", "+2B" },
	{ "=", "+3D" },
	{ "+3D", "+2B3D" },
	{ "notify=never", "notify+3Dnever" },
	{ "\x01\x1f\x7f\x80\xff", "+01+1F+7F+80+FF" },
	{ "j\xc3\xb6rg@x", "j+C3+B6rg@x" },
};

static const char *const no_words[] = {
	"",
	" ",
	"a b",
	" a",
	"a ",
	"=",
	"a=b",
	"+",
	"a+",
	"+2",
	"+2+20",
	"+2g",
	"+g2",
	"+ 2",
	"+2b",
	"+c3+b6",
	"++2B",
	"+00",
	"a+00b",
	"+41",
	"+7E",
	"+21",
	"+3C",
	"+3C+3Ex",
	"x+3C+3E",
	"a\n",
	"a\r",
	"\x01",
	"\x7f",
	"\x80",
	"j\xc3\xb6rg",
};

/* Sound UTF-8 that goes out as it came in, whoever reads it. */
static const char *const harmless[] = {
	"", "plain text, 100% {of} it; <a@x>", " !~",
	"\xc2\xa0",         /* U+00A0, behind the last control */
	"\xc2\xad",         /* U+00AD */
	"J\xc3\xb6rg",      /* U+00F6 */
	"\xd8\x9b\xd8\x9d", /* U+061B, U+061D */
	"\xdf\xbf",         /* U+07FF, the last of two octets */
	"\xe0\xa0\x80",     /* U+0800, the first of three */
	"\xe2\x80\x8d",     /* U+200D */
	"\xe2\x80\x90",     /* U+2010 */
	"\xe2\x80\xa7",     /* U+2027 */
	"\xe2\x80\xaf",     /* U+202F */
	"\xe2\x81\xa5",     /* U+2065 */
	"\xe2\x81\xaa",     /* U+206A */
	"\xe2\x82\xac",     /* U+20AC */
	"\xed\x9f\xbf",     /* U+D7FF, before the surrogates */
	"\xee\x80\x80",     /* U+E000, behind them */
	"\xef\xbf\xbf",     /* U+FFFF */
	"\xf0\x90\x80\x80", /* U+10000, the first of four */
	"\xf0\x9f\x98\x80", /* U+1F600 */
	"\xf4\x8f\xbf\xbf", /* U+10FFFF, the last of all */
};

static const struct example for_people[] = {
	{ "a\\x0Ab\"", "a\\x0Ab\"" },
	{ "a\nb", "a\\x0Ab" },
	{ "\x01\t\r\x1f", "\\x01\\x09\\x0D\\x1F" },
	{ "\x1b[2J", "\\x1B[2J" },
	{ "\x7f", "\\x7F" },
	{ "\xc2\x80\xc2\x9b\xc2\x9f", "\\xC2\\x80\\xC2\\x9B\\xC2\\x9F" },
	{ "\xd8\x9c", "\\xD8\\x9C" },
	{ "\xe2\x80\x8e", "\\xE2\\x80\\x8E" },
	{ "\xe2\x80\x8f", "\\xE2\\x80\\x8F" },
	{ "\xe2\x80\xa8", "\\xE2\\x80\\xA8" },
	{ "\xe2\x80\xa9", "\\xE2\\x80\\xA9" },
	{ "\xe2\x80\xae/\xe2\x80\xac", "\\xE2\\x80\\xAE/\\xE2\\x80\\xAC" },
	{ "\xe2\x81\xa6/\xe2\x81\xa9", "\\xE2\\x81\\xA6/\\xE2\\x81\\xA9" },
	{ "\xe2\x81\xa9", "\\xE2\\x81\\xA9" },
	{ "\x80", "\\x80" },
	{ "\xbf\xff", "\\xBF\\xFF" },
	{ "J\xf6rg", "J\\xF6rg" },
	{ "\xc0\xaf", "\\xC0\\xAF" },
	{ "\xc1\xbf", "\\xC1\\xBF" },
	{ "\xe0\x80\xaf", "\\xE0\\x80\\xAF" },
	{ "\xe0\x9f\xbf", "\\xE0\\x9F\\xBF" },
	{ "\xf0\x80\x80\xaf", "\\xF0\\x80\\x80\\xAF" },
	{ "\xf0\x8f\xbf\xbf", "\\xF0\\x8F\\xBF\\xBF" },
	{ "\xed\xa0\x80", "\\xED\\xA0\\x80" },
	{ "\xed\xbf\xbf", "\\xED\\xBF\\xBF" },
	{ "\xf4\x90\x80\x80", "\\xF4\\x90\\x80\\x80" },
	{ "\xf5\x80\x80\x80", "\\xF5\\x80\\x80\\x80" },
	{ "\xf8\x88\x80\x80\x80", "\\xF8\\x88\\x80\\x80\\x80" },
	{ "\xc3", "\\xC3" },
	{ "\xe2\x82", "\\xE2\\x82" },
	{ "\xf0\x9f\x98", "\\xF0\\x9F\\x98" },
	{ "\xe2\x82x", "\\xE2\\x82x" },
	{ "\xe2\x82\xc3\xb6", "\\xE2\\x82\xc3\xb6" },
};

static const struct example for_programs[] = {
	{ "", "\"\"" },
	{ "a/b'c", "\"a/b'c\"" },
	{ "\"", "\"\\u0022\"" },
	{ "\\", "\"\\u005c\"" },
	{ "\\u0041", "\"\\u005cu0041\"" },
	{ "a\nb\r\t", "\"a\\u000ab\\u000d\\u0009\"" },
	{ "\x01\x1b\x7f", "\"\\u0001\\u001b\\u007f\"" },
	{ "\xc2\x9b", "\"\\u009b\"" },
	{ "\xd8\x9c", "\"\\u061c\"" },
	{ "\xe2\x80\xa8\xe2\x80\xa9", "\"\\u2028\\u2029\"" },
	{ "\xe2\x80\xae/\xe2\x80\xac", "\"\\u202e/\\u202c\"" },
	{ "\xe2\x81\xa9", "\"\\u2069\"" },
	{ "\xff", "\"\\u00ff\"" },
	{ "J\xf6rg", "\"J\\u00f6rg\"" },
	{ "\xc0\xaf", "\"\\u00c0\\u00af\"" },
	{ "\xed\xa0\x80", "\"\\u00ed\\u00a0\\u0080\"" },
	{ "\xf4\x90\x80\x80", "\"\\u00f4\\u0090\\u0080\\u0080\"" },
	{ "\xe2\x82", "\"\\u00e2\\u0082\"" },
	{ "\xe2\x82\"", "\"\\u00e2\\u0082\\u0022\"" },
};

/* From memory of just that size, for the sanitizers to watch. */
static void
say(void (*how)(FILE *, const char *), const char *text, char got[ROOM])
{
	FILE *out = fmemopen(got, ROOM, "w");
	char *copy = strdup(text);

	assert_non_null(out);
	assert_non_null(copy);
	got[0] = '\0';
	how(out, copy);
	assert_int_equal(fclose(out), 0);
	free(copy);
}

static void
assert_all(void (*how)(FILE *, const char *), const struct example *examples,
    size_t count)
{
	char got[ROOM];
	size_t i;

	for (i = 0; i < count; i++) {
		say(how, examples[i].text, got);
		assert_string_equal(got, examples[i].want);
	}
}

/* EX_OK, and what the word says, which is written as that word again. */
static int
decode(const char *word, char got[ROOM])
{
	struct fault f = { 0 };
	char *copy = strdup(word), again[ROOM];
	int rc;

	assert_non_null(copy);
	rc = word_decode(copy, &f);
	if (rc == EX_OK) {
		snprintf(got, ROOM, "%s", copy);
		say(word_write, copy, again);
		assert_string_equal(again, word);
	} else {
		assert_int_equal(rc, EX_DATAERR);
		assert_string_equal(f.text, "a word is no xtext");
	}
	free(copy);
	return rc;
}

static void
the_sums_are_those_of_rfc_3720(void **state)
{
	struct crc crc;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(sums) / sizeof(sums[0]); i++) {
		crc_begin(&crc);
		crc_add(&crc, sums[i].data, sums[i].size);
		assert_int_equal(crc_sum(&crc), sums[i].sum);
		assert_int_equal(
		    crc_of(sums[i].data, sums[i].size), sums[i].sum);
	}
}

static void
however_data_come_in_pieces_the_sum_is_the_same(void **state)
{
	unsigned char data[41];
	size_t size = sizeof(data), a, b;
	struct crc crc;
	uint32_t want;

	(void)state;
	for (a = 0; a < size; a++)
		data[a] = (unsigned char)(a * 37 + 11);
	want = crc_of(data, size);
	for (a = 0; a <= size; a++) {
		for (b = a; b <= size; b++) {
			crc_begin(&crc);
			crc_add(&crc, data, a);
			crc_add(&crc, data + a, b - a);
			crc_add(&crc, data + b, size - b);
			assert_int_equal(crc_sum(&crc), want);
		}
	}
}

static void
much_at_once_has_the_sum_of_octets(void **state)
{
	static const size_t sizes[] = { 3071, 3072, 3073, 3079, 3080, 6143,
		6144, 6151, 9216, 20000 };
	static unsigned char data[20003];
	struct crc crc;
	size_t i, j, from;

	(void)state;
	for (i = 0; i < sizeof(data); i++)
		data[i] = (unsigned char)(i * i / 7 + i % 13);
	for (i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		from = i % 4;
		crc_begin(&crc);
		for (j = 0; j < sizes[i]; j++)
			crc_add(&crc, data + from + j, 1);
		assert_int_equal(crc_of(data + from, sizes[i]), crc_sum(&crc));
	}
}

static void
each_changed_bit_changes_the_sum(void **state)
{
	unsigned char data[64] = { 0 };
	uint32_t want = crc_of(data, sizeof(data));
	size_t i;

	(void)state;
	for (i = 0; i < 8 * sizeof(data); i++) {
		data[i / 8] ^= (unsigned char)(1U << i % 8);
		assert_int_not_equal(crc_of(data, sizeof(data)), want);
		data[i / 8] ^= (unsigned char)(1U << i % 8);
	}
}

static void
a_text_becomes_one_word(void **state)
{
	(void)state;
	assert_all(word_write, words, sizeof(words) / sizeof(words[0]));
}

static void
every_octet_comes_back_from_a_word(void **state)
{
	char text[256], word[ROOM], got[ROOM], *at;
	int c;

	(void)state;
	for (c = 1; c < 256; c++) {
		text[0] = (char)c;
		text[1] = '\0';
		say(word_write, text, word);
		assert_int_equal(decode(word, got), EX_OK);
		assert_string_equal(got, text);
	}
	for (c = 1; c < 256; c++)
		text[c - 1] = (char)c;
	text[255] = '\0';
	say(word_write, text, word);
	for (at = word; *at != '\0'; at++)
		assert_true(*at >= 33 && *at <= 126 && *at != '=');
	assert_int_equal(decode(word, got), EX_OK);
	assert_string_equal(got, text);
}

static void
what_is_no_word_is_refused(void **state)
{
	char got[ROOM];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(no_words) / sizeof(no_words[0]); i++)
		if (decode(no_words[i], got) != EX_DATAERR)
			fail_msg("'%s' is taken for a word", no_words[i]);
}

/* decode() sees to it that none is read which would be written otherwise. */
static void
a_text_has_one_word_only(void **state)
{
	static const char octets[] = "+<>=023CEAa \x80";
	size_t base = sizeof(octets) - 1, i, at, number, taken = 0;
	char word[5], got[ROOM];

	(void)state;
	for (i = 0; i < base * base * base * base; i++) {
		number = i;
		for (at = 0; at < 4; at++) {
			word[at] = octets[number % base];
			number /= base;
		}
		word[at] = '\0';
		taken += decode(word, got) == EX_OK;
	}
	assert_true(taken > 0);
}

static void
harmless_text_is_shown_as_it_is(void **state)
{
	char got[ROOM], want[ROOM];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++) {
		say(word_print, harmless[i], got);
		assert_string_equal(got, harmless[i]);
		say(word_json, harmless[i], got);
		snprintf(want, sizeof(want), "\"%s\"", harmless[i]);
		assert_string_equal(got, want);
	}
}

static void
people_see_no_control_no_direction_and_no_broken_utf_8(void **state)
{
	(void)state;
	assert_all(
	    word_print, for_people, sizeof(for_people) / sizeof(for_people[0]));
}

static void
programs_get_a_string_of_json(void **state)
{
	(void)state;
	assert_all(word_json, for_programs,
	    sizeof(for_programs) / sizeof(for_programs[0]));
}

static void
assert_moves_nothing(const char *got)
{
	const unsigned char *at;

	for (at = (const unsigned char *)got; *at != '\0'; at++) {
		assert_true(*at >= 0x20 && *at != 0x7f);
		assert_false(at[0] == 0xc2 && at[1] >= 0x80 && at[1] < 0xa0);
		assert_false(at[0] >= 0x80 && at[1] < 0x80 && at[0] >= 0xc0);
	}
}

static void
no_two_octets_move_a_cursor(void **state)
{
	char text[3] = "", got[ROOM];
	unsigned i;

	(void)state;
	for (i = 0; i < 0x10000; i++) {
		text[0] = (char)(i & 0xff);
		text[1] = (char)(i >> 8);
		say(word_print, text, got);
		assert_moves_nothing(got);
		say(word_json, text, got);
		assert_moves_nothing(got);
		assert_int_equal(got[strlen(got) - 1], '"');
	}
}

static void
a_write_that_fails_is_remembered_by_the_stream(void **state)
{
	FILE *out = fopen("/dev/full", "w");

	(void)state;
	if (out == NULL)
		return;
	word_write(out, "a b");
	assert_true(fflush(out) != 0 || ferror(out));
	fclose(out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_sums_are_those_of_rfc_3720),
		cmocka_unit_test(
		    however_data_come_in_pieces_the_sum_is_the_same),
		cmocka_unit_test(much_at_once_has_the_sum_of_octets),
		cmocka_unit_test(each_changed_bit_changes_the_sum),
		cmocka_unit_test(a_text_becomes_one_word),
		cmocka_unit_test(every_octet_comes_back_from_a_word),
		cmocka_unit_test(what_is_no_word_is_refused),
		cmocka_unit_test(a_text_has_one_word_only),
		cmocka_unit_test(harmless_text_is_shown_as_it_is),
		cmocka_unit_test(
		    people_see_no_control_no_direction_and_no_broken_utf_8),
		cmocka_unit_test(programs_get_a_string_of_json),
		cmocka_unit_test(no_two_octets_move_a_cursor),
		cmocka_unit_test(
		    a_write_that_fails_is_remembered_by_the_stream),
	};

	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("word", tests, NULL, NULL);
}
