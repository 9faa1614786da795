#include "image-library.h"

#include "llama-api.h"

#include <mutex>

#if defined(_WIN32)
#    define WIN32_LEAN_AND_MEAN
#    include <windows.h>
#endif

static std::mutex         install_mutex;
static lsm::kv_buffer_api installed;

// The functions live in libggml-base, on which libggml depends: dlsym() looks there too, GetProcAddress() does not.
static void * find_in_ggml(const shared_library & ggml, const char * name) {
    void * found = ggml.symbol(name);
#if defined(_WIN32)
    if (found == nullptr) {
        const HMODULE base = GetModuleHandleW(L"ggml-base.dll");
        found = base == nullptr ? nullptr : reinterpret_cast<void *>(GetProcAddress(base, name));
    }
#endif
    return found;
}

void image_library_install(const std::string & ggml_path) {
    const shared_library              ggml(ggml_path);
    const std::lock_guard<std::mutex> lock(install_mutex);

    lsm::kv_buffer_api api;
    api.cpu_buffer_type     = reinterpret_cast<decltype(api.cpu_buffer_type)>(find_in_ggml(ggml, "ggml_backend_cpu_buffer_type"));
    api.cpu_buffer_from_ptr = reinterpret_cast<decltype(api.cpu_buffer_from_ptr)>(find_in_ggml(ggml, "ggml_backend_cpu_buffer_from_ptr"));
    installed = api.is_complete() ? api : lsm::kv_buffer_api{};
}

lsm::placement_api image_placement_api() {
    const std::lock_guard<std::mutex> lock(install_mutex);
    return { installed, llama().llama_init_from_model, llama().llama_free };
}
