/* SPDX-License-Identifier: ISC */
#include <stddef.h>

#include "sendmail/seccomp.h"

#ifdef __linux__
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdint.h>

#if defined(__x86_64__) && !defined(__ILP32__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__i386__)
#define MACHINE AUDIT_ARCH_I386
#elif defined(__aarch64__) && defined(__AARCH64EL__)
#define MACHINE AUDIT_ARCH_AARCH64
#elif defined(__arm__) && defined(__ARM_EABI__) && defined(__ARMEL__)
#define MACHINE AUDIT_ARCH_ARM
#elif defined(__riscv) && __riscv_xlen == 64
#define MACHINE AUDIT_ARCH_RISCV64
#elif defined(__powerpc64__) && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define MACHINE AUDIT_ARCH_PPC64LE
#elif defined(__s390x__)
#define MACHINE AUDIT_ARCH_S390X
#endif
#endif

#ifdef MACHINE

#define X32 0x40000000U /* and above: calls of x86-64 by 32 bits */
#define NEW_SPACES                                                     \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | \
	    CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

/* Those that came late, or that some machines lack, have a test each. */
static const unsigned denied[] = {
	/* another program, another process */
	SYS_execve,
	SYS_execveat,
#ifndef SECCOMP_SANITIZER
	SYS_ptrace,
#endif
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_kcmp,
#ifdef SYS_pidfd_getfd
	SYS_pidfd_getfd,
#endif
	/* another user */
	SYS_setuid,
	SYS_setgid,
	SYS_setreuid,
	SYS_setregid,
	SYS_setresuid,
	SYS_setresgid,
	SYS_setgroups,
	SYS_setfsuid,
	SYS_setfsgid,
#ifdef SYS_setuid32
	SYS_setuid32,
	SYS_setgid32,
	SYS_setreuid32,
	SYS_setregid32,
	SYS_setresuid32,
	SYS_setresgid32,
	SYS_setgroups32,
	SYS_setfsuid32,
	SYS_setfsgid32,
#endif
	SYS_capset,
	SYS_add_key,
	SYS_request_key,
	SYS_keyctl,
	/* another view of the files */
	SYS_mount,
	SYS_umount2,
	SYS_pivot_root,
	SYS_chroot,
	SYS_unshare,
	SYS_setns,
	SYS_mknodat,
#ifdef SYS_mknod
	SYS_mknod,
#endif
	SYS_open_by_handle_at,
	SYS_fanotify_init,
	SYS_quotactl,
#ifdef SYS_fsopen
	SYS_open_tree,
	SYS_move_mount,
	SYS_fsopen,
	SYS_fsconfig,
	SYS_fsmount,
	SYS_fspick,
#endif
#ifdef SYS_mount_setattr
	SYS_mount_setattr,
#endif
	/* the machine */
	SYS_reboot,
	SYS_sethostname,
	SYS_setdomainname,
	SYS_settimeofday,
	SYS_clock_settime,
	SYS_syslog,
	SYS_acct,
	SYS_swapon,
	SYS_swapoff,
	SYS_vhangup,
#ifdef SYS_iopl
	SYS_iopl,
	SYS_ioperm,
#endif
#ifdef SYS_modify_ldt
	SYS_modify_ldt,
#endif
	/* the kernel */
	SYS_init_module,
	SYS_finit_module,
	SYS_delete_module,
	SYS_kexec_load,
#ifdef SYS_kexec_file_load
	SYS_kexec_file_load,
#endif
	SYS_bpf,
	SYS_perf_event_open,
	SYS_userfaultfd,
#ifdef SYS_io_uring_setup
	SYS_io_uring_setup,
	SYS_io_uring_enter,
	SYS_io_uring_register,
#endif
};

#define DENIED (sizeof(denied) / sizeof(denied[0]))

struct program {
	struct sock_filter line[2 * DENIED + 32];
	unsigned short count;
};

static void
add(struct program *p, struct sock_filter line)
{
	p->line[p->count++] = line;
}

/* The part of what is known of a call that lies there, 32 bits of it. */
static void
load(struct program *p, size_t offset)
{
	add(p,
	    (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset));
}

/* The lower half of an argument. */
static void
load_argument(struct program *p, unsigned n)
{
	size_t offset =
	    offsetof(struct seccomp_data, args) + n * sizeof(uint64_t);

	if (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__)
		offset += sizeof(uint32_t);
	load(p, offset);
}

static void
answer(struct program *p, int error)
{
	const uint32_t what = error == 0 ? SECCOMP_RET_ALLOW
					 : SECCOMP_RET_ERRNO | (uint32_t)error;

	add(p, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, what));
}

/* Skip so many lines unless what was loaded compares so. */
static void
unless(struct program *p, unsigned short how, uint32_t with, unsigned char skip)
{
	add(p,
	    (struct sock_filter)BPF_JUMP(BPF_JMP | how | BPF_K, with, 0, skip));
}

/* New name spaces, by a flag of clone(2); libc does without clone3(2). */
static void
deny_spaces(struct program *p)
{
#ifdef __s390x__
	const unsigned flags = 1;
#else
	const unsigned flags = 0;
#endif

#ifdef SYS_clone3
	unless(p, BPF_JEQ, SYS_clone3, 1);
	answer(p, ENOSYS);
#endif
	unless(p, BPF_JEQ, SYS_clone, 4);
	load_argument(p, flags);
	unless(p, BPF_JSET, NEW_SPACES, 1);
	answer(p, EPERM);
	answer(p, 0);
}

/* To type into the terminal that we were called from, or paste. */
static void
deny_typing(struct program *p)
{
	unless(p, BPF_JEQ, SYS_ioctl, 6);
	load_argument(p, 1);
	unless(p, BPF_JEQ, TIOCSTI, 1);
	answer(p, EPERM);
	unless(p, BPF_JEQ, TIOCLINUX, 1);
	answer(p, EPERM);
	answer(p, 0);
}

static void
write_program(struct program *p)
{
	size_t i;

	load(p, offsetof(struct seccomp_data, arch));
	unless(p, BPF_JEQ, MACHINE, 1);
	add(p, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, 1));
	answer(p, EPERM);
	load(p, offsetof(struct seccomp_data, nr));
#ifdef __x86_64__
	unless(p, BPF_JGE, X32, 1);
	answer(p, EPERM);
#endif
	for (i = 0; i < DENIED; i++) {
		unless(p, BPF_JEQ, denied[i], 1);
		answer(p, EPERM);
	}
	deny_spaces(p);
	deny_typing(p);
	answer(p, 0);
}

bool
seccomp_enter(void)
{
	struct program p = { .count = 0 };
	struct sock_fprog filter = { .filter = p.line };

	write_program(&p);
	filter.len = p.count;
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) == 0;
}

#else

bool
seccomp_enter(void)
{
	return false;
}

#endif
