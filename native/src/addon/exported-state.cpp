#include "exported-state.h"

#include "context-handle.h"
#include "native-error.h"

#include "llama_state_mmap.h"

#include <new>

static constexpr napi_type_tag exported_tag = {0x3b5e17d2c4a94f06, 0x9f1c8e60b7d25a11};

state_memory::state_memory(size_t size) : view(lsm::private_zeros("a sequence's state", size)), length(size) {
    if (!view) {
        throw std::bad_alloc();
    }
    lsm::prefer_large_pages(view->data(), length);
}

void prepare_export(context_handle & context, size_t n_cells) {
    const size_t size = context.state_size_max > 0 ? llama_state_seq_size_max_cells(context.ctx, n_cells) : 0;
    if (size == 0) {
        return;
    }
    auto memory = std::make_shared<state_memory>(size);
    memory->populate();
    context.spare.keep(std::move(memory));
}

exported_state export_state(context_handle & context, llama_seq_id sequence) {
    const size_t size   = llama().llama_state_seq_get_size(context.ctx, sequence);
    auto         memory = context.spare.take(size);
    if (size > 0) {
        memory = memory ? memory : std::make_shared<state_memory>(size);
        memory->cut(size);
        if (llama().llama_state_seq_get_data(context.ctx, memory->data(), size, sequence) == size) {
            return memory;
        }
    }
    throw context_error("llama.cpp gave no state of the sequence");
}

Napi::Value exported_to_js(Napi::Env env, exported_state state) {
    auto external = Napi::External<exported_state>::New(
        env, new exported_state(std::move(state)), [](Napi::Env, exported_state * dropped) { delete dropped; });
    external.TypeTag(&exported_tag);
    return external;
}

static exported_state & exported_in(const argument & arg) {
    if (!arg.value.IsExternal() || !arg.value.As<Napi::External<exported_state>>().CheckTypeTag(&exported_tag)) {
        throw wrong_type(arg.name + " must come from exportSequence");
    }
    exported_state & state = *arg.value.As<Napi::External<exported_state>>().Data();
    if (!state) {
        throw wrong_type(arg.name + " was saved already, and is gone");
    }
    return state;
}

exported_state read_exported(const argument & arg) {
    return exported_in(arg);
}

exported_state take_exported(const argument & arg) {
    return std::exchange(exported_in(arg), nullptr);
}
