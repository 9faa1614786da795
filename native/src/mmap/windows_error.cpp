#include "windows_error.h"

#include "report.h"
#include "windows_path.h"
#include "windows_system.h"

namespace lsm {

namespace {

llama_state_mmap_error code_of(DWORD error) {
    switch (error) {
        case ERROR_FILE_NOT_FOUND:
        case ERROR_PATH_NOT_FOUND:
        case ERROR_INVALID_DRIVE:
        case ERROR_INVALID_NAME:
        case ERROR_BAD_NETPATH:
        case ERROR_BAD_NET_NAME:
        case ERROR_DIRECTORY:
            return LLAMA_STATE_MMAP_NOT_FOUND;
        case ERROR_SHARING_VIOLATION: // somebody who shares it with nobody has it open
        case ERROR_LOCK_VIOLATION:
        case ERROR_USER_MAPPED_FILE:
            return LLAMA_STATE_MMAP_LOCKED;
        case ERROR_DISK_FULL:
        case ERROR_HANDLE_DISK_FULL:
        case ERROR_DISK_QUOTA_EXCEEDED:
        case ERROR_FILE_TOO_LARGE:
            return LLAMA_STATE_MMAP_NO_SPACE;
        case ERROR_CANT_ACCESS_FILE:
            return LLAMA_STATE_MMAP_NOT_REGULAR;
        case ERROR_ACCESS_DENIED:
            return LLAMA_STATE_MMAP_WRONG_MODE;
        case ERROR_WRITE_PROTECT:
            return LLAMA_STATE_MMAP_READ_ONLY;
        case ERROR_NOT_ENOUGH_MEMORY:
        case ERROR_OUTOFMEMORY:
        case ERROR_COMMITMENT_LIMIT:
        case ERROR_NO_SYSTEM_RESOURCES:
        case ERROR_WORKING_SET_QUOTA:
        case ERROR_NOT_ENOUGH_QUOTA:
            return LLAMA_STATE_MMAP_NO_MEMORY;
        case ERROR_INVALID_FUNCTION:
        case ERROR_NOT_SUPPORTED:
        case ERROR_CALL_NOT_IMPLEMENTED:
            return LLAMA_STATE_MMAP_UNSUPPORTED;
        default:
            return LLAMA_STATE_MMAP_IO;
    }
}

std::string words_of(DWORD error) {
    constexpr DWORD flags = FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS | FORMAT_MESSAGE_MAX_WIDTH_MASK;
    wchar_t text[512];
    DWORD n = FormatMessageW(flags, nullptr, error, 0, text, (DWORD) (sizeof(text) / sizeof(text[0])), nullptr);
    while (n > 0 && (text[n - 1] == L' ' || text[n - 1] == L'.')) {
        --n;
    }
    return n > 0 ? utf8_of(std::wstring(text, n)) : "unknown error";
}

} // namespace

os_failure last_failure() {
    const DWORD error = GetLastError();
    return { error != 0 ? error : (DWORD) ERROR_GEN_FAILURE, 0 };
}

bool fail_os(const os_failure & failure, const char * action, const std::string & path) {
    if (failure.injected != 0) {
        return fail_errno(failure.injected, action, path);
    }
    const std::string words = words_of(failure.windows);
    return fail(code_of(failure.windows), "cannot %s '%s': %s (Windows error %u)", action, path.c_str(), words.c_str(), (unsigned) failure.windows);
}

} // namespace lsm
