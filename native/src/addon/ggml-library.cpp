#include "ggml-library.h"

#if defined(_WIN32)
#    define WIN32_LEAN_AND_MEAN
#    include <windows.h>
#endif

// Many functions live in libggml-base, on which libggml depends: dlsym() looks there too, GetProcAddress() does not.
void * find_in_ggml(const shared_library & ggml, const char * name) {
    void * found = ggml.symbol(name);
#if defined(_WIN32)
    if (found == nullptr) {
        const HMODULE base = GetModuleHandleW(L"ggml-base.dll");
        found = base == nullptr ? nullptr : reinterpret_cast<void *>(GetProcAddress(base, name));
    }
#endif
    return found;
}
