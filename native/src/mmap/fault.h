// A hook for tests: every system call and every step of a save passes its name through here.
// A test's hook may return an errno value, which the step then reports as its own failure, or kill the process.
// Without a hook (always, outside the tests) a step costs one load of a pointer.

#pragma once

#include <atomic>

namespace lsm {

using fault_hook = int (*)(const char * step);

inline std::atomic<fault_hook> fault{nullptr};

inline int fault_at(const char * step) {
    const fault_hook hook = fault.load(std::memory_order_relaxed);
    return hook ? hook(step) : 0;
}

} // namespace lsm
