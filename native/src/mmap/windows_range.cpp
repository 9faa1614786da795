#include "windows_range.h"

#include "fault.h"

#include <utility>

namespace lsm {

namespace {

// Windows 10 1803 and later: a reserved range can be cut, and its parts replaced by views and memory.
struct placeholder_calls {
    using virtual_alloc_2    = void * (WINAPI *)(HANDLE process, void * at, SIZE_T size, ULONG type, ULONG protection, void * parameters, ULONG n_parameters);
    using map_view_of_file_3 = void * (WINAPI *)(HANDLE section, HANDLE process, void * at, ULONG64 offset, SIZE_T size, ULONG type, ULONG protection,
                                                 void * parameters, ULONG n_parameters);
    virtual_alloc_2    alloc;
    map_view_of_file_3 map;
};

template <typename F>
F resolve(const char * name) {
    const HMODULE library = GetModuleHandleW(L"kernelbase.dll");
    return library ? reinterpret_cast<F>(reinterpret_cast<void *>(GetProcAddress(library, name))) : nullptr;
}

const placeholder_calls * placeholders() {
    static const placeholder_calls calls = {
        resolve<placeholder_calls::virtual_alloc_2>("VirtualAlloc2"),
        resolve<placeholder_calls::map_view_of_file_3>("MapViewOfFile3"),
    };
    return calls.alloc && calls.map ? &calls : nullptr;
}

// A range that is cut in two. Whatever was not taken at the end is given back.
class placeholder_range {
public:
    placeholder_range(const placeholder_calls & calls, size_t n_first, size_t n_second) : calls(calls), n_first(n_first), n_second(n_second) {
        first = (char *) calls.alloc(GetCurrentProcess(), nullptr, n_first + n_second, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS, nullptr, 0);
        if (first && VirtualFree(first, n_first, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER)) {
            second = first + n_first;
        }
    }
    ~placeholder_range() {
        if (first && is_view) {
            UnmapViewOfFile(first);
        } else if (first) {
            VirtualFree(first, 0, MEM_RELEASE);
        }
        if (second) {
            VirtualFree(second, 0, MEM_RELEASE);
        }
    }

    placeholder_range(const placeholder_range &) = delete;
    placeholder_range & operator=(const placeholder_range &) = delete;

    bool place(HANDLE section) {
        is_view = second && calls.map(section, GetCurrentProcess(), first, 0, n_first, MEM_REPLACE_PLACEHOLDER, PAGE_WRITECOPY, nullptr, 0);
        return is_view && calls.alloc(GetCurrentProcess(), second, n_second, MEM_RESERVE | MEM_COMMIT | MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, nullptr, 0);
    }

    range_parts take() { return { std::exchange(first, nullptr), std::exchange(second, nullptr) }; }

private:
    const placeholder_calls & calls;
    size_t n_first;
    size_t n_second;
    char * first   = nullptr;
    char * second  = nullptr;
    bool   is_view = false;
};

bool map_by_placeholders(HANDLE section, size_t n_view, size_t n_memory, range_parts & out) {
    const placeholder_calls * calls = fault_at("placeholder") == 0 ? placeholders() : nullptr;
    if (calls == nullptr) {
        return false;
    }
    placeholder_range range(*calls, n_view, n_memory);
    if (!range.place(section)) {
        return false;
    }
    out = range.take();
    return true;
}

// Both parts are put where there was room a moment ago.
bool map_at_address(HANDLE section, char * at, size_t n_view, size_t n_memory, range_parts & out) {
    void * view = MapViewOfFileEx(section, FILE_MAP_COPY, 0, 0, n_view, at);
    if (view == nullptr) {
        return false;
    }
    void * memory = VirtualAlloc(at + n_view, n_memory, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    if (memory == nullptr) {
        UnmapViewOfFile(view);
        return false;
    }
    out = { view, memory };
    return true;
}

// Another thread may take the room first: then somewhere else.
bool map_by_address(HANDLE section, size_t n_view, size_t n_memory, range_parts & out) {
    constexpr int n_attempts = 16;
    bool done = false;
    for (int i = 0; i < n_attempts && !done && fault_at("address") == 0; ++i) {
        char * at = (char *) VirtualAlloc(nullptr, n_view + n_memory, MEM_RESERVE, PAGE_NOACCESS);
        if (at == nullptr) {
            return false;
        }
        VirtualFree(at, 0, MEM_RELEASE);
        done = map_at_address(section, at, n_view, n_memory, out);
    }
    return done;
}

} // namespace

size_t range_granularity() {
    static const size_t size = [] {
        SYSTEM_INFO info;
        GetSystemInfo(&info);
        return (size_t) info.dwAllocationGranularity;
    }();
    return size;
}

bool map_with_memory_behind(HANDLE section, size_t n_view, size_t n_memory, range_parts & out) {
    return map_by_placeholders(section, n_view, n_memory, out) || map_by_address(section, n_view, n_memory, out);
}

} // namespace lsm
