// The error report for a failed Windows call.

#pragma once

#include <cstdint>
#include <string>

namespace lsm {

// Why a call failed: a Windows error code, or an errno value that a test put in its place. False if it did not fail.
struct os_failure {
    uint32_t windows  = 0;
    int      injected = 0;

    explicit operator bool() const { return windows != 0 || injected != 0; }
};

// Of the last Windows call of this thread; never "no failure".
os_failure last_failure();

// As fail_errno(): sets the report, with the code that belongs to the failure and the system's own words.
bool fail_os(const os_failure & failure, const char * action, const std::string & path);

} // namespace lsm
