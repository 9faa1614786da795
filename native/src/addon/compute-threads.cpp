#include "compute-threads.h"

#include "ggml-library.h"

#include "ggml-backend.h"
#include "ggml-cpu.h"

#include <mutex>

namespace {

// Between two decodes threads sleep at once: the next begins when the last ends (see head_start), and a thread that spins
// keeps JavaScript from a processor (llama.cpp's own default, 50, is a third of a second).
constexpr uint32_t poll_level = 0;

struct threadpool_api {
    decltype(&::ggml_threadpool_new)  create  = nullptr;
    decltype(&::ggml_threadpool_free) destroy = nullptr;
};

std::mutex     install_mutex;
threadpool_api installed;

// They are in the library of the processor that this machine has, which only the registry knows.
threadpool_api find_api(const shared_library & ggml) {
    const auto by_type = reinterpret_cast<decltype(&::ggml_backend_dev_by_type)>(find_in_ggml(ggml, "ggml_backend_dev_by_type"));
    const auto reg_of  = reinterpret_cast<decltype(&::ggml_backend_dev_backend_reg)>(find_in_ggml(ggml, "ggml_backend_dev_backend_reg"));
    const auto address = reinterpret_cast<decltype(&::ggml_backend_reg_get_proc_address)>(find_in_ggml(ggml, "ggml_backend_reg_get_proc_address"));
    if (by_type == nullptr || reg_of == nullptr || address == nullptr) {
        return {};
    }
    const ggml_backend_dev_t cpu = by_type(GGML_BACKEND_DEVICE_TYPE_CPU);
    if (cpu == nullptr) {
        return {};
    }
    threadpool_api api;
    api.create  = reinterpret_cast<decltype(api.create)>(address(reg_of(cpu), "ggml_threadpool_new"));
    api.destroy = reinterpret_cast<decltype(api.destroy)>(address(reg_of(cpu), "ggml_threadpool_free"));
    return api.create == nullptr || api.destroy == nullptr ? threadpool_api{} : api;
}

threadpool_api api() {
    const std::lock_guard<std::mutex> lock(install_mutex);
    return installed;
}

} // namespace

void compute_threads_install(const std::string & ggml_path) {
    const threadpool_api              found = find_api(shared_library(ggml_path));
    const std::lock_guard<std::mutex> lock(install_mutex);
    installed = found;
}

std::unique_ptr<compute_threads> compute_threads::start(int32_t n_threads) {
    const threadpool_api with = api();
    if (n_threads < 2 || n_threads > GGML_MAX_N_THREADS || with.create == nullptr) {
        return nullptr;
    }
    ggml_threadpool_params params = {};
    params.n_threads = n_threads;
    params.prio      = GGML_SCHED_PRIO_NORMAL;
    params.poll      = poll_level;

    ggml_threadpool_t pool = with.create(&params);
    return pool == nullptr ? nullptr : std::unique_ptr<compute_threads>(new compute_threads(pool));
}

compute_threads::~compute_threads() {
    api().destroy(pool);
}
