#include "windows_path.h"

#include "report.h"
#include "windows_error.h"
#include "windows_system.h"

#include <climits>

namespace lsm {

namespace {

bool starts_with(const std::wstring & text, const wchar_t * prefix) {
    return text.rfind(prefix, 0) == 0;
}

bool decode_utf8(const std::string & path, std::wstring & out) {
    if (path.empty()) {
        return fail(LLAMA_STATE_MMAP_NOT_FOUND, "the path is empty");
    }
    const int n = path.size() > INT_MAX ? 0
        : MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path.data(), (int) path.size(), nullptr, 0);
    if (n <= 0) {
        return fail(LLAMA_STATE_MMAP_BAD_ARGUMENT, "the path '%s' is not UTF-8", path.c_str());
    }
    out.resize((size_t) n);
    MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path.data(), (int) path.size(), &out[0], n);
    return true;
}

// Also turns slashes around and resolves dots, which the long form does not.
bool make_absolute(const std::string & path, std::wstring & wide) {
    const DWORD capacity = GetFullPathNameW(wide.c_str(), 0, nullptr, nullptr);
    std::wstring full(capacity, L'\0');
    const DWORD n = capacity == 0 ? 0 : GetFullPathNameW(wide.c_str(), capacity, &full[0], nullptr);
    if (n == 0 || n >= capacity) {
        return fail_os(last_failure(), "resolve", path);
    }
    full.resize(n);
    wide = std::move(full);
    return true;
}

} // namespace

bool wide_path(const std::string & path, std::wstring & out) {
    std::wstring wide;
    if (!decode_utf8(path, wide)) {
        return false;
    }
    if (starts_with(wide, LR"(\\?\)")) {
        out = std::move(wide);
        return true;
    }
    if (!make_absolute(path, wide)) {
        return false;
    }
    if (starts_with(wide, LR"(\\.\)") || starts_with(wide, LR"(\\?\)")) {
        out = std::move(wide);
    } else if (starts_with(wide, LR"(\\)")) {
        out = LR"(\\?\UNC)" + wide.substr(1);
    } else {
        out = LR"(\\?\)" + wide;
    }
    return true;
}

std::string utf8_of(const std::wstring & text) {
    const int n = WideCharToMultiByte(CP_UTF8, 0, text.data(), (int) text.size(), nullptr, 0, nullptr, nullptr);
    std::string out((size_t) (n > 0 ? n : 0), '\0');
    if (n > 0) {
        WideCharToMultiByte(CP_UTF8, 0, text.data(), (int) text.size(), &out[0], n, nullptr, nullptr);
    }
    return out;
}

} // namespace lsm
