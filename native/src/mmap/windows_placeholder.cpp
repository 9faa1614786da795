#include "windows_placeholder.h"

#include <utility>

namespace lsm {

namespace {

template <typename F>
F resolve(const char * name) {
    const HMODULE library = GetModuleHandleW(L"kernelbase.dll");
    return library ? reinterpret_cast<F>(reinterpret_cast<void *>(GetProcAddress(library, name))) : nullptr;
}

} // namespace

const placeholder_calls * placeholders() {
    static const placeholder_calls calls = {
        resolve<placeholder_calls::virtual_alloc_2>("VirtualAlloc2"),
        resolve<placeholder_calls::map_view_of_file_3>("MapViewOfFile3"),
    };
    return calls.alloc && calls.map ? &calls : nullptr;
}

placeholder_range::placeholder_range(const placeholder_calls & calls, size_t size) : calls(calls), size_all(size) {
    first = (char *) calls.alloc(GetCurrentProcess(), nullptr, size, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS, nullptr, 0);
}

placeholder_range::~placeholder_range() {
    if (first && is_view) {
        UnmapViewOfFile(first);
    } else if (first) {
        VirtualFree(first, 0, MEM_RELEASE);
    }
    if (second) {
        VirtualFree(second, 0, MEM_RELEASE);
    }
}

bool placeholder_range::split(size_t size) {
    if (!first || !VirtualFree(first, size, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER)) {
        return false;
    }
    size_first = size;
    second     = first + size;
    return true;
}

bool placeholder_range::place_view(HANDLE section) {
    is_view = calls.map(section, GetCurrentProcess(), first, 0, size_first, MEM_REPLACE_PLACEHOLDER, PAGE_WRITECOPY, nullptr, 0) != nullptr;
    return is_view;
}

bool placeholder_range::place_memory() {
    return calls.alloc(GetCurrentProcess(), second, size_all - size_first, MEM_RESERVE | MEM_COMMIT | MEM_REPLACE_PLACEHOLDER,
                       PAGE_READWRITE, nullptr, 0) != nullptr;
}

void * placeholder_range::take_view() {
    return std::exchange(first, nullptr);
}

void * placeholder_range::take_memory() {
    return std::exchange(second, nullptr);
}

} // namespace lsm
