// The state of one sequence in memory of its own: on its way to another context, or to a file. JavaScript has it as an
// opaque value and never sees the bytes.
#pragma once

#include "arguments.h"
#include "context-handle.h"

#include "mapped_file.h"

// Memory in large pages where the system has them: a page fault for every 4 KiB would take longer than the copy.
class state_memory {
public:
    // Throws std::bad_alloc.
    explicit state_memory(size_t size);

    uint8_t * data() const { return view->data(); }
    size_t    size() const { return length; }

private:
    std::unique_ptr<lsm::private_view> view;
    size_t                             length;
};

using exported_state = std::shared_ptr<const state_memory>;

// Inference thread. Throws native_error.
exported_state export_state(const context_handle & context, llama_seq_id sequence);

// JS thread. `take`: the value is spent, its memory goes with the last user.
Napi::Value    exported_to_js(Napi::Env env, exported_state state);
exported_state read_exported(const argument & arg);
exported_state take_exported(const argument & arg);
