# kin.pl SEED COUNT - messages to names that overlap, and what has to become of them
#
# For tests that have lib.sh: a smarthost without a login stores in $T/smarthost
# and reads $T/smarthost.rules; SENDMAIL, MAILQ and T are in the environment.  From
# each seed a story is made: aliases that share targets, recipients, attempts whose
# end chance decides, edits of the aliases in between, now and then a kill at a
# write of the journal or a tail that power cut off.  Beside it goes a model of
# what may be true, a set of worlds:
#
#	status	of an address: D delivered, R refused, U nobody knows
#	frozen	paths of names (one/in) that have met an end, and who stands there
#	want	of whom a report is due
#
# After each attempt those worlds stay that foretold who got the message in it and
# whom mailq lists.  Where none does the story is printed, up to there.
#
# SPDX-License-Identifier: ISC
use strict;
use warnings;
use JSON::PP;

my $T = $ENV{T};
my $dir = "$T/smarthost";
my $domain = 'h.example';
my @others = map { "$_\@y.example" } 'a' .. 'e';
my (@told, %seen);

sub any { $_[rand @_] }
sub chance { rand() < $_[0] }
sub some { my $n = shift; my %s; $s{any(@_)} = 1 for 1 .. $n; sort keys %s }
sub same { join(' ', sort @{$_[0]}) eq join(' ', sort @{$_[1]}) }
sub wire { $_[0] =~ /@/ ? $_[0] : "$_[0]\@$domain" }
sub slurp { local (@ARGV, $/) = @_; <> }

# The story

# With kills there are no circles, that not everything happens at once.
sub known
{
	my ($name, $is_mean, @names) = @_;
	$is_mean ? grep { $_ ge $name } @names : @names;
}

sub alias
{
	my @names = @_;
	my @targets = (some(1 + rand 3, @others),
	    chance(0.5) ? some(1 + rand 2, @names) : ());
	push @targets, 'u' if chance(0.15);
	@targets = some(1, @names) if chance(0.1);
	sort { rand() <=> 0.5 } @targets;
}

sub edit
{
	my ($aliases, $is_mean, @names) = @_;
	my %new = map { $_ => [@{$aliases->{$_}}] } keys %$aliases;
	for my $name (some(1 + rand 2, @names)) {
		$new{$name} = [alias(known($name, $is_mean, @names))];
		delete $new{$name} if chance(0.1);
	}
	\%new;
}

sub step
{
	my ($aliases, @names) = @_;
	my %fate = map { $_ => chance(0.55) ? 4 : chance(0.6) ? 'A' : 5 }
	    @others, 'u', @names;
	my $step = { aliases => $aliases, fate => \%fate,
		dot => chance(0.8) ? 'A' : any('U', 'U', 4, 5) };
	$step->{account} = 1 if chance(0.1);
	$step;
}

sub story
{
	my @names = map { "n$_" } 1 .. 2 + rand 4;
	my $is_mean = chance(0.3);
	my $aliases = { map { $_ => [alias(known($_, $is_mean, @names))] } @names };
	my @to = some(1 + rand 4, @names, @names, @others[0 .. 2], 'u');
	my @steps;

	@to = map { { addr => $_, notify => any('', '', 'NEVER', 'FAILURE',
	    'DELAY', 'SUCCESS,FAILURE') } } sort { rand() <=> 0.5 } @to;
	for (1 .. 2 + rand 4) {
		push @steps, step($aliases, @names);
		$steps[-1]{kill} = [any('pwrite64', 'fdatasync'), 1 + int rand 3,
		    rand] if $is_mean && chance(0.5);
		$aliases = edit($aliases, $is_mean, @names) if chance(0.7);
	}
	if (chance(0.3)) {
		$_->{notify} = '' for @to;
		$steps[0]{foreground} = 1;
		delete $steps[0]{kill};
	}
	push @steps, { aliases => $aliases, fate => {}, dot => 'A', last => 1 };
	{ names => \@names, to => \@to, steps => \@steps };
}

# The model

sub others
{
	my ($addr, $aliases) = @_;
	grep { $_ ne $addr } @{$aliases->{$addr} // []};
}

# Who is reached by which path: {kids}{path}, {under}{path}{leaf}, {tops}{leaf}
sub walk
{
	my ($t, $w, $aliases, $top, $addr, @up) = @_;
	my $path = join '/', @up, $addr;
	my $kids = $w->{frozen}{$path};
	my $circle = grep { $_ eq $addr } @up;

	$kids = $aliases->{$addr} if !$kids && !$w->{status}{$addr} &&
	    !$circle && others($addr, $aliases);
	if (!$kids) {
		$t->{tops}{$addr}{$top} = 1;
		$t->{circle}{$addr} = 1 if $circle && $up[-1] ne $addr;
		push @{$t->{links}}, [$addr, @up] if $t->{circle}{$addr};
		$t->{sure}{$addr} = 1 if !$circle || $up[-1] eq $addr;
		$t->{under}{join '/', @up[0 .. $_]}{$addr} = 1 for 0 .. $#up;
		return;
	}
	$t->{kids}{$path} = $kids;
	$t->{tops_of}{$path}{$top} = 1;
	walk($t, $w, $aliases, $top, $_, @up, $addr) for @$kids;
}

sub tree
{
	my ($story, $w, $aliases) = @_;
	my $t = { tops => {}, kids => {}, under => {}, circle => {}, sure => {} };

	walk($t, $w, $aliases, $_, $story->{to}[$_]{addr})
	    for 0 .. $#{$story->{to}};
	for my $addr (sort keys %{$w->{extra}}) {
		walk($t, $w, $aliases, $_, $addr, '+') for @{$w->{extra}{$addr}};
	}
	delete @{$t->{circle}}{keys %{$t->{sure}}};
	$t;
}

# Whom mailq lists
sub shown
{
	my ($w, $addr, @up) = @_;
	my $kids = $w->{frozen}{join '/', @up, $addr};

	return map { shown($w, $_, @up, $addr) } @$kids if $kids;
	($w->{status}{$addr} // '') =~ /^[DR]$/ ? () : $addr;
}

sub is_wanted
{
	my ($story, @tops) = @_;
	grep { my $n = $story->{to}[$_]{notify}; $n eq '' || $n =~ /FAILURE/ } @tops;
}

sub subsets
{
	my @all = ([]);
	for my $x (@_) { push @all, map { [@$_, $x] } @all }
	@all;
}

# The world where those results were written down, and these names are frozen
sub apply
{
	my ($story, $w, $t, $results, $maybe, @names) = @_;
	my $new = { map { $_ => { %{$w->{$_}} } } qw(status frozen want extra) };

	while (my ($addr, $fate) = each %$results) {
		$new->{status}{$addr} = $fate;
	}
	for my $addr (keys %{$t->{tops}}) {
		$new->{want}{wire $addr} = 1
		    if ($new->{status}{$addr} // '') eq 'R' &&
		    is_wanted($story, keys %{$t->{tops}{$addr}});
	}
	$new->{frozen}{$_} = $t->{kids}{$_} for @names;
	return $new if !$maybe;
	for my $name (grep { !$new->{frozen}{$_} } @$maybe) {
		$new->{maybe}{$_} = [sort keys %{$t->{tops_of}{$name}}]
		    for @{$t->{kids}{$name}};
	}
	$new;
}

sub has_met_an_end
{
	my ($w, $t, $results, $name) = @_;
	grep { $results->{$_} || $w->{status}{$_} } keys %{$t->{under}{$name}};
}

# Who is behind a name is also behind those in between that lead back to it.
sub follow_circles
{
	my $t = shift;

	for my $link (@{$t->{links}}) {
		my ($addr, @up) = @$link;
		my ($from) = grep { $up[$_] eq $addr } 0 .. $#up;
		next if !defined $from;
		my $all = $t->{under}{join '/', @up[0 .. $from]};
		$t->{under}{join '/', @up[0 .. $_]} = { %$all } for $from + 1 .. $#up;
	}
}

# What a world may become: [world, who gets it]
sub futures
{
	my ($story, $w, $step, $follows, @without) = @_;
	my $t = tree($story, $w, $step->{aliases});
	my (%results, @got, @new);

	for my $leaf (@without) {
		delete $t->{tops}{$leaf};
		delete $_->{$leaf} for values %{$t->{under}};
	}
	follow_circles($t) if $follows;
	return [$w] if $step->{account};
	for my $leaf (keys %{$t->{tops}}) {
		next if ($w->{status}{$leaf} // '') =~ /^[DR]$/;
		my $fate = $step->{fate}{$leaf} // 'A';
		$fate = $step->{dot} if $fate eq 'A';
		$results{$leaf} = { A => 'D', U => 'U', 5 => 'R' }->{$fate}
		    if $fate ne 4;
		push @got, wire $leaf if $fate =~ /[AU]/;
	}
	my @prefixes = (\%results);
	if ($step->{kill}) {
		@prefixes = ({});
		for my $fate ('U', 'D', 'R') {
			push @prefixes, { %{$prefixes[-1]}, map { $_ => $fate }
			    grep { $results{$_} eq $fate } keys %results };
		}
		push @new, [$w];
	}
	my @ends = grep { has_met_an_end($w, $t, \%results, $_) &&
	    !$w->{frozen}{$_} } keys %{$t->{kids}};
	for my $prefix (@prefixes) {
		my @names = grep { has_met_an_end($w, $t, $prefix, $_) &&
		    !$w->{frozen}{$_} } keys %{$t->{kids}};
		my @all = $step->{kill} ? subsets(@names) : (\@names);
		push @new, map { [apply($story, $w, $t, $prefix,
		    $step->{kill} && \@ends, @$_), @got] } @all;
	}
	@new;
}

sub all_futures
{
	my ($story, $worlds, $step) = @_;
	my (%one, @all);

	for my $w (@$worlds) {
		my $t = tree($story, $w, $step->{aliases});
		for my $without (subsets(sort keys %{$t->{circle}})) {
			push @all, map { futures($story, $w, $step, $_, @$without) }
			    $t->{links} ? (0, 1) : 0;
		}
	}
	my $json = JSON::PP->new->canonical;
	$one{$json->encode($_)} = $_ for @all;
	values %one;
}

# The programs

sub set_up
{
	my $step = shift;
	my $fate = $step->{fate};

	open my $conf, '>', $ENV{ONEHOP_CONF} or die;
	print $conf slurp("$T/conf"), "[aliases]\n", map { "$_ = " .
	    join(', ', @{$step->{aliases}{$_}}) . "\n" } sort keys %{$step->{aliases}};
	close $conf;
	open my $rules, '>', "$T/smarthost.rules" or die;
	print $rules "GREETING close\n" if $step->{account};
	for (sort keys %$fate) {
		print $rules 'RCPT ', wire($_), " 451 4.2.0 later\n" if $fate->{$_} eq 4;
		print $rules 'RCPT ', wire($_), " 550 5.1.1 who\n" if $fate->{$_} eq 5;
	}
	my %dot = (U => 'DOT keep close', 4 => 'DOT 451 4.3.0 later',
	    5 => 'DOT 550 5.6.0 what');
	print $rules $dot{$step->{dot}} // '', "\n";
	close $rules;
}

sub submit
{
	my ($story, $how) = @_;
	my @to = @{$story->{to}};

	open my $in, '>', "$T/kin.in" or die;
	if ($how eq '-bs') {
		print $in "EHLO x\nMAIL FROM:<joe\@x.example>\n";
		print $in "RCPT TO:<$_->{addr}>",
		    $_->{notify} && " NOTIFY=$_->{notify}", "\n" for @to;
		print $in "DATA\n\nhello\n.\nQUIT\n";
	} else {
		print $in "From: joe\@x.example\n\nhello\n";
	}
	close $in;
	my @words = $how eq '-bs' ? '-bs -odq' : ('-f joe@x.example',
	    map { $_->{addr} } @to);
	system "$ENV{SENDMAIL} @words <$T/kin.in >$T/kin.out 2>$T/kin.err";
	$? >> 8;
}

# What a power cut may do to what was not synced.
sub tear
{
	my $at = shift;
	my (%begun, %size);

	open my $in, '<', "$T/kin.trace" or return;
	while (<$in>) {
		if (/pwrite64\(\d+<([^>]*\/active\/\w+)>.*, (\d+)\)\s+= (\d+)/) {
			$begun{$1} //= $2;
		} elsif (/fdatasync\(\d+<([^>]*)>\)\s+= 0/) {
			delete $begun{$1};
		}
	}
	for my $file (keys %begun) {
		my $size = -s $file or next;
		next if $size <= $begun{$file};
		truncate $file, $begun{$file} + int(($size - $begun{$file}) * $at);
	}
}

sub attempt
{
	my ($story, $step) = @_;

	return submit($story, 'now') if $step->{foreground};
	my $run = "$ENV{SENDMAIL} -q >$T/kin.out 2>$T/kin.err";
	if ($step->{kill}) {
		my ($call, $n, $at) = @{$step->{kill}};
		system "strace -f -qq -y -o $T/kin.trace -e trace=pwrite64,fdatasync " .
		    "-e inject=$call:signal=KILL:when=$n $run";
		tear($at) if $call eq 'fdatasync';
		return 0;
	}
	system $run;
	$? >> 8;
}

# One that was tried again has the same Message-ID.
sub read_report
{
	my ($reports, $file) = @_;
	my $text = slurp($file) =~ s/\r//gr;
	my ($id) = $text =~ /^Message-ID: (.*)/mi;
	my @who = $text =~ /^Final-Recipient: rfc822; (.*)\nAction: failed/mg;

	$reports->{$id} = { map { $_ => 1 } @who ? @who : 'nobody' };
}

# Recipients of each text that arrived since the last look; reports are kept.
sub arrivals
{
	my ($reports) = @_;
	my @got;

	for my $file (sort glob "$dir/*.env") {
		next if $seen{$file}++;
		my $env = slurp($file);
		if ($env =~ /^MAIL FROM:<>/m) {
			read_report($reports, $file =~ s/env$/msg/r);
		} else {
			push @got, $env =~ /^RCPT TO:<([^>]*)>/mg;
		}
	}
	read_report($reports, $_) for glob "$ENV{HOME}/.queue/failed/[0-9A-F]*";
	@got;
}

sub listed
{
	my %who;

	for (grep { /\S/ } `$ENV{MAILQ} -j`) {
		my $m = decode_json($_);
		next if $m->{sender} ne 'joe@x.example';
		$who{$_->{address}} = 1 for @{$m->{recipients}};
	}
	sort keys %who;
}

sub files { my @f = glob "$ENV{HOME}/.queue/active/[0-9A-F]*"; scalar @f }

# One story

sub say_step
{
	my ($step, @more) = @_;
	my $fate = $step->{fate};
	my $say = sub { push @told, join ' ', @_ };

	$say->('  aliases:', map { "$_ = " . join(',', @{$step->{aliases}{$_}}) . ';' }
	    sort keys %{$step->{aliases}});
	$say->('  attempt:', ($step->{foreground} ? 'foreground' : ()),
	    ($step->{account} ? 'account fault' : ()),
	    ($step->{kill} ? "kill @{$step->{kill}}" : ()), "dot $step->{dot},",
	    map { "$_ $fate->{$_}" } sort keys %$fate);
	$say->('  got:', @more);
}

sub problem { die join("\n", @_) . "\n" }

sub matches
{
	my ($future, $got, $list, $unsure, $tops) = @_;
	my ($w, @got) = @$future;
	my %shown = map { $_ => 1 } map { shown($w, $_) } @$tops;
	my %no = %$unsure;

	# Who is refused is listed until a report is made, which a kill puts off.
	if ($no{''}) {
		$no{$_} = 1 for grep { $w->{status}{$_} eq 'R' } keys %{$w->{status}};
	}
	# Half a note may have left children who wait beside their name.
	for (grep { $w->{maybe}{$_} } @$list) {
		$w->{extra}{$_} = $w->{maybe}{$_} if !$shown{$_};
	}
	delete $w->{maybe};
	$shown{$_} = 1 for map { shown($w, $_, '+') } keys %{$w->{extra}};
	delete @shown{keys %no};
	same(\@got, $got) && same([keys %shown], [grep { !$no{$_} } @$list]);
}

sub check_step
{
	my ($story, $worlds, $step, $reports) = @_;
	my @tops = map { $_->{addr} } @{$story->{to}};
	my (%circle, @fit);

	set_up($step);
	attempt($story, $step);
	my @got = arrivals($reports);
	my @list = listed();
	say_step($step, @got, '; mailq:', @list);
	for my $w (@$worlds) {
		my $t = tree($story, $w, $step->{aliases});
		$circle{$_} = 1 for keys %{$t->{circle}};
		$story->{has_circle} = 1 if $t->{links};
	}
	my @all = all_futures($story, $worlds, $step);
	$story->{was_killed} = 1 if $step->{kill};
	$circle{''} = 1 if $story->{was_killed};
	@fit = grep { matches($_, \@got, \@list, \%circle, \@tops) } @all;
	my %times;
	$times{$_}++ && problem("$_ gets it twice") for @got;
	die "unclear\n"
	    if !@fit && ($story->{has_circle} || $story->{was_killed});
	problem('no world is like that; foretold:', map { my ($w, @g) = @$_;
	    "    @g ; " . join ' ', map { shown($w, $_) } @tops } @all[0 .. ($#all < 5 ? $#all : 5)])
	    if !@fit;
	@$worlds = map { $_->[0] } @fit;
}

sub live
{
	my $story = shift;
	my @worlds = ({ status => {}, frozen => {}, want => {}, extra => {} });
	my (%reports, %about);

	system "rm -rf $ENV{HOME}/.queue $dir; mkdir $dir";
	%seen = ();
	@told = (join ' ', '  to', map { $_->{addr} . ($_->{notify} && "($_->{notify})") }
	    @{$story->{to}});
	for my $step (@{$story->{steps}}) {
		submit($story, '-bs')
		    if $step == $story->{steps}[0] && !$step->{foreground};
		check_step($story, \@worlds, $step, \%reports);
		if ($step->{foreground} && !files()) {
			# The caller knows who was refused, and there is no more.
			$_->{want} = {} for @worlds;
			last;
		}
	}
	set_up($story->{steps}[-1]);
	for (1 .. 3) {
		last if !files();
		system "$ENV{SENDMAIL} -q";
	}
	problem('the queue is not empty') if files();
	my @late = arrivals(\%reports);
	problem("late: @late") if @late;
	for my $r (values %reports) { $about{$_}++ for keys %$r }
	problem('reports about ' . join ' ', map { "$_ ($about{$_})" } sort keys %about)
	    if !$story->{has_circle} &&
	    !grep { same([keys %{$_->{want}}], [keys %about]) } @worlds;
	for (keys %about) { problem("$about{$_} reports about $_") if $about{$_} > 1 }
}

# Where circles or a kill leave more open than the model knows a story ends early.
my ($seed, $count) = @ARGV;
my $unclear = 0;
for my $n ($seed .. $seed + $count - 1) {
	srand $n;
	my $story = story();
	eval { live($story) };
	$unclear++ if $@ eq "unclear\n";
	print join("\n", "seed $n:", @told, $@) if $@ && $@ ne "unclear\n";
}
print "$unclear stories are not understood\n" if $unclear > $count / 20;
