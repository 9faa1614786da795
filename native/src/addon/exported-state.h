// The state of one sequence in memory of its own: on its way to another context, or to a file. JavaScript has it as an
// opaque value and never sees the bytes.
#pragma once

#include "arguments.h"

#include "mapped_file.h"

#include "llama.h"

#include <memory>
#include <mutex>
#include <utility>

class context_handle;

// Memory in large pages where the system has them: a page fault for every 4 KiB would take longer than the copy.
class state_memory {
public:
    // Throws std::bad_alloc.
    explicit state_memory(size_t size);

    // Brings its pages in.
    void populate() { lsm::populate_for_writing(view->data(), length); }

    // Uses only the beginning of it.
    void cut(size_t size) { length = size; }

    uint8_t * data() const { return view->data(); }
    size_t    size() const { return length; }

private:
    std::unique_ptr<lsm::private_view> view;
    size_t                             length;
};

using exported_state = std::shared_ptr<const state_memory>;

// Memory that was made ready for the next export of a context. Any thread.
class spare_memory {
public:
    void keep(std::shared_ptr<state_memory> memory) {
        const std::lock_guard<std::mutex> lock(mutex);
        spare = std::move(memory);
    }

    // Null when there is none, or less than that; whatever there was goes.
    std::shared_ptr<state_memory> take(size_t size) {
        const std::lock_guard<std::mutex> lock(mutex);
        const auto taken = std::exchange(spare, nullptr);
        return taken && taken->size() >= size ? taken : nullptr;
    }

private:
    std::mutex                    mutex;
    std::shared_ptr<state_memory> spare;
};

// Makes memory for a sequence of so many cells ready: then the export has nothing to do but the copy. Any thread; of a
// context whose sessions are not understood nothing is known. Throws std::bad_alloc.
void prepare_export(context_handle & context, size_t n_cells);

// Inference thread. Throws native_error.
exported_state export_state(context_handle & context, llama_seq_id sequence);

// JS thread. `take`: the value is spent, its memory goes with the last user.
Napi::Value    exported_to_js(Napi::Env env, exported_state state);
exported_state read_exported(const argument & arg);
exported_state take_exported(const argument & arg);
