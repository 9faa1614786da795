// The allocation hook: puts the K/V buffer of one llama_context on memory of ours.
//
// llama.cpp has no parameter for where a context's K/V tensors lie. It asks ggml's CPU buffer type for one buffer of the
// size of all of them; for the time of one llama_init_from_model() that request is answered with an image_map. What the
// hook relies on is not promised by llama.cpp: the release is pinned, and image_self_test.cpp tries it at start.
//
// Invariants
//   1. The buffer type's function pointer is ours only while a kv_placement lives, at most one at a time (a mutex); the
//      destructor puts the original back, on every path.
//   2. Only the thread that made the kv_placement is served. Every other thread, and every other size, gets what the
//      original function gives.
//   3. Only a request of exactly the expected size is answered, once. A second request of that size makes is_placed()
//      false: nobody can tell which of them was K/V, and the context must not be used.
//   4. The buffer owns the map: it lives until llama_free() gives the buffer back.
//   5. Nothing is cleared, read or written through the buffer's interface while a kv_data_kept lives (llama.cpp clears a new
//      buffer; a state restored on top of an image has its data there already). At all other times the interface does
//      what that of a CPU buffer does.

#pragma once

#include "image_file.h"

#include "ggml-backend.h"

#include <atomic>
#include <memory>
#include <mutex>

namespace lsm {

// What the hook needs of libggml-base, resolved by the caller. Both or none.
struct kv_buffer_api {
    decltype(&::ggml_backend_cpu_buffer_type)     cpu_buffer_type     = nullptr;
    decltype(&::ggml_backend_cpu_buffer_from_ptr) cpu_buffer_from_ptr = nullptr;

    bool is_complete() const { return cpu_buffer_type != nullptr && cpu_buffer_from_ptr != nullptr; }
};

// The K/V buffer of one context. Shared by the ggml buffer and whoever wants to look at its bytes.
struct kv_buffer {
    std::unique_ptr<image_map> map;
    int  n_keepers = 0; // kv_data_kept alive; inference thread only, as every call of the context
};

class kv_placement {
public:
    kv_placement(const kv_buffer_api & api, std::unique_ptr<image_map> map);
    ~kv_placement();

    kv_placement(const kv_placement &) = delete;
    kv_placement & operator=(const kv_placement &) = delete;

    bool is_placed() const { return n_matches == 1; }

    std::shared_ptr<kv_buffer> buffer() const { return target; }

private:
    static ggml_backend_buffer_t allocate(ggml_backend_buffer_type_t type, size_t size);

    ggml_backend_buffer_t place(ggml_backend_buffer_type_t type);

    const kv_buffer_api           api;
    std::unique_lock<std::mutex>  lock;
    std::shared_ptr<kv_buffer>    target;
    int                           n_matches = 0;
};

// While it lives the bytes of the buffer stay as they are, whatever llama.cpp does through the buffer's interface.
class kv_data_kept {
public:
    explicit kv_data_kept(kv_buffer & buffer) : buffer(buffer) { ++buffer.n_keepers; }
    ~kv_data_kept() { --buffer.n_keepers; }

    kv_data_kept(const kv_data_kept &) = delete;
    kv_data_kept & operator=(const kv_data_kept &) = delete;

private:
    kv_buffer & buffer;
};

} // namespace lsm
