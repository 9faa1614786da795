#include "llama-api.h"

#include "native-error.h"
#include "shared-library.h"

#include <mutex>

namespace {

std::mutex  load_mutex;
std::string loaded_path; // empty until the table is set
llama_api   table = {};

llama_api resolve(const shared_library & library, const std::string & path) {
    llama_api result = {};
#define LLAMA_API_RESOLVE(name)                                                        \
    result.name = reinterpret_cast<decltype(result.name)>(library.symbol(#name));      \
    if (result.name == nullptr) {                                                      \
        throw library_error(path + " has no " #name ": it is not the pinned release"); \
    }
    LLAMA_API_FUNCTIONS(LLAMA_API_RESOLVE)
#undef LLAMA_API_RESOLVE
    return result;
}

// Struct layouts come from the headers: another release of the library must not be called.
void check_release(const llama_api & api) {
    const std::string release = WARMFORK_LLAMA_RELEASE;
    if (release.size() < 2 || release[0] != 'v') {
        return; // a development build of the headers: the caller compares releases
    }
    const std::string wanted = release.substr(1);
    const std::string found  = api.llama_version();
    if (found.compare(0, wanted.size(), wanted) != 0) {
        throw library_error("libllama is version " + found + ", this addon was built for " + wanted);
    }
}

void check_backends(const shared_library & ggml, const std::string & path) {
    using reg_count_t = decltype(&::ggml_backend_reg_count);
    const auto reg_count = reinterpret_cast<reg_count_t>(ggml.symbol("ggml_backend_reg_count"));
    if (reg_count == nullptr) {
        throw library_error(path + " has no ggml_backend_reg_count: it is not libggml");
    }
    if (reg_count() == 0) {
        throw library_error("libggml has no backend loaded");
    }
}

} // namespace

const llama_api & llama() {
    return table;
}

void llama_require() {
    const std::lock_guard<std::mutex> lock(load_mutex);
    if (loaded_path.empty()) {
        throw library_error("initialize() must be called first");
    }
}

void llama_load(const std::string & llama_path, const std::string & ggml_path) {
    const std::lock_guard<std::mutex> lock(load_mutex);
    if (loaded_path == llama_path) {
        return;
    }
    if (!loaded_path.empty()) {
        throw library_error("this process already uses " + loaded_path);
    }

    const shared_library library(llama_path);
    const llama_api      api = resolve(library, llama_path);
    check_release(api);
    check_backends(shared_library(ggml_path), ggml_path);

    table       = api;
    loaded_path = llama_path;
}
