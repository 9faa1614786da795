#include "report.h"

#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <system_error>

namespace lsm {

namespace {

// A fixed buffer: reporting "out of memory" must not allocate.
struct report {
    llama_state_mmap_error code = LLAMA_STATE_MMAP_OK;
    char message[1024] = "";
};

thread_local report current;

llama_state_mmap_error code_of_errno(int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR:
            return LLAMA_STATE_MMAP_NOT_FOUND;
        case ENOSPC:
        case EFBIG:
#ifdef EDQUOT
        case EDQUOT:
#endif
            return LLAMA_STATE_MMAP_NO_SPACE;
        case ELOOP:
        case EISDIR:
        case ENXIO:
            return LLAMA_STATE_MMAP_NOT_REGULAR;
        case EACCES:
        case EPERM:
            return LLAMA_STATE_MMAP_WRONG_MODE;
        case EROFS:
            return LLAMA_STATE_MMAP_READ_ONLY;
        case ENOMEM:
            return LLAMA_STATE_MMAP_NO_MEMORY;
        case ENODEV:
        case ENOLCK:
        case ENOSYS:
        case EOPNOTSUPP:
            return LLAMA_STATE_MMAP_UNSUPPORTED;
        default:
            return LLAMA_STATE_MMAP_IO;
    }
}

} // namespace

bool fail(llama_state_mmap_error code, const char * format, ...) {
    current.code = code;
    va_list args;
    va_start(args, format);
    vsnprintf(current.message, sizeof(current.message), format, args);
    va_end(args);
    return false;
}

bool fail_errno(int error, const char * action, const std::string & path) {
    const std::string words = std::generic_category().message(error);
    return fail(code_of_errno(error), "cannot %s '%s': %s (errno %d)", action, path.c_str(), words.c_str(), error);
}

void report_clear() {
    current.code = LLAMA_STATE_MMAP_OK;
    current.message[0] = '\0';
}

llama_state_mmap_error report_code() {
    return current.code;
}

const char * report_message() {
    return current.message;
}

} // namespace lsm
