// The error report of the calling thread, see llama_state_mmap_last_error().

#pragma once

#include "llama_state_mmap.h"

#include <string>

namespace lsm {

#if defined(__MINGW32__)
#    define LSM_PRINTF(fmt, args) __attribute__((format(gnu_printf, fmt, args)))
#elif defined(__GNUC__)
#    define LSM_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#    define LSM_PRINTF(fmt, args)
#endif

// Sets the report and returns false, so that a check reads `return fail(...)`.
bool fail(llama_state_mmap_error code, const char * format, ...) LSM_PRINTF(2, 3);

// As fail(), with the code that belongs to an errno value and the system's own words.
bool fail_errno(int error, const char * action, const std::string & path);

void report_clear();

llama_state_mmap_error report_code();

const char * report_message();

} // namespace lsm
