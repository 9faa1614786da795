// The threads that a context computes with. Without them ggml starts new ones for every single decode.
#pragma once

#include "ggml.h"

#include <memory>
#include <string>

// Finds what makes them in the libggml of this process. Without it ggml helps itself.
void compute_threads_install(const std::string & ggml_path);

class compute_threads {
public:
    // `n_threads` includes the one that calls llama_decode. nullptr where one thread is enough, or ggml cannot.
    static std::unique_ptr<compute_threads> start(int32_t n_threads);

    ~compute_threads();

    compute_threads(const compute_threads &) = delete;
    compute_threads & operator=(const compute_threads &) = delete;

    ggml_threadpool_t get() const { return pool; }

private:
    explicit compute_threads(ggml_threadpool_t pool) : pool(pool) {}

    ggml_threadpool_t pool;
};
