#include "llama-api.h"

#include "native-error.h"
#include "shared-library.h"

#include "ggml-backend.h"

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

template <typename Function>
Function * require_symbol(const shared_library & library, const std::string & path, const char * name) {
    const auto found = reinterpret_cast<Function *>(library.symbol(name));
    if (found == nullptr) {
        throw library_error(path + " has no " + name + ": it is not the pinned release");
    }
    return found;
}

bool has_backends(const shared_library & ggml, const std::string & path) {
    return require_symbol<decltype(::ggml_backend_reg_count)>(ggml, path, "ggml_backend_reg_count")() > 0;
}

void say_nothing(ggml_log_level, const char *, void *) {}

// What node-llama-cpp does when it loads them. Nobody listens to the log yet.
void start_backends(const llama_api & api, const shared_library & llama, const std::string & llama_path,
                    const shared_library & ggml, const std::string & ggml_path, const std::string & backends_path) {
    api.llama_log_set(say_nothing, nullptr);
    if (!has_backends(ggml, ggml_path)) {
        require_symbol<decltype(::ggml_backend_load_all_from_path)>(ggml, ggml_path, "ggml_backend_load_all_from_path")(
            backends_path.c_str());
    }
    require_symbol<decltype(::llama_backend_init)>(llama, llama_path, "llama_backend_init")();
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

void llama_load(const std::string & llama_path, const std::string & ggml_path, const std::string & backends_path) {
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
    const shared_library ggml(ggml_path);
    if (!backends_path.empty()) {
        start_backends(api, library, llama_path, ggml, ggml_path, backends_path);
    }
    if (!has_backends(ggml, ggml_path)) {
        throw library_error("libggml has no backend loaded");
    }

    table       = api;
    loaded_path = llama_path;
}
