#include "image-library.h"

#include "ggml-library.h"
#include "llama-api.h"

#include <mutex>

static std::mutex         install_mutex;
static lsm::kv_buffer_api installed;

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
