// A hook for tests: every system call and every step of a save passes its name through here.
// A test's hook may return an errno value, which the step then reports as its own failure, or kill the process.
// Without a hook (always, outside the tests) a step costs one load of a pointer.
//
// The steps: create, open, stat, stat-path, lock, read, allocate, write, truncate, unlink, mmap, msync, fsync,
// snapshot, and save:<what was just done>.

#pragma once

#include <atomic>
#include <cerrno>

namespace lsm {

using fault_hook = int (*)(const char * step);

inline std::atomic<fault_hook> fault{nullptr};

inline int fault_at(const char * step) {
    const fault_hook hook = fault.load(std::memory_order_relaxed);
    return hook ? hook(step) : 0;
}

// A system call that reports in errno. Fails with the injected value, or is made.
template <typename R, typename F>
R call_or_fault(const char * step, R failed, F && call) {
    const int injected = fault_at(step);
    if (injected != 0) {
        errno = injected;
        return failed;
    }
    return call();
}

} // namespace lsm
